package equation_test

import (
	"fmt"
	"math"

	"abide/equation"
)

// Heat on a circle: the residual of a state that decays as it should is what the scheme
// leaves out, and its description says how it was made.
func ExampleParse() {
	e, err := equation.Parse(equation.Spec{
		Equation:  "dt(u) - nu*dxx(u) = 0",
		Axes:      []equation.Axis{{Name: "t", Points: 65, Length: 1}, {Name: "x", Points: 64, Length: 2 * math.Pi, Boundary: "periodic"}},
		Constants: map[string]float64{"nu": 0.5},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(e)
	u, r := make([]float64, e.Dim()), make([]float64, e.Rows())
	for n := range 65 {
		for i := range 64 {
			u[64*n+i] = math.Exp(-0.5*e.Coordinate("t", n)) * math.Sin(e.Coordinate("x", i))
		}
	}
	e.Residual(r, u)
	worst := 0.0
	for _, v := range r {
		worst = max(worst, math.Abs(v))
	}
	fmt.Printf("%s: %.4f at most\n", e.Label(0), worst)

	_, err = equation.Parse(equation.Spec{Equation: "dt(u) - dyy(u) = 0", Axes: []equation.Axis{{Name: "t", Points: 65, Length: 1}, {Name: "x", Points: 64, Length: 1}}})
	fmt.Println(err)
	// Output:
	// equation: dt(u) - nu*dxx(u) = 0
	//   residual at (n+½, i), 4096 rows: n = 0 … 63 of 65, i = 0 … 63 of 64; order 2 in t, 2 in x
	//   dt(u): (uⁿ⁺¹ − uⁿ)/Δt, order 2
	//   dxx(u): (u₊₁ − 2u + u₋₁)/h_x², order 2
	// equation at t[0+½] = 0.0078125, x[0] = 0: 0.0004 at most
	// expr: line 1, column 9, at "dyy": the grid has no axis y: axes are t, x (in "dt(u) - dyy(u) = 0")
}
