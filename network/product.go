package network

import . "github.com/gomlx/gomlx/core/graph"

// product is x W for x [R, K] and W [K, M].
//
// Its gradient for W is xᵀv with v [R, M]. The pure-Go backend would transpose
// both, number by number, which for a convolution takes longer than the product;
// here only the narrower of them is. GoMLX lets one replace the gradient of an
// identity: the one behind the product notes v, the one before it, which comes
// later on the way back, uses it, and what it replaces is never computed.
func product(x, w *Node) *Node {
	if x.Graph().Backend().Name() != "go" {
		return Dot(x, w).Product()
	}
	k, m := w.Shape().Dimensions[0], w.Shape().Dimensions[1]
	var v *Node
	w = IdentityWithCustomGradient(w, func(_, _ *Node) *Node {
		if k < m {
			return Dot(Transpose(x, 0, 1), v).Product()
		}
		return Transpose(Dot(Transpose(v, 0, 1), x).Product(), 0, 1)
	})
	return IdentityWithCustomGradient(Dot(x, w).Product(), func(_, adjoint *Node) *Node {
		v = adjoint
		return adjoint
	})
}
