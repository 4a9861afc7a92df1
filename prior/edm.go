package prior

import (
	. "github.com/gomlx/gomlx/core/graph"

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

var _ Differentiable = EDM{}

// Denoise is D; see [Denoiser] for shapes.
func (p EDM) Denoise(u, sigma *Node) *Node { return p.DenoiseGiven(u, sigma, p.given(u)) }

// DenoiseGiven is D under a condition that may differ by sample; see
// [network.Network] for its shape.
func (p EDM) DenoiseGiven(u, sigma, y *Node) *Node {
	k := precondition(sigma)
	return Add(Mul(k.skip, u), Mul(k.out, p.Network.Apply(Mul(k.in, u), k.noise, y)))
}

// DenoiseJacobian is D and ∂D/∂u = c_skip I + c_out c_in ∂F; see [Differentiable].
func (p EDM) DenoiseJacobian(u, sigma *Node) (mean, jacobian *Node) {
	k := precondition(sigma)
	f, j := network.Jacobian(p.Network, Mul(k.in, u), k.noise, p.given(u))
	eye := ExpandDims(DiagonalWithValue(ScalarOne(u.Graph(), u.DType()), u.Shape().Dimensions[1]), 0)
	third := func(c *Node) *Node { return ExpandDims(c, -1) }
	return Add(Mul(k.skip, u), Mul(k.out, f)), Add(Mul(third(k.skip), eye), Mul(third(Mul(k.out, k.in)), j))
}

func (p EDM) given(u *Node) *Node {
	if p.Given == nil {
		return nil
	}
	return ConvertDType(Const(u.Graph(), [][]float64{p.Given}), u.DType())
}

// coefficients of the preconditioning, [1, 1] or [N, 1].
type coefficients struct{ skip, out, in, noise *Node }

func precondition(sigma *Node) coefficients {
	if sigma.Rank() == 0 {
		sigma = Reshape(sigma, 1, 1)
	}
	r2 := AddScalar(Mul(sigma, sigma), 1)
	in := Div(OnesLike(r2), Sqrt(r2))
	return coefficients{skip: Div(OnesLike(r2), r2), out: Mul(sigma, in), in: in, noise: MulScalar(Log(sigma), 0.25)}
}
