package sparse

import (
	"fmt"
	"testing"
	"time"
)

// BenchmarkBatch times assembly, factorisation, solution and gradients of lognormal
// Darcy systems, per sample: an operation is one of the eight lanes. GFLOP/s are
// those of exact arithmetic (Σ cⱼ² to factor, without the zeros that panels store),
// also as a share of what the same instructions reach on registers alone, which is
// the limit of factor; the limit of the others are bytes, given as GB/s.
func BenchmarkBatch(b *testing.B) {
	for _, n := range []int{17, 33, 65, 129} {
		q := lanesDarcy(n)
		a := lanesField(q.cells, 1)
		values, rhs := q.assemble(a), lanesNormal(q.pattern.Rows, 2)
		x := make([]lane, len(rhs))
		for i := range laneSets {
			k := &laneSets[i]
			peak := lanesPeak(k.name)
			w := NewBatch(q.symbolic)
			w.kernels = k
			if err := w.Factor(values); err != nil {
				b.Fatal(err)
			}
			var products float64
			for j := range q.symbolic.N {
				c := float64(q.symbolic.Col[j+1] - q.symbolic.Col[j])
				products += c * c
			}
			run := func(name string, flops, bytes float64, f func()) {
				b.Run(fmt.Sprintf("N=%d/%s/%s", q.symbolic.N, k.name, name), func(b *testing.B) {
					for done := 0; done < b.N; done += Lanes {
						f()
					}
					ns := float64(b.Elapsed()) / float64(b.N)
					b.ReportMetric(flops/ns, "GFLOP/s")
					b.ReportMetric(100*flops/ns/peak, "%peak")
					b.ReportMetric(bytes/ns, "GB/s")
				})
			}
			cells, l := float64(len(q.scatter)), float64(len(w.l))
			run("assemble", 2*cells, 16*cells, func() { clear(values); k.assemble(values, q.scatter, q.unit, a) })
			run("factor", products, 8*l, func() { _ = w.Factor(values) })
			run("solve", 4*float64(q.symbolic.NNZ()), 16*l, func() { w.Solve(x, rhs) })
			gradient := make([]lane, q.cells)
			run("gradient", 2*cells, 8*cells, func() { k.gradient(gradient, q.dofs, q.unit, rhs, x) })
		}
	}
}

// BenchmarkSolveMany is whole samples: assembly, factor, solution.
func BenchmarkSolveMany(b *testing.B) {
	for _, n := range []int{33, 65} {
		q := lanesDarcy(n)
		a := lanesField(q.cells, 1)
		for _, workers := range []int{1, 2} {
			b.Run(fmt.Sprintf("N=%d/workers=%d", q.symbolic.N, workers), func(b *testing.B) {
				err := SolveMany(b.Context(), q.symbolic, b.N, workers, func(w *BatchBlock) error {
					return AssembleBatch(w.Values, q.scatter, q.unit, a)
				}, func(*BatchBlock) error { return nil })
				if err != nil {
					b.Fatal(err)
				}
			})
		}
	}
}

var lanesSink lane

// lanesPeak is the GFLOP/s of products and sums in registers, the best of a few
// runs.
func lanesPeak(name string) float64 {
	const rounds = 200000
	best := time.Hour
	var flops int
	for range 5 {
		begin := time.Now()
		flops = lanesSpin[name](rounds)
		best = min(best, time.Since(begin))
	}
	return float64(flops) * rounds / float64(best)
}

func plainSpin(rounds int) int {
	var s0, s1, s2, s3, s4, s5, s6, s7 float64
	x := 1 + float64(rounds&1)
	for range rounds {
		s0 += float64(x * x)
		s1 += float64(x * s0)
		s2 += float64(x * x)
		s3 += float64(x * s2)
		s4 += float64(x * x)
		s5 += float64(x * s4)
		s6 += float64(x * x)
		s7 += float64(x * s6)
	}
	lanesSink[0] = s0 + s1 + s2 + s3 + s4 + s5 + s6 + s7
	return 16
}

// BenchmarkNewBatch is the analysis that all samples share.
func BenchmarkNewBatch(b *testing.B) {
	for _, n := range []int{33, 65, 129} {
		q := lanesDarcy(n)
		b.Run(fmt.Sprintf("N=%d", q.symbolic.N), func(b *testing.B) {
			for range b.N {
				NewBatch(q.symbolic)
			}
		})
	}
}
