package network

import (
	. "github.com/gomlx/gomlx/core/graph"
)

// Trainable is a network that builds its own gradient, where that is cheaper than
// automatic differentiation.
type Trainable interface {
	Network
	// ApplyBackward is F of a batch, c being [N, 1], and a function that builds the
	// gradients of all weights, in their order, from ∂L/∂F [N, d].
	ApplyBackward(u, c, y *Node) (f *Node, backward func(df *Node) []*Node)
}

var _ Trainable = (*MLP)(nil)

// ApplyBackward is [MLP.Apply] with its gradient, all in columns: with h and the
// gradients g of what goes into φ as [width, N], g e₁ᵀ is a product along rows of
// both, as the kernels of the pure-Go backend want it, where automatic
// differentiation of rows transposes two matrices of N rows for every weight. A
// row of ones in e₁ = [e(c), y, 1] makes biases part of V.
func (m *MLP) ApplyBackward(u, c, y *Node) (f *Node, backward func(df *Node) []*Node) {
	g, n := u.Graph(), u.Shape().Dimensions[0]
	e := m.columns(c, y, n)
	features := e.Shape().Dimensions[0]
	h := []*Node{Transpose(u, 0, 1)} // what goes into layer l
	var slopes []*Node
	for l := range m.Depth {
		v := Concatenate([]*Node{m.V[l].Use(g), ExpandDims(m.B[l].Use(g), 0)}, 0)
		a := Add(times(m.W[l].Use(g), h[l]), times(v, e))
		out, slope := activationSlope(a)
		h, slopes = append(h, out), append(slopes, slope)
	}
	last := m.W[m.Depth].Use(g)
	f = Add(Transpose(times(last, h[m.Depth]), 0, 1), ExpandDims(m.B[m.Depth].Use(g), 0))
	return f, func(df *Node) []*Node {
		grad := Transpose(df, 0, 1) // [d, N]
		all := []*Node{outer(h[m.Depth], grad), ReduceSum(df, 0)}
		w := last
		for l := m.Depth - 1; l >= 0; l-- {
			grad = Mul(Dot(w, grad).Product(), slopes[l])
			ve := outer(e, grad)
			w = m.W[l].Use(g)
			all = append([]*Node{outer(h[l], grad), Slice(ve, AxisRange(0, features-1)), Reshape(Slice(ve, AxisRange(features-1)), m.Width)}, all...)
		}
		return all
	}
}

// times is Wᵀh.
func times(w, h *Node) *Node { return Dot(Transpose(w, 0, 1), h).Product() }

// outer is h gᵀ, summed over the batch.
func outer(h, g *Node) *Node { return DotGeneral(h, []int{1}, nil, g, []int{1}, nil) }

// columns are the features of level and condition, and a row of ones, [·, n].
func (m *MLP) columns(c, y *Node, n int) *Node {
	omega := make([][]float64, len(m.omega))
	for i, w := range m.omega {
		omega[i] = []float64{w}
	}
	arg := Mul(Reshape(c, 1, n), ConvertDType(Const(c.Graph(), omega), c.DType()))
	parts := []*Node{Cos(arg), Sin(arg)}
	if y != nil {
		parts = append(parts, Transpose(y, 0, 1))
	}
	return Concatenate(append(parts, OnesLike(Reshape(c, 1, n))), 0)
}
