package fem_test

import (
	"fmt"
	"math"

	"abide/fem"
	"abide/mesh"
)

// Poisson's equation on the unit square with u = 0 on the boundary.
func ExampleProblem() {
	m, err := mesh.NewRectangle(mesh.Triangle, 32, 32, 1, 1)
	if err != nil {
		panic(err)
	}
	V, err := fem.NewSpace(m, fem.P2)
	if err != nil {
		panic(err)
	}
	exact := func(x fem.Vec) float64 { return math.Sin(math.Pi*x[0]) * math.Sin(math.Pi*x[1]) }
	u, err := fem.Problem{
		Space:     V,
		Bilinear:  func(p *fem.Point, u, v *fem.Basis) float64 { return u.Grad.Dot(v.Grad) },
		Linear:    func(p *fem.Point, v *fem.Basis) float64 { return 2 * math.Pi * math.Pi * exact(p.X) * v.Value },
		Dirichlet: []fem.Dirichlet{{}},
	}.Solve()
	if err != nil {
		panic(err)
	}
	e, err := u.L2Error(func(x fem.Vec) fem.Vec { return fem.Vec{exact(x)} })
	if err != nil {
		panic(err)
	}
	fmt.Printf("‖u − exact‖ = %.3e\n", e)
	// Output: ‖u − exact‖ = 8.601e-06
}

// A matrix assembled again for new coefficients, and values at points.
func ExampleForm() {
	m, err := mesh.NewInterval(4, 0, 1)
	if err != nil {
		panic(err)
	}
	V, err := fem.NewSpace(m, fem.P1)
	if err != nil {
		panic(err)
	}
	fixed, err := V.Dirichlet(fem.Dirichlet{Group: "left"})
	if err != nil {
		panic(err)
	}
	form, err := fem.NewForm(V, fixed)
	if err != nil {
		panic(err)
	}
	diffusion, err := form.Diffusion()
	if err != nil {
		panic(err)
	}
	a := form.Matrix()
	for _, c := range [][]float64{{1, 1, 1, 1}, {1, 2, 3, 4}} {
		if err := diffusion.Assemble(a, c); err != nil {
			panic(err)
		}
		fmt.Println(a.At(0, 0), a.At(0, 1), a.At(3, 3))
	}
	h, err := V.Evaluation([]float64{0.3})
	if err != nil {
		panic(err)
	}
	fmt.Printf("%.1f %.1f\n", h.At(0, 1), h.At(0, 2))
	// Output:
	// 8 -4 4
	// 12 -8 16
	// 0.8 0.2
}
