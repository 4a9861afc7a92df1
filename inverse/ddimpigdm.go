package inverse

import (
	"abide/diffusion"
	"abide/guide"
	"abide/sampler"
)

// DDIMPiGDM is pseudo-inverse guidance in its published, DDIM form (Song, Vahdat,
// Mardani and Kautz 2023, algorithm 1),
//
//	z′ = a′x̂ + √(b′² − c²) ε̂ + c n + a g,   c = η b′ √(1 − (a b′ / a′ b)²)
//	g  = (∂x̂/∂z)ᵀ Hᵀ (H Hᵀ + R/r²)⁻¹ (y − H x̂),   r² = σ²s²/(σ² + s²), σ = b/a
//
// with s² the variance of the data. The derivative is by z, so a g is the product
// with ∂D/∂u; for ve a = 1. The guidance is of order 1 at every step, not of the
// order of the step: as steps grow the samples collapse onto the measurement. A
// few-step heuristic, for 20 to 100 steps; guide.PiGDM is the form that converges.
// One denoiser call and one vector–Jacobian product a step; linear H.
//
// RowSums is the "plus" form of the software of Boys et al. 2024; see [guide.PiGDM].
type DDIMPiGDM struct {
	Grid         diffusion.Grid
	Eta          float64
	DataVariance float64 // s², in sampler coordinates
	RowSums      bool

	eval Function
}

var _ sampler.Counted = (*DDIMPiGDM)(nil)

// NewDDIMPiGDM binds the method to a model with a linear measurement.
func NewDDIMPiGDM(m *Model, g diffusion.Grid, eta, dataVariance float64, rowSums bool) *DDIMPiGDM {
	s := &DDIMPiGDM{Grid: g, Eta: eta, DataVariance: dataVariance, RowSums: rowSums}
	pi := guide.PiGDM{Y: m.Y, DataVariance: dataVariance, RowSums: rowSums}
	s.eval = m.Function("denoiser and pseudo-inverse guidance", func(u, sigma *Node) []*Node {
		mean := m.Prior.Denoiser.Denoise(u, sigma)
		return []*Node{mean, pi.Pull(mean, u, sigma)}
	})
	return s
}

// Calls are those of one step.
func (s *DDIMPiGDM) Calls(int) (denoiser, vjp int) { return 1, 1 }

// Step is one transition.
func (s *DDIMPiGDM) Step(p sampler.Points, k int, _ sampler.Mean, noise func([]float64)) error {
	a, b := s.Grid.A[k], s.Grid.B[k]
	out, err := s.eval.At(p.Z, p.Dim, a, b)
	if err != nil {
		return err
	}
	x, pull := out[0], out[1]
	ddim(p.Z, x, s.Grid, k, s.Eta, noise)
	v := s.DataVariance * b * b / (b*b + a*a*s.DataVariance) // r²
	for i := range p.Z {
		// The pull is (∂D/∂u)ᵀHᵀ(r²HHᵀ + R)⁻¹(y − H x̂); g is r² times that.
		p.Z[i] += v * pull[i]
	}
	return nil
}

// ddim is a DDIM step from estimates x that are known.
func ddim(z, x []float64, g diffusion.Grid, k int, eta float64, noise func([]float64)) {
	known := func([]float64, float64, float64) ([]float64, error) { return x, nil }
	if err := (sampler.DDIM{Grid: g, Eta: eta}).Step(sampler.Points{Z: z}, k, known, noise); err != nil {
		panic(err) // only the estimate can fail
	}
}
