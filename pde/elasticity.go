package pde

import (
	"context"
	"fmt"
	"math"
	"sync"

	"abide/fem"
	"abide/field"
	"abide/grid"
	"abide/mesh"
	"abide/sparse"
)

// elasticityKind is a thin cantilever of random stiffness, in plane stress,
//
//	div σ = 0,  σ = E (2μ ε(u) + λ tr ε(u) I) in (0, L) × (0, 1),
//	u = 0 at x = 0,  σ n = (0, −1) at x = L,  σ n = 0 above and below,
//
// with E = exp z in cells, z a Matérn field of ν = 1, and λ, μ of modulus 1. Bilinear
// elements (Q1) on L n × n squares: order 2 where E is smooth, less near the corners of
// the clamped end; bending wants n of eight and more.
//
// As in Mosaic's beams and the many data sets of topology optimisation, where the modulus
// is that of a density instead. The rows are the equilibrium of nodes, A(E) u = t with
// A(E) = Σ E_K A_K, which is linear in E too.
//
// O. C. Zienkiewicz and R. L. Taylor, "The Finite Element Method" (5th ed. 2000), vol. 1,
// section 4.2.
//
// Cost: a factor of 2 L n² unknowns a sample, with one analysis for all.
var elasticityKind = Kind{
	Name:     "elasticity",
	Equation: "div σ = 0, σ = E (2μ ε(u) + λ tr ε(u) I) in (0, L) × (0, 1), clamped at x = 0, σ n = (0, −1) at x = L",
	Scheme:   "bilinear elements, Cholesky; order 2 for smooth E and u",
	Source:   "cantilever of topology optimisation; log-normal modulus of our own",
	Parameters: []Parameter{
		{Name: "grid", Default: 16, Min: 2, Max: 256, Doc: "cells across the beam"},
		{Name: "length", Default: 4, Min: 1, Max: 64, Doc: "length L of the beam of height 1"},
		{Name: "poisson", Default: 0.3, Min: -1, MinOpen: true, Max: 0.5, MaxOpen: true, Doc: "Poisson's ratio"},
		{Name: "deviation", Default: 0.5, Min: 0, MinOpen: true, Max: 2, Doc: "standard deviation of log E, away from the boundary"},
		{Name: "correlation", Default: 0.5, Min: 0, MinOpen: true, Max: 100, Doc: "length of the Matérn field log E"},
	},
	New: newElasticity,
}

// elasticity is safe for several goroutines: element matrices are read only, each takes a
// factor of its own.
type elasticity struct {
	n, length    int
	mesh         *mesh.Mesh
	fixed        *fem.Fixed
	form         *fem.Form
	unit         *fem.Weighted // A_K
	symbolic     *sparse.Symbolic
	traction     []float64 // t, of all degrees of freedom
	displacement latticed
	modulus      field.Sampler
	solvers      sync.Pool
}

type elasticitySolver struct {
	a      *sparse.CSR
	factor *sparse.Cholesky
}

func newElasticity(v Values) (Family, error) {
	f := &elasticity{n: v.Int("grid"), length: v.Int("length")}
	nx := f.length * f.n
	var err error
	if f.mesh, err = mesh.NewRectangle(mesh.Quadrilateral, nx, f.n, float64(f.length), 1); err != nil {
		return nil, err
	}
	solid, err := fem.NewElastic(1, v.Float("poisson"))
	if err != nil {
		return nil, err
	}
	scalar, err := fem.NewSpace(f.mesh, fem.Q1)
	if err != nil {
		return nil, err
	}
	V, err := scalar.Vector(2)
	if err != nil {
		return nil, err
	}
	if f.fixed, err = V.Dirichlet(fem.Dirichlet{Group: "left"}); err != nil {
		return nil, err
	}
	if f.form, err = fem.NewForm(V, f.fixed); err != nil {
		return nil, err
	}
	if f.unit, err = f.form.Weighted(solid.PlaneStress().Form); err != nil {
		return nil, err
	}
	if f.traction, err = V.Linear(func(_ *fem.Point, v *fem.Basis) float64 { return -v.Vector[1] }, fem.On("right")); err != nil {
		return nil, err
	}
	f.displacement = newLatticed(V, 1/float64(f.n), f.n+1)
	law := field.Matern{Nu: 1, Length: v.Float("correlation"), Sigma: v.Float("deviation")}.Law(2)
	along := grid.Axis{Cells: nx, Length: float64(f.length), Centring: grid.Cell, Boundary: grid.Neumann}
	across := grid.Axis{Cells: f.n, Centring: grid.Cell, Boundary: grid.Neumann}
	z, err := field.NewSpectral(law, []grid.Axis{along, across})
	if err != nil {
		return nil, err
	}
	f.modulus = field.Pushed{Sampler: z, Push: field.LogNormal{}}
	if err := f.analyse(V); err != nil {
		return nil, err
	}
	f.solvers.New = func() any { return &elasticitySolver{a: f.form.Matrix()} }
	return f, nil
}

func (f *elasticity) analyse(V *fem.Space) error {
	places := make([]float64, 0, 2*f.fixed.N())
	for _, dof := range f.fixed.Free {
		x := V.Place(int(dof))
		places = append(places, x[0], x[1])
	}
	pattern := f.form.Matrix()
	perm, err := sparse.OrderCoordinates(pattern, places, 2)
	if err != nil {
		return err
	}
	f.symbolic, err = sparse.Analyse(pattern, perm)
	return err
}

// Mesh is the squares: cell j·(L n) + i is number i along the beam, j across.
func (f *elasticity) Mesh() *mesh.Mesh { return f.mesh }

func (f *elasticity) Arrays() []Array {
	nx := f.length * f.n
	return []Array{
		{Name: "e", Shape: []int{nx, f.n}, Doc: "Young's modulus in cells (x, y)"},
		{Name: "u", Shape: []int{2, nx + 1, f.n + 1}, Doc: "displacement (component, x, y) at vertices"},
	}
}

// Rows: where E is 1, the end is displaced by 4 L³ and some more.
func (f *elasticity) Rows() []Row {
	size := 4 * math.Pow(float64(f.length), 3)
	return []Row{
		{Name: "equilibrium", Size: f.fixed.N(), Unit: size, Doc: "A(E) u − t at vertices that are not clamped, t the traction"},
		{Name: "clamp", Size: 2 * (f.n + 1), Unit: size, Doc: "u at x = 0"},
	}
}

func (f *elasticity) Draw(ctx context.Context, seed uint64, index int) (Sample, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s := NewSample(f)
	f.modulus.Sample(s[0], seed, index)
	return s, f.solve(s, f.traction)
}

// cells puts an array (x, y) in the order of the mesh.
func (f *elasticity) cells(array []float64) []float64 {
	nx := f.length * f.n
	out := make([]float64, len(array))
	for i := range nx {
		for j := range f.n {
			out[j*nx+i] = array[i*f.n+j]
		}
	}
	return out
}

// solve writes the displacement of the modulus of a sample under a load.
func (f *elasticity) solve(s Sample, load []float64) error {
	w := f.solvers.Get().(*elasticitySolver)
	defer f.solvers.Put(w)
	if err := f.unit.Assemble(w.a, f.cells(s[0])); err != nil {
		return err
	}
	var err error
	if w.factor == nil {
		w.factor, err = sparse.NewCholesky(f.symbolic, w.a)
	} else {
		err = w.factor.Refactor(w.a)
	}
	if err != nil {
		w.factor = nil
		return fmt.Errorf("pde: elasticity: %w", err)
	}
	x, u := make([]float64, f.fixed.N()), make([]float64, len(s[1]))
	f.fixed.Restrict(x, load)
	w.factor.Solve(x, x)
	f.fixed.Expand(u, x)
	f.displacement.toArray(s[1], u)
	return nil
}

// Residual leaves out what displacements of the clamp, which have rows of their own,
// would add to the equilibrium.
func (f *elasticity) Residual(dst []float64, s Sample) error {
	w := f.solvers.Get().(*elasticitySolver)
	defer f.solvers.Put(w)
	u, x := make([]float64, len(s[1])), make([]float64, f.fixed.N())
	f.displacement.toSpace(u, s[1])
	if err := f.unit.Assemble(w.a, f.cells(s[0])); err != nil {
		return err
	}
	f.fixed.Restrict(x, u)
	w.a.Apply(dst[:len(x)], x)
	f.fixed.Restrict(x, f.traction)
	for i, t := range x {
		dst[i] -= t
	}
	dst = dst[len(x):]
	for i, k := range f.fixed.Number {
		if k < 0 {
			dst[0], dst = u[i], dst[1:]
		}
	}
	return nil
}
