package cli

import (
	"context"
	_ "embed"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"abide/constraint"
	"abide/diagnose"
	"abide/internal/engine"
	"abide/internal/keyed"
	"abide/method"
	"abide/problem"
	"abide/report"
	"abide/run"
	"abide/spec"
)

//go:embed demo.toml
var demoSpec []byte

func (a *app) demoCommand() *cobra.Command {
	var keys keyFlags
	var samples, out string
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Sample a known density in a feasible region four ways, and judge them",
		Long: `Sample a 2-D mixture of Gaussians inside three half-spaces by four methods, beside exact samples.
Nothing is trained or downloaded. The folder gets figure.svg, report.html, and the spec.toml that
runs the last method again.`,
		Example: "  abide demo\n  abide demo --seed 2 --out /tmp/demo",
		Args:    cobra.NoArgs,
		RunE: a.does(func(ctx context.Context, _ []string) error {
			overrides := append([]string{"run.samples=" + samples}, keys.overrides()...)
			return a.demo(ctx, overrides, out)
		}),
	}
	cmd.Flags().StringVar(&samples, "samples", "2000", "points of each method")
	cmd.Flags().StringVarP(&out, "out", "o", "abide-demo", "folder to write; an earlier demo there is replaced")
	keys.add(cmd)
	return cmd
}

// comparison is the demonstration: the problem, what each method made of it, and
// sets of the exact law to measure them with.
type comparison struct {
	*app
	spec   *spec.Spec
	study  *study
	engine *engine.Engine
	exact  *exactSets

	rows     []report.DemoRow
	panels   []report.Panel
	floor    float64
	judged   *report.Report // of the last method, with its trace
	trace    []float64
	started  time.Time
	manifest *manifest
}

// demoMethods are compared in this order; the last one is the one the spec runs.
var demoMethods = []string{"none", "project", "guided", "twisted-smc"}

// floorPairs is how many pairs of exact sets the floor is the mean of.
const floorPairs = 8

func (a *app) demo(ctx context.Context, overrides []string, out string) error {
	c := &comparison{app: a, started: time.Now()}
	var err error
	if c.spec, err = spec.Parse("demo.toml", demoSpec, overrides); err != nil {
		return err
	}
	if c.study, err = newStudy(c.spec, "demo"); err != nil {
		return err
	}
	if c.engine, err = openEngine(c.spec); err != nil {
		return err
	}
	if c.exact, err = newExactSets(c.study.problem, c.spec); err != nil {
		return err
	}
	folder, err := run.Create(out, false, true, true)
	if err != nil {
		return err
	}
	if err := c.fill(ctx, folder); err != nil {
		folder.Discard()
		return err
	}
	if err := folder.Finish(); err != nil {
		return err
	}
	return c.print(folder.Name)
}

// fill runs the methods and writes the folder.
func (c *comparison) fill(ctx context.Context, folder *run.Folder) error {
	d := c.study.problem.Dim()
	c.floor = diagnose.EnergyFloor(func(i int) []float64 { return c.exact.set(2 + i) }, d, floorPairs)
	for _, name := range demoMethods {
		if err := c.run(ctx, name, folder); err != nil {
			return fmt.Errorf("method %s: %w", name, err)
		}
	}
	c.addExact()
	return c.write(folder)
}

// run samples the problem by one method and measures what came out.
func (c *comparison) run(ctx context.Context, name string, folder *run.Folder) error {
	begin := time.Now()
	m, err := method.Find(name)
	if err != nil {
		return err
	}
	settings, err := newSettings(c.spec)
	if err != nil {
		return err
	}
	settings.Values = nil // of each method its defaults
	kernel, err := m.New(c.engine, c.study.problem, settings)
	if err != nil {
		return err
	}
	bar := c.progress(name, kernel.Steps())
	o, err := run.Loop(ctx, kernel, nil, func(e run.Event) {
		e.Message = name
		folder.Event(e)
		bar.at(e.Step, "")
	})
	bar.end()
	if err != nil {
		return err
	}
	seconds := time.Since(begin).Seconds()
	r := newReport(c.study, m, o, 0)
	row := report.DemoRow{Method: name, Feasible: *r.FeasibleFraction, MinESS: math.NaN(), Seconds: seconds}
	for _, w := range r.Constraints {
		row.Worst = math.Max(row.Worst, w.MaxViolation)
	}
	if r.ESS != nil {
		row.MinESS, row.Population = r.ESS.Min, r.Population
	}
	w := normalised(o.Samples.LogW)
	row.Distance = diagnose.WeightedEnergyDistance(o.Samples.X, w, c.exact.set(0), nil, o.Samples.Dim)
	r.Reference = &report.Reference{Distance: row.Distance, Floor: c.floor}
	c.judged, c.trace = r, o.ESS
	c.add(row, o.Samples.X)
	return nil
}

// addExact adds a set of the exact law, measured against another one.
func (c *comparison) addExact() {
	begin := time.Now()
	x := c.exact.set(1)
	c.add(report.DemoRow{
		Method: "exact", Feasible: 1, Distance: diagnose.EnergyDistance(x, c.exact.set(0), 2),
		MinESS: math.NaN(), Seconds: time.Since(begin).Seconds(), Reference: true,
	}, x)
}

func (c *comparison) add(row report.DemoRow, x []float64) {
	feasible := c.study.region() // with the rows' tolerance, as the table
	p := report.Panel{Title: row.Method, Subtitle: row.Subtitle()}
	for i := 0; i < len(x); i += 2 {
		p.X, p.Y = append(p.X, x[i]), append(p.Y, x[i+1])
		p.Feasible = append(p.Feasible, feasible(x[i], x[i+1]))
	}
	c.rows, c.panels = append(c.rows, row), append(c.panels, p)
}

// exactSets draws keyed sets of the exact law by rejection.
type exactSets struct {
	*problem.Demonstration
	n            int
	seed         uint64
	drawn, tried int
}

func newExactSets(p *problem.Problem, s *spec.Spec) (*exactSets, error) {
	var normals [][]float64
	var bounds []float64
	for _, c := range p.Constraints {
		a, b := c.(constraint.Linear).Matrix()
		normals, bounds = append(normals, a), append(bounds, b...)
	}
	d, err := problem.Truncated(p.Prior, normals, bounds)
	return &exactSets{Demonstration: d, n: s.Run.Int("samples"), seed: uint64(s.Run.Int("seed"))}, err
}

// set is set i, always the same for a seed.
func (e *exactSets) set(i int) []float64 {
	x, tried := e.Exact(rand.New(keyed.New(e.seed, "exact", i, 0)), e.n)
	e.drawn, e.tried = e.drawn+e.n, e.tried+tried
	return x
}

// print writes the table and what the tool says of itself.
func (c *comparison) print(folder string) error {
	if c.json {
		return c.printJSON(c.document(folder))
	}
	fmt.Fprintf(c.stdout, "abide demo · a known 2-D density in a feasible region, sampled four ways\n")
	fmt.Fprintf(c.stdout, "  prior        8 Gaussians on a ring, exact denoiser (nothing trained, nothing downloaded)\n")
	fmt.Fprintf(c.stdout, "  constraint   3 half-spaces; %.1f %% of the prior is feasible\n", 100*float64(c.exact.drawn)/float64(c.exact.tried))
	fmt.Fprintf(c.stdout, "  run          %d samples · %d steps · seed %d · backend %s · %d cores\n\n",
		c.exact.n, c.spec.Sampler.Int("steps"), c.exact.seed, c.engine.Name(), runtime.GOMAXPROCS(0))
	if err := report.DemoTable(c.stdout, c.rows, c.floor, c.color()); err != nil {
		return err
	}
	fmt.Fprintln(c.stdout)
	for _, s := range report.DemoVerdicts(c.rows, c.floor) {
		printWrapped(c.stdout, s)
	}
	if !c.quiet {
		fmt.Fprintf(c.stdout, "\nwrote %s  report.html  figure.svg  spec.toml   (%.1f s in all)\n", folder+string(filepath.Separator), time.Since(c.started).Seconds())
		fmt.Fprintf(c.stdout, "next  open %s     abide run %s     abide demo --seed %d     abide list methods\n",
			filepath.Join(folder, "report.html"), filepath.Join(folder, "spec.toml"), c.exact.seed+1)
	}
	return nil
}

// printWrapped breaks a sentence at spaces into lines of at most 98 characters.
func printWrapped(w io.Writer, sentence string) {
	line := " "
	for _, word := range strings.Fields(sentence) {
		if utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > 98 {
			fmt.Fprintln(w, line)
			line = "   "
		}
		line += " " + word
	}
	fmt.Fprintln(w, line)
}
