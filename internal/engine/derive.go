package engine

import "github.com/gomlx/gomlx/core/graph"

// VJP is Jᵀc for y = f(x), per sample: the gradient of ⟨c, y⟩ with respect to x.
// Samples of a batch must not interact.
func VJP(y, x, c *Node) *Node {
	return graph.Gradient(graph.ReduceAllSum(graph.Mul(y, graph.StopGradient(c))), x)[0]
}

// JVP is J v for f at x, per sample, by two vector–Jacobian products: Jᵀc is
// linear in c, so its derivative with respect to c, applied to v, is J v. Every
// operation of f on the way from x needs a gradient that has a gradient itself:
// a slice has none (gather, or multiply by a unit vector).
func JVP(f func(x *Node) *Node, x, v *Node) *Node {
	y := f(x)
	c := graph.ZerosLike(y)
	w := graph.Gradient(graph.ReduceAllSum(graph.Mul(y, c)), x)[0]
	return graph.Gradient(graph.ReduceAllSum(graph.Mul(w, graph.StopGradient(v))), c)[0]
}

// Jacobian is J[n,i,j] = ∂y[n,i]/∂x[n,j] for y [N, m] and x [N, d], by m
// vector–Jacobian products that share one forward pass. It can be differentiated.
func Jacobian(y, x *Node) *Node {
	m := y.Shape().Dimensions[1]
	rows := make([]*Node, m)
	for i := range rows {
		unit := make([]float64, m)
		unit[i] = 1
		yi := graph.Mul(y, graph.ConstAs(y, [][]float64{unit}))
		rows[i] = graph.ExpandDims(graph.Gradient(graph.ReduceAllSum(yi), x)[0], 1)
	}
	return graph.Concatenate(rows, 1)
}
