package spec

import (
	"slices"

	"abide/physics"
	"abide/prior"
	"abide/problem"
)

// Law is a law of whole fields with the block that asks for it.
type Law struct {
	Block *Block
	physics.Constraint
}

// isLaw tells whether a block is a law of whole fields.
func (b *Block) isLaw() bool { return b.kind.law }

// HasLaws tells whether any constraint is a law of whole fields. Rows of columns beside it
// are laws then, too.
func (s *Spec) HasLaws() bool {
	for _, b := range s.Constraints {
		if b.isLaw() {
			return true
		}
	}
	return false
}

// BuildLaws makes the laws of the spec over fields of len(names) columns, nearest in the
// metric w (nil: the identity); nil where none of the constraints is one.
func (s *Spec) BuildLaws(names []string, w physics.Metric) ([]Law, error) {
	if !s.HasLaws() {
		return nil, nil
	}
	var all []Law
	for _, b := range s.Constraints {
		build := s.columnLaw
		if b.isLaw() {
			build = func(b *Block, names []string, w physics.Metric) (physics.Constraint, error) {
				return s.law(b, len(names), w)
			}
		}
		c, err := build(b, names, w)
		if err != nil {
			return nil, err
		}
		all = append(all, Law{b, c})
	}
	return all, nil
}

// Obey lays laws on a problem; what contradicts is an error at the block that cannot be
// obeyed together with those before it.
func Obey(p *problem.Problem, laws []Law) (*problem.Problem, error) {
	list := make([]physics.Constraint, len(laws))
	for i, l := range laws {
		list[i] = l.Constraint
	}
	q, err := p.Obeying(list...)
	if err == nil || len(laws) == 0 {
		return q, err
	}
	for i := range list {
		if _, first := p.Obeying(list[:i+1]...); first != nil {
			return nil, laws[i].Block.built(first)
		}
	}
	return nil, laws[len(laws)-1].Block.built(err)
}

// checkedPlaces is the size up to which laws are made when a spec is read, if it alone
// says what they need; others are when its prior is there.
const checkedPlaces = 1 << 14

// checkLaws finds what is wrong with laws before any file is read.
func (s *Spec) checkLaws() error {
	if !s.HasLaws() {
		return nil
	}
	for _, b := range s.Constraints {
		if len(b.files()) > 0 {
			return nil
		}
	}
	if g := s.Grid(); g != nil && (g.Size() > checkedPlaces || g.Dim() > checkedPlaces) {
		return nil
	}
	names := s.Columns()
	if len(names) == 0 || len(names) > checkedPlaces {
		return nil
	}
	laws, err := s.BuildLaws(names, nil)
	if err != nil {
		return err
	}
	for _, l := range laws {
		if _, ok := l.Constraint.(physics.Linearised); ok {
			return nil // Gauss–Newton needs fields of the prior to begin from
		}
	}
	unit := slices.Repeat([]float64{1}, len(names))
	_, err = Obey(&problem.Problem{Prior: &prior.Prior{Coordinates: prior.Coordinates{Names: names, Shift: make([]float64, len(names)), Scale: unit}}}, laws)
	return err
}

// columnLaw is a constraint of columns as a law.
func (s *Spec) columnLaw(b *Block, names []string, w physics.Metric) (c physics.Constraint, err error) {
	d, label := len(names), b.label()
	switch b.Kind {
	case "fixed":
		index, err := b.columns(names)
		if err != nil {
			return nil, err
		}
		nodes := make([]int32, len(index))
		for i, j := range index {
			nodes[i] = int32(j)
		}
		c, err = physics.NewFixed(d, nodes, b.Spread("value", len(index)), label)
		return b.lawful(c, err)
	case "box":
		lower, upper, err := b.bounds(names)
		if err != nil {
			return nil, err
		}
		c, err = physics.NewBounds(d, lower, upper, label)
		return b.lawful(c, err)
	case "linear-equality":
		if err := b.width("matrix", d); err != nil {
			return nil, err
		}
		rows := b.Matrix("matrix")
		m := lawRows{cols: d}
		for _, row := range rows {
			for j, v := range row {
				m.add(j, v)
			}
			m.end()
		}
		return b.linear(&m, b.Floats("value"), w)
	}
	return nil, b.fault("kind", "a %s stands beside laws of fields, with which it has no projection", b.Kind).allowed("fixed, box, linear-equality and laws of fields")
}

// label is what reports call a law.
func (b *Block) label() physics.Label {
	return physics.Label{Name: oneLine(b.String("name")), Tolerance: b.Float("tolerance")}
}

// lawful puts an error of a constructor at the block.
func (b *Block) lawful(c physics.Constraint, err error) (physics.Constraint, error) {
	if err != nil {
		return nil, b.built(err)
	}
	return c, nil
}
