package diagnose

import (
	"math"
	"slices"
	"testing"

	"abide/internal/keyed"
)

// Laws of the distance: on the line it is the mean difference of sorted numbers; a
// translation by δ moves it by E|θ·δ| = ‖δ‖ Γ(d/2)/(√π Γ((d+1)/2)); a row of weight
// 2 is two rows; and rows of weight 0 are none.
func TestSlicedWasserstein1(t *testing.T) {
	const n, d = 40, 3
	x, y := make([]float64, n*d), make([]float64, n*d)
	keyed.New(1, "x", 0, 0).Normal(x)
	keyed.New(1, "y", 0, 0).Normal(y)

	a, b := slices.Sorted(slices.Values(x)), slices.Sorted(slices.Values(y))
	want := 0.0
	for i := range a {
		want += math.Abs(a[i]-b[i]) / float64(len(a))
	}
	if got := SlicedWasserstein1(x, nil, y, nil, 1, 3, 0); math.Abs(got-want) > 1e-12 {
		t.Errorf("on the line %.12g, want %.12g", got, want)
	}

	δ := []float64{0.3, -1, 2}
	moved := slices.Clone(x)
	for i := range moved {
		moved[i] += δ[i%d]
	}
	const directions = 4000
	norm := math.Sqrt(0.09 + 1 + 4)
	// For d = 3, |θ·δ| is uniform on [0, ‖δ‖]: mean ½ ‖δ‖, variance ‖δ‖²/12.
	if got := SlicedWasserstein1(x, nil, moved, nil, d, directions, 5); math.Abs(got-norm/2) > 5*norm/math.Sqrt(12*directions) {
		t.Errorf("translated by %v: %.4f, want %.4f", δ, got, norm/2)
	}

	w := slices.Repeat([]float64{1}, n)
	w[0], w[1] = 2, 0
	twice := append(slices.Clone(x[:d]), x[:d]...)
	twice = append(twice, x[2*d:]...)
	if got, want := SlicedWasserstein1(x, w, y, nil, d, 50, 0), SlicedWasserstein1(twice, nil, y, nil, d, 50, 0); math.Abs(got-want) > 1e-12 {
		t.Errorf("weights: %.12g, repeated rows: %.12g", got, want)
	}
	if got := SlicedWasserstein1(x, w, twice, nil, d, 50, 0); !(got < 1e-12) {
		t.Errorf("the same law is %g from itself", got)
	}
	if !math.IsNaN(SlicedWasserstein1(nil, nil, y, nil, d, 50, 0)) {
		t.Error("an empty set has a distance")
	}
}
