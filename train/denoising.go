package train

import (
	. "github.com/gomlx/gomlx/core/graph"

	"abide/internal/engine"
	"abide/internal/keyed"
	"abide/prior"
)

// denoising is denoising score matching (Vincent 2011, equation 11) of any
// prediction at any weighting,
//
//	w(σ) (D(u + σn, σ) − u)²   per coordinate.
//
// In terms of the score s of z = a(u + σn), of variance v = b²: √v s + n =
// (D − u)/σ, so that w = 1/σ² is ‖√v s + n‖² and also the squared error of a
// predicted noise, w = g²/(vσ²) the likelihood weighting g²‖s + n/√v‖².
type denoising struct{ weight weighting }

func (o denoising) inputs(b *batch, _ *keyed.Stream) []engine.Array {
	return []engine.Array{engine.Rows(b.u, b.dim), engine.Rows(b.noise, b.dim), engine.Rows(b.logSigma, 1), engine.Rows(b.weights(o.weight), 1)}
}

func (denoising) loss(d prior.Conditioned, in []*Node, y *Node) *Node {
	u, noise, sigma, w := in[0], in[1], Exp(in[2]), in[3]
	diff := Sub(d.DenoiseGiven(Add(u, Mul(sigma, noise)), sigma, y), u)
	return Mul(w, Mul(diff, diff))
}
