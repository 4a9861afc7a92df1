package pde

import (
	"context"
	"math"
	"testing"

	"abide/fem"
)

// What Kirchhoff's transform w = u + g u³/3 makes of it is Δw = f: any w has its source
// and its u. Order 2 in the mean square on a star.
func TestNonlinearPoissonOrder(t *testing.T) {
	w := func(x fem.Vec) float64 { return 2*math.Sin(x[0])*math.Sinh(x[1]) + math.Exp(x[0]-x[1]) }
	source := func(x []float64) float64 { return 2 * math.Exp(x[0]-x[1]) }
	for _, growth := range []float64{0.1, 3} {
		inverse := func(x fem.Vec) float64 {
			u, want := 0.0, w(x)
			for range 60 {
				u -= (u + growth*u*u*u/3 - want) / (1 + growth*u*u)
			}
			return u
		}
		evolutionOrder(t, "u", 2, 0.05, []int{10, 20, 40}, func(n int) float64 {
			f := elementsMake[*nonlinearPoisson](t, nonlinearPoissonKind, Values{"grid": n, "growth": growth})
			s := NewSample(f)
			s[0][0], s[0][1] = 0.15, -0.05
			m, err := f.star(s[0])
			if err != nil {
				t.Fatal(err)
			}
			for i := range s[4] {
				s[4][i] = source(m.Points[2*i:])
			}
			if err := f.solve(context.Background(), s, m, inverse); err != nil {
				t.Fatal(err)
			}
			V, err := fem.NewSpace(m, fem.P1)
			if err != nil {
				t.Fatal(err)
			}
			u, err := V.Function(s[5])
			if err != nil {
				t.Fatal(err)
			}
			e, err := u.L2Error(func(x fem.Vec) fem.Vec { return fem.Vec{inverse(x)} })
			if err != nil {
				t.Fatal(err)
			}
			return e
		})
	}
}

// All shapes that can be drawn are meshed with positive cells, and all draws are solved.
func TestNonlinearPoissonShapes(t *testing.T) {
	for _, n := range []int{2, 8, 24} {
		f := elementsMake[*nonlinearPoisson](t, nonlinearPoissonKind, Values{"grid": n})
		for _, c := range [][]float64{{0.2, 0.2}, {0.2, -0.2}, {-0.2, 0.2}, {-0.2, -0.2}} {
			m, err := f.star(c)
			if err == nil {
				err = m.Check()
			}
			if err != nil {
				t.Errorf("n = %d, %v: %v", n, c, err)
			}
		}
	}
	f := elementsMake[*nonlinearPoisson](t, nonlinearPoissonKind, Values{"grid": 6})
	for i := range 50 {
		contractTrue(t, f, i)
	}
}

// The linear equation's rows on this data: the growth of the diffusion is noticed.
func TestNonlinearPoissonNotLinear(t *testing.T) {
	f := elementsMake[*nonlinearPoisson](t, nonlinearPoissonKind, nil)
	linear := elementsMake[*nonlinearPoisson](t, nonlinearPoissonKind, Values{"growth": 0.0})
	s := contractDraw(t, f, 5, 1)
	v, err := Check(linear, s)
	if err != nil {
		t.Fatal(err)
	}
	if v[3].Worst < 1e-5 {
		t.Errorf("rows of Δu = f leave %g", v[3].Worst)
	}
}
