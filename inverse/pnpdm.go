package inverse

import (
	"math"

	"abide/diffusion"
	"abide/sampler"
)

// PnPDM is plug-and-play posterior sampling with a diffusion prior (Wu, Sun, Chen,
// Zhang, Yue and Bouman 2024, algorithm 1): Gibbs sampling of the split law
//
//	π(x, u) ∝ p(y | x) exp(−|x − u|²/2ρ²) p(u)
//
// with ρ falling, the noise level σ = b/a of the grid but Least or more,
//
//	u ~ p(u | u + ρn = x)        PriorSteps of the reverse diffusion, see [draw]
//	x ~ N(u, ρ²I) given the measurement
//
// At one ρ the law of u is the prior times the likelihood with ρ²HHᵀ added to its
// noise, which is the posterior as ρ → 0; x has the law p(y | x)(p ∗ N(0, ρ²))(x).
// A small ρ makes slow steps, of length ρ: the levels have to fall as slowly as
// points travel. z = a x is carried, the last step returns u. PriorSteps denoiser
// calls a step.
type PnPDM struct {
	Grid         diffusion.Grid
	PriorSteps   int
	Least        float64 // smallest ρ, in standard deviations of the data
	DataVariance float64 // s² of the reverse diffusion's transitions; 0: those of DDPM
	Given        Conditioner
}

var _ sampler.Bridge = PnPDM{}

// rho is ρ at a level.
func (s PnPDM) rho(k int) float64 { return math.Max(s.Grid.Sigma(k), s.Least) }

// Step is one transition.
func (s PnPDM) Step(p sampler.Points, k int, mean sampler.Mean, noise func([]float64)) error {
	clean(p.Z, s.Grid.A[k])
	if err := draw(p.Z, s.rho(k), s.PriorSteps, s.DataVariance, mean, noise); err != nil {
		return err
	}
	if s.Grid.B[k+1] == 0 {
		return nil
	}
	s.Given.Draw(p.Z, p.Dim, s.rho(k+1), noise)
	for i := range p.Z {
		p.Z[i] *= s.Grid.A[k+1]
	}
	return nil
}
