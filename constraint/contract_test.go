package constraint

import (
	"math"
	"slices"
	"testing"

	"abide/internal/engine"
	"abide/internal/keyed"
)

// kinds is one constraint of every kind over four columns, with the number of
// its rows.
func kinds(t fatal) []struct {
	kind string
	c    Constraint
	rows int
} {
	inf := math.Inf(1)
	named := []string{"cement", "water", "slag", "age"}
	return []struct {
		kind string
		c    Constraint
		rows int
	}{
		{"half-space", must(NewHalfSpace("", []float64{1, 0, -2, 0.5}, 0.3))(t), 1},
		{"polytope", must(NewPolytope("mix", [][]float64{{1, 1, 1, 1}, {0, -3, 0, 0}, {1, -1, 0, 2}}, []float64{1, 0.5, 2}))(t), 3},
		{"box", must(NewBox("", []float64{0, -inf, -1, 0.25}, []float64{1, 2, inf, 0.25}, named))(t), 5},
		{"linear-equality", must(NewLinearEquality("sum", [][]float64{{1, 1, 1, 1}, {0, 1, 0, -1}}, []float64{1, 0}))(t), 2},
		{"fixed", must(NewFixed("", 4, []int{3, 1}, []float64{28, -1}, named))(t), 2},
		{"ball", must(NewBall("", []float64{0.5, 0, 0, -0.5}, 1.2))(t), 1},
		{"ratio", formula1(t, "x[0]/(x[1]^2 + 1) <= 0.1", 4), 1},
		{"curved equality", formula1(t, "exp(x[0]) + x[1]*x[2] == 1 + x[3]", 4), 1},
		{"affine formula", formula1(t, "2*x[0] - x[3] >= 1", 4), 1},
		{"tolerant", WithTolerance(formula1(t, "x[0]^2 <= 0.01", 4), 1e-3), 1},
		{"tolerant linear", WithTolerance(must(NewHalfSpace("", []float64{1, 1, 1, 1}, 0))(t), 1e-3), 1},
	}
}

// points are random, with some coordinates exactly at bounds of the kinds.
func points(n int) []float64 {
	x := make([]float64, 4*n)
	keyed.New(1, "contract", 0, 0).Normal(x)
	for i := 0; i < len(x); i += 7 {
		x[i] = math.Round(x[i])
	}
	return x
}

// What every kind promises: sound rows; a graph residual equal to the host's; a
// Jacobian equal to central differences; a projection that lands where all rows
// hold, does not move what obeys them, and changes nothing when repeated.
func TestContract(t *testing.T) {
	e := must(engine.Open("go"))(t)
	const n, d = 40, 4
	for _, k := range kinds(t) {
		t.Run(k.kind, func(t *testing.T) {
			rows, x := k.c.Rows(), points(n)
			m := len(rows)
			if m != k.rows || k.c.Name() == "" {
				t.Fatalf("name %q with %d rows, want %d", k.c.Name(), m, k.rows)
			}
			for _, r := range rows {
				if r.Name == "" || !(r.Scale > 0) || !(r.Tolerance > 0) {
					t.Errorf("row %+v", r)
				}
			}
			out, err := e.NewFunction(k.kind, engine.Float64, func(in []*engine.Node) []*engine.Node {
				return []*engine.Node{k.c.Residual(in[0])}
			}).Call(engine.Rows(x, d))
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(out[0].Shape, []int{n, m}) {
				t.Fatalf("graph residual has shape %v, want [%d %d]", out[0].Shape, n, m)
			}
			p := must(NewProjector([]Constraint{k.c}, []float64{1, 2, 0.5, 1}))(t)
			r := make([]float64, m)
			for i := range n {
				point := x[i*d : (i+1)*d]
				k.c.ResidualAt(point, r)
				for j, v := range r {
					if g := out[0].F64[i*m+j]; math.Abs(g-v) > 1e-12*(1+math.Abs(v)) {
						t.Errorf("residual of %q at %v: graph %g, host %g", rows[j].Name, point, g, v)
					}
				}
				checkJacobian(t, k.c, point)
				checkLanding(t, p, k.c, point)
			}
		})
	}
}

func checkJacobian(t *testing.T, c Constraint, x []float64) {
	t.Helper()
	d, m := len(x), len(c.Rows())
	jac, up, down := make([]float64, m*d), make([]float64, m), make([]float64, m)
	for i := range jac {
		jac[i] = math.NaN() // every entry must be written
	}
	c.JacobianAt(x, jac)
	// The error of central differences is about h²|f‴|/6 + ε|f|/h.
	const h = 1e-5
	for j := range d {
		y := slices.Clone(x)
		y[j] = x[j] + h
		c.ResidualAt(y, up)
		y[j] = x[j] - h
		c.ResidualAt(y, down)
		for i := range m {
			want := (up[i] - down[i]) / (2 * h)
			if got := jac[i*d+j]; !(math.Abs(got-want) < 1e-7*(1+math.Abs(want)+math.Abs(up[i]))) {
				t.Errorf("row %d, column %d at %v: derivative %g, differences %g", i, j, x, got, want)
			}
		}
	}
}

func checkLanding(t *testing.T, p *Projector, c Constraint, x []float64) {
	t.Helper()
	inside := obeyed(c, x, 0)
	y := slices.Clone(x)
	if out := p.Project(y); out.Infeasible || !out.Stationary {
		t.Errorf("%v: %+v", x, out)
	}
	if inside && !slices.Equal(x, y) {
		t.Errorf("%v obeys all rows but became %v", x, y)
	}
	if !obeyed(c, y, 1) {
		t.Errorf("%v became %v, which does not obey", x, y)
	}
	again := slices.Clone(y)
	if p.Project(again); !slices.Equal(again, y) {
		t.Errorf("%v became %v, then %v", x, y, again)
	}
}

// obeyed says whether the violation of all rows is within part of their tolerance.
func obeyed(c Constraint, x []float64, part float64) bool {
	r := make([]float64, len(c.Rows()))
	c.ResidualAt(x, r)
	for i, row := range c.Rows() {
		if row.Violation(r[i]) > part*row.Tolerance {
			return false
		}
	}
	return true
}

// The matrix of a linear kind is its residual; only linear kinds have one.
func TestLinearMatrix(t *testing.T) {
	linear := map[string]bool{"half-space": true, "polytope": true, "box": true, "linear-equality": true, "fixed": true, "affine formula": true, "tolerant linear": true}
	for _, k := range kinds(t) {
		l, ok := k.c.(Linear)
		if ok != linear[k.kind] {
			t.Errorf("%s: linear is %v", k.kind, ok)
		}
		if !ok {
			continue
		}
		a, b := l.Matrix()
		x := points(1)
		r := make([]float64, len(b))
		l.ResidualAt(x, r)
		for i := range b {
			if want := dot(a[4*i:4*i+4], x) - b[i]; r[i] != want {
				t.Errorf("%s: row %d: residual %g, A x − b = %g", k.kind, i, r[i], want)
			}
		}
	}
}

func TestRowNames(t *testing.T) {
	want := map[string][]string{
		"half-space":      {"half-space"},
		"polytope":        {"mix[0]", "mix[1]", "mix[2]"},
		"box":             {"cement <= 1", "cement >= 0", "water <= 2", "slag >= -1", "age == 0.25"},
		"linear-equality": {"sum[0]", "sum[1]"},
		"fixed":           {"age == 28", "water == -1"},
		"ball":            {"ball"},
		"ratio":           {"x[0]/(x[1]^2 + 1) <= 0.1"},
		"affine formula":  {"2*x[0] - x[3] >= 1"},
	}
	for _, k := range kinds(t) {
		var got []string
		for _, r := range k.c.Rows() {
			got = append(got, r.Name)
		}
		if w, ok := want[k.kind]; ok && !slices.Equal(got, w) {
			t.Errorf("%s: %q, want %q", k.kind, got, w)
		}
	}
}

// At the centre of a ball the norm has no derivative; the graph's gradient must
// be 0 there, not NaN, or one such sample would spoil guidance.
func TestBallGradientAtCentre(t *testing.T) {
	e := must(engine.Open("go"))(t)
	center := []float64{1, 2}
	b := must(NewBall("", center, 1))(t)
	for _, precision := range []engine.DType{engine.Float32, engine.Float64} {
		out, err := e.NewFunction("centre", precision, func(in []*engine.Node) []*engine.Node {
			return []*engine.Node{engine.VJP(b.Residual(in[0]), in[0], in[1])}
		}).Call(engine.Rows(center, 2), engine.Rows([]float64{1}, 1))
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(out[0].F64, []float64{0, 0}) {
			t.Errorf("gradient %v", out[0].F64)
		}
	}
}

func TestViolation(t *testing.T) {
	inf := math.Inf(1)
	for _, c := range []struct {
		kind           Kind
		residual, want float64
	}{
		{Inequality, -1, 0}, {Inequality, 2, 2}, {Inequality, -inf, 0}, {Inequality, math.NaN(), inf},
		{Equality, -1, 1}, {Equality, 2, 2}, {Equality, math.NaN(), inf},
	} {
		if got := (Row{Kind: c.kind}).Violation(c.residual); got != c.want {
			t.Errorf("kind %d, residual %g: %g, want %g", c.kind, c.residual, got, c.want)
		}
	}
}

func TestViolationsAndSummary(t *testing.T) {
	cs := []Constraint{
		must(NewBox("box", []float64{0, 0}, []float64{1, 1}, nil))(t),
		WithTolerance(formula1(t, "log(x[0]) <= x[1]", 2), 0.5),
	}
	x := []float64{0.5, 0.5, 3, -2, -1, 0}
	v := Violations(cs, x, 2)
	box := []float64{0, 0, 0, 0, 2, 0, 0, 2, 0, 1, 0, 0}
	if !slices.Equal(v[0], box) || v[1][0] != 0 || math.Abs(v[1][1]-math.Log(3)-2) > 1e-15 || !math.IsInf(v[1][2], 1) {
		t.Errorf("violations %v", v)
	}
	s := Summarise(cs, x, 2)
	if s[0].Name != "box" || s[0].Feasible != 1./3 || s[0].MaxViolation != 2 || s[0].Worst.Name != "x[0] <= 1" {
		t.Errorf("box: %+v", s[0])
	}
	if s[1].Feasible != 1./3 || !math.IsInf(s[1].MaxViolation, 1) || s[1].Worst.Tolerance != 0.5 {
		t.Errorf("formula: %+v", s[1])
	}
	if s := Summarise(cs, nil, 2); s[0].Feasible != 1 || s[0].MaxViolation != 0 {
		t.Errorf("no points: %+v", s[0])
	}
}
