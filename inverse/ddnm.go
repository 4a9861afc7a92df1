package inverse

import (
	"abide/diffusion"
	"abide/sampler"
)

// DDNM is the denoising diffusion null-space model (Wang, Yu and Zhang 2023,
// algorithms 1 and 2): the clean estimate keeps its part in the null space of H and
// takes the measurement for the rest,
//
//	x̃ = x̂ + H⁺(y − H x̂),   z′ = a′x̃ + b′(√(1 − η²) ε̂ + η n),   ε̂ = (z − a x̂)/b
//
// so that H x = y holds exactly at the end, whatever the noise of y: for data known
// exactly. With noise (DDNM+, equations 17 to 19) the correction is scaled and less
// noise is added along each singular vector, which is the step of [DDRM] at
// η_b = 1, from another start. Travel goes back and repeats ([Travel]).
//
// One denoiser call a step. Linear H with a decomposition. As steps grow, samples
// collapse onto the measurement: a few-step heuristic, published with 100 steps.
type DDNM struct {
	Grid     diffusion.Grid
	Spectrum *Spectrum
	Eta      float64
	Exact    bool // take y for exact: DDNM instead of DDNM+
	Travel   Travel
}

var _ sampler.Bridge = DDNM{}

// Step is one transition.
func (s DDNM) Step(p sampler.Points, k int, mean sampler.Mean, noise func([]float64)) error {
	down := s.down
	if !s.Exact {
		down = DDRM{Grid: s.Grid, Spectrum: s.Spectrum, Eta: s.Eta, EtaB: 1}.Step
	}
	return s.Travel.walk(p, k, s.Grid, noise, func(k int) error { return down(p, k, mean, noise) })
}

// down is the step for exact data.
func (s DDNM) down(p sampler.Points, k int, mean sampler.Mean, noise func([]float64)) error {
	a, b, a1, b1 := s.Grid.A[k], s.Grid.B[k], s.Grid.A[k+1], s.Grid.B[k+1]
	x, err := mean(p.Z, a, b)
	if err != nil {
		return err
	}
	n := make([]float64, len(p.Z))
	if s.Eta*b1 > 0 {
		noise(n)
	}
	beyond(p.Z, x, n, s.Eta, a, b, a1, b1)
	back := make([]float64, len(p.Z))
	copy(back, x)
	s.Spectrum.Rotate(x, p.Dim, func(_ int, c []float64) { copy(c, s.Spectrum.Y) })
	for i := range x {
		p.Z[i] += a1 * (x[i] - back[i])
	}
	return nil
}
