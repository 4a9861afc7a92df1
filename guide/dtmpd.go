package guide

import (
	"slices"

	. "github.com/gomlx/gomlx/core/graph"

	"abide/potential"
	"abide/prior"
)

// DTMPD is diagonal TMPD by sums of rows (the forms "plus" of Boys et al.
// 2024),
//
//	Pull = Jᵀ Hᵀ f,   f = (y − A(D)) / (H C Hᵀ 1 + R),   C = σ²J,
//
// the only covariance-aware form whose cost does not grow with m: three
// vector–Jacobian products, one more than published. Equal to TMPD through a mask on
// independent columns, and wider than it where no entry of H C Hᵀ is negative. For
// other H the sums say nothing and may be negative, with which the published rule
// diverges; see [guarded] for what is done there, point by point. Not for dense H:
// take [MMPS]. The sums are those in units of the noise, so that they do not depend
// on the units of y; correlated noise is whitened first.
type DTMPD struct {
	Y *potential.Measurement // in sampler coordinates, with Gaussian noise
}

var (
	_ Guide  = DTMPD{}
	_ Puller = DTMPD{}
)

// Guide returns D′.
func (g DTMPD) Guide(d prior.Denoiser) prior.Denoiser { return Pulled(d, g) }

// Pull is [N, d].
func (g DTMPD) Pull(mean, u, sigma *Node) *Node {
	s := see(g.Y, mean, u, sigma)
	ones := s.every(slices.Repeat([]float64{1}, s.values()))
	return guarded(s, AddScalar(s.spread(s.back(ones)), 1))
}
