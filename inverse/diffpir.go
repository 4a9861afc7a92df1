package inverse

import (
	"math"

	"abide/diffusion"
	"abide/sampler"
)

// DiffPIR is plug-and-play restoration by half-quadratic splitting (Zhu, Zhang,
// Liang, Cao, Wen, Timofte and Van Gool 2023, algorithm 1): the clean estimate goes
// to the proximal point of the data and is noised again, in part with the noise it
// had,
//
//	x̃ = argmin ½|L⁻¹(y − H x)|² + (λ/2σ²)|x − x̂|²,   σ = b/a   (ρ = λσ_y²/σ²)
//	z′ = a′x̃ + b′(√(1 − ζ) ε̃ + √ζ n),   ε̃ = (z − a x̃)/b
//
// One denoiser call a step. Linear H with a decomposition; noise of any covariance.
// Estimates are noised as if they were certain, so samples are too narrow where
// steps are many and ζ > 0: a few-step heuristic, published with 20 to 100 steps.
type DiffPIR struct {
	Grid     diffusion.Grid
	Spectrum *Spectrum
	Lambda   float64 // λ > 0
	Zeta     float64 // ζ, the share of fresh noise
}

var _ sampler.Bridge = DiffPIR{}

// Step is one transition; at the last level it returns x̃.
func (s DiffPIR) Step(p sampler.Points, k int, mean sampler.Mean, noise func([]float64)) error {
	a, b, a1, b1 := s.Grid.A[k], s.Grid.B[k], s.Grid.A[k+1], s.Grid.B[k+1]
	x, err := mean(p.Z, a, b)
	if err != nil {
		return err
	}
	n := make([]float64, len(p.Z))
	if s.Zeta*b1 > 0 {
		noise(n)
	}
	s.Spectrum.Prox(x, p.Dim, b/a/math.Sqrt(s.Lambda))
	kz := b1 * math.Sqrt(1-s.Zeta) / b
	for i, z := range p.Z {
		p.Z[i] = kz*z + (a1-a*kz)*x[i] + b1*math.Sqrt(s.Zeta)*n[i]
	}
	return nil
}
