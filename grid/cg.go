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
	r, z, p, q, x := l.f, l.u, m.p, m.q, m.x
	m.spread(r, f, true)
	m.removeMean(r, true)
	clear(x)
	clear(p)
	start := math.Sqrt(dot(r, r))
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
		rz := dot(r, z)
		if !(rz > 0) {
			return c, fmt.Errorf("grid: multigrid: residual %.2g after %d iterations does not fall further, asked for %.2g: %w", c.Residual, c.Iterations, tolerance, ErrNotConverged)
		}
		beta := rz / old
		old = rz
		for i, v := range z[:len(p)] {
			p[i] = v + beta*p[i]
		}
		alpha := rz / l.apply(q, p)
		sum := 0.0
		for i, v := range q[:len(r)] {
			x[i] += alpha * p[i]
			s := r[i] - alpha*v
			r[i] = s
			sum += s * s
		}
		c.Iterations++
		c.Residual = math.Sqrt(sum) / start
	}
	m.removeMean(x, false)
	m.gather(dst, x)
	return c, nil
}

// removeMean takes the mean out of a padded array of a singular equation: of nodal
// values, or of values that are integrated over the volumes.
func (m *Multigrid) removeMean(x []float64, integrated bool) {
	if !m.singular {
		return
	}
	l := m.levels[0]
	sum, area := 0.0, m.axes[0].Length*m.axes[1].Length
	for _, sweep := range []bool{false, true} {
		for i := l.lo[0]; i <= l.hi[0]; i++ {
			row := l.row(x, i)
			for j := l.lo[1]; j <= l.hi[1]; j++ {
				v := l.volume[0][i] * l.volume[1][j]
				switch {
				case sweep && integrated:
					row[j] -= sum / area * v
				case sweep:
					row[j] -= sum / area
				case integrated:
					sum += row[j]
				default:
					sum += row[j] * v
				}
			}
		}
	}
}

func dot(a, b []float64) float64 {
	var s0, s1, s2, s3 float64
	b = b[:len(a)]
	i := 0
	for ; i+4 <= len(a); i += 4 {
		s0 += a[i] * b[i]
		s1 += a[i+1] * b[i+1]
		s2 += a[i+2] * b[i+2]
		s3 += a[i+3] * b[i+3]
	}
	for ; i < len(a); i++ {
		s0 += a[i] * b[i]
	}
	return s0 + s1 + s2 + s3
}
