package prior

import (
	. "github.com/gomlx/gomlx/core/graph"
)

// EDM turns a network F into a denoiser by the preconditioning of Karras,
// Aittala, Aila and Laine, "Elucidating the design space of diffusion-based
// generative models" (2022), table 1, with data of unit variance:
//
//	D(u, σ) = c_skip u + c_out F(c_in u, c_noise)
//	c_skip = 1/(σ²+1), c_out = σ/√(σ²+1), c_in = 1/√(σ²+1), c_noise = ln(σ)/4
type EDM struct {
	Network interface{ Apply(u, c *Node) *Node }
}

var _ Denoiser = EDM{}

// Denoise is D; see [Denoiser] for shapes.
func (p EDM) Denoise(u, sigma *Node) *Node {
	if sigma.Rank() == 0 {
		sigma = Reshape(sigma, 1, 1)
	}
	r2 := AddScalar(Mul(sigma, sigma), 1)
	cin := Div(OnesLike(r2), Sqrt(r2))
	f := p.Network.Apply(Mul(cin, u), MulScalar(Log(sigma), 0.25))
	return Add(Div(u, r2), Mul(Mul(sigma, cin), f))
}
