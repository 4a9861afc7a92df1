package physics

import (
	"math"
	"math/rand/v2"
	"testing"
)

func newtonMetric(r *rand.Rand, n int) Metric {
	w := make(Metric, n)
	for i := range w {
		w[i] = math.Exp(r.NormFloat64() / 2)
	}
	return w
}

// From noise about true data: obeyed to 1e-9, nothing moves the second time, and what
// was moved has no tangential part: u₀ − u = W⁻¹Jᵀλ.
func TestNewtonNearest(t *testing.T) {
	familyEach(t, func(t *testing.T, c familyCase, p Constraint, u []float64, r *rand.Rand) {
		w := newtonMetric(r, len(u))
		n, err := NewNewton(p, NewtonOptions{Metric: w})
		if err != nil {
			t.Fatal(err)
		}
		u0 := familyPlus(u, 1, familyNoise(r, len(u), c.noise))
		u = append([]float64(nil), u0...)
		out, err := n.Solve(u)
		t.Logf("%+v", out)
		if err != nil {
			t.Fatal(err)
		}
		if v, row, place := Violation(p, u); !(v <= 1e-11) {
			t.Errorf("row %d is violated by %g at %d", row, v, place)
		}
		moved := familyPlus(u0, -1, u)
		along := append([]float64(nil), moved...)
		if err := n.Tangent(u, along); err != nil {
			t.Fatal(err)
		}
		if got, all := n.size(along), n.size(moved); !(got <= 1e-7*all) {
			t.Errorf("%g of the way %g is along the manifold", got, all)
		}
		again := append([]float64(nil), u...)
		if err := n.Project(again); err != nil {
			t.Fatal(err)
		}
		if d := n.size(familyPlus(again, -1, u)); !(d <= 1e-11*n.size(u)) {
			t.Errorf("the second projection moves by %g of %g", d, n.size(u))
		}
	})
}
