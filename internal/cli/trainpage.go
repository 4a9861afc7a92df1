package cli

import (
	"context"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"abide/dataio"
	"abide/diagnose"
	"abide/diffusion"
	"abide/internal/engine"
	"abide/method"
	"abide/ode"
	"abide/prior"
	"abide/problem"
	"abide/report"
	"abide/run"
	"abide/sampler"
	"abide/spec"
	"abide/train"
)

// trainFlags are the flags of `abide train`.
type trainFlags struct {
	out, folder string
	samples     int
	checkpoint  time.Duration
}

func (f *trainFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.folder, "log", "", "folder for curve.csv, TensorBoard events, report.html and training.json (default runs/train-<name of the spec>, numbered)")
	cmd.Flags().IntVar(&f.samples, "samples", 1000, "samples to judge the prior by, as far as there are real rows to compare with; 0: none")
	cmd.Flags().DurationVar(&f.checkpoint, "checkpoint", checkpointEvery, "least time between two checkpoints")
}

func (f *trainFlags) log(name string) *trainingLog {
	return &trainingLog{folder: f.folder, base: filepath.Join("runs", "train-"+baseName(name)), every: f.checkpoint}
}

const trainingPageName, trainingJSONName = "report.html", "training.json"

// The floors of the distances are means over this many pairs of real sets, and
// sliced Wasserstein distances over this many directions.
const trainingPairs, trainingDirections = 20, 200

// mostCompared bounds the held-out rows that samples are compared with.
const mostCompared = 1000

// lessonRows are the real rows of a training in the user's coordinates.
type lessonRows struct {
	points       *dataio.Table
	conditions   *dataio.Table
	fitted, held []int
}

// trainingPage samples the prior just trained, compares it with rows it has not
// seen, and writes the folder's page.
func (a *app) trainingPage(ctx context.Context, e *engine.Engine, s *spec.Spec, l *lesson, m *train.Model, log *trainingLog, model string, samples int) (*report.Training, error) {
	cost := m.Network.Cost()
	rows := lessonRows{}
	rows.points, rows.conditions = train.Separate(l.table, l.settings.Condition)
	if rows.conditions == nil {
		rows.conditions = &dataio.Table{Rows: l.table.Rows}
	}
	rows.fitted, rows.held = l.settings.Split(l.table.Rows)
	t := &report.Training{
		Title: s.Title, Model: model, Fingerprint: m.Card.Fingerprint,
		Network:    report.NetworkSize{Parameters: cost.Parameters, FLOPs: cost.FLOPs, TrainMiB: float64(l.numberBytes()*cost.Memory(l.settings.Batch)) / (1 << 20)},
		FittedRows: len(rows.fitted), HeldoutRows: len(rows.held), Steps: l.settings.Steps, Batch: l.settings.Batch,
		KeptStep: m.Card.BestStep, HeldoutLoss: m.Card.HeldoutLoss, Curve: log.points,
	}
	if len(rows.held) == 0 {
		t.HeldoutLoss = math.NaN()
	}
	if t.Title == "" {
		t.Title = "Prior of " + filepath.Base(s.Prior.String("data"))
	}
	if n := len(log.points); n > 0 {
		t.Seconds = log.points[n-1].Seconds
	}
	page := &report.TrainingInput{
		Training: t, Names: l.at.Names,
		Facts: []report.Fact{
			{Key: "model", Value: model}, {Key: "fingerprint", Value: m.Card.Fingerprint[:16]},
			{Key: "network", Value: fmt.Sprintf("%s, %d × %d", l.settings.Network.Kind, l.settings.Network.Width, l.settings.Network.Depth)},
			{Key: "seed", Value: strconv.FormatUint(l.settings.Seed, 10)}, {Key: "backend", Value: e.Description()}, {Key: "abide", Value: fullVersion()},
		},
	}
	if samples > 0 {
		if err := a.judge(ctx, e, s, l, m, rows, samples, page); err != nil {
			return nil, err
		}
	}
	for _, file := range []struct {
		name  string
		write func(io.Writer) error
	}{
		{trainingJSONName, func(w io.Writer) error { return report.WriteTrainingJSON(w, t) }},
		{trainingPageName, func(w io.Writer) error { return report.WriteTraining(w, page) }},
	} {
		if err := dataio.WriteFile(filepath.Join(log.folder, file.name), file.write); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// judge draws samples and measures how far they lie from held-out rows, and from
// the rows the network was fitted to.
func (a *app) judge(ctx context.Context, e *engine.Engine, s *spec.Spec, l *lesson, m *train.Model, rows lessonRows, samples int, page *report.TrainingInput) error {
	t, d := page.Training, l.at.Dim()
	against := rows.held
	if len(against) == 0 {
		against = rows.fitted
	}
	against = against[:min(len(against), mostCompared, l.table.Rows/2)]
	samples = min(samples, l.table.Rows-len(against))
	x, labels, cost, err := a.drawLike(ctx, e, s, l, m, rows, samples)
	if err != nil {
		return err
	}
	held, fitted := taken(rows.points, against), taken(rows.points, rows.fitted)
	standard := func(x []float64) []float64 {
		u := make([]float64, len(x))
		l.at.ToU(u, x)
		return u
	}
	u, uh, all := standard(x), standard(held), standard(rows.points.Data)
	energy := func(x, y []float64) float64 { return diagnose.EnergyDistance(x, y, d) }
	sliced := func(x, y []float64) float64 {
		return math.Sqrt(diagnose.SlicedWasserstein(x, y, d, trainingDirections, 0))
	}
	floor := func(of func(x, y []float64) float64) float64 {
		return diagnose.TwoSampleFloor(all, d, samples, len(against), trainingPairs, l.settings.Seed, of)
	}
	t.Law = &report.Likeness{
		Samples: samples, Rows: len(against), Heldout: len(rows.held) > 0, Sampling: cost,
		Energy: report.Distance{Distance: energy(u, uh), Floor: floor(energy)},
		Sliced: report.Distance{Distance: sliced(u, uh), Floor: floor(sliced)},
	}
	page.Neighbours = &report.Neighbours{Samples: diagnose.NearestNeighbour(x, fitted, d, l.at.Scale)}
	if t.Law.Heldout {
		page.Neighbours.Data = diagnose.NearestNeighbour(held, fitted, d, l.at.Scale)
	} else {
		page.Neighbours.Data = diagnose.LeaveOneOut(fitted, d, l.at.Scale)
	}
	t.Novelty = report.NewNovelty(page.Neighbours)
	table := &dataio.Table{Names: l.at.Names, Rows: len(against), Data: held}
	t.Columns = report.Summarise(l.at.Names, x, nil, table)
	page.X, page.Held = x, table
	image, err := imageShape(s, d)
	if err != nil || image == nil {
		return err
	}
	page.Images = trainingImages(image, x, labels, held, rows.labels(against), fitted)
	return nil
}

// taken are the rows of a table, in the given order.
func taken(t *dataio.Table, rows []int) []float64 {
	d := len(t.Names)
	out := make([]float64, 0, len(rows)*d)
	for _, r := range rows {
		out = append(out, t.Data[r*d:(r+1)*d]...)
	}
	return out
}

// mostGroups is how many different conditions are sampled one by one.
const mostGroups = 32

// drawLike draws n samples under conditions in the proportions of the data: the
// conditions of n rows, drawn at random as the sets of the floors are. Where the
// conditions are too many, none is given, and samples follow the law of all rows.
func (a *app) drawLike(ctx context.Context, e *engine.Engine, s *spec.Spec, l *lesson, m *train.Model, rows lessonRows, n int) (x, labels []float64, cost report.Cost, err error) {
	type group struct {
		given []float64
		n     int
	}
	var groups []group
	k := len(rows.conditions.Names)
	order := append(slices.Clone(rows.fitted), rows.held...)
	for _, r := range order[:n] {
		given := rows.conditions.Data[r*k : (r+1)*k]
		at := slices.IndexFunc(groups, func(g group) bool { return slices.Equal(g.given, given) })
		if at < 0 {
			at = len(groups)
			groups = append(groups, group{given: given})
		}
		groups[at].n++
		if len(groups) > mostGroups {
			break
		}
	}
	slices.SortFunc(groups, func(a, b group) int { return slices.Compare(a.given, b.given) })
	if k == 0 || len(groups) > mostGroups {
		groups = []group{{nil, n}}
	}
	for i, g := range groups {
		p, err := m.Prior(l.table, g.given, 0)
		if err != nil {
			return nil, nil, cost, s.Prior.Errorf("condition", "%v", err)
		}
		o, err := a.drawPrior(ctx, e, s, p, g.n, uint64(i), l.settings.Coupling == "ot")
		if err != nil {
			return nil, nil, cost, err
		}
		x = append(x, o.Samples.X...)
		cost.DenoiserCalls = o.DenoiserCalls
		cost.Seconds += o.Seconds
		for range g.n {
			labels = append(labels, labelOf(g.given))
		}
	}
	return x, labels, cost, nil
}

// drawPrior samples a prior alone by the sampler of the spec, or by the flow.
func (a *app) drawPrior(ctx context.Context, e *engine.Engine, s *spec.Spec, p *prior.Prior, n int, group uint64, flowOnly bool) (*run.Outcome, error) {
	settings, err := newSettings(s)
	if err != nil {
		return nil, err
	}
	if flowOnly { // no score: the flow itself, from where only noise is left, in as many steps
		if settings.Grid, err = diffusion.Uniform(diffusion.Flow{}, settings.Grid.Steps()); err != nil {
			return nil, err
		}
		if settings.Bridge, err = sampler.NewProbabilityFlow(settings.Grid, &ode.Heun); err != nil {
			return nil, err
		}
	}
	settings.Trajectory, settings.Values = false, nil
	settings.Samples, settings.Chunk, settings.Seed = n, min(settings.Chunk, n), settings.Seed+group
	none, err := method.Find("none")
	if err != nil {
		return nil, err
	}
	problem, err := problem.New(p, nil, nil)
	if err != nil {
		return nil, err
	}
	kernel, err := none.New(e, problem, settings)
	if err != nil {
		return nil, err
	}
	bar := a.progress("sampling", kernel.Steps())
	defer bar.end()
	return run.Loop(ctx, kernel, nil, func(e run.Event) { bar.at(e.Step, "") })
}

// labelOf is the value of a single condition; NaN where there are none or more.
func labelOf(given []float64) float64 {
	if len(given) != 1 {
		return math.NaN()
	}
	return given[0]
}

// labels of rows, as labelOf has them.
func (r lessonRows) labels(rows []int) []float64 {
	k := len(r.conditions.Names)
	out := make([]float64, len(rows))
	for i, row := range rows {
		out[i] = labelOf(r.conditions.Data[row*k : (row+1)*k])
	}
	return out
}

// printTraining writes to the terminal what the page says.
func (a *app) printTraining(t *report.Training, folder string) error {
	if err := report.TrainingTable(a.stdout, t); err != nil {
		return err
	}
	if !a.quiet {
		fmt.Fprintf(a.stdout, "\nwrote %s  report.html  training.json  curve.csv  events for TensorBoard\n", folder+string(filepath.Separator))
		fmt.Fprintf(a.stdout, "next  open %s     tensorboard --logdir %s\n", filepath.Join(folder, trainingPageName), filepath.Dir(folder))
	}
	return nil
}
