package cli

import (
	"fmt"

	"abide/expr"
	"abide/report"
	"abide/sampler"
)

// axis is a formula with its label; without a formula it shows nothing.
type axis struct {
	label string
	expr  *expr.Expr
}

// axes reads the formulas of [report]. Without them the figure shows the two
// columns of a plane; in more dimensions the first cost against the first
// column, and where there is no cost the first two columns. The ranking is by
// the first cost, unless [report] rank says otherwise. Images and curves are shown as such.
func (st *study) axes() (err error) {
	r, names := st.spec.Report, st.problem.Prior.Coordinates.Names
	for _, a := range []struct {
		key string
		to  *axis
	}{{"x", &st.x}, {"y", &st.y}, {"rank", &st.rank}} {
		if a.to.expr, err = r.Expr(a.key, names); err != nil {
			return err
		}
		a.to.label = r.String(a.key + "_label")
	}
	cost := st.firstCost(names)
	if st.rank.expr == nil {
		st.rank = cost
	}
	if st.x.expr != nil || len(names) < 2 || st.image != nil || st.curve() {
		return nil
	}
	if st.x, err = columnAxis(names, 0); err != nil {
		return err
	}
	if st.y, err = columnAxis(names, 1); err != nil {
		return err
	}
	if cost.expr != nil && len(names) > 2 {
		st.x, st.y = cost, st.x
	}
	return nil
}

// firstCost is the formula of the first cost; nothing where there is none. A
// cost of negative weight seeks large values and is no ranking by the smallest.
func (st *study) firstCost(names []string) axis {
	for _, b := range st.spec.Potentials {
		if b.Kind == "cost" && b.Float("weight") > 0 {
			if e, err := b.Expr("expr", names); err == nil {
				return axis{label: oneLine(b.String("name")), expr: e}
			}
		}
	}
	return axis{}
}

// columnAxis shows column j as it is.
func columnAxis(names []string, j int) (axis, error) {
	e, err := expr.Parse(fmt.Sprintf("x[%d]", j), nil, len(names))
	return axis{label: names[j], expr: e}, err
}

// over evaluates the axis on samples and real rows; where there are none, on draws of
// the exact law, if that is known.
func (a axis) over(st *study, s *sampler.Samples) report.Axis {
	if a.expr == nil {
		return report.Axis{}
	}
	out := report.Axis{Label: a.label, Samples: a.values(s.X, s.Dim)}
	if st.data != nil {
		out.Data = a.values(st.data.Data, s.Dim)
	} else if st.exact != nil {
		out.Data = a.values(st.exact.draw(uint64(st.spec.Run.Int("seed")), 0, min(s.N, comparedPoints)), s.Dim)
	}
	return out
}

// values of the formula at the rows of x; nil without a formula.
func (a axis) values(x []float64, d int) []float64 {
	if a.expr == nil {
		return nil
	}
	out := make([]float64, len(x)/d)
	for i := range out {
		out[i] = a.expr.Value(x[i*d : (i+1)*d])
	}
	return out
}

// shows tells whether the axis is column j as it is.
func (a axis) shows(j int) bool {
	if a.expr == nil {
		return false
	}
	c, c0, affine := a.expr.Affine()
	if !affine || c0 != 0 {
		return false
	}
	for i, v := range c {
		if (i == j && v != 1) || (i != j && v != 0) {
			return false
		}
	}
	return true
}

// region is the feasible set where the figure can show it: two columns, plotted
// as they are, and no equation; nil elsewhere.
func (st *study) region() func(x, y float64) bool {
	p := st.problem
	if p.Dim() != 2 || len(p.Constraints) == 0 || p.Equalities() || !st.x.shows(0) || !st.y.shows(1) {
		return nil
	}
	residuals := make([][]float64, len(p.Constraints))
	for k, c := range p.Constraints {
		residuals[k] = make([]float64, len(c.Rows()))
	}
	point := make([]float64, 2)
	return func(x, y float64) bool {
		point[0], point[1] = x, y
		for k, c := range p.Constraints {
			c.ResidualAt(point, residuals[k])
			for i, row := range c.Rows() {
				if row.Violation(residuals[k][i]) > row.Tolerance {
					return false
				}
			}
		}
		return true
	}
}
