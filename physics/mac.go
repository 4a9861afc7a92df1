package physics

import (
	"fmt"
	"math"
	"sync"

	"abide/grid"
)

// MAC is the set of flows without divergence on a staggered grid (marker and cell), the
// normal velocities of walls given:
//
//	(D u)_c = Σ_a (u_a⁺ − u_a⁻)/h_a = 0 in each cell,   u_a = g_a on walls,
//	P(u) = u − G L⁺ D u after u_a = g_a,   G = −Dᵀ,   L = D G,
//
// L the 5-point Laplacian (7-point in space) with Neumann conditions at walls, solved by
// cosine transforms, or Fourier ones where an axis is periodic. F. H. Harlow and J. E.
// Welch, Phys. Fluids 8 (1965); A. J. Chorin, Math. Comp. 22 (1968).
//
// A field is the faces of axis 0, then those of axis 1, …: component a has the shape of
// the cells with one more along axis a where that axis has walls. Cost: two transforms
// and 8 FLOPs a face. W is the identity. Not for no-slip conditions, which are not
// about the normal velocity, nor for open boundaries.
type MAC struct {
	cells    []int
	h        []float64
	periodic []bool
	offset   []int // of component a; the last is the number of faces
	size     int   // cells
	walls    *Fixed
	w        Metric
	rows     []Row
	work     sync.Pool // of *macWork
}

type macWork struct {
	poisson *grid.Direct
	p       []float64
}

var (
	_ Projector = (*MAC)(nil)
	_ Tangent   = (*MAC)(nil)
	_ Weighted  = (*MAC)(nil)
)

// Wall is the normal velocity, in the direction of the axis, at both ends of an axis:
// one number for each face of the end, or nil for zero. An axis that is periodic has no
// walls.
type Wall struct {
	Periodic  bool
	Low, High []float64
}

// NewMAC makes the law for cells of the widths h; w is nil or all the same.
func NewMAC(cells []int, h []float64, walls []Wall, w Metric, label Label) (*MAC, error) {
	m := &MAC{cells: cells, h: h, w: w, size: product(cells), offset: []int{0}}
	row, err := label.row("divergence", m.size, "Σ_a (u_a⁺ − u_a⁻)/h_a = 0 in each cell")
	if err != nil {
		return nil, err
	}
	if m.size == 0 || len(cells) < 2 || len(h) != len(cells) || len(walls) != len(cells) {
		return nil, fmt.Errorf("physics: %s: cells %v, widths %v and %d pairs of walls: want two axes or more, each with both", row.Name, cells, h, len(walls))
	}
	axes := make([]grid.Axis, len(cells))
	var nodes []int32
	var values []float64
	var net, scale float64
	for a, n := range cells {
		if !(h[a] > 0) {
			return nil, fmt.Errorf("physics: %s: width %g of axis %d: want a number above 0", row.Name, h[a], a)
		}
		axes[a] = grid.Axis{Cells: n, Length: h[a] * float64(n), Centring: grid.Cell, Boundary: grid.Neumann}
		m.periodic = append(m.periodic, walls[a].Periodic)
		if walls[a].Periodic {
			axes[a].Boundary = grid.Periodic
			m.offset = append(m.offset, m.offset[a]+m.size)
			continue
		}
		shape := append([]int(nil), cells...)
		shape[a]++
		m.offset = append(m.offset, m.offset[a]+product(shape))
		for end, given := range [][]float64{walls[a].Low, walls[a].High} {
			plane, err := Plane(shape, a, -end) // 0 and −1
			if err != nil {
				return nil, err
			}
			if given == nil {
				given = make([]float64, len(plane))
			}
			if len(given) != len(plane) {
				return nil, fmt.Errorf("physics: %s: %d velocities for %d faces of a wall of axis %d", row.Name, len(given), len(plane), a)
			}
			for i, j := range plane {
				nodes, values = append(nodes, int32(m.offset[a])+j), append(values, given[i])
				net += given[i] / h[a] * float64(1-2*end)
				scale += math.Abs(given[i] / h[a])
			}
		}
	}
	if math.Abs(net) > 1e-12*scale {
		return nil, fmt.Errorf("physics: %s: walls let in %g more than they let out: %w", row.Name, net, ErrInfeasible)
	}
	if err := uniform(row.Name, w, m.Dim()); err != nil {
		return nil, err
	}
	m.rows = []Row{row}
	if len(nodes) > 0 {
		if m.walls, err = NewFixed(m.Dim(), nodes, values, Label{Name: "walls", Unit: label.Unit * minimum(h), Tolerance: label.Tolerance}); err != nil {
			return nil, err
		}
		m.rows = append(m.rows, m.walls.Rows()...)
	}
	poisson, err := grid.NewDirect(0, grid.Stencil, axes...)
	if err != nil {
		return nil, err
	}
	m.work.New = func() any {
		poisson, _ := grid.NewDirect(0, grid.Stencil, axes...) // as above
		return &macWork{poisson, make([]float64, m.size)}
	}
	m.work.Put(&macWork{poisson, make([]float64, m.size)})
	return m, nil
}

// within tells whether no number is larger than a bound.
func within(x []float64, bound float64) bool {
	for _, v := range x {
		if !(math.Abs(v) <= bound) {
			return false
		}
	}
	return true
}

func minimum(x []float64) float64 {
	low := x[0]
	for _, v := range x {
		low = math.Min(low, v)
	}
	return low
}

func (m *MAC) Dim() int       { return m.offset[len(m.cells)] }
func (m *MAC) Rows() []Row    { return m.rows }
func (m *MAC) Metric() Metric { return m.w }

// lines calls f for every run of neighbouring cells, first, with the runs of their lower
// and upper faces of axis a.
func (m *MAC) lines(a int, f func(cell, low, high, length int)) {
	n, inner := m.cells[a], product(m.cells[a+1:])
	faces := n + 1
	if m.periodic[a] {
		faces = n
	}
	for o := range m.size / (n * inner) {
		for i := range n {
			f((o*n+i)*inner, m.offset[a]+(o*faces+i)*inner, m.offset[a]+(o*faces+(i+1)%faces)*inner, inner)
		}
	}
}

func (m *MAC) divergence(dst, u []float64) {
	clear(dst[:m.size])
	for a, h := range m.h {
		inverse := 1 / h
		m.lines(a, func(cell, low, high, length int) {
			d, l, r := dst[cell:cell+length], u[low:low+length], u[high:high+length]
			for i := range d {
				d[i] += (r[i] - l[i]) * inverse
			}
		})
	}
}

// addDivergenceT is dst += s Dᵀ p.
func (m *MAC) addDivergenceT(dst []float64, s float64, p []float64) {
	for a, h := range m.h {
		factor := s / h
		m.lines(a, func(cell, low, high, length int) {
			p, l, r := p[cell:cell+length], dst[low:low+length], dst[high:high+length]
			for i, x := range p {
				l[i] -= x * factor
				r[i] += x * factor
			}
		})
	}
}

func (m *MAC) Residual(dst, u []float64) {
	m.divergence(dst, u)
	if m.walls != nil {
		m.walls.Residual(dst[m.size:], u)
	}
}

func (m *MAC) JVP(dst, u, v []float64) {
	m.divergence(dst, v)
	if m.walls != nil {
		m.walls.JVP(dst[m.size:], u, v)
	}
}

func (m *MAC) VJP(dst, u, w []float64) {
	clear(dst)
	if m.walls != nil {
		m.walls.VJP(dst, u, w[m.size:])
	}
	m.addDivergenceT(dst, 1, w[:m.size])
}

func (m *MAC) Project(u []float64) error { return m.project(u, true) }

func (m *MAC) Tangent(_, v []float64) error { return m.project(v, false) }

// project lays the walls' velocities, or zero, and takes the gradient part off; a second
// time where rounding left something, and always for tangents, which have no unit.
func (m *MAC) project(u []float64, values bool) error {
	if err := checkField(m.rows[0].Name, m.Dim(), u); err != nil {
		return err
	}
	lay := func() {
		if m.walls != nil && values {
			_ = m.walls.Project(u)
		} else if m.walls != nil {
			_ = m.walls.Tangent(nil, u)
		}
	}
	work := m.work.Get().(*macWork)
	defer m.work.Put(work)
	lay()
	enough := 0.25 * m.rows[0].Tolerance * m.rows[0].Unit
	for pass := range 2 {
		m.divergence(work.p, u)
		if pass > 0 && values && within(work.p, enough) {
			return nil
		}
		work.poisson.Solve(work.p, work.p) // −p
		m.addDivergenceT(u, -1, work.p)    // u − G p, G = −Dᵀ
		lay()
	}
	return nil
}
