package guide

import . "github.com/gomlx/gomlx/core/graph"

// solve is S⁻¹ r for symmetric positive definite S [N, m, m] and r [N, m], by
// Gauss–Jordan elimination without pivoting, which is backward stable for such
// matrices; unrolled in the graph, m steps of N·m² products. Nothing is
// differentiated through it.
func solve(s, r *Node) *Node {
	m := s.Shape().Dimensions[1]
	a := Concatenate([]*Node{s, ExpandDims(r, -1)}, -1) // [N, m, m+1]
	for k := range m {
		row := Slice(a, AxisRange(), AxisElem(k), AxisRange())     // [N, 1, m+1]
		pivot := Slice(row, AxisRange(), AxisRange(), AxisElem(k)) // [N, 1, 1]
		row = Div(row, pivot)
		column := Slice(a, AxisRange(), AxisRange(), AxisElem(k)) // [N, m, 1]
		unit := make([][][]float64, 1)
		unit[0] = make([][]float64, m)
		for i := range unit[0] {
			unit[0][i] = []float64{0}
		}
		unit[0][k][0] = 1
		// Every other row loses its multiple of row k; row k itself is divided by its pivot.
		a = Sub(a, Mul(Sub(column, ConstAs(a, unit)), row))
	}
	return Squeeze(Slice(a, AxisRange(), AxisRange(), AxisElem(m)), -1)
}
