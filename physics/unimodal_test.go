package physics

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestUnimodalEnumeration has as much distance as the best of all modes, each with the
// max–min formula on both sides (no pooling, no prefix errors).
func TestUnimodalEnumeration(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(3, 12).Draw(t, "n")
		v, w := make([]float64, n), make(Metric, n)
		for i := range v {
			// Few values, so that ties occur.
			v[i] = float64(rapid.IntRange(-4, 4).Draw(t, "v")) / 2
			w[i] = rapid.Float64Range(0.1, 5).Draw(t, "w")
		}
		valley := rapid.Bool().Draw(t, "valley")
		law, err := NewUnimodal(1, n, valley, w, Label{})
		if err != nil {
			t.Fatal(err)
		}
		got := slices.Clone(v)
		if err := law.Project(got); err != nil {
			t.Fatal(err)
		}
		if x, _, place := Violation(law, got); x > 0 {
			t.Fatalf("place %d is violated by %g: %v", place, x, got)
		}
		distance := func(a []float64) (sum float64) {
			for i, x := range a {
				sum += w[i] * (x - v[i]) * (x - v[i])
			}
			return sum
		}
		sign := 1.
		if valley {
			sign = -1
		}
		least := math.Inf(1)
		for mode := range n {
			a, b := make([]float64, mode+1), make([]float64, n-mode-1)
			wa, wb := slices.Clone(w[:mode+1]), slices.Clone(w[mode+1:])
			for i := range a {
				a[i] = sign * v[i]
			}
			for i := range b {
				b[i] = sign * v[mode+1+i]
			}
			slices.Reverse(b)
			slices.Reverse(wb)
			a, b = monotoneMinMax(a, wa), monotoneMinMax(b, wb)
			slices.Reverse(b)
			u := append(a, b...)
			for i := range u {
				u[i] *= sign
			}
			least = math.Min(least, distance(u))
		}
		if d := distance(got); math.Abs(d-least) > 1e-12*(1+least) {
			t.Fatalf("distance² %g, the best mode has %g: %v to %v", d, least, v, got)
		}
	})
}

// Of two nearest profiles that with the earlier peak is taken, and of two equal largest
// numbers the first is the peak: 1, 0, 1 is as far from 1, ½, ½ as from ½, ½, 1.
func TestUnimodalTies(t *testing.T) {
	for sign, valley := range map[float64]bool{1: false, -1: true} {
		law, err := NewUnimodal(2, 3, valley, nil, Label{})
		if err != nil {
			t.Fatal(err)
		}
		u, want := []float64{1, 0, 1, 0, 3, 0}, []float64{1, 0.5, 0.5, 0, 3, 0}
		for i := range u {
			u[i], want[i] = sign*u[i], sign*want[i]
		}
		if err := law.Project(u); err != nil || !slices.EqualFunc(u, want, func(a, b float64) bool { return math.Abs(a-b) <= 1e-15 }) {
			t.Errorf("valley %v: %v (%v), want %v", valley, u, err, want)
		}
		// Rows at 2, 2, 1: the first 2 is the peak, so that both rows ask for falling.
		rows, flat := make([]float64, 4), []float64{2 * sign, 2 * sign, sign, 2 * sign, 2 * sign, sign}
		law.JVP(rows, flat, []float64{0, sign, 0, 0, sign, 0})
		if want := []float64{1, -1, 1, -1}; !slices.Equal(rows, want) {
			t.Errorf("valley %v: rows %v at equal numbers, want %v", valley, rows, want)
		}
	}
}

// A union of cones is not convex: neither its own rows nor an intersection may say so.
func TestUnimodalIsNotConvex(t *testing.T) {
	law, err := NewUnimodal(1, 3, false, nil, Label{})
	if err != nil {
		t.Fatal(err)
	}
	if LinearRows(law) {
		t.Error("the rows depend on the mode")
	}
	box, err := NewBounds(3, []float64{0, 0, 0}, []float64{1, 1, 1}, Label{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := NewDykstra(DykstraSettings{}, law, box); err == nil {
		t.Error("an intersection with a law that is not convex")
	}
}
