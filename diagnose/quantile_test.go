package diagnose

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// numpy.quantile of [3, 1, 2, 10] by hand: positions q·3 among 1, 2, 3, 10.
func TestQuantileKnown(t *testing.T) {
	x := []float64{3, 1, 2, 10}
	for _, c := range [][2]float64{{0, 1}, {1. / 3, 2}, {0.5, 2.5}, {0.9, 7.9}, {1, 10}} {
		near(t, "quantile", Quantile(x, c[0]), c[1], 1e-14)
	}
	if !slices.Equal(x, []float64{3, 1, 2, 10}) {
		t.Errorf("the numbers were moved: %v", x)
	}
	inf, nan := math.Inf(1), math.NaN()
	if got := Quantile([]float64{-inf, -inf, 1}, 0.25); got != -inf { // −∞ is not subtracted from itself
		t.Errorf("quantile of infinities is %v", got)
	}
	for _, bad := range []float64{Quantile(nil, 0.5), Quantile(x, -0.1), Quantile(x, 1.1), Quantile(x, nan), Quantile([]float64{1, nan}, 0.5),
		WeightedQuantile(x, make([]float64, 4), 0.5), WeightedQuantile(x, x, 2), WeightedQuantile([]float64{nan}, []float64{1}, 0.5), WeightedQuantile(nil, []float64{}, 0.5)} {
		if !math.IsNaN(bad) {
			t.Errorf("got %v, want NaN", bad)
		}
	}
}

// Laws: equal weights give Quantile; a common factor changes nothing; rows
// without weight count for nothing; the result grows with q and stays in range.
func TestWeightedQuantileLaws(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		n := rapid.IntRange(1, 20).Draw(r, "n")
		x := rapid.SliceOfN(rapid.Float64Range(-10, 10), n, n).Draw(r, "x")
		w := rapid.SliceOfN(rapid.Float64Range(0.01, 1), n, n).Draw(r, "w")
		q := rapid.Float64Range(0, 1).Draw(r, "q")
		// Shares of the window err by n·ε each, of a window at least 1/n wide.
		bound := float64(n*n*n) * 10 * 0x1p-52 * 20
		same := func(name string, got, want float64) {
			if !(math.Abs(got-want) <= bound) {
				r.Fatalf("%s: %v, want %v", name, got, want)
			}
		}
		constant, scaled := make([]float64, n), make([]float64, n)
		for i := range w {
			constant[i], scaled[i] = 0.3, 7*w[i]
		}
		got := WeightedQuantile(x, w, q)
		same("equal weights", WeightedQuantile(x, constant, q), Quantile(x, q))
		same("nil weights", WeightedQuantile(x, nil, q), Quantile(x, q))
		same("scaled weights", WeightedQuantile(x, scaled, q), got)
		same("rows without weight", WeightedQuantile(append([]float64{-99, math.Inf(1)}, x...), append([]float64{0, 0}, w...), q), got)
		if more := WeightedQuantile(x, w, min(1, q+0.1)); more < got-bound {
			r.Fatalf("quantile falls from %v to %v", got, more)
		}
		if got < slices.Min(x)-bound || got > slices.Max(x)+bound {
			r.Fatalf("quantile %v of %v", got, x)
		}
	})
}

// By hand: weights ¼, ¾ of 0 and 1 have 1/ESS = 10/16; the window of q = ½ is
// [3/16, 13/16], of which [0.25, 13/16] reads 1: (9/16)/(10/16).
func TestWeightedQuantileKnown(t *testing.T) {
	near(t, "median", WeightedQuantile([]float64{1, 0}, []float64{3, 1}, 0.5), 0.9, 1e-15)
}
