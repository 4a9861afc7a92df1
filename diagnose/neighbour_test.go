package diagnose

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// naiveNearest looks at every pair; skip says which row of data to pass over.
func naiveNearest(x, data []float64, d int, scale []float64, leaveOneOut bool) []float64 {
	var out []float64
	for i := range len(x) / d {
		best := math.Inf(1)
		for j := range len(data) / d {
			if leaveOneOut && i == j {
				continue
			}
			s := 0.0
			for k := range d {
				a := data[j*d+k]/scale[k] - x[i*d+k]/scale[k]
				s += a * a
			}
			best = min(best, s)
		}
		out = append(out, math.Sqrt(best))
	}
	return out
}

// Exactly the naive answer, bits included: the search only leaves out rows that
// cannot be nearer. Few distinct values make ties and duplicates common.
func TestNearestNeighbourIsNaive(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		d := rapid.IntRange(1, 3).Draw(r, "d")
		number := rapid.OneOf(rapid.Float64Range(-1, 1), rapid.SampledFrom([]float64{0, 0.5, 1}))
		points := func(label string) []float64 {
			n := rapid.IntRange(0, 12).Draw(r, label)
			return rapid.SliceOfN(number, n*d, n*d).Draw(r, label)
		}
		x, data := points("x"), points("data")
		scale := rapid.SliceOfN(rapid.Float64Range(0.1, 10), d, d).Draw(r, "scale")
		if got, want := NearestNeighbour(x, data, d, scale), naiveNearest(x, data, d, scale, false); !equal(got, want) {
			r.Fatalf("nearest %v, want %v", got, want)
		}
		if got, want := LeaveOneOut(data, d, scale), naiveNearest(data, data, d, scale, true); !equal(got, want) {
			r.Fatalf("leave one out %v, want %v", got, want)
		}
	})
}

func equal(a, b []float64) bool {
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return len(a) == len(b)
}

func TestNearestNeighbourOfManyPoints(t *testing.T) {
	rng := newRand(6)
	x, data, scale := normals(rng, 300*4), normals(rng, 500*4), []float64{1, 2, 0.5, 3}
	if !equal(NearestNeighbour(x, data, 4, scale), naiveNearest(x, data, 4, scale, false)) {
		t.Error("nearest neighbours differ from the naive ones")
	}
	if !equal(NearestNeighbour(x, data, 4, nil), naiveNearest(x, data, 4, []float64{1, 1, 1, 1}, false)) {
		t.Error("no scale is not a scale of one")
	}
}
