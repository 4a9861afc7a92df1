package inverse

import (
	"abide/diffusion"
	"abide/guide"
	"abide/sampler"
)

// NewMCG is the manifold constrained gradient: [Replacement] after the step of [DPS],
//
//	z′ ← (I − H⁺H) z′ + H⁺(a′ y + b′ H n)
//
// with H⁺ the pseudo-inverse; for a mask these are the measured columns (Chung, Sim,
// Ryu and Ye 2022, "Improving diffusion models for inverse problems using manifold
// constraints", algorithm 1, with the norm and scale of the authors' code of DPS).
// The samples end with H x = y, noise of the measurement included: not for y whose
// noise can be seen. One denoiser call and one vector–Jacobian product a step, and
// two products with the singular vectors of H on the host. Linear H.
func NewMCG(m *Model, sp *Spectrum, g diffusion.Grid, step sampler.Bridge, misfit guide.Energy, scale float64) Replacement {
	return Replacement{Bridge: NewDPS(m, g, step, misfit, scale), Grid: g, Spectrum: sp, Coefficient: 1}
}
