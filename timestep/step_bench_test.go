package timestep

import (
	"testing"

	"abide/sparse"
)

// What a scheme costs beside what it calls: a step over 4,096 numbers with operators,
// solvers and rates that do next to nothing, as bytes through memory; the arrays
// lie in the second cache.
func BenchmarkStep(b *testing.B) {
	const n = 4096
	l := make([]float64, n)
	for i := range l {
		l[i] = -1
	}
	rate := func(_ float64, u, du []float64) { copy(du, u) }
	system := NewDiagonal(l)
	for _, c := range []struct {
		name   string
		arrays int // read or written by the step itself, those of operators included
		s      Stepper[float64]
	}{
		{"crank-nicolson", 11, stepMust(NewCrankNicolson(system, 0.1))},
		{"bdf2", 9, stepMust(NewBDF2(system, 0.1, 1))},
		{"imex", 15, stepMust(NewIMEX(system, 0.1, rate, AdamsBashforth))},
		{"ssp3", 17, stepMust(NewSSP(3, n, 0.1, rate))},
		{"etdrk4", 35, stepMust(NewETDRK4(l, 0.1, rate))},
		{"leapfrog", 8, stepMust(NewLeapfrog(Diagonal[float64](l), n, 0.1))},
	} {
		b.Run(c.name, func(b *testing.B) {
			u := make([]float64, n)
			b.SetBytes(int64(8 * n * c.arrays))
			for b.Loop() {
				c.s.Step(0, u)
			}
		})
	}
	// The 1-D heat equation with a real solver: five operations a number and a division
	// chain that is as long as the array.
	b.Run("tridiagonal", func(b *testing.B) {
		m := func(a, k float64) sparse.Tridiagonal {
			m := sparse.NewTridiagonal(n)
			for i := range n {
				m.Lower[i], m.Diagonal[i], m.Upper[i] = -k, a+2*k, -k
			}
			return m
		}
		s := stepMust(NewCrankNicolson(System[float64]{Size: n, Stiffness: m(0, 1), Shifted: func(c float64) (Solver[float64], error) {
			return m(1, c).Factor()
		}}, 0.1))
		u := make([]float64, n)
		u[n/2] = 1
		for b.Loop() {
			s.Step(0, u)
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/number")
	})
}
