package sampler

import (
	"context"
	"math"
	"testing"

	"abide/prior"
)

// The start has covariance a²Σ + b²I: 6σ bands of an empirical covariance,
// whose entries have variance (CᵢᵢCⱼⱼ + Cᵢⱼ²)/n.
func TestStartHasTheCovarianceOfTheNoisedPrior(t *testing.T) {
	const n, a, b = 40000, 0.8, 0.6
	sigma := []float64{1, 0.7, 0.7, 1}
	s := &State{N: n, Dim: 2, Z: make([]float64, 2*n), Ancestor: make([]int64, n)}
	if err := DrawStart(context.Background(), s, &prior.Prior{Covariance: sigma}, a, b, 1, 512, 0); err != nil {
		t.Fatal(err)
	}
	want := []float64{a*a + b*b, a * a * 0.7, a * a * 0.7, a*a + b*b}
	for i := range 2 {
		for j := range 2 {
			var c float64
			for r := range n {
				c += s.Z[2*r+i] * s.Z[2*r+j] / n
			}
			band := 6 * math.Sqrt((want[3*i]*want[3*j]+want[2*i+j]*want[2*i+j])/n)
			if math.Abs(c-want[2*i+j]) > band {
				t.Errorf("covariance %d,%d is %.4f, want %.4f ± %.4f", i, j, c, want[2*i+j], band)
			}
		}
	}
	for i, anc := range s.Ancestor {
		if anc != int64(i) {
			t.Fatalf("point %d starts as descendant of %d", i, anc)
		}
	}
}
