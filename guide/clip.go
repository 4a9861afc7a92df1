package guide

import (
	. "github.com/gomlx/gomlx/core/graph"

	"abide/prior"
)

// Clipped holds every number of the clean estimate within limit standard deviations
// of its column's mean, as published samplers do with pixels. Where it bites, the
// estimate has no slope, and gradients through it are 0.
func Clipped(d prior.Denoiser, limit float64) prior.Denoiser { return clipped{d, limit} }

type clipped struct {
	denoiser prior.Denoiser
	limit    float64
}

// Denoise is the clipped estimate; see [prior.Denoiser] for shapes.
func (c clipped) Denoise(u, sigma *Node) *Node {
	limit := Scalar(u.Graph(), u.DType(), c.limit)
	return Min(Max(c.denoiser.Denoise(u, sigma), Neg(limit)), limit)
}
