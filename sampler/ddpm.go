package sampler

import (
	"math"

	"abide/diffusion"
)

// DDPM draws from the Gaussian bridge p(z′ | z, u = x̂),
//
//	z′ = √α (v′/v) z + (a′β/v) x̂ + √(β v′/v) n,   α = (a/a′)², β = v − α v′, v = b²,
//
// which for variance-preserving paths has β = 1 − α (Ho, Jain and Abbeel 2020,
// equations 6 and 7). One call a step; exact as steps grow, too narrow by O(step).
type DDPM struct{ Grid diffusion.Grid }

var _ Bridge = DDPM{}

// Step is one transition; at the last level it returns x̂.
func (s DDPM) Step(p Points, k int, mean Mean, noise func([]float64)) error {
	a, b, a1, b1 := s.Grid.A[k], s.Grid.B[k], s.Grid.A[k+1], s.Grid.B[k+1]
	x, err := mean(p.Z, a, b)
	if err != nil {
		return err
	}
	alpha := a / a1 * (a / a1)
	v, v1 := b*b, b1*b1
	beta := v - alpha*v1
	blend(p.Z, math.Sqrt(alpha)*v1/v, a1*beta/v, x, math.Sqrt(math.Max(beta, 0)*v1/v), noise)
	return nil
}
