package grid

import (
	"errors"
	"fmt"
	"math"
)

// Mean makes the coefficient of an edge from those of its two vertices.
type Mean int

const (
	Arithmetic Mean = iota // (a + b)/2
	Harmonic               // 2ab/(a + b)
)

// ErrNotConverged is the error of an iteration that was stopped by its bound.
var ErrNotConverged = errors.New("not converged")

// Multigrid solves a diffusion equation with variable coefficient on the vertices of a
// rectangle, in flux form,
//
//	Σ_edges a_e (u_i − u_nb)/h_e² + c u_i = f_i,
//
// zero Dirichlet or Neumann conditions on each axis: conjugate gradients ([Multigrid.CG])
// preconditioned by one V(1,1)-cycle ([Multigrid.Solve]) of red-black Gauss–Seidel,
// bilinear prolongation and its transpose (full weighting). Conductances of coarse edges
// are series and parallel circuits of the fine ones, so harmonic means along an edge.
//
// A. Brandt, "Multi-level adaptive solutions to boundary-value problems", Math. Comp.
// 31 (1977); red-black order and its half-empty residuals after U. Trottenberg,
// C. Oosterlee and A. Schüller, "Multigrid" (2001), sections 2.5 and 4.5; coarse
// conductances in the spirit of R. E. Alcouffe, A. Brandt, J. E. Dendy and J. W.
// Painter, SIAM J. Sci. Stat. Comput. 2 (1981).
//
// A cycle is about 40 flops an unknown, an iteration of CG 60; 8 iterations bring the
// residual to 1e-8 for a constant coefficient, 9 to 11 for jumps by 4 and log-normal
// fields, 14 for jumps by 12, 25 by 100, 60 by 1000 (level sets, 256² cells). Beyond
// that take a factor. Dirichlet axes coarsen whatever their number of cells; Neumann axes
// as often as it is even. Not for cell widths that differ (15 iterations for a factor of
// 2, 52 for 8) or a coefficient that does by direction, since single points are
// relaxed, nor for c < 0.
//
// A Multigrid owns work space: one goroutine at a time. [Multigrid.Set] allocates nothing.
type Multigrid struct {
	axes     [2]Axis
	levels   []*level // fine to coarse
	coarsest *band
	singular bool // Neumann all round and c = 0
	p, q, x  colours
	natural  []float64 // a row of vertices in their order, and
	after    []float64 // the next one
}

// level is a grid with its equation multiplied by the control volumes, which makes it
// symmetric: Σ_edges e (u_i − u_nb) + c v_i u_i = f_i.
type level struct {
	cells, lo, hi [2]int       // unknowns are lo … hi of each axis
	volume        [2][]float64 // per axis, of the vertices

	// Conductance from vertex (i, j) to those of the next row and column, at
	// i·(cells₁+1) + j. What follows is made from them.
	south, east []float64

	length, width int          // of a row of one colour, and from one to the next
	edge          [4][]float64 // of red vertices: left, right, before, after; 0 where one end is given
	mirrored      [4][]float64 // the same as black ones see them: right, left, after, before
	diagonal      colours
	inverse       colours // 1/diagonal, 0 but for unknowns
	u, f          colours
	r             []float64 // residual of red vertices
}

// NewMultigrid makes the grids of a rectangle. Both axes have vertices, Dirichlet or
// Neumann. The coefficient is 1 and c is 0 until Set.
func NewMultigrid(slow, fast Axis) (*Multigrid, error) {
	m := &Multigrid{axes: [2]Axis{slow, fast}}
	if _, err := sizes(m.axes[:]); err != nil {
		return nil, err
	}
	l := &level{}
	for d, a := range m.axes {
		if a.Centring != Vertex || a.Boundary == Periodic {
			return nil, fmt.Errorf("grid: multigrid: axis %d is %v with %v values: allowed are Dirichlet and Neumann with vertex values", d, a.Boundary, a.Centring)
		}
		l.cells[d] = a.Cells
		for i := range a.Cells + 1 {
			l.volume[d] = append(l.volume[d], a.H()*a.Weight(i))
		}
	}
	l.allocate(m.axes)
	m.levels = []*level{l}
	for l.unknowns() > fewUnknowns {
		next := l.coarser(m.axes)
		if next == nil {
			break
		}
		next.allocate(m.axes)
		m.levels, l = append(m.levels, next), next
	}
	var err error
	if m.coarsest, err = newBand(l); err != nil {
		return nil, err
	}
	fine := m.levels[0]
	m.p, m.q, m.x = fine.newColours(), fine.newColours(), fine.newColours()
	m.natural, m.after = make([]float64, 2*fine.width), make([]float64, 2*fine.width)
	ones := make([]float64, (slow.Cells+1)*(fast.Cells+1))
	for i := range ones {
		ones[i] = 1
	}
	return m, m.Set(ones, Arithmetic, 0)
}

// fewUnknowns are solved by a factor.
const fewUnknowns = 64

func (l *level) unknowns() int {
	return (l.hi[0] - l.lo[0] + 1) * (l.hi[1] - l.lo[1] + 1)
}

func (l *level) allocate(axes [2]Axis) {
	for d, a := range axes {
		l.lo[d], l.hi[d] = 0, l.cells[d]
		if a.Boundary == Dirichlet {
			l.lo[d], l.hi[d] = 1, l.cells[d]-1
		}
	}
	size := (l.cells[0] + 1) * (l.cells[1] + 1)
	l.south, l.east = make([]float64, size), make([]float64, size)
	l.length, l.width = lengths(l.hi[1])
	for _, c := range []*colours{&l.diagonal, &l.inverse, &l.u, &l.f} {
		*c = l.newColours()
	}
	l.r = make([]float64, len(l.u.of[0]))
	for d := range l.edge {
		l.edge[d] = make([]float64, len(l.r))
		l.mirrored[d^1] = l.edge[d]
	}
}

// coarser is the grid of every second vertex, and of the last one: the last cell of an
// odd number is taken over as it is. nil where an axis goes no further.
func (l *level) coarser(axes [2]Axis) *level {
	c := &level{}
	for d, a := range axes {
		n := l.cells[d]
		if n <= 2 || (a.Boundary == Neumann && n%2 == 1) {
			return nil
		}
		c.cells[d] = (n + 1) / 2
		for i := range c.cells[d] + 1 {
			v := 0.0
			for j := max(2*i-1, 0); j <= min(2*i+1, n); j++ {
				v += l.volume[d][j] * lineWeight(j, i, n)
			}
			c.volume[d] = append(c.volume[d], v)
		}
	}
	return c
}

// lineWeight is the prolongation's weight of coarse line i at fine line j, 2i−1 ≤ j ≤ 2i+1.
func lineWeight(j, i, n int) float64 {
	last := n%2 == 1 && j == n // a coarse line itself
	switch {
	case last && 2*i == n+1, !last && j == 2*i:
		return 1
	case last:
		return 0
	}
	return 0.5
}

// Size is the number of unknowns.
func (m *Multigrid) Size() int { return m.levels[0].unknowns() }

// Set takes the coefficient at all vertices [cells₀+1, cells₁+1], boundary included,
// the mean that its edges have, and c ≥ 0.
func (m *Multigrid) Set(a []float64, mean Mean, c float64) error {
	l := m.levels[0]
	columns := l.cells[1] + 1
	switch {
	case len(a) != (l.cells[0]+1)*columns:
		return fmt.Errorf("grid: multigrid: %d coefficients for %d×%d vertices, boundary included", len(a), l.cells[0]+1, columns)
	case !(c >= 0) || math.IsInf(c, 1):
		return fmt.Errorf("grid: multigrid: c = %g: it is finite and not negative; use Direct or a factor for c < 0", c)
	case mean != Arithmetic && mean != Harmonic:
		return fmt.Errorf("grid: multigrid: mean %d: allowed are Arithmetic and Harmonic", int(mean))
	}
	for i, v := range a {
		if !(v > 0) || math.IsInf(v, 1) {
			return fmt.Errorf("grid: multigrid: the coefficient at vertex (%d, %d) is %g: it is positive and finite", i/columns, i%columns, v)
		}
	}
	h0, h1 := m.axes[0].H(), m.axes[1].H()
	for i := range l.cells[0] + 1 {
		row, at := a[i*columns:(i+1)*columns], i*columns
		by := l.volume[0][i] / h1
		east := l.east[at : at+columns]
		for j := range columns - 1 {
			east[j] = by * mean.of(row[j], row[j+1])
		}
		if i == l.cells[0] {
			break
		}
		next, south := a[(i+1)*columns:(i+2)*columns], l.south[at:at+columns]
		for j, v := range row {
			south[j] = l.volume[1][j] / h0 * mean.of(v, next[j])
		}
	}
	m.singular = c == 0 && m.axes[0].Boundary == Neumann && m.axes[1].Boundary == Neumann
	l.finish(c)
	for _, next := range m.levels[1:] {
		l.coarsen(next)
		next.finish(c)
		l = next
	}
	return m.coarsest.factor(l, m.singular)
}

func (k Mean) of(a, b float64) float64 {
	if k == Harmonic {
		return 2 * a / (a + b) * b
	}
	return (a + b) / 2
}

// coarsen sets the conductances of the next level: in series along a coarse edge, and
// in parallel over the fine lines that its strip covers.
func (l *level) coarsen(c *level) {
	n0, n1 := l.cells[0], l.cells[1]
	columns, coarse := n1+1, c.cells[1]+1
	for i := c.lo[0]; i <= c.hi[0]; i++ {
		out := c.east[i*coarse:][:coarse]
		clear(out)
		for line := max(2*i-1, 0); line <= min(2*i+1, n0); line++ {
			w, e := lineWeight(line, i, n0), l.east[line*columns:][:n1]
			if w == 0 {
				continue // conductances along a boundary are not known to coarse levels
			}
			for j := range n1 / 2 {
				out[j] += w * series(e[2*j], e[2*j+1])
			}
			if n1%2 == 1 {
				out[n1/2] += w * e[n1-1]
			}
		}
	}
	for i := range c.cells[0] {
		first := l.south[2*i*columns:][:columns]
		second := first
		if 2*i+1 < n0 {
			second = l.south[(2*i+1)*columns:][:columns]
		}
		single := 2*i+1 == n0
		out := c.south[i*coarse:][:coarse]
		at := func(j int) float64 {
			if single {
				return first[j]
			}
			return series(first[j], second[j])
		}
		before := 0.0
		if c.lo[1] == 1 {
			before = 0.5 * at(1)
		}
		for j := c.lo[1]; j <= c.hi[1]; j++ {
			s := before + at(2*j)
			before = 0
			if 2*j+1 < n1 { // else it is past the end, or a coarse line itself
				before = 0.5 * at(2*j+1)
			}
			out[j] = s + before
		}
	}
}

func series(a, b float64) float64 { return a * b / (a + b) }

// finish makes the diagonals and gives each colour its numbers.
func (l *level) finish(c float64) {
	columns := l.cells[1] + 1
	for i := l.lo[0]; i <= l.hi[0]; i++ {
		east, south := l.east[i*columns:][:columns], l.south[i*columns:][:columns]
		for colour := range 2 {
			diagonal, inverse := l.row(l.diagonal.of[colour], i), l.row(l.inverse.of[colour], i)
			left, right, before, after := l.row(l.edge[0], i), l.row(l.edge[1], i), l.row(l.edge[2], i), l.row(l.edge[3], i)
			for j := l.lo[1] + (i+l.lo[1]+colour)&1; j <= l.hi[1]; j += 2 {
				var w, e, n, s float64
				if j > 0 {
					w = east[j-1]
				}
				if j < l.cells[1] {
					e = east[j]
				}
				if i > 0 {
					n = l.south[(i-1)*columns+j]
				}
				if i < l.cells[0] {
					s = south[j]
				}
				d, p := w+e+n+s+c*l.volume[0][i]*l.volume[1][j], j>>1
				diagonal[p], inverse[p] = d, 1/d
				if colour == 0 {
					left[p], right[p], before[p], after[p] = w, e, n, s
					if j == l.lo[1] {
						left[p] = 0
					}
					if j == l.hi[1] {
						right[p] = 0
					}
					if i == l.lo[0] {
						before[p] = 0
					}
					if i == l.hi[0] {
						after[p] = 0
					}
				}
			}
		}
	}
}
