// Package inverse holds methods for y = A(x) + n that own their transitions: they
// use denoiser and measurement in a step of their own, and not as a denoiser that
// any sampler can take. Each is a [sampler.Bridge].
//
// All of it is in sampler coordinates u, noised to z = a u + b n.
package inverse

import (
	"abide/internal/engine"
	"abide/potential"
	"abide/prior"
)

// Node is a value of the engine's graph.
type Node = engine.Node

// Model is what a method sees of a problem: the prior's denoiser and the
// measurement in sampler coordinates.
type Model struct {
	Prior *prior.Prior
	Y     *potential.Measurement

	engine *engine.Engine
}

// NewModel ties a prior and a measurement in sampler coordinates to an engine.
func NewModel(e *engine.Engine, p *prior.Prior, y *potential.Measurement) *Model {
	return &Model{Prior: p, Y: y, engine: e}
}

// Function is a graph of noisy points z/a [N, d] and the noise level σ = b/a.
type Function struct{ f *engine.Function }

// Function declares a graph; it is compiled at its first use.
func (m *Model) Function(name string, build func(u, sigma *Node) []*Node) Function {
	return m.FunctionOf(name, func(u, sigma *Node, _ []*Node) []*Node { return build(u, sigma) })
}

// FunctionOf declares a graph with more inputs: scalars, and rows of random numbers.
func (m *Model) FunctionOf(name string, build func(u, sigma *Node, more []*Node) []*Node) Function {
	return Function{m.engine.NewFunction(name, m.Prior.DType, func(in []*Node) []*Node { return build(in[0], in[1], in[2:]) })}
}

// At calls the graph for rows z = a u + b n of d numbers.
func (f Function) At(z []float64, d int, a, b float64, more ...engine.Array) ([][]float64, error) {
	u := z
	if a != 1 {
		u = make([]float64, len(z))
		for i := range z {
			u[i] = z[i] / a
		}
	}
	out, err := f.f.Call(append([]engine.Array{engine.Rows(u, d), engine.Scalar(b / a)}, more...)...)
	if err != nil {
		return nil, err
	}
	all := make([][]float64, len(out))
	for i := range out {
		all[i] = out[i].F64
	}
	return all, nil
}
