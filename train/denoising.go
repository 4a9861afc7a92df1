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

func (o denoising) loss(d prior.Conditioned, in []*Node, y *Node) *Node {
	l, _ := o.estimate(d, in, y)
	return l
}

func (denoising) estimate(d prior.Conditioned, in []*Node, y *Node) (*Node, estimate) {
	u, w := in[0], in[3]
	at := estimated(d, u, in[1], Exp(in[2]), y)
	diff := Sub(at.mean, u)
	return Mul(w, Mul(diff, diff)), at
}
