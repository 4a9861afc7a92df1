package physics

import (
	"fmt"

	"abide/sparse"
)

// Gradients are rows of the one-sided difference ∂u/∂x at one end of an axis, one row
// for each line of nodes along it, of a row-major field:
//
//	order 2   (−3u₀ + 4u₁ − u₂) / (2h)
//	order 4   (−25u₀ + 48u₁ − 36u₂ + 16u₃ − 3u₄) / (12h)
//
// mirrored with the other sign at the far end, so that both are ∂u/∂x along the axis,
// not along the outward normal. B. Fornberg, Math. Comp. 51 (1988), table 3; the
// five-point row is PCFM's for fluxes. In finite elements put a flux into the weak form
// instead.
func Gradients(shape []int, axis int, far bool, h float64, order int) (*sparse.CSR, error) {
	stencils := map[int][]float64{
		2: {-1.5, 2, -0.5},
		4: {-25. / 12, 4, -3, 4. / 3, -0.25},
	}
	stencil, ok := stencils[order]
	if !ok {
		return nil, fmt.Errorf("physics: a one-sided difference of order %d: there are 2 and 4", order)
	}
	if !(h > 0) {
		return nil, fmt.Errorf("physics: a grid spacing of %g: want a number above 0", h)
	}
	at, step := 0, 1
	if far {
		at, step = -1, -1
	}
	nodes, err := Plane(shape, axis, at)
	if err != nil {
		return nil, err
	}
	if shape[axis] < len(stencil) {
		return nil, fmt.Errorf("physics: a one-sided difference of order %d on %d nodes: it needs %d", order, shape[axis], len(stencil))
	}
	step *= product(shape[axis+1:])
	var row, col []int32
	var value []float64
	for i, first := range nodes {
		for k, x := range stencil {
			row, col = append(row, int32(i)), append(col, first+int32(k*step))
			if far {
				x = -x
			}
			value = append(value, x/h)
		}
	}
	return sparse.FromTriplets(len(nodes), product(shape), row, col, value)
}

// NewFlux prescribes ∂u/∂x = g at one end of an axis, one value for each line; see
// [Gradients] for rows and order, [Linear] for the projection.
func NewFlux(shape []int, axis int, far bool, h float64, order int, g []float64, w Metric, label Label) (*Linear, error) {
	c, err := Gradients(shape, axis, far, h, order)
	if err != nil {
		return nil, err
	}
	doc := "(−3u₀ + 4u₁ − u₂)/(2h) − g = 0"
	if order == 4 {
		doc = "(−25u₀ + 48u₁ − 36u₂ + 16u₃ − 3u₄)/(12h) − g = 0"
	}
	row, err := label.row("flux", c.Rows, doc)
	if err != nil {
		return nil, err
	}
	return newLinear([]Row{row}, c, g, w)
}
