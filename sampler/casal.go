package sampler

import (
	"fmt"
	"math"

	"abide/correct"
	"abide/diffusion"
)

// SplitLangevin is split augmented Lagrangian Langevin dynamics (M. Blanke, Y. Qu, S.
// Shamekh and P. Gentine 2026: CASAL), Steps times at each level, in clean coordinates x =
// z/a with the noise level σ = b/a: x explores, y obeys, λ pulls one to the other,
//
//	x ← x + r (x̂ − x) − r κ (x − y + λ) + √(2r) σ ξ
//	y ← C(x + λ)
//	λ ← λ + η (x − y)
//
// with steps τ = r σ² and the penalty ρ = κ/σ², which so grows as the noise falls. λ is the
// dual divided by ρ, and keeps its force ρλ from level to level. The data are y. One
// denoiser call and one correction a Langevin step; y and λ are the point's memory.
//
// With η = 0 and small r the points of a level have the density p_σ(x) exp(−κ d(x)²/(2σ²)),
// d the distance to C: for convex C, as the last σ falls, that of p on C. η > 0 is an
// integral of what x is outside, which pushes it inside: at a level that stays, the mean of
// N(0, 1) on x ≥ 1 moves by up to 0.26. Over 40 levels of 10 steps (r = 0.2) it comes out at
// 1.41 with κ = 1, 1.50 with κ = 4, and 1.52 with κ = 16 and finer steps, for 1.525; η ≤ 0.5
// then changes less than 0.01. Needs r (1 + κ) < 2. Not where walks that
// short do not leave a mode, nor where C is not convex and the law matters.
type SplitLangevin struct {
	Grid    diffusion.Grid
	Correct correct.Corrector
	Steps   int
	Ratio   float64 // r
	Penalty float64 // κ
	Dual    float64 // η
}

var (
	_ Multistep = SplitLangevin{}
	_ Starter   = SplitLangevin{}
)

// Check tells what does not fit together.
func (s SplitLangevin) Check() error {
	if !(s.Ratio*(1+s.Penalty) < 2) {
		return fmt.Errorf("sampler: casal: ratio %g and penalty %g: want ratio·(1 + penalty) below 2, where steps no longer grow", s.Ratio, s.Penalty)
	}
	return nil
}

// Memory is y and λ.
func (s SplitLangevin) Memory(d int) int { return 2 * d }

// Begin lets y be what is nearest to the start.
func (s SplitLangevin) Begin(p Points, _ func([]float64)) error {
	y := make([]float64, len(p.Z))
	for i, z := range p.Z {
		y[i] = z / s.Grid.A[0]
	}
	s.Correct.Correct(y)
	s.keep(p, y, make([]float64, len(y)))
	return nil
}

// keep writes y and λ to the memory of each point.
func (s SplitLangevin) keep(p Points, y, lambda []float64) {
	for i := 0; i < len(y); i += p.Dim {
		copy(p.Memory[2*i:], y[i:i+p.Dim])
		copy(p.Memory[2*i+p.Dim:], lambda[i:i+p.Dim])
	}
}

// Step is one transition.
func (s SplitLangevin) Step(p Points, k int, mean Mean, noise func([]float64)) error {
	a, b := s.Grid.A[k], s.Grid.B[k]
	a1, b1 := s.Grid.A[k+1], s.Grid.B[k+1]
	sigma, z := b/a, p.Z
	y, lambda, n := make([]float64, len(z)), make([]float64, len(z)), make([]float64, len(z))
	for i := 0; i < len(z); i += p.Dim {
		copy(y[i:i+p.Dim], p.Memory[2*i:])
		copy(lambda[i:i+p.Dim], p.Memory[2*i+p.Dim:])
	}
	width := math.Sqrt(2*s.Ratio) * sigma
	for range s.Steps {
		clean, err := mean(z, a, b)
		if err != nil {
			return err
		}
		noise(n)
		for i := range z {
			x := z[i] / a
			x += s.Ratio*(clean[i]-x-s.Penalty*(x-y[i]+lambda[i])) + width*n[i]
			z[i] = a * x
			y[i] = x + lambda[i]
		}
		s.Correct.Correct(y)
		for i := range z {
			lambda[i] += s.Dual * (z[i]/a - y[i])
		}
	}
	force := 0.0 // of λ at the next level
	if b1 > 0 {
		force = math.Pow(b1/a1/sigma, 2)
	}
	for i := range z {
		z[i] *= a1 / a
		if b1 == 0 {
			z[i] = a1 * y[i]
		}
		lambda[i] *= force
	}
	s.keep(p, y, lambda)
	return nil
}
