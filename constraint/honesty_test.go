package constraint

import (
	"slices"
	"testing"

	"abide/internal/keyed"
)

// quadric is ½ xᵀQx + l·x + c ≤ 0, or = 0, of any curvature.
type quadric struct {
	d        int
	q, l     []float64
	c        float64
	equality bool
}

func (q *quadric) Name() string           { return "quadric" }
func (q *quadric) Residual(x *Node) *Node { panic("the projection needs no graph") }

func (q *quadric) Rows() []Row {
	kind := Inequality
	if q.equality {
		kind = Equality
	}
	return []Row{{Name: "quadric", Kind: kind, Scale: 1, Tolerance: DefaultTolerance}}
}

func (q *quadric) ResidualAt(x, r []float64) {
	r[0] = q.c + dot(q.l, x)
	for i := range q.d {
		r[0] += x[i] / 2 * dot(q.q[i*q.d:(i+1)*q.d], x)
	}
}

func (q *quadric) JacobianAt(x, jac []float64) {
	for i := range q.d {
		jac[i] = q.l[i] + dot(q.q[i*q.d:(i+1)*q.d], x)
	}
}

// On random sets of indefinite quadrics and half-spaces, where no method can
// promise to find a feasible point, the outcome must be true: feasible means all
// rows hold, infeasible names a row that does not, and stationary means that the
// conditions of Karush, Kuhn and Tucker hold.
func TestOutcomeIsTrue(t *testing.T) {
	stationary := 0
	for k := range 100 {
		s := keyed.New(1, "quadrics", k, 0)
		d := 2 + k%7
		inside := make([]float64, d)
		s.Normal(inside)
		var cs []Constraint
		for range 1 + k%min(3, d-1) {
			q := &quadric{d: d, q: make([]float64, d*d), l: make([]float64, d), equality: s.Uniform() < 0.3}
			s.Normal(q.q)
			s.Normal(q.l)
			for i := range d {
				for j := range i {
					q.q[i*d+j] = q.q[j*d+i]
				}
			}
			r := []float64{0}
			q.ResidualAt(inside, r)
			if q.c = -r[0]; !q.equality {
				q.c -= s.Uniform()
			}
			cs = append(cs, q)
		}
		for range k % 8 {
			a := make([]float64, d)
			s.Normal(a)
			cs = append(cs, must(NewHalfSpace("h", a, dot(a, inside)+s.Uniform()))(t))
		}
		scale := slices.Repeat([]float64{1}, d)
		p := must(NewProjector(cs, scale))(t)
		for range 5 {
			x := make([]float64, d)
			s.Normal(x)
			for j := range x {
				x[j] *= 3
			}
			y := slices.Clone(x)
			out := p.Project(y)
			feasible := true
			for _, c := range cs {
				feasible = feasible && obeyed(c, y, 1)
			}
			if feasible == out.Infeasible || out.Infeasible != (out.Row >= 0) || out.Infeasible && out.Stationary {
				t.Errorf("set %d: feasible is %v, %+v", k, feasible, out)
			}
			if out.Stationary {
				stationary++
				// Rows are tight to 1e-7 and the last step was below 1e-9; the gradient
				// is then off by that times curvature and multipliers of some 10 to 100.
				if r := curvedStationarity(cs, scale, x, y); r > 1e-6 {
					t.Errorf("set %d: stationary, but %g off the cone of normals", k, r)
				}
			}
		}
	}
	if stationary < 400 {
		t.Errorf("only %d of 500 points are stationary", stationary)
	}
}

// Where the normals of the tight rows depend on each other, as those of x₅ = x₀²
// and of the bound x₅ ≥ 0 do at 0, multipliers grow without bound and steps
// become small for that reason alone: they must not be taken for a solution.
func TestSmallStepsAreNotCalledStationary(t *testing.T) {
	const d = 6
	scale := []float64{1, 2, 0.5, 1, 3, 1}
	cs := []Constraint{
		must(NewBox("box", make([]float64, d), nil, nil))(t),
		must(NewHalfSpace("cut", []float64{1, 1, 0, 0, 0, -1}, 0.8))(t),
		formula1(t, "sin(3*x[0]) + x[1] >= 0.5", d), formula1(t, "x[5] == x[0]^2", d),
	}
	p := must(NewProjector(cs, scale))(t)
	s := keyed.New(2, "degenerate", 0, 0)
	for range 200 {
		x := make([]float64, d)
		s.Normal(x)
		for j := range x {
			x[j] = 0.5 + 1.5*scale[j]*x[j]
		}
		y := slices.Clone(x)
		out := p.Project(y)
		if out.Infeasible {
			t.Errorf("%v: %v, %+v", x, y, out)
		}
		if r := curvedStationarity(cs, scale, x, y); out.Stationary && r > 1e-6 {
			t.Errorf("%v: %v is called stationary, but is %g off the cone of normals", x, y, r)
		}
	}
}

// The only points of x³ − 3x ≥ 3 lie beyond x = 2.1, and no step from the hill at
// x = −1, where the row is missed by 1, brings it nearer.
func TestSearchLeavesLocalHills(t *testing.T) {
	p := must(NewProjector([]Constraint{formula1(t, "x[0]^3 - 3*x[0] >= 3", 1)}, []float64{1}))(t)
	for _, v := range []float64{-3, -1, -0.9, 0, 0.9, 1, 2, 5} {
		x := []float64{v}
		if out := p.Project(x); out.Infeasible || !out.Stationary {
			t.Errorf("from %g: %v, %+v", v, x, out)
		}
	}
}
