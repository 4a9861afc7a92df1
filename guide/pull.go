package guide

import (
	. "github.com/gomlx/gomlx/core/graph"

	"abide/prior"
)

// Puller is guidance by an approximate score of the measurement,
// Pull ≈ ∇_u log p(y | u₀ + σn = u); by Tweedie's formula the guided denoiser is
//
//	D′(u, σ) = D(u, σ) + σ² Pull.
//
// mean is D(u, σ) [N, d], built from u in the same graph; sigma is a scalar or [N, 1].
type Puller interface {
	Pull(mean, u, sigma *Node) *Node
}

// Pulled is the denoiser D′ of a Puller.
func Pulled(d prior.Denoiser, by Puller) prior.Denoiser { return pulled{d, by} }

type pulled struct {
	denoiser prior.Denoiser
	by       Puller
}

// Denoise is D′; see [prior.Denoiser] for shapes.
func (p pulled) Denoise(u, sigma *Node) *Node {
	mean := p.denoiser.Denoise(u, sigma)
	return Add(mean, Mul(Mul(sigma, sigma), p.by.Pull(mean, u, sigma)))
}
