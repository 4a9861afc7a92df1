package guide

import . "github.com/gomlx/gomlx/core/graph"

// solve is S⁻¹ r for S = M + R, [N, m, m], and r [N, m], with M symmetric and R the
// covariance of a noise, by Gauss–Jordan elimination without pivoting, which is
// backward stable for positive definite matrices; unrolled in the graph, m steps of
// N·m² products. Nothing is differentiated through it.
//
// Where M is positive semi-definite, as H C Hᵀ is for an exact denoiser, pivot k is
// at least least[k], the variance that R leaves of value k given those before it. A
// network's Jacobian need not be so, and S then not positive definite: a point at
// which a pivot is below half of that takes the diagonal D with Dᵢᵢ = Σⱼ |Sᵢⱼ| in
// place of S. D − S is positive semi-definite (Gershgorin), so the measurement is
// believed less than it could be, never more, and the guidance stays finite.
func solve(s, r *Node, least []float64) *Node {
	m := s.Shape().Dimensions[1]
	a := Concatenate([]*Node{s, ExpandDims(r, -1)}, -1) // [N, m, m+1]
	var worst *Node                                     // smallest pivot, as a share of what it should be
	for k := range m {
		row := Slice(a, AxisRange(), AxisElem(k), AxisRange())     // [N, 1, m+1]
		pivot := Slice(row, AxisRange(), AxisRange(), AxisElem(k)) // [N, 1, 1]
		if share := MulScalar(pivot, 1/least[k]); worst == nil {
			worst = share
		} else {
			worst = Min(worst, share)
		}
		row = Div(row, pivot)
		column := Slice(a, AxisRange(), AxisRange(), AxisElem(k)) // [N, m, 1]
		// Every other row loses its multiple of row k; row k itself is divided by its pivot.
		a = Sub(a, Mul(Sub(column, ConstAs(a, unitColumn(m, k))), row))
	}
	x := Squeeze(Slice(a, AxisRange(), AxisRange(), AxisElem(m)), -1)
	bound := Max(ReduceSum(Abs(s), -1), ConstAs(r, [][]float64{least}))
	good := GreaterOrEqual(Squeeze(worst, -1), Scalar(s.Graph(), s.DType(), 0.5)) // [N, 1]
	return Where(BroadcastToDims(good, r.Shape().Dimensions...), x, Div(r, bound))
}

// unitColumn is [1, m, 1] with a one in place k.
func unitColumn(m, k int) [][][]float64 {
	out := make([][]float64, m)
	for i := range out {
		out[i] = []float64{0}
	}
	out[k][0] = 1
	return [][][]float64{out}
}
