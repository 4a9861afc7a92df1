package inverse

import (
	"abide/diffusion"
	"abide/sampler"
)

// Replace moves the measured part of noisy points z = a u + b n to the measurement
// at that level, by the share c of the way:
//
//	z ← z + c V(a Y + b Vᵀn − Vᵀz)
//
// n are as many draws of N(0, 1) as z has numbers. For a mask this is
// (1 − c M) z + c M (a y + b n).
func (s *Spectrum) Replace(z []float64, dim int, c, a, b float64, n []float64) {
	ns := make([]float64, len(s.S))
	s.Rotate(z, dim, func(row int, zs []float64) {
		s.V.Coefficients(ns, n[row*dim:(row+1)*dim])
		for i, y := range s.Y {
			zs[i] += c * (a*y + b*ns[i] - zs[i])
		}
	})
}

// Replacement runs any bridge and replaces the measured part after every step
// ([Spectrum.Replace]; Song et al. 2021, appendix I.2, "inpainting"; for other
// operators than masks by the singular vectors). Coefficient c = 1 is what was
// published as "inpainted" and "projection", c < 1 as "projected", 0 does nothing.
//
// y is taken for exact: the noise of the measurement is not looked at. What was
// replaced has new noise at every step, which tells the rest little of y; the law of
// the rest is wrong in every limit, its mean too near the prior's and its variance
// too large. Cost: that of the bridge. Linear H.
type Replacement struct {
	Bridge      sampler.Bridge
	Grid        diffusion.Grid
	Spectrum    *Spectrum
	Coefficient float64
}

var (
	_ sampler.Multistep = Replacement{}
	_ sampler.Starter   = Replacement{}
	_ sampler.Counted   = Replacement{}
)

// Memory is that of the bridge.
func (s Replacement) Memory(d int) int {
	if m, ok := s.Bridge.(sampler.Multistep); ok {
		return m.Memory(d)
	}
	return 0
}

// Begin is that of the bridge.
func (s Replacement) Begin(p sampler.Points, noise func([]float64)) error {
	if b, ok := s.Bridge.(sampler.Starter); ok {
		return b.Begin(p, noise)
	}
	return nil
}

// Calls are those of the bridge beside the denoiser's.
func (s Replacement) Calls(k int) (denoiser, vjp int) {
	if c, ok := s.Bridge.(sampler.Counted); ok {
		return c.Calls(k)
	}
	return 0, 0
}

// Step is one transition.
func (s Replacement) Step(p sampler.Points, k int, mean sampler.Mean, noise func([]float64)) error {
	if err := s.Bridge.Step(p, k, mean, noise); err != nil {
		return err
	}
	n := make([]float64, len(p.Z))
	if s.Grid.B[k+1] > 0 {
		noise(n)
	}
	s.Spectrum.Replace(p.Z, p.Dim, s.Coefficient, s.Grid.A[k+1], s.Grid.B[k+1], n)
	return nil
}
