package physics

import (
	"math"
	"math/rand/v2"
	"testing"

	"abide/fem"
	"abide/mesh"
)

func weakMake(t *testing.T, e fem.Element, given bool) (*Weak, []float64, *rand.Rand) {
	t.Helper()
	m, err := mesh.NewRectangle(mesh.Triangle, 5, 4, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	v, err := fem.NewSpace(m, e)
	if err != nil {
		t.Fatal(err)
	}
	fixed, err := v.Dirichlet(fem.Dirichlet{Group: "left", Value: func(x fem.Vec) float64 { return 1 + x[1] }})
	if err != nil {
		t.Fatal(err)
	}
	b := make([]float64, v.N())
	if err := v.AddSource(b, func(fem.Vec) float64 { return 1 }); err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(21, 22))
	a := make([]float64, m.Count())
	for i := range a {
		a[i] = math.Exp(r.NormFloat64() / 2)
	}
	p := WeakProblem{Space: v, Fixed: fixed, Load: b}
	field := append(append([]float64(nil), a...), make([]float64, v.N())...)
	if given {
		p.Given, field = a, make([]float64, v.N())
	}
	w, err := NewWeak(p)
	if err != nil {
		t.Fatal(err)
	}
	return w, field, r
}

// A solution obeys, products are those of the matrix and of each other, and differences
// of a bilinear residual are exact at the midpoint.
func TestWeakProducts(t *testing.T) {
	for _, e := range []fem.Element{fem.P1, fem.P2} {
		for _, given := range []bool{true, false} {
			w, u, r := weakMake(t, e, given)
			s, err := NewWeakSolve(w)
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Project(u); err != nil {
				t.Fatal(err)
			}
			if v, row, _ := Violation(w, u); !(v <= 1e-12) {
				t.Errorf("row %d of a solution: %g", row, v)
			}
			m := Size(w)
			v, q := familyNoise(r, len(u), 1), familyNoise(r, m, 1)
			jv, jq, other := make([]float64, m), make([]float64, len(u)), make([]float64, m)
			w.JVP(jv, u, v)
			w.VJP(jq, u, q)
			scale := math.Sqrt(familyDot(jv, jv) * familyDot(q, q))
			if d := familyDot(q, jv) - familyDot(jq, v); !(math.Abs(d) <= 1e-12*scale) {
				t.Errorf("qᵀ(J v) and (Jᵀ q)ᵀ v differ by %g of %g", d, scale)
			}
			j := w.Pattern().Like()
			w.Jacobian(j, u)
			j.Apply(other, v)
			residualNear(t, "the matrix", other, jv, 1e-13)
			plus, minus := make([]float64, m), make([]float64, m)
			w.Residual(plus, familyPlus(u, 0.5, v))
			w.Residual(minus, familyPlus(u, -0.5, v))
			residualNear(t, "the midpoint", familyPlus(plus, -1, minus), jv, 1e-11)
		}
	}
}

// With u alone, Gauss–Newton in any metric is the solve; on pairs the nearest point obeys
// and what was moved is normal.
func TestWeakProjections(t *testing.T) {
	w, u0, r := weakMake(t, fem.P1, true)
	s, err := NewWeakSolve(w)
	if err != nil {
		t.Fatal(err)
	}
	u, other := append([]float64(nil), u0...), familyNoise(r, len(u0), 1)
	if err := s.Project(u); err != nil {
		t.Fatal(err)
	}
	n, err := NewNewton(w, NewtonOptions{Metric: newtonMetric(r, len(u))})
	if err != nil {
		t.Fatal(err)
	}
	if err := n.Project(other); err != nil {
		t.Fatal(err)
	}
	residualNear(t, "Gauss–Newton", other, u, 1e-11)

	pair, field, _ := weakMake(t, fem.P1, false)
	s, err = NewWeakSolve(pair)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Project(field); err != nil {
		t.Fatal(err)
	}
	start := familyPlus(field, 1, familyNoise(r, len(field), 0.02))
	field = append([]float64(nil), start...)
	if n, err = NewNewton(pair, NewtonOptions{}); err != nil {
		t.Fatal(err)
	}
	out, err := n.Solve(field)
	if err != nil {
		t.Fatalf("%v %+v", err, out)
	}
	moved := familyPlus(start, -1, field)
	along := append([]float64(nil), moved...)
	if err := n.Tangent(field, along); err != nil {
		t.Fatal(err)
	}
	if got, all := n.size(along), n.size(moved); !(got <= 1e-7*all) {
		t.Errorf("%g of the way %g is along the manifold", got, all)
	}
}
