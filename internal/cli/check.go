package cli

import (
	"context"
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"abide/constraint"
	"abide/internal/keyed"
	"abide/potential"
	"abide/spec"

	"math/rand/v2"
)

func (a *app) checkCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "check SPEC [key=value…]",
		Short: "Check a spec against its data without sampling",
		Long: `Read a spec and its data, bind its formulas to the columns and its method to the problem, and say
what each constraint is and how many real rows obey it. An imported network is compared with its
exporter and with what the spec says of it. Nothing is sampled, trained or written.`,
		Example: "  abide check examples/concrete/mix.toml\n  abide check spec.toml method.kind=project --json",
		Args:    needsSpec,
		RunE:    a.does(func(_ context.Context, args []string) error { return a.check(args[0], args[1:]) }),
	}
}

// checked is what `abide check --json` prints.
type checked struct {
	Spec        string             `json:"spec"`
	Prior       string             `json:"prior"`
	Columns     []string           `json:"columns"`
	Rows        []checkedRow       `json:"rows"`
	Potentials  []checkedPotential `json:"potentials"`
	Method      string             `json:"method"`
	Steps       int                `json:"steps"`
	Samples     int                `json:"samples"`
	Points      int                `json:"points"`       // rows the shares are of; 0 where there are none
	PointsAre   string             `json:"points_are"`   // "data rows" or "draws of the prior"
	Inequality  *float64           `json:"inequalities"` // share of points that obey every inequality
	AllFeasible *float64           `json:"feasible"`     // share of points that obey every row
}

type checkedRow struct {
	Constraint string   `json:"constraint"`
	Row        string   `json:"row"`
	Kind       string   `json:"kind"`
	Linear     bool     `json:"linear"`
	Tolerance  float64  `json:"tolerance"`
	Obey       int      `json:"obey"`
	Share      *float64 `json:"share"`
	Relative   *float64 `json:"relative,omitempty"` // of a law: rms residual over the field's standard deviation
}

type checkedPotential struct {
	Name string `json:"name"`
	Form string `json:"form"` // linear, gaussian or general
}

// checkDraws is how many draws of a prior stand for it where there are no data.
const checkDraws = 10000

// lawDraws is how many where laws are of whole fields.
const lawDraws = 200

// checkPoints are real rows, or where there are none draws of the prior, with what they
// are called; none where the prior has neither.
func (st *study) checkPoints(draws int) (x []float64, are string) {
	p := st.problem.Prior
	switch {
	case st.data != nil:
		return st.data.Data, "data rows"
	case p.Draw != nil:
		return p.Draw(rand.New(keyed.New(uint64(st.spec.Run.Int("seed")), "check", 0, 0)), draws), "draws of the prior"
	}
	return nil, ""
}

func (a *app) check(name string, overrides []string) error {
	text, err := a.source(name)
	if err != nil {
		return err
	}
	s, err := spec.Parse(name, text, overrides)
	if err != nil {
		return err
	}
	e, err := openEngine(s)
	if err != nil {
		return err
	}
	j := &job{app: a, name: name, spec: s}
	if err := j.bind(e); err != nil {
		return err
	}
	p := j.study.problem
	if p.Prior.Kind == "onnx" {
		if err := a.checkImported(e, s, p.Prior); err != nil {
			return err
		}
	}
	for _, w := range samplerWarnings(s, j.method, p.Prior) {
		a.note("warning: %s", w)
	}
	c := checked{
		Spec: name, Prior: p.Prior.Describe, Columns: p.Prior.Coordinates.Names, Method: j.method.Name,
		Steps: j.kernel.Steps(), Samples: s.Run.Int("samples"), Rows: []checkedRow{}, Potentials: []checkedPotential{},
	}
	draws := checkDraws
	if p.Law != nil {
		draws = lawDraws
	}
	points, are := j.study.checkPoints(draws)
	c.PointsAre, c.Points = are, len(points)/p.Dim()
	for _, w := range j.study.lawWarnings(points, are) {
		a.note("warning: %s", w)
	}
	c.obey(j.study, points)
	for _, q := range p.Potentials {
		c.Potentials = append(c.Potentials, checkedPotential{Name: oneLine(q.Name()), Form: form(q)})
	}
	if a.json {
		return a.printJSON(c)
	}
	return a.printCheck(&c)
}

// obey counts the points that obey each row.
func (c *checked) obey(st *study, x []float64) {
	cs, d := st.problem.Constraints, st.problem.Dim()
	n := len(x) / d
	violations := constraint.Violations(cs, x, d)
	every, unequal := allTrue(n), allTrue(n)
	for k, con := range cs {
		_, linear := con.(constraint.Linear)
		rows := con.Rows()
		for j, row := range rows {
			out := checkedRow{Constraint: con.Name(), Row: st.rowName(k, j), Kind: "inequality", Linear: linear, Tolerance: row.Tolerance}
			if row.Kind == constraint.Equality {
				out.Kind = "equality"
			}
			for i := range n {
				ok := violations[k][i*len(rows)+j] <= row.Tolerance
				every[i] = every[i] && ok
				unequal[i] = unequal[i] && (ok || row.Kind == constraint.Equality)
				if ok {
					out.Obey++
				}
			}
			if n > 0 {
				share := float64(out.Obey) / float64(n)
				out.Share = &share
			}
			c.Rows = append(c.Rows, out)
		}
	}
	for _, r := range st.lawRows(x, nil) {
		out := checkedRow{Constraint: r.name, Row: r.name, Kind: kindOfRow(r.Upper), Linear: r.linear, Tolerance: r.Tolerance}
		for i, ok := range r.obeyed {
			every[i] = every[i] && ok
			unequal[i] = unequal[i] && (ok || !r.Upper)
			if ok {
				out.Obey++
			}
		}
		if n > 0 {
			out.Share, out.Relative = new(float64), &r.relative
			*out.Share = float64(out.Obey) / float64(n)
		}
		c.Rows = append(c.Rows, out)
	}
	if n > 0 && len(c.Rows) > 0 {
		all, some := share(every), share(unequal)
		c.AllFeasible, c.Inequality = &all, &some
	}
}

func share(ok []bool) float64 {
	n := 0
	for _, b := range ok {
		if b {
			n++
		}
	}
	return float64(n) / float64(len(ok))
}

// form says what a method may use of a potential.
func form(p potential.Potential) string {
	switch p := p.(type) {
	case potential.Linear:
		return "linear"
	case *potential.Measurement:
		if _, _, ok := p.Linear(); ok {
			return "gaussian"
		}
	}
	return "general"
}

func (a *app) printCheck(c *checked) error {
	w := tabwriter.NewWriter(a.stdout, 0, 0, 3, ' ', 0)
	fmt.Fprintf(a.stdout, "%s is a valid spec\n", c.Spec)
	fmt.Fprintf(w, "prior\t%s\n", c.Prior)
	fmt.Fprintf(w, "columns\t%d: %s\n", len(c.Columns), shortened(c.Columns))
	fmt.Fprintf(w, "method\t%s, %d steps, %d samples\n", c.Method, c.Steps, c.Samples)
	for _, p := range c.Potentials {
		fmt.Fprintf(w, "potential\t%s (%s)\n", p.Name, p.Form)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if len(c.Rows) == 0 {
		fmt.Fprintln(a.stdout, "no constraints")
		return nil
	}
	fmt.Fprintln(a.stdout)
	fmt.Fprintf(w, "row\tkind\tform\tobeyed by %s\n", c.PointsAre)
	for _, r := range c.Rows {
		linear, obeyed := "nonlinear", "-"
		if r.Linear {
			linear = "linear"
		}
		if r.Share != nil {
			obeyed = fmt.Sprintf("%d of %d (%.3g %%)", r.Obey, c.Points, 100**r.Share)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", r.Row, r.Kind, linear, obeyed)
	}
	if c.AllFeasible != nil {
		fmt.Fprintf(w, "all inequalities\t\t\t%.3g %%\n", 100**c.Inequality)
		fmt.Fprintf(w, "all rows\t\t\t%.3g %%\n", 100**c.AllFeasible)
	}
	return w.Flush()
}

// shortened lists names, the middle left out where they are many.
func shortened(names []string) string {
	const most = 12
	text := ""
	for i, n := range names {
		if len(names) > most && i == most-2 {
			return text + ", …, " + names[len(names)-1]
		}
		if i > 0 {
			text += ", "
		}
		text += n
	}
	return text
}
