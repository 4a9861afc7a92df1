package guide

import (
	. "github.com/gomlx/gomlx/core/graph"

	"abide/prior"
)

// DPS is diffusion posterior sampling in score form: the gradient of a misfit of the
// clean estimate, through the denoiser, with a constant scale ζ,
//
//	Pull = −ζ ∇_u L(D(u, σ)),
//
// so that the score in z = a u + b n loses ζ ∇_z L. With L = ‖y − A(D)‖, not squared,
// it is the "scalar" DPS of Boys et al. 2024 under Euler–Maruyama; with L the energy
// and ζ = 1 it is DPS-D (Chung, Kim, McCann, Klasky and Ye 2023, equation 16), which
// [PlugIn] keeps from following steps that are too long. What they published is the
// form that adds to the state, inverse.DPS. One vector–Jacobian product. Any operator
// and noise. Its limit is biased: not where the spread of the samples matters.
type DPS struct {
	Misfit Energy
	Scale  float64 // ζ
}

var (
	_ Guide  = DPS{}
	_ Puller = DPS{}
)

// Guide returns D′.
func (g DPS) Guide(d prior.Denoiser) prior.Denoiser { return Pulled(d, g) }

// Pull is [N, d].
func (g DPS) Pull(mean, u, _ *Node) *Node {
	return MulScalar(Gradient(ReduceAllSum(g.Misfit(mean)), u)[0], -g.Scale)
}
