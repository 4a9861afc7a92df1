package physics

import (
	"fmt"

	"abide/grid"
)

// NewSineReference makes the norms of residuals on the vertices of n×n cells of the unit
// square, A₀ = −a Δ by five points with zero boundary values, two sine transforms a solve:
// rows are the inner vertices, then others that count as obeyed; fields are all vertices,
// of which those of the boundary do not move. a is a mean of the coefficient, geometric
// where it jumps: it scales steps, no more.
//
// dual leaves fields as they are (H⁻¹), else steps are preconditioned too.
func NewSineReference(n int, a float64, dual bool) (func() Norm, error) {
	if !(a > 0) {
		return nil, fmt.Errorf("physics: the reference operator has the coefficient %g: it is positive", a)
	}
	side := grid.Axis{Cells: n, Length: 1}
	make := func() (*grid.Direct, error) { return grid.NewDirect(0, grid.Stencil, side, side) }
	if _, err := make(); err != nil {
		return nil, err
	}
	var rows, field []int32
	inner(n, func(at, k int) { rows, field = append(rows, int32(at)), append(field, int32(k)) })
	return func() Norm {
		d, err := make()
		if err != nil {
			panic(err) // the first one had the same axes
		}
		s := scaled{d, 1 / a}
		norm := Norm{Rows: NewWithin(s, rows)}
		if !dual {
			norm.Field = NewWithin(s, field)
		}
		return norm
	}, nil
}
