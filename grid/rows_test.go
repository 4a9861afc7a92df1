package grid

import (
	"math"
	"testing"
)

// The loops of this build give the bits of the plain ones, for rows of all lengths.
func TestRowsBits(t *testing.T) {
	for _, n := range []int{4, 8, 12, 36, 128} {
		var e [4][]float64
		for d := range e {
			e[d] = randomNumbers(uint64(d), n+9)
		}
		x, at := randomNumbers(10, n+9), &places{0, n, [4]int{0, 1, 5, 9}, [4]int{9, 2, 0, 3}}
		a, b, c := randomNumbers(20, n), randomNumbers(21, n), randomNumbers(22, n)
		same := func(name string, f func(dst []float64) float64, g func(dst []float64) float64) {
			p, q := randomNumbers(30, 2*n), randomNumbers(30, 2*n)
			if s, t2 := f(p), g(q); math.Float64bits(s) != math.Float64bits(t2) {
				t.Errorf("%s of %d numbers: sums %v and %v", name, n, s, t2)
			}
			for i := range p {
				if math.Float64bits(p[i]) != math.Float64bits(q[i]) {
					t.Errorf("%s of %d numbers: %v and %v at %d", name, n, p[i], q[i], i)
					return
				}
			}
		}
		same("relax", func(u []float64) float64 { relaxRow(u, a, b, x, &e, at); return 0 },
			func(u []float64) float64 { plainRelax(u, a, b, x, &e, at); return 0 })
		same("flow", func(r []float64) float64 { flowRow(r, x, &e, at); return 0 },
			func(r []float64) float64 { plainFlow(r, x, &e, at); return 0 })
		apply := func(f func(q, d, u, x []float64, e *[4][]float64, p *places, sum *[4]float64)) func(q []float64) float64 {
			return func(q []float64) float64 {
				sum := [4]float64{1, 2, 3, 4}
				f(q, a, b, x, &e, at, &sum)
				return sum[0] + 2*sum[1] + 3*sum[2] + 5*sum[3]
			}
		}
		same("apply", apply(applyRow), apply(plainApply))
		same("dot", func([]float64) float64 { return dotRow(a, b) }, func([]float64) float64 { return plainDot(a, b) })
		same("direction", func(p []float64) float64 { directionRow(p[:n], a, 0.3); return 0 },
			func(p []float64) float64 { plainDirection(p[:n], a, 0.3); return 0 })
		same("step", func(y []float64) float64 { return stepRow(y[:n], y[n:], a, c, 0.7) },
			func(y []float64) float64 { return plainStep(y[:n], y[n:], a, c, 0.7) })
		same("product", func(u []float64) float64 { productRow(u[:n], a, b); return 0 },
			func(u []float64) float64 { plainProduct(u[:n], a, b); return 0 })
	}
}
