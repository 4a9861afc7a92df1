package prior

import (
	. "github.com/gomlx/gomlx/core/graph"

	"abide/internal/engine"
)

// Conditioned is a denoiser under a condition that may differ by sample: y are
// its features, [N, K] or [1, K], nil for a network without a condition.
type Conditioned interface {
	Differentiable
	DenoiseGiven(u, sigma, y *engine.Node) *engine.Node
	DenoiseJacobianGiven(u, sigma, y *engine.Node) (mean, jacobian *engine.Node)
}

// Conditional is classifier-free guidance (Ho and Salimans 2022, equation 6)
// between the denoisers of the law given y and of the law of all data:
//
//	D = D_y + w (D_y − D_∅)
//
// w = 0 is the conditional law. For w > 0 no law has this denoiser at all levels:
// samples lean further towards y than the data do. Both denoisers are called.
type Conditional struct {
	Given  Denoiser // D_y
	Free   Denoiser // D_∅
	Weight float64  // w
}

var _ Differentiable = Conditional{}

// Denoise is D; see [Denoiser] for shapes.
func (c Conditional) Denoise(u, sigma *Node) *Node {
	return lean(c.Given.Denoise(u, sigma), c.Free.Denoise(u, sigma), c.Weight)
}

// DenoiseJacobian is D and its Jacobian; see [Differentiable].
func (c Conditional) DenoiseJacobian(u, sigma *Node) (mean, jacobian *Node) {
	given, givenJ := DenoiseJacobian(c.Given, u, sigma)
	free, freeJ := DenoiseJacobian(c.Free, u, sigma)
	return lean(given, free, c.Weight), lean(givenJ, freeJ, c.Weight)
}

func lean(given, free *Node, w float64) *Node {
	return Sub(MulScalar(given, 1+w), MulScalar(free, w))
}
