package grid

import (
	"fmt"
	"math"
)

// Convergence tells how an iteration ended.
type Convergence struct {
	Iterations int
	Residual   float64 // |b − A u|/|b|, as the iteration updates it
}

// CG solves A u = f for nodal arrays of the unknowns, preconditioned by a V-cycle, until
// the residual, integrated over control volumes, has fallen below tolerance·|f|. dst is
// written, not read; the two may be the same slice. With Neumann conditions all round
// and c = 0 the mean of f is removed and u has mean zero.
//
// M. R. Hestenes and E. Stiefel, "Methods of conjugate gradients for solving linear
// systems", J. Res. Nat. Bur. Standards 49 (1952).
func (m *Multigrid) CG(dst, f []float64, tolerance float64, limit int) (Convergence, error) {
	l := m.levels[0]
	r, z, p, q, x := l.f.all, l.u.all, m.p.all, m.q.all, m.x.all
	clear(r)
	clear(x)
	clear(p)
	m.spread(&l.f, f, true)
	m.removeMean(&l.f, true)
	start := math.Sqrt(dotRow(r, r))
	if start == 0 {
		clear(dst[:m.Size()])
		return Convergence{}, nil
	}
	c := Convergence{Residual: 1}
	old := 1.0
	for c.Residual > tolerance {
		if c.Iterations == limit {
			return c, fmt.Errorf("grid: multigrid: residual %.2g after %d iterations, asked for %.2g: %w", c.Residual, limit, tolerance, ErrNotConverged)
		}
		m.cycle(0)
		rz := dotRow(r, z)
		if !(rz > 0) {
			return c, fmt.Errorf("grid: multigrid: residual %.2g after %d iterations does not fall further, asked for %.2g: %w", c.Residual, c.Iterations, tolerance, ErrNotConverged)
		}
		directionRow(p, z, rz/old)
		old = rz
		alpha := rz / l.apply(&m.q, &m.p)
		c.Iterations++
		c.Residual = math.Sqrt(stepRow(x, r, p, q, alpha)) / start
	}
	m.removeMean(&m.x, false)
	m.gather(dst, &m.x, false)
	return c, nil
}

// removeMean takes the mean out of an array of a singular equation: of nodal values, or
// of values that are integrated over the volumes.
func (m *Multigrid) removeMean(x *colours, integrated bool) {
	if !m.singular {
		return
	}
	l := m.levels[0]
	sum, area := 0.0, m.axes[0].length()*m.axes[1].length()
	for _, sweep := range []bool{false, true} {
		for i := l.lo[0]; i <= l.hi[0]; i++ {
			for j := l.lo[1]; j <= l.hi[1]; j++ {
				v, at := l.volume[0][i]*l.volume[1][j], &x.of[(i+j)&1][l.start(i)+j>>1]
				switch {
				case sweep && integrated:
					*at -= sum / area * v
				case sweep:
					*at -= sum / area
				case integrated:
					sum += *at
				default:
					sum += *at * v
				}
			}
		}
	}
}
