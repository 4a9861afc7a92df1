package inverse

import (
	"abide/diffusion"
	"abide/guide"
	"abide/operator"
	"abide/sampler"
)

// MCG is the manifold constrained gradient: the step of [DPS], after which what is
// measured is replaced by the measurement, noised to the new level,
//
//	z′ ← (I − H⁺H) z′ + H⁺(a′ y + b′ H n)
//
// with H⁺ the pseudo-inverse; for a mask these are the measured columns (Chung, Sim,
// Ryu and Ye 2022, "Improving diffusion models for inverse problems using manifold
// constraints", algorithm 1, with the norm and scale of the authors' code of DPS).
// The samples end with H x = y, noise of the measurement included: not for y whose
// noise can be seen. One denoiser call and one vector–Jacobian product a step, and
// two products with the singular vectors of H on the host. Linear H.
type MCG struct {
	DPS
	svd    operator.SVD
	target []float64 // S⁻¹Uᵀy
}

var (
	_ sampler.Counted   = (*MCG)(nil)
	_ sampler.Multistep = (*MCG)(nil)
)

// NewMCG puts the method after the step of a sampler, for a model with a linear
// measurement.
func NewMCG(m *Model, g diffusion.Grid, step sampler.Bridge, misfit guide.Energy, scale float64) (*MCG, error) {
	h, y, _ := m.Y.Linear()
	svd, err := operator.Decompose(h)
	if err != nil {
		return nil, err
	}
	s := &MCG{DPS: *NewDPS(m, g, step, misfit, scale), svd: svd, target: make([]float64, len(svd.S))}
	svd.U.Coefficients(s.target, y)
	for i, v := range svd.S {
		s.target[i] /= v
	}
	return s, nil
}

// Step is one transition.
func (s *MCG) Step(p sampler.Points, k int, mean sampler.Mean, noise func([]float64)) error {
	if err := s.DPS.Step(p, k, mean, noise); err != nil {
		return err
	}
	a, b := s.grid.A[k+1], s.grid.B[k+1]
	n := make([]float64, len(p.Z))
	noise(n)
	c, seen := make([]float64, len(s.target)), make([]float64, p.Dim)
	for lo := 0; lo < len(p.Z); lo += p.Dim {
		z := p.Z[lo : lo+p.Dim]
		s.svd.V.Coefficients(c, z)
		s.svd.V.Combine(seen, c)
		for i, v := range seen {
			z[i] -= v
		}
		s.svd.V.Coefficients(c, n[lo:lo+p.Dim])
		for i, v := range s.target {
			c[i] = a*v + b*c[i]
		}
		s.svd.V.Combine(seen, c)
		for i, v := range seen {
			z[i] += v
		}
	}
	return nil
}
