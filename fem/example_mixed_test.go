package fem_test

import (
	"fmt"
	"math"

	"abide/fem"
	"abide/mesh"
)

// Stokes flow in a cavity under a moving lid.
func ExampleSaddle() {
	m, err := mesh.NewRectangle(mesh.Quadrilateral, 16, 16, 1, 1)
	if err != nil {
		panic(err)
	}
	U, P, err := fem.TaylorHood(m)
	if err != nil {
		panic(err)
	}
	lid := func(x fem.Vec) fem.Vec { return fem.Vec{16 * x[0] * x[0] * (1 - x[0]) * (1 - x[0])} }
	u, p, err := fem.Saddle{
		U: U, P: P,
		A:         fem.Viscous(1),
		B:         fem.Continuity,
		Dirichlet: []fem.Dirichlet{{}, {Group: "top", Vector: lid}},
		ZeroMean:  true,
	}.Solve()
	if err != nil {
		panic(err)
	}
	at, err := U.Evaluation([]float64{0.5, 1, 0.5, 0.5})
	if err != nil {
		panic(err)
	}
	v := make([]float64, 4)
	at.Apply(v, u.Coef)
	fmt.Printf("speed of the lid %.0f, in the middle %.4f; %d velocities, %d pressures\n", v[0], v[2], len(u.Coef), len(p.Coef))
	// Output:
	// speed of the lid 1, in the middle -0.1655; 2178 velocities, 289 pressures
}

// Darcy flow from the left to the right through a plate with an obstacle, with fluxes
// that balance in each cell.
func ExampleFunction_Outflow() {
	m, err := mesh.NewRectangle(mesh.Triangle, 16, 16, 1, 1)
	if err != nil {
		panic(err)
	}
	U, err := fem.NewSpace(m, fem.RT0)
	if err != nil {
		panic(err)
	}
	P, err := fem.NewSpace(m, fem.P0)
	if err != nil {
		panic(err)
	}
	permeability := func(x fem.Vec) float64 {
		if math.Max(math.Abs(x[0]-0.5), math.Abs(x[1]-0.5)) < 0.25 {
			return 1e-3
		}
		return 1
	}
	one := func(fem.Vec) float64 { return 1 }
	zero := func(fem.Vec) float64 { return 0 }
	q, _, err := fem.Saddle{
		U: U, P: P,
		A:         func(p *fem.Point, u, v *fem.Basis) float64 { return u.Vector.Dot(v.Vector) / permeability(p.X) },
		B:         fem.Continuity,
		Dirichlet: []fem.Dirichlet{{Group: "bottom"}, {Group: "top"}},
		Pressure:  []fem.Pressure{{Group: "left", Value: one}, {Group: "right", Value: zero}},
	}.Solve()
	if err != nil {
		panic(err)
	}
	through := func(group string) float64 {
		flow, err := U.Integral(func(p *fem.Point) float64 { return q.At(p).Vector.Dot(p.Normal) }, fem.On(group))
		if err != nil {
			panic(err)
		}
		return flow
	}
	var worst float64
	for c := range m.Count() {
		worst = max(worst, math.Abs(q.Outflow(c)))
	}
	fmt.Printf("%.4f in, %.4f out, balanced in each cell: %v\n", -through("left"), through("right"), worst < 1e-14)
	// Output:
	// 0.5699 in, 0.5699 out, balanced in each cell: true
}
