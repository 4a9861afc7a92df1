package inverse

import (
	"math"
	"testing"

	"abide/diffusion"
)

// The schedules by their definition on a variance-preserving path, where ᾱ = a²:
// strengths with α_k or 1 − α_k and mean 1 over the steps, displacements with √ᾱ or
// √(1 − ᾱ) = b. On a path with a = 1 they are those of the same σ.
func TestSchedules(t *testing.T) {
	g, err := diffusion.Uniform(diffusion.VP{Min: 0.1, Max: 20}, 7)
	if err != nil {
		t.Fatal(err)
	}
	var sigmas []float64
	for k := range g.Steps() {
		sigmas = append(sigmas, g.B[k]/g.A[k])
	}
	ve, err := diffusion.Levels(sigmas)
	if err != nil {
		t.Fatal(err)
	}
	var sum float64
	alpha := make([]float64, 7)
	for k := range alpha {
		alpha[k] = g.A[k] * g.A[k] / (g.A[k+1] * g.A[k+1])
		sum += alpha[k]
	}
	for k, v := range alpha {
		for _, c := range []struct {
			s           Schedule
			share, size float64
		}{
			{Increase, 7 * v / sum, g.A[k]}, {Decrease, 7 * (1 - v) / (7 - sum), g.B[k]}, {Constant, 1, 1},
		} {
			for _, at := range []diffusion.Grid{g, ve} {
				if got := c.s.share(at, k); math.Abs(got-c.share) > 1e-12 {
					t.Errorf("%s, step %d: share %.15g, want %.15g", c.s, k, got, c.share)
				}
				if got := c.s.size(at, k); math.Abs(got-c.size) > 1e-12 {
					t.Errorf("%s, step %d: size %.15g, want %.15g", c.s, k, got, c.size)
				}
			}
		}
	}
}
