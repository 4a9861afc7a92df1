package physics

import (
	"fmt"
	"math"
	"sync"

	"abide/grid"
	"abide/pde"
)

// Modal projects trajectories of a linear scheme with constant coefficients onto the nearest
// solution of it, all times at once: on each mode of the axis solutions are sums of one or
// two known trajectories q (the heat equation: gⁿ; the wave equation: two), so that
//
//	û ← Q Qᵀ û,   Q orthonormal.
//
// This is the projection u − Cᵀ(C Cᵀ)⁻¹C u with C Cᵀ block tridiagonal in time, mode by mode,
// with the null space of C in place of its range, which has one or two dimensions instead
// of as many as there are steps.
//
// G. Golub and C. Van Loan, "Matrix Computations" (4th ed. 2013), section 2.6.1, with P = Q Qᵀ
// for the null space. Cost: two transforms of each state and
// 4 to 8 operations a number. W = I alone. All rows of the family hold afterwards.
type Modal struct {
	Constraint
	width, inner, levels int
	q                    [][]float64 // [bases][levels × modes]
	work                 sync.Pool
}

type modalWork struct {
	modes       *grid.Transform
	x           []float64 // [levels × modes]
	coefficient []float64 // [modes]
	y           []float64
}

// NewModal makes the projection for all arrays of a family.
func NewModal(f pde.Modal) (*Modal, error) {
	c, err := FromFamily(f, Choice{})
	if err != nil {
		return nil, err
	}
	axis := f.Axis()
	arrays := f.Arrays()
	shape := arrays[len(arrays)-1].Shape
	m := &Modal{Constraint: c, inner: axis.Size(), width: shape[len(shape)-1]}
	m.levels = c.Dim() / m.width
	for k := range m.inner {
		basis := f.Trajectories(k)
		if m.q == nil {
			m.q = make([][]float64, len(basis))
			for b := range m.q {
				m.q[b] = make([]float64, m.levels*m.inner)
			}
		}
		for b, q := range basis {
			if len(q) != m.levels {
				return nil, fmt.Errorf("physics: trajectories of %d states for %d", len(q), m.levels)
			}
			orthonormal(q, basis[:b])
			for n, x := range q {
				m.q[b][n*m.inner+k] = x
			}
		}
	}
	m.work.New = func() any {
		modes, err := grid.NewModes(axis)
		if err != nil {
			panic(err) // the family has the same axis
		}
		return &modalWork{modes, make([]float64, m.levels*m.inner), make([]float64, m.inner), make([]float64, m.levels*m.inner)}
	}
	return m, nil
}

// orthonormal takes from q what others have of it, twice, and scales it.
func orthonormal(q []float64, others [][]float64) {
	for range 2 {
		for _, o := range others {
			var s float64
			for i, x := range q {
				s += x * o[i]
			}
			for i := range q {
				q[i] -= s * o[i]
			}
		}
	}
	var s float64
	for _, x := range q {
		s += x * x
	}
	s = 1 / math.Sqrt(s)
	for i := range q {
		q[i] *= s
	}
}

// Project moves u to the nearest solution.
func (m *Modal) Project(u []float64) error {
	if len(u) != m.Dim() {
		return fmt.Errorf("physics: a field of %d numbers for a constraint on %d", len(u), m.Dim())
	}
	w := m.work.Get().(*modalWork)
	defer m.work.Put(w)
	edge := (m.width - m.inner) / 2
	n := m.inner
	for t := range m.levels {
		w.modes.Forward(w.x[t*n:(t+1)*n], u[t*m.width+edge:t*m.width+edge+n])
	}
	clear(w.y)
	for _, q := range m.q {
		clear(w.coefficient)
		for t := range m.levels {
			x, p := w.x[t*n:(t+1)*n], q[t*n:(t+1)*n]
			for k := range x {
				w.coefficient[k] += p[k] * x[k]
			}
		}
		for t := range m.levels {
			y, p := w.y[t*n:(t+1)*n], q[t*n:(t+1)*n]
			for k := range y {
				y[k] += p[k] * w.coefficient[k]
			}
		}
	}
	for t := range m.levels {
		state := u[t*m.width : (t+1)*m.width]
		clear(state[:edge])
		clear(state[edge+n:])
		w.modes.Inverse(state[edge:edge+n], w.y[t*n:(t+1)*n])
	}
	return nil
}

// Tangent is the same map: solutions are a linear space.
func (m *Modal) Tangent(_, v []float64) error { return m.Project(v) }
