package fem_test

import (
	"context"
	"fmt"
	"math"

	"abide/fem"
	"abide/mesh"
)

// A nonlinear equation, −∇·((1 + 0.1 u²) ∇u) = 1 on a star, and the derivative of the
// mean of u by the source.
func ExampleNewton() {
	m, err := mesh.NewStar(mesh.Triangle, 24, func(t float64) float64 { return 1 + 0.1*math.Cos(4*t) })
	if err != nil {
		panic(err)
	}
	V, err := fem.NewSpace(m, fem.P1)
	if err != nil {
		panic(err)
	}
	fixed, err := V.Dirichlet(fem.Dirichlet{})
	if err != nil {
		panic(err)
	}
	source, err := V.Interpolate(func(fem.Vec) float64 { return 1 })
	if err != nil {
		panic(err)
	}
	equation, err := fem.NewNonlinear(V, fixed)
	if err != nil {
		panic(err)
	}
	err = equation.Add(func(p *fem.Point, u fem.Dual, grad fem.DualVec) (flux fem.DualVec, s fem.Dual) {
		f, _ := source.Dual(p)
		return grad.Mul(u.Mul(u).Times(0.1).Plus(1)), f.Times(-1)
	})
	if err != nil {
		panic(err)
	}
	u := V.Zero()
	steps, err := fem.Newton{}.Solve(context.Background(), equation, u)
	if err != nil {
		panic(err)
	}
	mean, err := V.Linear(func(_ *fem.Point, v *fem.Basis) float64 { return v.Value })
	if err != nil {
		panic(err)
	}
	dot := func(x, y []float64) (sum float64) {
		for i := range x {
			sum += x[i] * y[i]
		}
		return sum
	}
	inverse, err := equation.Linearise(u.Coef)
	if err != nil {
		panic(err)
	}
	by, err := equation.By(source, u.Coef)
	if err != nil {
		panic(err)
	}
	gradient := make([]float64, V.N())
	fem.NewSensitivity(fixed, inverse, by).ApplyT(gradient, mean)
	fmt.Printf("%d steps, ∫u = %.5f, %.5f more for each unit of source\n", len(steps)-1, dot(mean, u.Coef), dot(gradient, source.Coef))
	// Output:
	// 3 steps, ∫u = 0.37315, 0.37243 more for each unit of source
}
