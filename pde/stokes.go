package pde

import (
	"context"
	"fmt"
	"sync"

	"abide/fem"
	"abide/field"
	"abide/grid"
	"abide/mesh"
	"abide/sparse"
)

// stokesKind is slow viscous flow under a random force,
//
//	−ν Δu + ∇p = f,  div u = 0 in (0,1)²,  f₁, f₂ Matérn fields of ν = 1 and length ¼,
//
// in a cavity, u = 0 on the walls and (16 s x² (1−x)², 0) on the lid y = 1, ∫p = 0; or in
// a channel, u = 0 above and below, (4 s y (1−y), 0) at x = 0 and no traction, ν ∂u/∂n =
// p n, at x = 1, where Poiseuille's flow is the solution without force. The lid's speed
// goes to zero at its ends: with a constant one the pressure is infinite there.
//
// Taylor–Hood elements Q2/Q1 on n×n squares, so that velocities are on (2n+1)² points,
// pressures on (n+1)²: order 3 of u, 2 of p. The force is the Q2 function of its values.
// The rows are the equations of this scheme, in which the two differences of a staggered
// grid (MAC) do not vanish; elements were taken for no-slip walls need no special
// stencils, and for the system that other domains would have too.
//
// C. Taylor and P. Hood, Comput. Fluids 1 (1973); H. Elman, D. Silvester and A. Wathen,
// "Finite Elements and Fast Iterative Solvers" (2nd ed. 2014), section 3.1, for the flows.
//
// Cost: two triangular solves of 9n² unknowns a sample, the factor once for each worker.
var stokesKind = Kind{
	Name:     "stokes",
	Equation: "−ν Δu + ∇p = f, div u = 0 in (0,1)², u given on walls and lid or inlet",
	Scheme:   "Taylor–Hood elements Q2/Q1, LDLᵀ; order 3 of u, 2 of p",
	Source:   "Elman, Silvester and Wathen 2014, section 3.1; random force of our own",
	Parameters: []Parameter{
		{Name: "grid", Default: 16, Min: 2, Max: 256, Doc: "cells along each side; there are 2 grid + 1 points of u and grid + 1 of p"},
		{Name: "flow", Default: "cavity", Allowed: []string{"cavity", "channel"}, Doc: "walls with a moving lid, or from an inlet to an outlet"},
		{Name: "nu", Default: 1.0, Min: 0, MinOpen: true, Max: 1e6, Doc: "viscosity ν"},
		{Name: "speed", Default: 1.0, Min: 0, Max: 1e6, Doc: "largest speed s of lid or inlet"},
		{Name: "force", Default: 100.0, Min: 0, MinOpen: true, Max: 1e9, Doc: "standard deviation of the force, away from walls"},
	},
	New: newStokes,
}

// stokes is safe for several goroutines: matrices are read only, each takes a factor of
// its own.
type stokes struct {
	n                   int
	nu, speed, strength float64
	cavity              bool
	mesh                *mesh.Mesh
	system              *fem.SaddleSystem
	stiffness, mass     *sparse.CSR // on all velocities
	continuity          *sparse.CSR // B
	mean                []float64   // ∫ψ of the pressures
	velocity, pressure  latticed
	force               field.Sampler
	factors             sync.Pool
}

func newStokes(v Values) (Family, error) {
	f := &stokes{n: v.Int("grid"), nu: v.Float("nu"), speed: v.Float("speed"), strength: v.Float("force"), cavity: v.Text("flow") == "cavity"}
	var err error
	if f.mesh, err = mesh.NewRectangle(mesh.Quadrilateral, f.n, f.n, 1, 1); err != nil {
		return nil, err
	}
	U, P, err := fem.TaylorHood(f.mesh)
	if err != nil {
		return nil, err
	}
	problem := fem.Saddle{U: U, P: P, A: fem.Viscous(f.nu), B: fem.Continuity, ZeroMean: f.cavity, Dirichlet: f.walls()}
	if f.system, err = problem.System(); err != nil {
		return nil, fmt.Errorf("pde: stokes: %w", err)
	}
	if f.stiffness, err = U.Bilinear(problem.A); err != nil {
		return nil, err
	}
	if f.mass, err = U.Bilinear(func(_ *fem.Point, u, v *fem.Basis) float64 { return u.Vector.Dot(v.Vector) }); err != nil {
		return nil, err
	}
	if f.continuity, err = fem.Mixed(U, P, problem.B); err != nil {
		return nil, err
	}
	if f.mean, err = P.Linear(fem.Constant(1)); err != nil {
		return nil, err
	}
	m := 2*f.n + 1
	f.velocity, f.pressure = newLatticed(U, 0.5/float64(f.n), m), newLatticed(P, 1/float64(f.n), f.n+1)
	law := field.Matern{Nu: 1, Length: 0.25, Sigma: f.strength}.Law(2)
	side := grid.Axis{Cells: m - 1, Boundary: grid.Neumann}
	if f.force, err = field.NewSpectral(law, []grid.Axis{side, side}); err != nil {
		return nil, err
	}
	first, err := f.system.Factor()
	if err != nil {
		return nil, fmt.Errorf("pde: stokes: %w", err)
	}
	f.factors.New = func() any {
		again, err := f.system.Factor()
		if err != nil {
			panic(err) // the first one was the same
		}
		return again
	}
	f.factors.Put(first)
	return f, nil
}

func (f *stokes) walls() []fem.Dirichlet {
	if f.cavity {
		return []fem.Dirichlet{{}, {Group: "top", Vector: func(x fem.Vec) fem.Vec {
			return fem.Vec{16 * f.speed * x[0] * x[0] * (1 - x[0]) * (1 - x[0])}
		}}}
	}
	return []fem.Dirichlet{{Group: "left", Vector: func(x fem.Vec) fem.Vec { return fem.Vec{4 * f.speed * x[1] * (1 - x[1])} }},
		{Group: "top"}, {Group: "bottom"}}
}

// Mesh is the squares; their corners are the points of the pressure.
func (f *stokes) Mesh() *mesh.Mesh { return f.mesh }

func (f *stokes) Arrays() []Array {
	m := 2*f.n + 1
	return []Array{
		{Name: "f", Shape: []int{2, m, m}, Doc: "force (component, x, y) at vertices, middles of edges and of cells"},
		{Name: "u", Shape: []int{2, m, m}, Doc: "velocity (component, x, y) at the same points"},
		{Name: "p", Shape: []int{f.n + 1, f.n + 1}, Doc: "pressure (x, y) at vertices"},
	}
}

// Rows: a force F with a potential is balanced by the pressure, one without moves the
// fluid by at most F/ν times the torsion function of the square.
func (f *stokes) Rows() []Row {
	const torsion = 0.07367
	h, fixed := 1/float64(f.n), f.system.Fixed
	speed := max(f.speed, torsion*f.strength/f.nu)
	rows := []Row{
		{Name: "momentum", Size: fixed.N(), Unit: max(f.nu*speed, h*f.strength), Doc: "A u + Bᵀp − M f where u is not given"},
		{Name: "continuity", Size: f.system.K.Rows - fixed.N(), Unit: h * speed, Doc: "B u = −∫ψ div u for the shape functions ψ of p"},
		{Name: "boundary", Size: len(fixed.Value) - fixed.N(), Unit: speed, Doc: "u less its given values"},
	}
	if f.cavity {
		rows = append(rows, Row{Name: "mean", Size: 1, Unit: max(f.strength, f.nu*speed), Doc: "∫p"})
	}
	return rows
}

func (f *stokes) Draw(ctx context.Context, seed uint64, index int) (Sample, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s := NewSample(f)
	half := len(s[0]) / 2
	f.force.Sample(s[0][:half], seed, 2*index)
	f.force.Sample(s[0][half:], seed, 2*index+1)
	return s, f.solve(s)
}

// solve writes velocity and pressure of the force of a sample.
func (f *stokes) solve(s Sample) error {
	system, fixed := f.system, f.system.Fixed
	load, force := make([]float64, len(s[0])), make([]float64, len(s[0]))
	f.velocity.toSpace(force, s[0])
	f.mass.Apply(load, force)
	x, b := make([]float64, len(system.Load)), make([]float64, len(system.Load))
	fixed.Restrict(b[:fixed.N()], load)
	for i, v := range system.Load {
		b[i] += v
	}
	factor := f.factors.Get().(*fem.SaddleFactor)
	defer f.factors.Put(factor)
	if err := factor.Solve(x, b); err != nil {
		return fmt.Errorf("pde: stokes: %w", err)
	}
	u, p := system.Functions(x)
	f.velocity.toArray(s[1], u.Coef)
	f.pressure.toArray(s[2], p.Coef)
	return nil
}

func (f *stokes) Residual(dst []float64, s Sample) error {
	fixed, all := f.system.Fixed, len(s[1])
	force, u, p := make([]float64, all), make([]float64, all), make([]float64, len(s[2]))
	f.velocity.toSpace(force, s[0])
	f.velocity.toSpace(u, s[1])
	f.pressure.toSpace(p, s[2])
	sum, term := make([]float64, all), make([]float64, all)
	f.stiffness.Apply(sum, u)
	f.continuity.ApplyT(term, p)
	for i, v := range term {
		sum[i] += v
	}
	f.mass.Apply(term, force)
	for i, v := range term {
		sum[i] -= v
	}
	fixed.Restrict(dst[:fixed.N()], sum)
	dst = dst[fixed.N():]
	f.continuity.Apply(dst[:len(p)], u)
	dst = dst[len(p):]
	for i, k := range fixed.Number {
		if k < 0 {
			dst[0], dst = u[i]-fixed.Value[i], dst[1:]
		}
	}
	if f.cavity {
		dst[0] = 0
		for i, w := range f.mean {
			dst[0] += w * p[i]
		}
	}
	return nil
}
