package inverse

import (
	"math"

	"abide/diffusion"
	"abide/sampler"
)

// DDRM is the denoising diffusion restoration model (Kawar, Elad, Ermon and Song
// 2022, equations 7 and 8): in the basis of singular vectors every direction has a
// kernel of its own. With coefficients x = vᵢᵀx̂, y = Y[i] of standard deviation 1/s,
// σ′ = b′/a′, and ε̂ = (z − a x̂)/b,
//
//	beyond V:    z′ = a′x̂ + b′(√(1 − η²) ε̂ + η n)
//	σ′ < 1/s:    z′ = a′x + b′(√(1 − η²) s (y − x) + η n)
//	σ′ ≥ 1/s:    z′ = a′((1 − η_b) x + η_b y) + √(b′² − a′²η_b²/s²) n
//
// and a start at a y + √(b² − a²/s²) n where σ > 1/s, b n elsewhere. One denoiser
// call a step. Linear H with a decomposition; noise of any covariance, by whitening.
// The pull towards y is of order 1 at every step: as steps grow, samples collapse
// onto the measurement. A few-step heuristic, published with 20 steps.
type DDRM struct {
	Grid     diffusion.Grid
	Spectrum *Spectrum
	Eta      float64 // η
	EtaB     float64 // η_b
}

var _ sampler.Starter = DDRM{}

// Begin draws the noisiest level.
func (s DDRM) Begin(p sampler.Points, noise func([]float64)) error {
	a, b := s.Grid.A[0], s.Grid.B[0]
	noise(p.Z)
	for i := range p.Z {
		p.Z[i] *= b
	}
	s.Spectrum.Rotate(p.Z, p.Dim, func(_ int, c []float64) {
		for i, v := range s.Spectrum.S {
			if b*v > a {
				c[i] = a*s.Spectrum.Y[i] + math.Sqrt(b*b-a*a/(v*v))*c[i]/b
			}
		}
	})
	return nil
}

// Step is one transition; at the last level it returns x̂.
func (s DDRM) Step(p sampler.Points, k int, mean sampler.Mean, noise func([]float64)) error {
	a, b, a1, b1 := s.Grid.A[k], s.Grid.B[k], s.Grid.A[k+1], s.Grid.B[k+1]
	x, err := mean(p.Z, a, b)
	if err != nil {
		return err
	}
	n := make([]float64, len(p.Z))
	if b1 > 0 {
		noise(n)
	}
	beyond(p.Z, x, n, s.Eta, a, b, a1, b1)
	e, xs, ns := math.Sqrt(1-s.Eta*s.Eta), make([]float64, len(s.Spectrum.S)), make([]float64, len(s.Spectrum.S))
	s.Spectrum.Rotate(p.Z, p.Dim, func(row int, c []float64) {
		at := row * p.Dim
		s.Spectrum.V.Coefficients(xs, x[at:at+p.Dim])
		s.Spectrum.V.Coefficients(ns, n[at:at+p.Dim])
		for i, v := range s.Spectrum.S {
			y := s.Spectrum.Y[i]
			if b1*v < a1 {
				c[i] = a1*xs[i] + b1*(e*v*(y-xs[i])+s.Eta*ns[i])
			} else {
				w := a1 * s.EtaB / v
				c[i] = a1*((1-s.EtaB)*xs[i]+s.EtaB*y) + math.Sqrt(b1*b1-w*w)*ns[i]
			}
		}
	})
	return nil
}

// beyond is z ← a′x̂ + b′(√(1 − η²) ε̂ + η n), what directions do that nothing measures.
func beyond(z, x, n []float64, eta, a, b, a1, b1 float64) {
	kz := b1 * math.Sqrt(1-eta*eta) / b
	for i := range z {
		z[i] = kz*z[i] + (a1-a*kz)*x[i] + eta*b1*n[i]
	}
}
