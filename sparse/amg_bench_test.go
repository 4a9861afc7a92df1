package sparse

import (
	"fmt"
	"math"
	"testing"
	"time"
)

// Set-up and solution of −Δu = f by AMG and CG to 1e-8: linear elements on a jittered
// mesh (2-D), the 7-point scheme (3-D) and plane elasticity with rigid-body modes.
// "GB/s" counts what an iteration must read of matrices, 12 bytes an entry: A and Pᵀ
// of each level twice, A of the finest once more; BenchmarkApply has the rate of one
// product.
func BenchmarkAMG(b *testing.B) {
	run := func(name string, make func() (*CSR, AMGOptions)) {
		b.Run(name, func(b *testing.B) {
			a, options := make()
			f, x := iterVector(a.Rows, 1), iterVector(a.Rows, 2)
			setUp, again, solve := time.Duration(math.MaxInt64), time.Duration(math.MaxInt64), time.Duration(math.MaxInt64)
			o := Krylov{Work: new(Work)}
			var c Convergence
			var g *AMG
			for b.Loop() {
				start := time.Now()
				var err error
				if g, err = NewAMG(a, options); err != nil {
					b.Fatal(err)
				}
				setUp = min(setUp, time.Since(start))
				start = time.Now()
				if err := g.Refactor(a); err != nil {
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
			b.ReportMetric(1e3*again.Seconds(), "refactor-ms")
			b.ReportMetric(1e3*solve.Seconds(), "solve-ms")
			b.ReportMetric(float64(c.Iterations), "iterations")
			b.ReportMetric(g.Complexity(), "complexity")
			bytes := 12 * a.NNZ()
			for _, l := range g.levels {
				bytes += 24 * l.a.NNZ()
				if l.pt != nil {
					bytes += 24 * l.pt.NNZ()
				}
			}
			b.ReportMetric(float64(bytes*c.Iterations)/solve.Seconds()/1e9, "GB/s")
		})
	}
	for _, n := range []int{101, 317, 1001} {
		run(fmt.Sprintf("triangles/%d", (n-1)*(n-1)), func() (*CSR, AMGOptions) { return iterP1(n, 0.125, iterUnit), AMGOptions{} })
	}
	for _, n := range []int{32, 100} {
		run(fmt.Sprintf("cubes/%d", n*n*n), func() (*CSR, AMGOptions) { return iterGrid(n, n, n, iterOne, true), AMGOptions{} })
	}
	run("elastic/80400", func() (*CSR, AMGOptions) {
		a, points := iterElastic(200, 200, 0.3, true)
		modes, err := RigidModes(points, 2)
		if err != nil {
			b.Fatal(err)
		}
		return a, AMGOptions{Block: 2, Near: modes}
	})
}
