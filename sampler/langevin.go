package sampler

import (
	"math"

	"abide/diffusion"
)

// Langevin is the unadjusted Langevin algorithm at one noise level σ,
//
//	z′ = z + η s(z) + √(2η) n,   s = (x̂ − z)/σ²,
//
// the Euler–Maruyama step of dz = s dt + √2 dW, whose stationary law is that of
// u + σn (Roberts and Tweedie 1996, section 1.4.1). For N(0, 1) its own
// stationary variance is 1/(1 − η/2); it diverges where η λ > 2 for an
// eigenvalue λ of −∇s, at most 1/σ². The last transition of a [diffusion.Constant]
// grid takes x̂. One call a step. Not for separated modes, which it does not leave.
type Langevin struct {
	Grid      diffusion.Grid
	Eta       float64
	KeepNoise bool // the last transition leaves the points as they are
}

var _ Bridge = Langevin{}

// Step is one transition.
func (s Langevin) Step(p Points, k int, mean Mean, noise func([]float64)) error {
	last := k+1 == s.Grid.Steps()
	if last && s.KeepNoise {
		return nil
	}
	b := s.Grid.B[k]
	x, err := mean(p.Z, s.Grid.A[k], b)
	if err != nil {
		return err
	}
	if last {
		copy(p.Z, x)
		return nil
	}
	h := s.Eta / (b * b)
	blend(p.Z, 1-h, h, x, math.Sqrt(2*s.Eta), noise)
	return nil
}
