package guide

import (
	"math"

	. "github.com/gomlx/gomlx/core/graph"

	"abide/prior"
)

// PlugIn is guidance by the gradient through the denoiser with a constant weight:
//
//	D'(z, σ) = D(z, σ) − w σ² ∇_z E(D(z, σ))
//
// that is, the score of exp(−w E(D(z))) added to the prior's (Chung et al. 2023,
// "Diffusion posterior sampling", equation 16, with the squared norm of a
// Gaussian likelihood and a weight that does not change; the continuous form
// DPS-D). The plug-in E(D) is not the energy of the noisy point,
// −log E[exp(−E(u)) | z]: even for a Gaussian prior and a linear measurement the
// samples are too far towards the data and too narrow. Nothing in the limit of
// many steps mends that; use twisted-smc where the law matters.
//
// A shift longer than 10 standard deviations a coordinate (√d·10 in all) is
// shortened to that: there the energy is too stiff for its slope to say anything,
// and following it would throw the point out of all numbers.
//
// Cost per step: one denoiser call and one vector–Jacobian product.
type PlugIn struct {
	Weight float64
	Energy Energy
}

var _ Guide = PlugIn{}

// Guide returns D'.
func (g PlugIn) Guide(d prior.Denoiser) prior.Denoiser { return plugged{g, d} }

// longest is the longest shift, in standard deviations a coordinate.
const longest = 10

type plugged struct {
	PlugIn
	denoiser prior.Denoiser
}

// Denoise is D'; see [prior.Denoiser] for shapes.
func (p plugged) Denoise(z, sigma *Node) *Node {
	mean := p.denoiser.Denoise(z, sigma)
	g := Gradient(ReduceAllSum(p.Energy(mean)), z)[0]
	shift := Mul(MulScalar(Mul(sigma, sigma), p.Weight), g)
	limit := Scalar(z.Graph(), z.DType(), longest*math.Sqrt(float64(z.Shape().Dimensions[1])))
	length := Sqrt(ReduceAndKeep(Mul(shift, shift), ReduceSum, -1))
	return Sub(mean, Mul(shift, Div(limit, Max(length, limit))))
}
