package diagnose

import (
	"math"
	"slices"
	"testing"

	"abide/internal/testkit"
)

// Law: a translation by δ moves every projection by θ·δ, so SW₁ is the mean of
// |θ·δ|: ‖δ‖ Γ(d/2)/(√π Γ((d+1)/2)), with variance ‖δ‖²/d minus its square.
func TestSlicedWasserstein1OfTranslation(t *testing.T) {
	const d, directions = 5, 2000
	x := normals(newRand(7), 200*d)
	y := make([]float64, len(x))
	for i := range x {
		y[i] = x[i] + float64(i%d+1)/5
	}
	square := 55. / 25
	want := math.Sqrt(square) * math.Gamma(d/2.) / (math.Sqrt(math.Pi) * math.Gamma((d+1)/2.))
	se := math.Sqrt((square/d - want*want) / directions)
	testkit.WithinSigma(t, "SW₁ of a translation", SlicedWasserstein1(x, nil, y, nil, d, directions, 11), want, se, 0)
}

// On the line W₁ is ∫₀¹ |F⁻¹ − G⁻¹|: of equal numbers of rows the mean difference of
// the sorted ones. A row of weight 3 is three rows.
func TestSlicedWasserstein1OnTheLine(t *testing.T) {
	x, y := normals(newRand(8), 31), normals(newRand(9), 31)
	sortedX, sortedY := slices.Sorted(slices.Values(x)), slices.Sorted(slices.Values(y))
	want := 0.0
	for i := range sortedX {
		want += math.Abs(sortedX[i]-sortedY[i]) / 31
	}
	near(t, "two sets", SlicedWasserstein1(x, nil, y, nil, 1, 3, 1), want, 1e-9)
	var repeated []float64
	weights := make([]float64, len(x))
	for i, v := range x {
		weights[i] = float64(i % 4)
		for range i % 4 {
			repeated = append(repeated, v)
		}
	}
	near(t, "weights", SlicedWasserstein1(x, weights, y, nil, 1, 3, 1), SlicedWasserstein1(repeated, nil, y, nil, 1, 3, 1), 1e-9)
	near(t, "weights of the second set", SlicedWasserstein1(y, nil, x, weights, 1, 3, 1), SlicedWasserstein1(repeated, nil, y, nil, 1, 3, 1), 1e-9)
	near(t, "with itself", SlicedWasserstein1(x, weights, repeated, nil, 1, 3, 1), 0, 1e-12)
	if got := SlicedWasserstein1(x, make([]float64, len(x)), y, nil, 1, 1, 1); !math.IsNaN(got) {
		t.Errorf("distance of no weight is %g", got)
	}
}

func BenchmarkSlicedWasserstein1(b *testing.B) {
	const d, n = 80, 1000
	x, y := normals(newRand(8), n*d), normals(newRand(9), n*d)
	w := make([]float64, n)
	for i := range w {
		w[i] = float64(1 + i%7)
	}
	for b.Loop() {
		SlicedWasserstein1(x, w, y, nil, d, 2000, 1)
	}
}
