package guide

import (
	"abide/internal/engine"
	"abide/potential"
	"abide/prior"
)

// DPSD is the plug-in score of a Gaussian measurement (the form "DPS-D" of Chung, Kim,
// McCann, Klasky and Ye 2023, equation 16, in continuous time),
//
//	Pull = Jᵀ Hᵀ R⁻¹ (y − A(D)):
//
// TMPD for a clean estimate that is certain. It is not: even for a Gaussian prior the
// limit is too far towards the data and too narrow, and with little noise the pull is
// stiff and the points fly apart unless steps are many. One vector–Jacobian product.
type DPSD struct {
	Y *potential.Measurement // in sampler coordinates, with Gaussian noise
}

var (
	_ Guide  = DPSD{}
	_ Puller = DPSD{}
)

// Guide returns D′.
func (g DPSD) Guide(d prior.Denoiser) prior.Denoiser { return Pulled(d, g) }

// Pull is [N, d].
func (g DPSD) Pull(mean, u, sigma *engine.Node) *engine.Node {
	s := see(g.Y, mean, u, sigma)
	return s.back(s.residual)
}
