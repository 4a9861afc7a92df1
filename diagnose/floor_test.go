package diagnose

import (
	"math"
	"testing"

	"abide/internal/keyed"
)

// The mean square of the energy distance between disjoint sets of a table is
// (1/n + 1/m) times the mean distance between its distinct rows, exactly. Here all
// 35 splits of 7 rows into 3 and 4 are covered by drawing many; the standard error
// comes from the drawn values themselves.
func TestTwoSampleFloorOfEnergyDistance(t *testing.T) {
	const d, total, n, m, pairs = 2, 7, 3, 4, 20000
	x := make([]float64, total*d)
	keyed.New(3, "test", 0, 0).Normal(x)
	mean := 0.0
	for i := range total {
		for j := range total {
			mean += math.Hypot(x[i*d]-x[j*d], x[i*d+1]-x[j*d+1]) / (total * (total - 1))
		}
	}
	var sum, square float64
	floor := TwoSampleFloor(x, d, n, m, pairs, 1, func(a, b []float64) float64 {
		if len(a) != n*d || len(b) != m*d {
			t.Fatalf("sets of %d and %d numbers", len(a), len(b))
		}
		v := EnergyDistance(a, b, d)
		sum += v * v
		square += v * v * v * v
		return v
	})
	want := (1.0/n + 1.0/m) * mean
	std := math.Sqrt(square/pairs-sum/pairs*sum/pairs) / math.Sqrt(pairs)
	if got := floor * floor; !(math.Abs(got-want) <= 5.3*std) { // a false alarm once in 10⁷
		t.Errorf("mean square %g, exact %g, standard error %g", got, want, std)
	}
}

// Sets are disjoint and without repetition, and too large ones are refused.
func TestTwoSampleFloorSets(t *testing.T) {
	x := []float64{0, 1, 2, 3, 4, 5}
	seen := map[float64]int{}
	TwoSampleFloor(x, 1, 2, 4, 50, 9, func(a, b []float64) float64 {
		once := map[float64]bool{}
		for _, v := range append(append([]float64{}, a...), b...) {
			once[v] = true
		}
		if len(once) != 6 {
			t.Fatalf("sets %v and %v", a, b)
		}
		seen[a[0]]++
		return 1
	})
	if len(seen) != 6 {
		t.Errorf("the first row was only ever one of %v", seen)
	}
	if !math.IsNaN(TwoSampleFloor(x, 1, 3, 4, 5, 0, nil)) {
		t.Error("more rows than there are were drawn")
	}
}
