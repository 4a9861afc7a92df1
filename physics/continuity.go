package physics

import (
	"errors"
	"fmt"

	"abide/fem"
)

// NewContinuity is div u = 0 for velocities of finite elements, once for each pressure ψᵢ,
//
//	∫ ψᵢ div u / ∫ ψᵢ = 0,
//
// the mean divergence over the patch of a vertex for the pairs of [fem.TaylorHood] (C.
// Taylor and P. Hood, Comput. Fluids 1 (1973)), and that of each cell for a flux and a
// constant (RT0, P0). Fields are the coefficients of the velocity space; the metric nil is
// the diagonal of its mass matrix, near the L² distance. Walls are [NewFixed] rows of
// velocity.DofsOn, put together by [NewStack]: the row that they imply is dropped. The
// unit is that of a divergence. Projection by a sparse factor, see [Linear].
func NewContinuity(velocity, pressure *fem.Space, w Metric, label Label) (*Linear, error) {
	row, err := label.row("continuity", pressure.N(), "∫ ψ div u / ∫ ψ = 0")
	if err != nil {
		return nil, err
	}
	if pressure.Components() != 1 {
		return nil, fmt.Errorf("physics: %s: pressures of %d components: want a scalar space", row.Name, pressure.Components())
	}
	if velocity.Mesh() != pressure.Mesh() {
		return nil, fmt.Errorf("physics: %s: velocity and pressure are on different meshes: make both spaces on one", row.Name)
	}
	if dim := velocity.Mesh().Dim(); velocity.Element() != fem.RT0 && velocity.Components() != dim {
		return nil, fmt.Errorf("physics: %s: velocities of %d components in %d dimensions: take Vector(%d) of the space", row.Name, velocity.Components(), dim, dim)
	}
	b, err := fem.Mixed(velocity, pressure, func(_ *fem.Point, u, q *fem.Basis) float64 { return q.Value * u.Div })
	if err != nil {
		return nil, fmt.Errorf("physics: %s: %w", row.Name, err)
	}
	size, err := pressure.Linear(func(_ *fem.Point, q *fem.Basis) float64 { return q.Value })
	if err != nil {
		return nil, fmt.Errorf("physics: %s: %w", row.Name, err)
	}
	for i, s := range size {
		if !(s > 0) {
			return nil, fmt.Errorf("physics: %s: pressure %d has the integral %g, want one above 0: take P0, P1, Q0 or Q1", row.Name, i, s)
		}
		for k := b.Ptr[i]; k < b.Ptr[i+1]; k++ {
			b.Value[k] /= s
		}
	}
	if w == nil {
		if w, err = massDiagonal(velocity); err != nil {
			return nil, fmt.Errorf("physics: %s: %w", row.Name, err)
		}
	}
	return newLinear([]Row{row}, b, make([]float64, b.Rows), w)
}

// massDiagonal is ∫ |φᵢ|² for each degree of freedom of a vector space.
func massDiagonal(s *fem.Space) (Metric, error) {
	m, err := s.Bilinear(func(_ *fem.Point, u, v *fem.Basis) float64 { return u.Vector.Dot(v.Vector) })
	if err != nil {
		return nil, err
	}
	w := make(Metric, s.N())
	for i := range w {
		at := m.Position(i, i)
		if at < 0 || !(m.Value[at] > 0) {
			return nil, errors.New("a degree of freedom without mass: give a metric")
		}
		w[i] = m.Value[at]
	}
	return w, nil
}
