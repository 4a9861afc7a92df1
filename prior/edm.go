package prior

import (
	. "github.com/gomlx/gomlx/core/graph"

	"abide/internal/engine"
	"abide/network"
)

// EDM turns a network F into a denoiser by the preconditioning of Karras,
// Aittala, Aila and Laine, "Elucidating the design space of diffusion-based
// generative models" (2022), table 1, with data of unit variance:
//
//	D(u, σ) = c_skip u + c_out F(c_in u, c_noise)
//	c_skip = 1/(σ²+1), c_out = σ/√(σ²+1), c_in = 1/√(σ²+1), c_noise = ln(σ)/4
type EDM struct {
	Network network.Network
	Given   []float64 // features of the condition, the same for every point; nil: none
}

var _ Conditioned = EDM{}

// Denoise is D; see [Denoiser] for shapes.
func (p EDM) Denoise(u, sigma *Node) *Node { return p.DenoiseGiven(u, sigma, features(u, p.Given)) }

// DenoiseJacobian is D and ∂D/∂u = c_skip I + c_out c_in ∂F; see [Differentiable].
func (p EDM) DenoiseJacobian(u, sigma *Node) (mean, jacobian *Node) {
	return p.DenoiseJacobianGiven(u, sigma, features(u, p.Given))
}

// DenoiseGiven is D under a condition that may differ by sample; see [Conditioned].
func (p EDM) DenoiseGiven(u, sigma, y *Node) *Node {
	return precondition(sigma).denoise(p.Network, u, y)
}

// DenoiseJacobianGiven is DenoiseGiven and its Jacobian.
func (p EDM) DenoiseJacobianGiven(u, sigma, y *Node) (mean, jacobian *Node) {
	return precondition(sigma).denoiseJacobian(p.Network, u, y)
}

func precondition(sigma *Node) coefficients {
	sigma = column(sigma)
	r2 := AddScalar(Mul(sigma, sigma), 1)
	in := Div(OnesLike(r2), Sqrt(r2))
	return coefficients{skip: Div(OnesLike(r2), r2), out: Mul(sigma, in), in: in, noise: quarterLog(sigma)}
}

// coefficients turn a network into a denoiser, D = skip·u + out·F(in·u, noise, y);
// [1, 1] or [N, 1].
type coefficients struct{ skip, out, in, noise *Node }

// Applier is all of a network that a denoiser needs: F(z, c, y), see [network.Network].
type Applier interface{ Apply(z, c, y *Node) *Node }

func (k coefficients) denoise(f Applier, u, y *Node) *Node {
	return Add(Mul(k.skip, u), Mul(k.out, f.Apply(Mul(k.in, u), k.noise, y)))
}

// denoiseJacobian also gives ∂D/∂u = skip·I + out·in·∂F.
func (k coefficients) denoiseJacobian(net Applier, u, y *Node) (mean, jacobian *Node) {
	d, ok := net.(network.Differentiable)
	if !ok {
		mean = k.denoise(net, u, y)
		return mean, engine.Jacobian(mean, u)
	}
	f, j := d.ApplyJacobian(Mul(k.in, u), k.noise, y)
	eye := ExpandDims(DiagonalWithValue(ScalarOne(u.Graph(), u.DType()), u.Shape().Dimensions[1]), 0)
	third := func(c *Node) *Node { return ExpandDims(c, -1) }
	return Add(Mul(k.skip, u), Mul(k.out, f)), Add(Mul(third(k.skip), eye), Mul(third(Mul(k.out, k.in)), j))
}

// column is a noise level as [1, 1] or [N, 1].
func column(sigma *Node) *Node {
	if sigma.Rank() == 0 {
		return Reshape(sigma, 1, 1)
	}
	return sigma
}

// quarterLog is ln(σ)/4, the noise feature of networks whose time is a noise level.
func quarterLog(sigma *Node) *Node { return MulScalar(Log(sigma), 0.25) }

// features is y [1, K], or nil where nothing is given.
func features(u *Node, given []float64) *Node {
	if given == nil {
		return nil
	}
	return ConvertDType(Const(u.Graph(), [][]float64{given}), u.DType())
}
