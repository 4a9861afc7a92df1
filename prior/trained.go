package prior

import (
	"math"

	. "github.com/gomlx/gomlx/core/graph"
	"gonum.org/v1/gonum/mat"
)

// Trained is a network where it was trained, and the Gaussian of the data's mean μ
// and covariance Σ above:
//
//	D = w D_network + (1−w) (μ + Σ(Σ+σ²I)⁻¹(u−μ)),   w = 1 for σ ≤ 3, 0 for σ ≥ 5, linear in ln σ between.
//
// Training hardly sees noise levels above 5 standard deviations (1 % of the
// draws), and there errors of the network's Jacobian are multiplied by σ in
// Tweedie's covariance; the noised data, on the other hand, are Gaussian up to a
// skewness of relative size σ⁻³.
type Trained struct {
	Network Denoiser
	far     *Mixture
	until   float64 // noise level at which the Gaussian has taken over; 0: farSigma
}

var _ Differentiable = Trained{}

// Until moves the handover: the network up to 0.6 of a noise level, the Gaussian from it.
func (t Trained) Until(sigma float64) Trained {
	t.until = sigma
	return t
}

// NewTrained takes mean and covariance (d×d) of the data in sampler coordinates.
func NewTrained(network Denoiser, mean, covariance []float64) Trained {
	return Trained{Network: network, far: newMixture([]float64{1}, mean, []*mat.SymDense{mat.NewSymDense(len(mean), covariance)})}
}

// Noise levels between which the network hands over to the Gaussian.
const nearSigma, farSigma = 3.0, 5.0

// Denoise is D; see [Denoiser] for shapes.
func (t Trained) Denoise(u, sigma *Node) *Node {
	far := t.far.Denoise(u, sigma)
	return Add(far, Mul(t.share(sigma), Sub(t.Network.Denoise(u, sigma), far)))
}

// DenoiseJacobian is D and its Jacobian; see [Differentiable].
func (t Trained) DenoiseJacobian(u, sigma *Node) (mean, jacobian *Node) {
	far, farJ := DenoiseJacobian(t.far, u, sigma)
	near, nearJ := DenoiseJacobian(t.Network, u, sigma)
	w := t.share(sigma)
	mean = Add(far, Mul(w, Sub(near, far)))
	if w.Rank() == 2 {
		w = ExpandDims(w, -1)
	}
	return mean, Add(farJ, Mul(w, Sub(nearJ, farJ)))
}

// share is w, of the shape of sigma.
func (t Trained) share(sigma *Node) *Node {
	g, dt := sigma.Graph(), sigma.DType()
	far := t.until
	if far == 0 {
		far = farSigma
	}
	w := MulScalar(Sub(Scalar(g, dt, math.Log(far)), Log(sigma)), 1/math.Log(farSigma/nearSigma))
	return Min(Max(w, ScalarZero(g, dt)), ScalarOne(g, dt))
}
