package field_test

import (
	"fmt"

	"abide/field"
	"abide/grid"
	"abide/mesh"
)

// The coefficient of the Darcy problems of Li et al. (2021): a field of 65² vertices
// and its two phases.
func ExampleSpectral() {
	side := grid.Axis{Cells: 64, Boundary: grid.Neumann}
	f, err := field.NewSpectral(field.Darcy, []grid.Axis{side, side})
	if err != nil {
		fmt.Println(err)
		return
	}
	phases, err := field.NewLevelSet([]float64{0}, []float64{4, 12})
	if err != nil {
		fmt.Println(err)
		return
	}
	a := make([]float64, f.Size())
	field.Pushed{Sampler: f, Push: phases}.Sample(a, 1, 0)
	mean, variance := phases.Moments(0, f.Std())
	fmt.Printf("std %.5f, phases of mean %g and variance %g, a[0] = %g\n", f.Std(), mean, variance, a[0])

	// The same draw, looked at closer.
	side.Cells = 128
	fine, err := field.NewSpectral(field.Darcy, []grid.Axis{side, side}, 64, 64)
	if err != nil {
		fmt.Println(err)
		return
	}
	u, v := make([]float64, f.Size()), make([]float64, fine.Size())
	f.Sample(u, 1, 0)
	fine.Sample(v, 1, 0)
	fmt.Printf("%.6f %.6f\n", u[10*65+20], v[20*129+40])
	// Output:
	// std 0.29206, phases of mean 8 and variance 16, a[0] = 4
	// 0.457538 0.457538
}

// A covariance that has no embedding of the smallest size says which would do.
func ExampleNewCirculant() {
	m := field.Matern{Nu: 1.5, Length: 0.3, Sigma: 1}
	_, err := field.NewCirculant(m.Stationary, []int{32, 32}, []float64{1. / 31, 1. / 31}, 1, 0)
	fmt.Println(err)
	// Output:
	// field: the covariance on a torus of [64 64] points has an eigenvalue of -0.104 (the largest is 526), hence no field: padding 2 would do
}

// Few numbers for a field on an interval.
func ExampleKL() {
	m := field.Matern{Nu: 1.5, Length: 0.2, Sigma: 1}
	side := grid.Axis{Cells: 100, Boundary: grid.Neumann}
	f, err := field.NewKL(m.Between, 1, grid.Points(side), grid.Weights(side), 0.999, 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%d terms have %.4f of the variance\n", f.White(), f.Captured())
	// Output:
	// 22 terms have 0.9991 of the variance
}

// The parameters of a field in the plane and those of its equation.
func ExampleMatern() {
	m := field.Matern{Nu: 1, Length: 0.1, Sigma: 2}
	kappa, alpha, tau := m.Equation(2)
	fmt.Printf("κ = %.4f, α = %g, τ = %.5f, range %.2f\n", kappa, alpha, tau, m.Range())
	// Output:
	// κ = 14.1421, α = 2, τ = 0.00997, range 0.20
}

// A prior on a mesh: correlation length 0.1, standard deviation 2 at every point, and the
// gradient of its density, which a sampler of a posterior needs.
func ExampleNewSPDE() {
	m, err := mesh.NewRectangle(mesh.Triangle, 32, 32, 1, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	f, err := field.NewSPDE(m, field.Matern{Nu: 1, Length: 0.1, Sigma: 2}, field.SPDEOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	u, gradient := make([]float64, f.Size()), make([]float64, f.Size())
	f.Sample(u, 1, 0)
	f.LogDensity(gradient, u)
	q := f.PrecisionMatrix()
	fmt.Printf("%d points, precision of %.1f numbers a row, std in the corner %.3f\n", f.Size(), float64(q.NNZ())/float64(f.Size()), f.Std()[0])

	// Exponential covariances are half-way between the equations with a sparse precision.
	e, err := field.NewFractionalSPDE(m, field.Matern{Nu: 0.5, Length: 0.1, Sigma: 2}, field.SPDEOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%d resolvents, relative error below %.0e\n", e.Terms(), 1e-6)
	// Output:
	// 1089 points, precision of 17.8 numbers a row, std in the corner 2.000
	// 6 resolvents, relative error below 1e-06
}
