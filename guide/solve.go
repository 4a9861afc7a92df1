package guide

import . "github.com/gomlx/gomlx/core/graph"

// least is the share of the noise's variance below which a variance of the data is taken
// for the error of a network: a covariance of the prior's adds to the noise's.
const least = 0.5

// solve is S⁻¹ r for S = M + I, [N, m, m], and r [N, m], with M symmetric.
//
// Where M is positive semi-definite, as H C Hᵀ is for an exact denoiser, every pivot
// is at least 1. A network's Jacobian need not be so, and S then not positive
// definite: a point at which a pivot is below [least] takes the diagonal D with
// Dᵢᵢ = max(Σⱼ |Sᵢⱼ|, 1) in place of S. D − S is positive semi-definite (Gershgorin),
// so the measurement is believed less than it could be, never more, and the guidance
// stays finite.
func solve(s, r *Node) *Node {
	x, pivot := eliminate(s, ExpandDims(r, -1))
	bound := Max(ReduceSum(Abs(s), -1), ScalarOne(s.Graph(), s.DType()))
	return choose(GreaterOrEqual(pivot, Scalar(s.Graph(), s.DType(), least)), Squeeze(x, -1), Div(r, bound))
}

// eliminate is S⁻¹ r for S [N, m, m] and r [N, m, k], and the smallest pivot [N, 1], by
// Gaussian elimination without pivoting, which is backward stable for positive
// definite matrices; unrolled in the graph, N·m²(m/3 + k) products. Nothing is
// differentiated through it.
func eliminate(s, r *Node) (x, pivot *Node) {
	m := s.Shape().Dimensions[1]
	a := Concatenate([]*Node{StopGradient(s), StopGradient(r)}, -1) // what is left: [N, m−k, m−k + columns of r]
	rows := make([]*Node, m)
	for k := range m {
		row := Slice(a, AxisRange(), AxisElem(0), AxisRange())
		p := Slice(row, AxisRange(), AxisRange(), AxisElem(0)) // [N, 1, 1]
		rows[k] = Div(Slice(row, AxisRange(), AxisRange(), AxisRange(1)), p)
		if p = Squeeze(p, -1); pivot == nil {
			pivot = p
		} else {
			pivot = Min(pivot, p)
		}
		if k+1 < m {
			column := Slice(a, AxisRange(), AxisRange(1), AxisElem(0))
			a = Sub(Slice(a, AxisRange(), AxisRange(1), AxisRange(1)), Mul(column, rows[k]))
		}
	}
	for k := m - 1; k >= 0; k-- { // xₖ = rₖ − Σ_{j>k} sₖⱼ xⱼ with rows divided by their pivots
		left := m - 1 - k
		xk := Slice(rows[k], AxisRange(), AxisRange(), AxisRange(left)) // [N, 1, columns]
		if left > 0 {
			factor := TransposeAllAxes(Slice(rows[k], AxisRange(), AxisRange(), AxisRange(0, left)), 0, 2, 1) // [N, left, 1]
			xk = Sub(xk, ReduceAndKeep(Mul(factor, x), ReduceSum, 1))
			x = Concatenate([]*Node{xk, x}, 1)
		} else {
			x = xk
		}
	}
	return x, pivot
}
