package sparse

import (
	"fmt"
	"math"
	"testing"
	"time"
)

// Set-up and solution of −Δu = f by AMG and CG to 1e-8: linear elements on a jittered
// mesh (2-D) and the 7-point scheme (3-D).
func BenchmarkAMG(b *testing.B) {
	run := func(name string, make func() *CSR) {
		b.Run(name, func(b *testing.B) {
			a := make()
			f, x := iterVector(a.Rows, 1), iterVector(a.Rows, 2)
			setUp, again, solve := time.Duration(math.MaxInt64), time.Duration(math.MaxInt64), time.Duration(math.MaxInt64)
			o := Krylov{Work: new(Work)}
			var c Convergence
			var g *AMG
			for b.Loop() {
				start := time.Now()
				var err error
				if g, err = NewAMG(a, AMGOptions{}); err != nil {
					b.Fatal(err)
				}
				setUp = min(setUp, time.Since(start))
				start = time.Now()
				if err := g.Update(a); err != nil {
					b.Fatal(err)
				}
				again = min(again, time.Since(start))
				start = time.Now()
				clear(x)
				if c, err = CG(b.Context(), a, g, x, f, o); err != nil {
					b.Fatal(err)
				}
				solve = min(solve, time.Since(start))
			}
			b.ReportMetric(1e3*setUp.Seconds(), "setup-ms")
			b.ReportMetric(1e3*again.Seconds(), "update-ms")
			b.ReportMetric(1e3*solve.Seconds(), "solve-ms")
			b.ReportMetric(float64(c.Iterations), "iterations")
			b.ReportMetric(g.Complexity(), "complexity")
			b.Log(g.Rows())
		})
	}
	for _, n := range []int{101, 317, 1001} {
		run(fmt.Sprintf("triangles/%d", (n-1)*(n-1)), func() *CSR { return iterP1(n, 0.125, iterUnit) })
	}
	for _, n := range []int{32, 100} {
		run(fmt.Sprintf("cubes/%d", n*n*n), func() *CSR { return iterGrid(n, n, n, iterOne, true) })
	}
}
