package operator

import (
	"context"
	"math"
	"sync"

	"abide/grid"
)

// Darcy is pressure at points of a porous medium whose log-permeability m is unknown,
//
//	−div(e^m ∇p) = f in a rectangle,  p = 0 on its boundary,
//
// m and f at the vertices of a grid [rows, columns], boundary included, in flux form:
// (A p)_i = Σ_edges a_e (p_i − p_nb)/h_e² with the arithmetic mean a_e of e^m over an
// edge, which is the scheme of the data family "darcy" of package pde and of order 2 for
// smooth m. Points see p by bilinear interpolation. With A λ = Wᵀc for the points'
// weights W the derivative is that of the numbers computed,
//
//	∂(c·Wp)/∂m_k = −e^{m_k} Σ_{edges at k} ½ (λ_i − λ_j)(p_i − p_j)/h_e²,
//
// a solution each, of the same matrix. Conjugate gradients with multigrid to 1e-13
// ([grid.Multigrid]), safe for several goroutines. On 64² vertices a pressure takes
// about 0.5 ms, all rows of the derivative by 30 points about 20 times that. Not for m
// whose range is above about 12: the iteration then takes longer than its bound, which
// is an error.
//
// The adjoint is that of M. Hinze, R. Pinnau, M. Ulbrich and S. Ulbrich, "Optimization
// with PDE Constraints" (2009), section 1.6.
type Darcy struct {
	rows, columns int
	h             [2]float64
	source        []float64 // at inner vertices
	at            [][4]int  // vertices around each point
	weight        [][4]float64
	solvers       sync.Pool
}

var _ Linearised = (*Darcy)(nil)

// darcySolver is a solver with room for one point's numbers.
type darcySolver struct {
	*grid.Multigrid
	a, p, lambda []float64 // at all vertices
	inner        []float64
}

// NewDarcy takes the vertices along both axes, the extents of the rectangle, the source f
// at each vertex, or one for all, and the places of the points, in the unit of the
// extents, along the axis of rows first.
func NewDarcy(rows, columns int, extent [2]float64, source []float64, points [][]float64) (*Darcy, error) {
	if rows < 3 || columns < 3 {
		return nil, fault("darcy", "a grid of %d×%d vertices: want at least 3 along each axis, the boundary's included", rows, columns)
	}
	for _, v := range extent {
		if !(v > 0) || math.IsInf(v, 0) {
			return nil, fault("darcy", "extent %g: want a positive, finite length", v)
		}
	}
	o := &Darcy{rows: rows, columns: columns, h: [2]float64{extent[0] / float64(rows-1), extent[1] / float64(columns-1)}}
	if n := len(source); n != 1 && n != rows*columns {
		return nil, fault("darcy", "a source of %d numbers for %d×%d vertices: want one for all, or one each", n, rows, columns)
	}
	some := false
	for i := range (rows - 2) * (columns - 2) {
		f := source[0]
		if len(source) > 1 {
			f = source[(i/(columns-2)+1)*columns+i%(columns-2)+1]
		}
		if math.IsNaN(f) || math.IsInf(f, 0) {
			return nil, fault("darcy", "the source at inner vertex %d is %g: want finite numbers", i, f)
		}
		some = some || f != 0
		o.source = append(o.source, f)
	}
	if !some {
		return nil, fault("darcy", "the source is 0 at all inner vertices, and so is the pressure, whatever the permeability: give a source")
	}
	if len(points) == 0 {
		return nil, fault("darcy", "no points: give at least one where the pressure is measured")
	}
	for k, p := range points {
		if len(p) != 2 {
			return nil, fault("darcy", "point %d has %d numbers: want two", k, len(p))
		}
		if !(p[0] > 0 && p[0] < extent[0] && p[1] > 0 && p[1] < extent[1]) {
			return nil, fault("darcy", "point %d, (%g, %g), does not lie inside (0, %g) × (0, %g), where the pressure is not known", k, p[0], p[1], extent[0], extent[1])
		}
		o.see(p)
	}
	side := func(cells int, length float64) grid.Axis { return grid.Axis{Cells: cells, Length: length} }
	first, err := o.solver(side(rows-1, extent[0]), side(columns-1, extent[1]))
	if err != nil {
		return nil, err
	}
	o.solvers.New = func() any {
		s, err := o.solver(side(rows-1, extent[0]), side(columns-1, extent[1]))
		if err != nil {
			panic(err) // the first one had the same axes
		}
		return s
	}
	o.solvers.Put(first)
	return o, nil
}

// see adds the bilinear weights of a point.
func (o *Darcy) see(p []float64) {
	s, t := p[0]/o.h[0], p[1]/o.h[1]
	i, j := min(int(s), o.rows-2), min(int(t), o.columns-2)
	s, t = s-float64(i), t-float64(j)
	k := i*o.columns + j
	o.at = append(o.at, [4]int{k, k + 1, k + o.columns, k + o.columns + 1})
	o.weight = append(o.weight, [4]float64{(1 - s) * (1 - t), (1 - s) * t, s * (1 - t), s * t})
}

func (o *Darcy) solver(slow, fast grid.Axis) (*darcySolver, error) {
	m, err := grid.NewMultigrid(slow, fast)
	if err != nil {
		return nil, err
	}
	n := o.rows * o.columns
	return &darcySolver{m, make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, m.Size())}, nil
}

// Dims are the vertices and the points.
func (o *Darcy) Dims() (d, m int) { return o.rows * o.columns, len(o.at) }

// Bounds of the iteration.
const (
	darcyTolerance = 1e-13
	darcyLimit     = 300
)

// state solves for the pressure of log-permeabilities.
func (o *Darcy) state(s *darcySolver, x []float64) error {
	for i, m := range x {
		s.a[i] = math.Exp(m)
	}
	if err := s.Set(s.a, grid.Arithmetic, 0); err != nil {
		return err
	}
	copy(s.inner, o.source)
	return o.solve(s, s.p)
}

// solve writes A⁻¹ of s.inner to all vertices.
func (o *Darcy) solve(s *darcySolver, p []float64) error {
	if _, err := s.CG(s.inner, s.inner, darcyTolerance, darcyLimit); err != nil {
		return err
	}
	n := o.columns - 2
	for i := range o.rows - 2 {
		copy(p[(i+1)*o.columns+1:], s.inner[i*n:(i+1)*n])
	}
	return nil
}

// At writes the pressures at the points.
func (o *Darcy) At(ctx context.Context, y, x []float64) error {
	s := o.solvers.Get().(*darcySolver)
	defer o.solvers.Put(s)
	if err := o.state(s, x); err != nil {
		return err
	}
	o.observe(y, s.p)
	return ctx.Err()
}

func (o *Darcy) observe(y, p []float64) {
	for k, at := range o.at {
		y[k] = 0
		for q, i := range at {
			y[k] += o.weight[k][q] * p[i]
		}
	}
}

// VJP is one pressure and one adjoint solution.
func (o *Darcy) VJP(ctx context.Context, g, x, c []float64) error {
	s := o.solvers.Get().(*darcySolver)
	defer o.solvers.Put(s)
	if err := o.state(s, x); err != nil {
		return err
	}
	if err := o.adjoint(s, g, c); err != nil {
		return err
	}
	return ctx.Err()
}

// Linearise is one pressure and an adjoint solution for each point.
func (o *Darcy) Linearise(ctx context.Context, y, jac, x []float64) error {
	s := o.solvers.Get().(*darcySolver)
	defer o.solvers.Put(s)
	if err := o.state(s, x); err != nil {
		return err
	}
	o.observe(y, s.p)
	c, d := make([]float64, len(o.at)), len(x)
	for k := range c {
		c[k] = 1
		if err := o.adjoint(s, jac[k*d:(k+1)*d], c); err != nil {
			return err
		}
		c[k] = 0
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return nil
}

// adjoint writes (∂A/∂m)ᵀ c at the state of s.
func (o *Darcy) adjoint(s *darcySolver, g, c []float64) error {
	clear(s.lambda)
	for k, at := range o.at {
		for q, i := range at {
			s.lambda[i] += o.weight[k][q] * c[k]
		}
	}
	n := o.columns - 2
	for i := range o.rows - 2 { // what falls on the boundary sees p = 0
		copy(s.inner[i*n:(i+1)*n], s.lambda[(i+1)*o.columns+1:])
	}
	clear(s.lambda)
	if err := o.solve(s, s.lambda); err != nil {
		return err
	}
	clear(g)
	edge := func(i, j int, h float64) {
		v := -0.5 * (s.lambda[i] - s.lambda[j]) * (s.p[i] - s.p[j]) / (h * h)
		g[i] += v
		g[j] += v
	}
	for i := range o.rows {
		for j := range o.columns {
			k := i*o.columns + j
			if j+1 < o.columns {
				edge(k, k+1, o.h[1])
			}
			if i+1 < o.rows {
				edge(k, k+o.columns, o.h[0])
			}
		}
	}
	for k, a := range s.a {
		g[k] *= a
	}
	return nil
}

// Pressure is p at all vertices for log-permeabilities x.
func (o *Darcy) Pressure(x []float64) ([]float64, error) {
	s := o.solvers.Get().(*darcySolver)
	defer o.solvers.Put(s)
	if err := o.state(s, x); err != nil {
		return nil, err
	}
	return append([]float64(nil), s.p...), nil
}
