package inverse

import (
	"abide/diffusion"
	"abide/sampler"
)

// Flower takes each step of a flow by way of its destination (Pourya, El Rawas and
// Unser 2026, algorithm 1): on the levels z = a u + b n of any grid, a = t and
// b = 1 − t on the flow's own,
//
//	x̂ = E[u | z]
//	x = argmin |y − H u|²/2 (weighted by the noise) + |u − x̂|²/(2r²),   r² = σ²s²/(σ² + s²)
//	z′ = a′ x + b′ n
//
// and, where Full, x is a draw of N(x̂, r²I) given the measurement instead of its
// mean. Then it is exact for the prior N(0, s²I) at any number of levels, and a few
// step heuristic for others; without, samples are too narrow, in directions that are
// measured and in others. One denoiser call a step; linear H.
type Flower struct {
	Grid         diffusion.Grid
	Full         bool    // published as γ = 1, else γ = 0
	DataVariance float64 // s², in sampler coordinates; published with 1
	Spectrum     *Spectrum
}

var _ sampler.Bridge = Flower{}

// Step is one transition; at the last level it returns x.
func (s Flower) Step(p sampler.Points, k int, mean sampler.Mean, noise func([]float64)) error {
	x, err := mean(p.Z, s.Grid.A[k], s.Grid.B[k])
	if err != nil {
		return err
	}
	r := spread(s.Grid.Sigma(k), s.DataVariance)
	if s.Full {
		exactly{s.Spectrum}.Draw(x, p.Dim, r, noise)
	} else {
		s.Spectrum.Prox(x, p.Dim, r)
	}
	copy(p.Z, x)
	renoise(p.Z, s.Grid.A[k+1], s.Grid.B[k+1], noise)
	return nil
}
