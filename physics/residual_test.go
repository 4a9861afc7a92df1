package physics

import (
	"math"
	"math/rand/v2"
	"testing"

	"abide/pde"
)

// residualClosed are projections by structure, each with the metric and the rows with which the
// general method has to find the same field.
func residualClosed(t *testing.T) map[string]struct {
	p      Projector
	rows   []string
	metric func(n int) Metric
} {
	type item = struct {
		p      Projector
		rows   []string
		metric func(n int) Metric
	}
	must := func(p Projector, err error) Projector {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	family := func(kind string, v pde.Values) pde.Family {
		_, f, _ := familyMake(t, familyCase{kind: kind, values: v})
		return f
	}
	none := func(int) Metric { return nil }
	heat := family("heat", pde.Values{"grid": 9, "times": 6, "theta": 0.6}).(pde.Modal)
	wave := family("wave", pde.Values{"grid": 7, "times": 9}).(pde.Modal)
	even := family("advection", pde.Values{"grid": 12, "times": 5, "highest": 4, "beta": 0.3}).(pde.Shifted)
	odd := family("advection", pde.Values{"grid": 11, "times": 5, "highest": 4}).(pde.Shifted)
	poisson := family("poisson", pde.Values{"grid": 8}).(pde.Constant)
	helmholtz := family("helmholtz", pde.Values{"grid": 7, "k": 9.0}).(pde.Constant)
	equation := Choice{Rows: []string{"equation"}}
	pair := func(n int) Metric {
		w := make(Metric, n)
		for i := range w {
			w[i] = 0.02
			if i >= n/2 {
				w[i] = 3
			}
		}
		return w
	}
	return map[string]item{
		"heat":           {must(NewModal(heat)), []string{"equation", "boundary"}, none},
		"wave":           {must(NewModal(wave)), []string{"start", "equation", "boundary"}, none},
		"shift even":     {must(NewShift(even, equation)), equation.Rows, none},
		"shift odd":      {must(NewShift(odd, equation)), equation.Rows, none},
		"shift and mass": {must(NewShift(even, Choice{})), nil, nil},
		"poisson":        {must(NewConstantPair(poisson, 0.02, 3)), nil, pair},
		"helmholtz":      {must(NewConstantPair(helmholtz, 0.02, 3)), nil, pair},
	}
}

func residualBase(p Projector) *Family {
	var c Constraint
	switch p := p.(type) {
	case *Modal:
		c = p.Constraint
	case *Shift:
		c = p.Constraint
	case *ConstantPair:
		c = p.Constraint
	}
	if s, ok := c.(*SparseFamily); ok {
		return s.Family
	}
	return c.(*Family)
}

// All rows hold, a second time changes nothing, and it is the field that Gauss–Newton finds
// with a factor of S. Both are linear: v ↦ Πv is self-adjoint in W.
func TestResidualClosedForms(t *testing.T) {
	for name, c := range residualClosed(t) {
		t.Run(name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(3, 4))
			u0 := familyNoise(r, c.p.Dim(), 1)
			u := append([]float64(nil), u0...)
			if err := c.p.Project(u); err != nil {
				t.Fatal(err)
			}
			if v, row, place := Violation(c.p, u); !(v <= 1e-12) {
				t.Errorf("row %d is violated by %g at %d", row, v, place)
			}
			again := append([]float64(nil), u...)
			if err := c.p.Project(again); err != nil {
				t.Fatal(err)
			}
			residualNear(t, "the second projection", again, u, 1e-13)
			if c.metric == nil {
				return
			}
			general, err := FromFamily(residualBase(c.p).family, Choice{Rows: c.rows})
			if err != nil {
				t.Fatal(err)
			}
			w := c.metric(len(u))
			n, err := NewNewton(general, NewtonOptions{Metric: w})
			if err != nil {
				t.Fatal(err)
			}
			other := append([]float64(nil), u0...)
			if err := n.Project(other); err != nil {
				t.Fatal(err)
			}
			residualNear(t, "Gauss–Newton", other, u, 1e-9)

			a, b := familyNoise(r, len(u), 1), familyNoise(r, len(u), 1)
			pa, pb := append([]float64(nil), a...), append([]float64(nil), b...)
			for _, v := range [][]float64{pa, pb} {
				if err := c.p.(Tangent).Tangent(u, v); err != nil {
					t.Fatal(err)
				}
			}
			var left, right, size float64
			for i := range a {
				x := 1 / w.Inverse(i)
				left += x * pa[i] * b[i]
				right += x * a[i] * pb[i]
				size += x * (a[i]*a[i] + b[i]*b[i])
			}
			if !(math.Abs(left-right) <= 1e-13*size) {
				t.Errorf("⟨Πa, b⟩ and ⟨a, Πb⟩ differ by %g of %g", left-right, size)
			}
		})
	}
}

func residualNear(t *testing.T, what string, got, want []float64, within float64) {
	t.Helper()
	d := familyPlus(got, -1, want)
	if e, size := math.Sqrt(familyDot(d, d)), math.Sqrt(familyDot(want, want)); !(e <= within*size) {
		t.Errorf("%s is %g from %g, want within %g of it", what, e, size, within)
	}
}

// Whatever u was, the solution of the drawn coefficients comes back, and the general
// projection of u alone, which has no freedom left, agrees.
func TestSolveProjection(t *testing.T) {
	for kind, v := range map[string]pde.Values{
		"darcy": {"grid": 8}, "poisson": {"grid": 8}, "helmholtz": {"grid": 8, "k": 20.0}, "heat": {"grid": 8, "times": 6},
		"wave": {"grid": 6, "times": 8}, "burgers-shock": {"grid": 10}, "reaction-diffusion": {"grid": 8, "times": 6},
		"allen-cahn": {"grid": 8, "times": 5}, "advection": {"grid": 12, "times": 4, "highest": 4},
		"navier-stokes": {"grid": 8, "times": 3, "end": 3.0}, "burgers": {"grid": 16, "times": 20},
		"fitzhugh-nagumo": {"grid": 6, "times": 3, "end": 1.0},
	} {
		t.Run(kind, func(t *testing.T) {
			_, f, s := familyMake(t, familyCase{kind: kind, values: v})
			p, err := NewSolveProjection(f.(pde.Completed), Choice{})
			if err != nil {
				t.Fatal(err)
			}
			u := p.base.Field(s)
			want := append([]float64(nil), u...)
			last := f.Arrays()[len(f.Arrays())-1]
			start := 0
			if kind != "darcy" && kind != "poisson" && kind != "helmholtz" {
				start = last.Size() / last.Shape[0] // the initial state
			}
			for i := len(u) - last.Size() + start; i < len(u); i++ {
				u[i] += 0.1 * math.Sin(float64(i))
			}
			if err := p.Project(u); err != nil {
				t.Fatal(err)
			}
			residualNear(t, "the solution", u, want, 1e-11)
			if v, _, _ := Violation(p, u); !(v <= 1e-10) {
				t.Errorf("violation %g", v)
			}
		})
	}
	_, f, s := familyMake(t, familyCase{kind: "darcy", values: pde.Values{"grid": 8}})
	c := Choice{Arrays: []string{"u"}, Given: s}
	p, err := NewSolveProjection(f.(pde.Completed), c)
	if err != nil {
		t.Fatal(err)
	}
	n, err := NewNewton(p.Constraint, NewtonOptions{Metric: newtonMetric(rand.New(rand.NewPCG(1, 1)), p.Dim())})
	if err != nil {
		t.Fatal(err)
	}
	u := familyNoise(rand.New(rand.NewPCG(5, 6)), p.Dim(), 1)
	other := append([]float64(nil), u...)
	for _, q := range []struct {
		p Projector
		u []float64
	}{{p, u}, {n, other}} {
		if err := q.p.Project(q.u); err != nil {
			t.Fatal(err)
		}
	}
	residualNear(t, "Gauss–Newton", other, u, 1e-10)
	if _, err := NewSolveProjection(f.(pde.Completed), Choice{Arrays: []string{"a"}, Given: s}); err == nil {
		t.Error("a solution that is given is not refused")
	}
}

// k² beside the first eigenvalue of the five-point Laplacian is reported as that far from it.
func TestConstantPairDistance(t *testing.T) {
	const n = 8
	s := 2 * n * math.Sin(math.Pi/(2*n)) // k² = 2 s² is the first eigenvalue
	for _, off := range []float64{1e-3, 0.5} {
		k := math.Sqrt(2*s*s + off)
		_, f, _ := familyMake(t, familyCase{kind: "helmholtz", values: pde.Values{"grid": n, "k": k}})
		p, err := NewConstantPair(f.(pde.Constant), 1, 1)
		if err != nil {
			t.Fatal(err)
		}
		if d := p.Distance(); !(math.Abs(d-off) <= 1e-12*2*s*s) {
			t.Errorf("distance %g, want %g", d, off)
		}
	}
}
