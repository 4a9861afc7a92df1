package timestep_test

import (
	"fmt"
	"math"

	"abide/sparse"
	"abide/timestep"
)

// The heat equation on 63 inner vertices of (0, 1), from sin πx to t = 0.1: Crank–Nicolson
// with a tridiagonal factor, made once.
func ExampleNewCrankNicolson() {
	const cells = 64
	shifted := func(a, b float64) sparse.Tridiagonal { // a + b δ
		m := sparse.NewTridiagonal(cells - 1)
		for i := range m.Diagonal {
			m.Lower[i], m.Diagonal[i], m.Upper[i] = -b, a+2*b, -b
		}
		return m
	}
	heat := timestep.System[float64]{
		Size:      cells - 1,
		Stiffness: shifted(0, cells*cells),
		Shifted: func(c float64) (timestep.Solver[float64], error) {
			return shifted(1, c*cells*cells).Factor()
		},
	}
	scheme, err := timestep.NewCrankNicolson(heat, 0.1/64)
	if err != nil {
		fmt.Println(err)
		return
	}
	u := make([]float64, cells-1)
	for i := range u {
		u[i] = math.Sin(math.Pi * float64(i+1) / cells)
	}
	t := timestep.March(scheme, 0, 64, u)
	fmt.Printf("t = %.1f: %.4f in the middle, exact %.4f\n", t, u[cells/2-1], math.Exp(-math.Pi*math.Pi*t))
	// Output: t = 0.1: 0.3728 in the middle, exact 0.3727
}

// u′ = −100 u + 100 cos t − sin t has the solution cos t: stiff, and exact to four digits with
// steps ten times longer than e^{−100 t} takes to fall off.
func ExampleNewETDRK4() {
	force := func(t float64, u, du []float64) { du[0] = 100*math.Cos(t) - math.Sin(t) }
	scheme, err := timestep.NewETDRK4([]float64{-100}, 0.1, force)
	if err != nil {
		fmt.Println(err)
		return
	}
	u := []float64{1}
	timestep.March(scheme, 0, 20, u)
	fmt.Printf("%.4f, exact %.4f\n", u[0], math.Cos(2))
	// Output: -0.4161, exact -0.4161
}

// A weight on a spring, u″ = −u, for a hundred periods: the energy is that of the first
// step.
func ExampleLeapfrog() {
	scheme, err := timestep.NewLeapfrog(timestep.Diagonal[float64]{-1}, 1, 0.01)
	if err != nil {
		fmt.Println(err)
		return
	}
	u := []float64{1}
	scheme.Step(0, u)
	before := scheme.Energy(u, nil)
	timestep.March(scheme, 0, 62831, u)
	fmt.Printf("%.6f, then %.6f\n", before, scheme.Energy(u, nil))
	// Output: 0.499988, then 0.499988
}
