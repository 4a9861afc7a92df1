package inverse

import (
	"github.com/gomlx/gomlx/core/graph"

	"abide/internal/engine"
)

// Split is a step cut at the clean estimate, for what is done to it on the host, by a
// solver or a law of fields, and has to go back through the denoiser:
//
//	graph z → x̂;  host x̂ → c = ∂L/∂x̂;  graph (z, c) → (∂x̂/∂z)ᵀ c
//
// One denoiser call for Mean, one denoiser call and one vector–Jacobian product for Pull,
// one denoiser call and the two vector–Jacobian products of [engine.JVP] for Push.
type Split struct{ mean, pull, push Function }

// Split declares the graphs; those that are not used cost nothing.
func (m *Model) Split() Split {
	return Split{
		m.Function("denoiser", func(u, sigma *Node) []*Node {
			return []*Node{m.Prior.Denoiser.Denoise(u, sigma)}
		}),
		m.FunctionOf("denoiser and product with its Jacobian", func(u, sigma *Node, more []*Node) []*Node {
			mean := m.Prior.Denoiser.Denoise(u, sigma)
			return []*Node{mean, graph.Gradient(graph.ReduceAllSum(graph.Mul(mean, more[0])), u)[0]}
		}),
		m.FunctionOf("product of the denoiser's Jacobian", func(u, sigma *Node, more []*Node) []*Node {
			return []*Node{engine.JVP(func(u *Node) *Node { return m.Prior.Denoiser.Denoise(u, sigma) }, u, more[0])}
		}),
	}
}

// Mean is x̂ of rows z = a u + b n of d numbers.
func (s Split) Mean(z []float64, d int, a, b float64) ([]float64, error) {
	out, err := s.mean.At(z, d, a, b)
	if err != nil {
		return nil, err
	}
	return out[0], nil
}

// Pull is x̂, and (∂x̂/∂z)ᵀ c of cotangents c, a row for each point.
func (s Split) Pull(z, c []float64, d int, a, b float64) (x, g []float64, err error) {
	out, err := s.pull.At(z, d, a, b, engine.Rows(c, d))
	if err != nil {
		return nil, nil, err
	}
	x, g = out[0], out[1]
	if a != 1 {
		for i := range g {
			g[i] /= a
		}
	}
	return x, g, nil
}

// Push is (∂x̂/∂z) v of directions v, a row for each point. The Jacobian of an exact
// denoiser is symmetric, (a/b²) Cov(x | z), that of a network need not be.
func (s Split) Push(z, v []float64, d int, a, b float64) ([]float64, error) {
	out, err := s.push.At(z, d, a, b, engine.Rows(v, d))
	if err != nil {
		return nil, err
	}
	if a != 1 {
		for i := range out[0] {
			out[0][i] /= a
		}
	}
	return out[0], nil
}
