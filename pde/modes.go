package pde

import (
	"math"

	"abide/grid"
)

// Modal is a linear Family whose states, one after the other through all arrays, are on
// each mode of an axis sums of one or two trajectories. What belongs to no unknown of the
// axis (ends) is zero.
type Modal interface {
	Family
	// Axis is that of a state; its unknowns stand in the middle of the states.
	Axis() grid.Axis
	// Trajectories span those of mode k in the order of [grid.NewModes], one number for each
	// state.
	Trajectories(k int) [][]float64
}

// Shifted is a Family whose states are those of a circle, turned in Fourier space.
type Shifted interface {
	Products
	// Turn is the factor from a state to the next for each wave of [grid.RealFFT].
	Turn() []complex128
}

// Constant is the family of (Δ + c) u = f, u = 0 on the boundary, by five points on the
// vertices of a square; its arrays are f and u.
type Constant interface {
	Linearised
	// Equation is c and a side of the square.
	Equation() (c float64, side grid.Axis)
}

func (f *heat) Axis() grid.Axis { return grid.Axis{Cells: f.cells} }

// Elliptic is a Family whose first rows are those of ∓div(a ∇u) + … at the inner vertices
// of n×n cells of the unit square, for u its last array, zero on the boundary, by five
// points. Operators near that one make its residuals comparable on any grid.
type Elliptic interface {
	Family
	// Reference is n, and a typical coefficient a.
	Reference() (cells int, coefficient float64)
}

// stencil is the eigenvalue of −δ² for mode k between zero ends.
func stencil(cells, k int) float64 {
	s := math.Sin(math.Pi * float64(k+1) / float64(2*cells))
	return 4 * s * s
}

// Trajectories: g = (1 − (1 − θ) μ)/(1 + θ μ) from a state to the next, μ the eigenvalue of
// −ν Δt δ²/h².
func (f *heat) Trajectories(k int) [][]float64 {
	mu := f.number() * stencil(f.cells, k)
	g := (1 - (1-f.theta)*mu) / (1 + f.theta*mu)
	out := make([]float64, f.steps+1)
	x := 1.0
	for n := range out {
		out[n] = x
		x *= g
	}
	return [][]float64{out}
}

func (f *vibration) Axis() grid.Axis { return grid.Axis{Cells: f.cells} }

// Trajectories: the velocity, then the states, of a string at rest and of one that is
// straight.
func (f *vibration) Trajectories(k int) [][]float64 {
	c := f.c * f.dt * float64(f.cells)
	mu := c * c * stencil(f.cells, k)
	rest, straight := make([]float64, f.steps+2), make([]float64, f.steps+2)
	rest[1], rest[2] = 1, 1-mu/2
	straight[0], straight[2] = 1, f.dt
	for n := 3; n < len(rest); n++ {
		rest[n] = (2-mu)*rest[n-1] - rest[n-2]
		straight[n] = (2-mu)*straight[n-1] - straight[n-2]
	}
	return [][]float64{rest, straight}
}

func (f *advection) Turn() []complex128 {
	step := f.shifts.Get().(*shift)
	defer f.shifts.Put(step)
	return append([]complex128(nil), step.turn...)
}

func (f *helmholtz) Equation() (c float64, side grid.Axis) {
	return f.k * f.k, grid.Axis{Cells: f.n, Length: 1}
}

func (f *helmholtz) Reference() (int, float64) { return f.n, 1 }

func (f *darcy) Reference() (int, float64) { return f.n, f.typical }
