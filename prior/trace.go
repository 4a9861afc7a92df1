package prior

import (
	. "github.com/gomlx/gomlx/core/graph"

	"abide/internal/engine"
)

// DenoiseTrace is D and the trace of its Jacobian, Σᵢ ∂Dᵢ/∂uᵢ, as [N, d] and
// [N, 1], by d vector–Jacobian products or the denoiser's own Jacobian.
func DenoiseTrace(d Denoiser, u, sigma *Node) (mean, trace *Node) {
	mean, j := DenoiseJacobian(d, u, sigma) // [N, d, d]
	eye := ExpandDims(DiagonalWithValue(ScalarOne(u.Graph(), u.DType()), u.Shape().Dimensions[1]), 0)
	return mean, ExpandDims(ReduceSum(Mul(j, eye), 1, 2), -1)
}

// DenoiseQuadratic is D and eₖᵀ(∂D/∂u)eₖ for each of K probes e [N, d], as [N, d]
// and [N, K], by K vector–Jacobian products. Over probes of independent signs its
// mean is the trace (Hutchinson 1990).
func DenoiseQuadratic(d Denoiser, u, sigma *Node, probes []*Node) (mean, quadratic *Node) {
	mean = d.Denoise(u, sigma)
	columns := make([]*Node, len(probes))
	for k, e := range probes {
		columns[k] = ReduceAndKeep(Mul(engine.VJP(mean, u, e), e), ReduceSum, -1)
	}
	return mean, Concatenate(columns, 1)
}
