package cli

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"abide/dataio"
	"abide/internal/engine"
	"abide/physics"
	"abide/prior"
	"abide/problem"
	"abide/spec"
	"abide/train"
)

// lesson is what a network is trained on, and how.
type lesson struct {
	block       *spec.Block
	table       *dataio.Table // points and conditions
	at          prior.Coordinates
	settings    train.Settings
	laws        train.Residual // trained for; nil: none
	fingerprint string
	given       []float64 // values of the conditions; nil: none
}

// isTrained tells whether a prior has a network of ours.
func isTrained(b *spec.Block) bool { return b.Kind == "diffusion" || b.Kind == "flow" }

func newLesson(s *spec.Spec) (*lesson, error) {
	b := s.Prior
	l := &lesson{block: b, settings: settingsOf(b), given: b.Floats("given")}
	if err := l.read(s); err != nil {
		return nil, err
	}
	if err := l.settings.CheckRows(l.table.Rows); err != nil {
		return nil, b.Errorf("holdout", "%v", err)
	}
	points, conditions := train.Separate(l.table, l.settings.Condition)
	for j, c := range l.settings.Condition {
		values, class := make([]float64, conditions.Rows), false
		for i := range values {
			values[i] = conditions.Data[i*len(conditions.Names)+j]
		}
		for _, name := range b.Strings("classes") {
			class = class || name == c.Name
		}
		var err error
		if l.settings.Condition[j], err = train.NewCondition(c.Name, values, class); err != nil {
			return nil, b.Errorf("condition", "%v", err)
		}
	}
	if _, err := train.Features(l.settings.Condition, l.given); err != nil {
		return nil, b.Errorf("given", "%v", err)
	}
	image, err := imageShape(s, len(points.Names))
	if err != nil {
		return nil, err
	}
	if err := l.layOut(image, len(points.Names)); err != nil {
		return nil, err
	}
	standardise := prior.Standardise
	if b.String("standardise") == "all" || !b.Has("standardise") && image != nil {
		standardise, l.settings.Standardise = prior.StandardiseTogether, "all"
	}
	if l.at, err = standardise(points); err != nil {
		return nil, b.Errorf("data", "%v", err)
	}
	if err := l.obey(s); err != nil {
		return nil, err
	}
	l.fingerprint = train.Fingerprint(l.table, l.settings)
	return l, nil
}

// read reads the columns of points and conditions, and leaves the conditions'
// names in the settings.
func (l *lesson) read(s *spec.Spec) (err error) {
	b := l.block
	given, names := b.Strings("condition"), b.Strings("columns")
	path := s.Path(b.String("data"))
	if l.table, err = dataio.ReadTable(path, names); err != nil {
		return b.Errorf("data", "%v", err)
	}
	if len(given) == 0 {
		return nil
	}
	if _, err := dataio.ReadTable(path, given); err != nil {
		return b.Errorf("condition", "%v", err)
	}
	if names != nil {
		if l.table, err = dataio.ReadTable(path, slices.Concat(names, given)); err != nil {
			return b.Errorf("data", "%v", err)
		}
	}
	if len(given) == len(l.table.Names) {
		return b.Errorf("condition", "no column is left to sample; allowed: some of %s", strings.Join(l.table.Names, ", "))
	}
	for _, name := range given {
		l.settings.Condition = append(l.settings.Condition, train.Condition{Name: name})
	}
	return nil
}

// obey makes the laws that the network is trained for.
func (l *lesson) obey(s *spec.Spec) error {
	if !l.block.Has("physics") {
		return nil
	}
	if len(s.Constraints) == 0 {
		return l.block.Errorf("physics", "the spec has no constraint to train for: add a [[constraint]], or leave physics out")
	}
	l.settings.Physics.Laws = s.LawTexts()
	if s.HasLaws() {
		blocks, err := s.BuildLaws(l.at.Names, problem.Metric(l.at))
		if err != nil {
			return err
		}
		var laws []physics.Constraint
		for _, b := range blocks {
			laws = append(laws, b.Constraint)
		}
		if l.laws, err = train.Laws(laws...); err != nil {
			return l.block.Errorf("physics", "%v", err)
		}
		return nil
	}
	all, err := s.BuildConstraints(l.at.Names)
	if err != nil {
		return err
	}
	l.laws = train.Rows(all...)
	return nil
}

// beyond names a number that is given outside of what the rows have; "" where there
// is none.
func (l *lesson) beyond() string {
	for i, c := range l.settings.Condition {
		if l.given == nil || c.Classes != nil {
			continue
		}
		j, low, high := slices.Index(l.table.Names, c.Name), math.Inf(1), math.Inf(-1)
		for r := range l.table.Rows {
			v := l.table.Data[r*len(l.table.Names)+j]
			low, high = math.Min(low, v), math.Max(high, v)
		}
		if v := l.given[i]; v < low || v > high {
			return fmt.Sprintf("%s = %g is given, and the rows have %g to %g", c.Name, v, low, high)
		}
	}
	return ""
}

// newOutline is a prior before its network.
func newOutline(s *spec.Spec) (*prior.Prior, error) {
	if err := checkTransport(s); err != nil {
		return nil, err
	}
	l, err := newLesson(s)
	if err != nil {
		return nil, err
	}
	p, err := (&train.Model{Card: train.Card{Settings: l.settings, Columns: l.at.Names, Rows: l.table.Rows, Shift: l.at.Shift, Scale: l.at.Scale, Fingerprint: l.fingerprint}}).Outline(l.table, l.given)
	if err != nil {
		return nil, s.Prior.Errorf("given", "%v", err)
	}
	return p, nil
}

// prior is the law of a trained network under what the spec gives.
func (l *lesson) prior(m *train.Model) (*prior.Prior, error) {
	p, err := m.Prior(l.table, l.given, l.block.Float("guidance"))
	if err != nil {
		return nil, l.block.Errorf("given", "%v", err)
	}
	return p, nil
}

// trainer is ready to train the network.
func (l *lesson) trainer(e *engine.Engine) (*train.Trainer, error) {
	points, conditions := train.Separate(l.table, l.settings.Condition)
	u := make([]float64, len(points.Data))
	l.at.ToU(u, points.Data)
	y, err := train.AllFeatures(l.settings.Condition, conditions)
	if err != nil {
		return nil, err
	}
	if l.laws != nil {
		return train.NewObeying(e, u, y, l.at, l.settings, l.laws)
	}
	return train.New(e, u, y, l.at.Dim(), l.settings)
}

// numberBytes is the size of a number in training.
func (l *lesson) numberBytes() int {
	if l.settings.DType == "float64" {
		return 8
	}
	return 4
}

// givenText names the conditions, for people.
func (l *lesson) givenText() string {
	var names []string
	for _, c := range l.settings.Condition {
		names = append(names, c.Name)
	}
	if names == nil {
		return ""
	}
	return " given " + strings.Join(names, ", ")
}

// settingsOf are the training settings in a prior's block.
func settingsOf(b *spec.Block) train.Settings {
	s := train.Settings{
		Network: architectureOf(b.Table("network")), Drop: b.Float("drop"), Levels: b.String("levels"),
		Steps: b.Int("steps"), Batch: b.Int("batch"), LearningRate: b.Float("learning_rate"), Schedule: b.String("schedule"), Warmup: b.Float("warmup"),
		Clip: b.Float("clip"), EMA: b.Float("ema"), WeightDecay: b.Float("weight_decay"), DType: b.String("precision"), Holdout: b.Float("holdout"),
		Patience: b.Int("patience"), Seed: uint64(b.Int("seed")),
	}
	if b.Has("physics") {
		s.Physics = train.Physics{Loss: b.String("physics")}
		if b.Has("physics_weight") {
			s.Physics.Weight = b.Float("physics_weight")
		}
		if b.Kind == "flow" && b.Has("physics_unroll") {
			s.Physics.Unroll = b.Int("physics_unroll")
		}
	}
	if len(b.Strings("condition")) == 0 {
		s.Drop = 0
	}
	if b.Kind == "flow" {
		s.Objective, s.Coupling = "flow", b.String("coupling")
	} else {
		s.Objective, s.Output, s.Weighting = b.String("objective"), b.String("output"), b.String("weighting")
	}
	return s
}

// trainingReferences are the works the training of a prior rests on.
func trainingReferences(b *spec.Block) []string {
	settings := settingsOf(b)
	settings.Condition = make([]train.Condition, len(b.Strings("condition")))
	return settings.References()
}
