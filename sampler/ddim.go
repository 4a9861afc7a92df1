package sampler

import (
	"math"

	"abide/diffusion"
)

// DDIM is z′ = a′x̂ + √(b′² − c²) ε̂ + c n with ε̂ = (z − a x̂)/b and
// c = η b′ √(1 − (a b′ / a′ b)²), the standard deviation of the DDPM kernel at
// η = 1 (Song, Meng and Ermon 2021, equations 12 and 16). η = 1 is DDPM, the
// ancestral sampler, and SMLD where a = 1; η = 0 is deterministic. One call a
// step; for any path. Not where few steps have to do: it is of first order.
type DDIM struct {
	Grid diffusion.Grid
	Eta  float64
}

var _ Bridge = DDIM{}

// Step is one transition; at the last level it returns x̂.
func (s DDIM) Step(p Points, k int, mean Mean, noise func([]float64)) error {
	a, b, a1, b1 := s.Grid.A[k], s.Grid.B[k], s.Grid.A[k+1], s.Grid.B[k+1]
	x, err := mean(p.Z, a, b)
	if err != nil {
		return err
	}
	r := a * b1 / (a1 * b)
	c := s.Eta * b1 * math.Sqrt(math.Max(1-r*r, 0))
	kz := b1 * math.Sqrt(1-s.Eta*s.Eta+s.Eta*s.Eta*r*r) / b // √(b′² − c²)/b
	blend(p.Z, kz, a1-a*kz, x, c, noise)
	return nil
}
