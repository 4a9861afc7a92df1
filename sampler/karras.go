package sampler

import (
	"math"

	"abide/diffusion"
)

// Karras integrates the probability-flow equation in the noise level itself,
// dz/dσ = (z − x̂)/σ, by Euler's or Heun's rule, the last step by Euler's, after
// adding noise where Churn asks for it (Karras et al. 2022, algorithm 2):
//
//	σ̂ = σ(1 + γ),   ẑ = z + √(σ̂² − σ²) Noise·n,   d = (ẑ − x̂(ẑ, σ̂))/σ̂
//	z′ = ẑ + (σ′ − σ̂) d,   and for Heun   z′ = ẑ + (σ′ − σ̂)(d + (z′ − x̂(z′, σ′))/σ′)/2
//
// Order 1 or 2. The grid must have a = 1 (edm or ve). Calls: N, and 2N − 1 for
// Heun.
type Karras struct {
	Grid  diffusion.Grid
	Heun  bool
	Churn Churn
}

// Churn is how much noise is added before each step, the total over the levels in
// [Min, Max] being S: γ = min(S/N, √2 − 1) there and 0 elsewhere. The zero value
// adds none.
type Churn struct {
	S        float64
	Min, Max float64 // Max 0: no upper bound
	Noise    float64 // standard deviation of what is added, in its own unit; 0: 1
}

var _ Bridge = Karras{}

// NewEuler checks the grid.
func NewEuler(g diffusion.Grid, c Churn) (Karras, error) {
	return Karras{Grid: g, Churn: c}, unscaled("euler", g)
}

// NewHeun checks the grid.
func NewHeun(g diffusion.Grid, c Churn) (Karras, error) {
	return Karras{Grid: g, Heun: true, Churn: c}, unscaled("heun", g)
}

// gamma is γ at a level, of n steps.
func (c Churn) gamma(sigma float64, n int) float64 {
	if sigma < c.Min || (c.Max > 0 && sigma > c.Max) {
		return 0
	}
	return math.Min(c.S/float64(n), math.Sqrt2-1)
}

// Step is one transition.
func (s Karras) Step(p Points, k int, mean Mean, noise func([]float64)) error {
	b, b1 := s.Grid.B[k], s.Grid.B[k+1]
	z := p.Z
	if g := s.Churn.gamma(b, s.Grid.Steps()); g > 0 {
		c := b * math.Sqrt((1+g)*(1+g)-1)
		if s.Churn.Noise > 0 {
			c *= s.Churn.Noise
		}
		b *= 1 + g
		blend(z, 1, 0, z, c, noise)
	}
	x, err := mean(z, 1, b)
	if err != nil {
		return err
	}
	slope, next := make([]float64, len(z)), make([]float64, len(z))
	for i := range z {
		slope[i] = (z[i] - x[i]) / b
		next[i] = z[i] + (b1-b)*slope[i]
	}
	if s.Heun && b1 > 0 {
		if x, err = mean(next, 1, b1); err != nil {
			return err
		}
		for i := range z {
			next[i] = z[i] + (b1-b)*0.5*(slope[i]+(next[i]-x[i])/b1)
		}
	}
	copy(z, next)
	return nil
}
