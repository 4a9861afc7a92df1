package physics

import (
	"fmt"
	"slices"

	"abide/grid"
	"abide/pde"
)

// NewSineReference makes the norms of residuals on the vertices of n×n cells of the unit
// square, A₀ = −a Δ by five points with zero boundary values, two sine transforms a solve:
// rows are the inner vertices, then others that count as obeyed; fields are all vertices,
// of which those of the boundary do not move. a is a mean of the coefficient, geometric
// where it jumps: it scales steps, no more.
//
// dual leaves fields as they are (H⁻¹), else steps are preconditioned too.
func NewSineReference(n int, a float64, dual bool) (func() Norm, error) {
	var rows, field []int32
	inner(n, func(at, k int) { rows, field = append(rows, int32(at)), append(field, int32(k)) })
	return sineReference(n, a, dual, rows, field)
}

// sineReference takes the places of the inner vertices among rows and among fields.
func sineReference(n int, a float64, dual bool, rows, field []int32) (func() Norm, error) {
	if !(a > 0) {
		return nil, fmt.Errorf("physics: the reference operator has the coefficient %g: it is positive", a)
	}
	side := grid.Axis{Cells: n, Length: 1}
	make := func() (*grid.Direct, error) { return grid.NewDirect(0, grid.Stencil, side, side) }
	if _, err := make(); err != nil {
		return nil, err
	}
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

// Reference makes the norms of the reference operator that a law has, nil where it has
// none: laws of elliptic families ([pde.Elliptic]) whose solution is unknown and whose
// equations are all kept, also behind a projection. Other arrays, and the boundary, do
// not move where steps are preconditioned.
func Reference(c Constraint, dual bool) func() Norm {
	switch c := c.(type) {
	case *Newton:
		return Reference(c.Constraint, dual)
	case *SolveProjection:
		return Reference(c.Constraint, dual)
	case *ConstantPair:
		return Reference(c.Constraint, dual)
	case *SparseFamily:
		return c.reference(dual)
	}
	return nil
}

func (p *Family) reference(dual bool) func() Norm {
	f, ok := p.family.(pde.Elliptic)
	last := p.offset[len(p.offset)-1]
	if !ok || last < 0 {
		return nil
	}
	n, a := f.Reference()
	var rows, field []int32
	inner(n, func(at, k int) { rows, field = append(rows, p.keep[at]), append(field, int32(last+k)) })
	if slices.Contains(rows, -1) {
		return nil
	}
	norm, err := sineReference(n, a, dual, rows, field)
	if err != nil {
		return nil // a grid without inner vertices
	}
	return norm
}
