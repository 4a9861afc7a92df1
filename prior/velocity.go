package prior

import (
	. "github.com/gomlx/gomlx/core/graph"

	"abide/network"
)

// Velocity turns the velocity v(z, t) of a flow into a denoiser. The flow goes
// from noise at t = 0 to data at t = 1 along the linear path (Lipman et al. 2023;
// Liu, Gong and Liu 2023)
//
//	z_t = (1−t) n + t u₀,   v(z, t) = E[u₀ − n | z_t = z]
//
// so that E[u₀ | z_t] = z + (1−t) v. With σ = (1−t)/t, that is t = 1/(1+σ), the
// point z/t is u₀ + σn, and
//
//	D(u, σ) = t u + (1−t) v(t u, t).
//
// The score of z_t is (t v − z)/(1−t), the covariance of u₀ given z is
// σ²∂D/∂u = ((1−t)²/t)(I + (1−t) ∂v/∂z): both hold where n is independent of u₀,
// not under an optimal-transport coupling, which only keeps the flow.
type Velocity struct {
	Network network.Network // v(z, t, y)
	Given   []float64       // features of the condition, the same for every point; nil: none
}

var _ Conditioned = Velocity{}

// Denoise is D; see [Denoiser] for shapes.
func (p Velocity) Denoise(u, sigma *Node) *Node {
	return p.DenoiseGiven(u, sigma, features(u, p.Given))
}

// DenoiseJacobian is D and ∂D/∂u = t (I + (1−t) ∂v/∂z); see [Differentiable].
func (p Velocity) DenoiseJacobian(u, sigma *Node) (mean, jacobian *Node) {
	return p.DenoiseJacobianGiven(u, sigma, features(u, p.Given))
}

// DenoiseGiven is D under a condition that may differ by sample; see [Conditioned].
func (p Velocity) DenoiseGiven(u, sigma, y *Node) *Node {
	return flowTime(sigma).denoise(p.Network, u, y)
}

// DenoiseJacobianGiven is DenoiseGiven and its Jacobian.
func (p Velocity) DenoiseJacobianGiven(u, sigma, y *Node) (mean, jacobian *Node) {
	return flowTime(sigma).denoiseJacobian(p.Network, u, y)
}

func flowTime(sigma *Node) coefficients {
	sigma = column(sigma)
	t := Div(OnesLike(sigma), AddScalar(sigma, 1))
	return coefficients{skip: t, out: Mul(sigma, t), in: t, noise: t}
}
