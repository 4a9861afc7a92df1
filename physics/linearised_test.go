package physics

import (
	"math"
	"testing"

	"abide/internal/keyed"
)

// The matrix of laws that have closed projections, and of joins of all kinds, is the one
// that their products are made with.
func TestJacobiansAreThoseOfTheProducts(t *testing.T) {
	const n = 12
	inf := math.Inf(1)
	lo, hi, w := make([]float64, n), make([]float64, n), make([]float64, n)
	for i := range lo {
		lo[i], hi[i], w[i] = -1, 1, 1+float64(i)/n
	}
	lo[3], hi[5] = -inf, inf
	bounds, err := NewBounds(n, lo, hi, Label{})
	if err != nil {
		t.Fatal(err)
	}
	fixed, err := NewFixed(n, []int32{7, 2}, []float64{0.1, 0.2}, Label{})
	if err != nil {
		t.Fatal(err)
	}
	energy, err := NewEnergy(w[:4], []float64{1, 2, 3}, fixed, nil, Label{})
	if err != nil {
		t.Fatal(err)
	}
	mass, err := NewMass(w, []float64{1}, nil, Label{})
	if err != nil {
		t.Fatal(err)
	}
	all, err := Join(mass, bounds, energy, fixed)
	if err != nil {
		t.Fatal(err)
	}
	for _, law := range []Constraint{bounds, energy, all} {
		l, ok := law.(Linearised)
		if !ok {
			t.Fatalf("%T has no sparse Jacobian", law)
		}
		u, v := make([]float64, n), make([]float64, n)
		keyed.New(5, "jacobian", 0, 0).Normal(u)
		keyed.New(5, "jacobian", 1, 0).Normal(v)
		m := *l.Pattern()
		m.Value = make([]float64, len(m.Index))
		l.Jacobian(&m, u)
		want, got := make([]float64, Size(law)), make([]float64, Size(law))
		law.JVP(want, u, v)
		m.Apply(got, v)
		for i := range want {
			if !(math.Abs(want[i]-got[i]) <= 1e-14*(1+math.Abs(want[i]))) {
				t.Errorf("%T: row %d of J v is %g, by the matrix %g", law, i, want[i], got[i])
			}
		}
	}
}
