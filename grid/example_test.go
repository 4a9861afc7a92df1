package grid_test

import (
	"fmt"
	"math"

	"abide/grid"
)

// Poisson's equation with u = 0 below and above and no flux through the other sides.
func ExampleDirect() {
	y := grid.Axis{Cells: 64, Length: 1, Boundary: grid.Dirichlet}
	x := grid.Axis{Cells: 32, Length: 1, Centring: grid.Cell, Boundary: grid.Neumann}
	solver, err := grid.NewDirect(0, grid.Stencil, y, x)
	if err != nil {
		fmt.Println(err)
		return
	}
	u := make([]float64, solver.Size())
	for i := range u {
		u[i] = 1
	}
	solver.Solve(u, u) // −Δu = 1: u = y(1 − y)/2
	fmt.Printf("u(½) = %.6f, nearest eigenvalue %.3f\n", u[len(u)/2], solver.Distance())
	// Output: u(½) = 0.125000, nearest eigenvalue 9.868
}

// A diffusion equation whose coefficient is 100 in a disc and 1 around it.
func ExampleMultigrid() {
	side := grid.Axis{Cells: 128, Length: 1}
	solver, err := grid.NewMultigrid(side, side)
	if err != nil {
		fmt.Println(err)
		return
	}
	var a []float64
	for i := range 129 {
		for j := range 129 {
			if math.Hypot(float64(i-64), float64(j-64)) < 32 {
				a = append(a, 100)
			} else {
				a = append(a, 1)
			}
		}
	}
	if err := solver.Set(a, grid.Harmonic, 0); err != nil {
		fmt.Println(err)
		return
	}
	u := make([]float64, solver.Size())
	for i := range u {
		u[i] = 1
	}
	c, err := solver.CG(u, u, 1e-8, 50)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("u in the middle %.4f, at most 20 iterations: %v\n", u[len(u)/2], c.Iterations <= 20)
	// Output: u in the middle 0.0582, at most 20 iterations: true
}

// The sine transform of a sine is one number.
func ExampleTransform() {
	t, err := grid.NewTransform([]int{7}, []grid.Kind{grid.DST1})
	if err != nil {
		fmt.Println(err)
		return
	}
	x := make([]float64, 7)
	for j := range x {
		x[j] = math.Sin(2 * math.Pi * float64(j+1) / 8)
	}
	t.Forward(x, x)
	for k, y := range x {
		if math.Abs(y) > 1e-12 {
			fmt.Printf("mode %d: %.3f\n", k+1, y)
		}
	}
	// Output: mode 2: 8.000
}
