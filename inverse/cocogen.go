package inverse

import (
	"abide/correct"
	"abide/diffusion"
	"abide/sampler"
)

// CoCoGen makes samples physically consistent by descent on the residuals of laws: in the
// last Before steps of any sampler each clean estimate takes one step down, and the data
// take After more,
//
//	x̂ ← x̂ − (r/λ) B Jᵀ R⁻¹ c(x̂),
//
// in the norm of a [correct.Descent] (C. Jacobsen, Y. Zhuang and K. Duraisamy 2025,
// section 3.2; there the noisy point of the last 50 of 2,000 steps, then 10 more, in L²
// with steps that move no pressure by more than 2·10⁻³, and 2·10⁻⁴). The sampler's
// calls and no vector–Jacobian product of the denoiser. Not where the law of the samples
// matters: a descent goes to the nearest solution in B, and what the law leaves free
// follows only as far as later estimates do.
type CoCoGen struct {
	around
	Descent       *correct.Descent
	Before, After int
}

var _ sampler.Multistep = CoCoGen{}

// NewCoCoGen puts the descent into the steps of a sampler.
func NewCoCoGen(g diffusion.Grid, step sampler.Bridge, d *correct.Descent, before, after int) CoCoGen {
	return CoCoGen{around{step, g}, d, before, after}
}

// Step is one transition.
func (s CoCoGen) Step(p sampler.Points, k int, mean sampler.Mean, noise func([]float64)) error {
	n := s.grid.Steps()
	estimate := mean
	if k >= n-s.Before {
		estimate = func(z []float64, a, b float64) ([]float64, error) {
			x, err := mean(z, a, b)
			if err == nil {
				s.Descent.Down(x, 1)
			}
			return x, err
		}
	}
	if err := s.sampler.Step(p, k, estimate, noise); err != nil {
		return err
	}
	if k+1 < n {
		return nil
	}
	a := s.grid.A[n]
	for i := range p.Z {
		p.Z[i] /= a
	}
	s.Descent.Down(p.Z, s.After)
	for i := range p.Z {
		p.Z[i] *= a
	}
	return nil
}
