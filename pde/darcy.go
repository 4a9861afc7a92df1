package pde

import (
	"context"
	"sync"

	"abide/field"
	"abide/grid"
)

// darcyKind is stationary flow through a porous medium of random permeability,
//
//	−div(a ∇u) = 1 in (0,1)²,  u = 0 on the boundary,  a = g(z),  z ~ N(0, 9 (−Δ + 9)⁻²),
//
// on the vertices of n×n cells, in flux form. Against 2048² cells the mean square error
// of u falls with order 1.0 where a jumps, relative to u 1.4 % at 64² cells for 12/3 and
// arithmetic means, 0.6 % for harmonic ones, and with order 1.9 and 2.0 for the
// log-normal a (six draws). The data satisfy their discrete equation to rounding all the
// same.
//
// Z. Li et al., "Fourier neural operator for parametric partial differential
// equations", ICLR 2021, section A.3.2: 12/4. J. Huang et al., "DiffusionPDE",
// NeurIPS 2024: 12/3. There the coefficient is drawn in cells and carried to vertices
// by splines, which blurs its jumps; here it is drawn at the vertices.
//
// Cost: a field and about 15 iterations of conjugate gradients with multigrid, O(n²).
var darcyKind = Kind{
	Name:     "darcy",
	Equation: "−div(a ∇u) = 1 in (0,1)², u = 0 on the boundary",
	Scheme:   "5-point flux form on vertices, multigrid-preconditioned conjugate gradients to 1e-13; order 2 for log-normal a, 1 where it jumps",
	Source:   "Li et al. 2021 (ICLR), section A.3.2, without its splines; contrast 12/3: Huang et al. 2024 (NeurIPS)",
	Parameters: []Parameter{
		cellsParameter(64),
		contrastParameter,
		{Name: "mean", Default: "arithmetic", Allowed: []string{"arithmetic", "harmonic"}, Doc: "mean of a on an edge from its two vertices"},
	},
	New: newDarcy,
}

func cellsParameter(n int) Parameter {
	return Parameter{Name: "grid", Default: n, Min: 4, Max: 2048, Doc: "cells along each side; there is one vertex more"}
}

// contrasts are the maps from a Gaussian field to a permeability, and its typical size.
var contrasts = map[string]struct {
	push    field.Push
	typical float64
}{
	"12/4":      {levels(4, 12), 8},
	"12/3":      {levels(3, 12), 7.5},
	"lognormal": {field.LogNormal{}, 1},
}

var contrastParameter = Parameter{
	Name: "contrast", Default: "12/4", Allowed: []string{"12/4", "12/3", "lognormal"},
	Doc: "permeability of a Gaussian field z: 12 where z ≥ 0 and 4 or 3 elsewhere, or exp z",
}

func levels(below, above float64) field.Push {
	l, err := field.NewLevelSet([]float64{0}, []float64{below, above})
	if err != nil {
		panic(err)
	}
	return l
}

// darcy is safe for several goroutines: each takes a solver of its own.
type darcy struct {
	n           int
	mean        grid.Mean
	typical     float64 // of a
	coefficient field.Sampler
	solvers     sync.Pool
}

func newDarcy(v Values) (Family, error) {
	contrast := contrasts[v.Text("contrast")]
	f := &darcy{n: v.Int("grid"), mean: grid.Arithmetic, typical: contrast.typical}
	if v.Text("mean") == "harmonic" {
		f.mean = grid.Harmonic
	}
	z, err := vertexField(f.n)
	if err != nil {
		return nil, err
	}
	f.coefficient = field.Pushed{Sampler: z, Push: contrast.push}
	side := grid.Axis{Cells: f.n, Length: 1}
	first, err := grid.NewMultigrid(side, side)
	if err != nil {
		return nil, err
	}
	f.solvers.New = func() any {
		m, err := grid.NewMultigrid(side, side)
		if err != nil {
			panic(err) // the first one had the same axes
		}
		return newDarcySolver(m)
	}
	f.solvers.Put(newDarcySolver(first))
	return f, nil
}

// darcySolver is a solver with room for its inner vertices.
type darcySolver struct {
	*grid.Multigrid
	x []float64
}

func newDarcySolver(m *grid.Multigrid) *darcySolver {
	return &darcySolver{m, make([]float64, m.Size())}
}

// vertexField is the published Gaussian field at the vertices of n×n cells.
func vertexField(n int) (field.Sampler, error) {
	side := grid.Axis{Cells: n, Boundary: grid.Neumann}
	return field.NewSpectral(field.Darcy, []grid.Axis{side, side})
}

func (f *darcy) Arrays() []Array {
	return []Array{
		{Name: "a", Shape: []int{f.n + 1, f.n + 1}, Doc: "permeability at vertices (x, y)"},
		{Name: "u", Shape: []int{f.n + 1, f.n + 1}, Doc: "pressure at vertices (x, y)"},
	}
}

// Rows: where a is constant, a u is the torsion function of the square, whose largest
// value is 0.07367; four terms of n² a u cancel.
func (f *darcy) Rows() []Row {
	const torsion = 0.07367
	return []Row{
		{Name: "equation", Size: (f.n - 1) * (f.n - 1), Unit: 4 * torsion * float64(f.n) * float64(f.n), Doc: "n² Σ_edges a_e (u − u_nb) − 1 at inner vertices, a_e the mean over the edge"},
		boundaryRow(f.n, torsion/f.typical),
	}
}

func (f *darcy) Draw(ctx context.Context, seed uint64, index int) (Sample, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s := NewSample(f)
	f.coefficient.Sample(s[0], seed, index)
	return s, f.solve(s[1], s[0], nil)
}

// solve writes the pressure of a permeability and a source at all vertices, nil for 1.
func (f *darcy) solve(u, a, source []float64) error {
	m := f.solvers.Get().(*darcySolver)
	defer f.solvers.Put(m)
	if err := m.Set(a, f.mean, 0); err != nil {
		return err
	}
	x := m.x
	if source == nil {
		for i := range x {
			x[i] = 1
		}
	} else {
		takeInner(x, source, f.n)
	}
	if _, err := m.CG(x, x, 1e-13, 100); err != nil {
		return err
	}
	putInner(u, x, f.n)
	return nil
}

func (f *darcy) Residual(dst []float64, s Sample) error {
	inner := (f.n - 1) * (f.n - 1)
	f.flux(dst[:inner], s[0], s[1])
	for i := range dst[:inner] {
		dst[i]--
	}
	boundaryValues(dst[inner:], s[1], f.n)
	return nil
}

// flux is n² Σ a_e (u − u_nb) at inner vertices.
func (f *darcy) flux(dst, a, u []float64) {
	n, m := f.n, f.n+1
	mean := func(p, q float64) float64 { return (p + q) / 2 }
	if f.mean == grid.Harmonic {
		mean = func(p, q float64) float64 { return 2 * p * q / (p + q) }
	}
	scale := float64(n) * float64(n)
	for i := 1; i < n; i++ {
		for j := 1; j < n; j++ {
			k := i*m + j
			sum := 0.0
			for _, next := range [4]int{k - m, k - 1, k + 1, k + m} {
				sum += mean(a[k], a[next]) * (u[k] - u[next])
			}
			dst[(i-1)*(n-1)+j-1] = scale * sum
		}
	}
}

// boundaryRow says that u, of a size, vanishes at the 4n vertices of the boundary.
func boundaryRow(n int, size float64) Row {
	return Row{Name: "boundary", Size: 4 * n, Unit: size, Doc: "u at the vertices of the boundary"}
}

func boundaryValues(dst, u []float64, n int) {
	m, at := n+1, 0
	for i := range m {
		for j := range m {
			if i == 0 || j == 0 || i == n || j == n {
				dst[at] = u[i*m+j]
				at++
			}
		}
	}
}

// putInner and takeInner go from the inner vertices to all and back.
func putInner(all, inner []float64, n int) {
	for i := 1; i < n; i++ {
		copy(all[i*(n+1)+1:], inner[(i-1)*(n-1):i*(n-1)])
	}
}

func takeInner(inner, all []float64, n int) {
	for i := 1; i < n; i++ {
		copy(inner[(i-1)*(n-1):i*(n-1)], all[i*(n+1)+1:])
	}
}
