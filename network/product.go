package network

import . "github.com/gomlx/gomlx/core/graph"

// product is x W for x [R, K] and W [K, M], with gradients v Wᵀ and xᵀ v that the
// pure-Go backend is fast at: those of GoMLX add transpositions, some of them of
// nothing, that go number by number and take longer than the products. Of x and v
// the narrower one is transposed.
func product(x, w *Node) *Node {
	if onXLA(x) {
		return Dot(x, w).Product()
	}
	k, m := w.Shape().Dimensions[0], w.Shape().Dimensions[1]
	return withGradient([]*Node{x, w},
		func(in []*Node) *Node { return Dot(in[0], in[1]).Product() },
		func(v *Node, i int) *Node {
			switch {
			case i == 0:
				return DotGeneral(v, []int{1}, nil, w, []int{1}, nil)
			case k < m:
				return Dot(Transpose(x, 0, 1), v).Product()
			}
			return Transpose(Dot(Transpose(v, 0, 1), x).Product(), 0, 1)
		})
}

// withGradient is f(in) with a gradient of our own: backward(v, i) is that for
// in[i] when v is that of the result. GoMLX lets one replace the gradient of an
// identity; the one behind f notes v, those before it, which come later on the way
// back, use it, and what they replace is never run.
func withGradient(in []*Node, f func(in []*Node) *Node, backward func(v *Node, i int) *Node) *Node {
	var v *Node
	inner := make([]*Node, len(in))
	for i, x := range in {
		inner[i] = IdentityWithCustomGradient(x, func(_, _ *Node) *Node { return backward(v, i) })
	}
	return IdentityWithCustomGradient(f(inner), func(_, adjoint *Node) *Node {
		v = adjoint
		return adjoint
	})
}
