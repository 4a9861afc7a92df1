package prior

import (
	. "github.com/gomlx/gomlx/core/graph"

	"abide/network"
)

// Predictor turns a network that sees z = a u, with a = 1/√(1+σ²) and b = σa, the
// point scaled to unit variance, and predicts the Output into a denoiser:
//
//	noise: D = u − σF     x0: D = F     v: D = a²u − bF     score: D = u + (b²/a) F
//
// with F(z, ln(σ)/4), z = a u. A network of the preconditioning [EDM] is one of v
// with the other sign.
type Predictor struct {
	Network network.Network
	Output  Output
	Given   []float64 // features of the condition, the same for every point; nil: none
}

var _ Conditioned = Predictor{}

// Denoise is D; see [Denoiser] for shapes.
func (p Predictor) Denoise(u, sigma *Node) *Node {
	return p.DenoiseGiven(u, sigma, features(u, p.Given))
}

// DenoiseJacobian is D and its Jacobian; see [Differentiable].
func (p Predictor) DenoiseJacobian(u, sigma *Node) (mean, jacobian *Node) {
	return p.DenoiseJacobianGiven(u, sigma, features(u, p.Given))
}

// DenoiseGiven is D under a condition that may differ by sample; see [Conditioned].
func (p Predictor) DenoiseGiven(u, sigma, y *Node) *Node {
	return p.coefficients(sigma).denoise(p.Network, u, y)
}

// DenoiseJacobianGiven is DenoiseGiven and its Jacobian.
func (p Predictor) DenoiseJacobianGiven(u, sigma, y *Node) (mean, jacobian *Node) {
	return p.coefficients(sigma).denoiseJacobian(p.Network, u, y)
}

func (p Predictor) coefficients(sigma *Node) coefficients {
	k := precondition(sigma) // skip a², out b, in a
	switch p.Output {
	case OutputNoise:
		k.skip, k.out = OnesLike(k.in), Neg(column(sigma))
	case OutputX0:
		k.skip, k.out = ZerosLike(k.in), OnesLike(k.in)
	case OutputV:
		k.out = Neg(k.out)
	case OutputScore:
		k.skip, k.out = OnesLike(k.in), Mul(k.out, column(sigma)) // b²/a = bσ
	}
	return k
}
