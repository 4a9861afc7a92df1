package sampler

import (
	"math"

	"abide/correct"
	"abide/diffusion"
)

// ProjectedLangevin is annealed Langevin dynamics with the noisy point projected, in
// clean coordinates y = z/a with the noise level σ = b/a, Steps times at each level,
//
//	y ← C(y + γ s(y) + √(2γ) ξ),   s = (x̂ − y)/σ²,   γ = r σ²
//
// (J. K. Christopher, S. Baek and F. Fioretto 2024, algorithm 1: projected diffusion
// models; γ = ε (σ/σ_min)² there, so that r = ε/σ_min²). One denoiser call and one
// correction a Langevin step. The points of the last level keep the noise of their last
// step. Not where the law has to be right: the points that a denoiser knows are not on
// the constraint but noisy there, and steps of this size widen the variance of the noise
// by 2/(2 − r).
type ProjectedLangevin struct {
	Grid    diffusion.Grid
	Correct correct.Corrector
	Steps   int
	Ratio   float64 // r, from 0 to 2
}

var _ Bridge = ProjectedLangevin{}

// Step is one transition.
func (s ProjectedLangevin) Step(p Points, k int, mean Mean, noise func([]float64)) error {
	a, b := s.Grid.A[k], s.Grid.B[k]
	c := math.Sqrt(2*s.Ratio) * b
	for range s.Steps {
		x, err := mean(p.Z, a, b)
		if err != nil {
			return err
		}
		blend(p.Z, 1-s.Ratio, a*s.Ratio, x, c, noise)
		rescale(p.Z, 1/a)
		s.Correct.Correct(p.Z)
		rescale(p.Z, a)
	}
	rescale(p.Z, s.Grid.A[k+1]/a)
	return nil
}

func rescale(z []float64, c float64) {
	for i := range z {
		z[i] *= c
	}
}
