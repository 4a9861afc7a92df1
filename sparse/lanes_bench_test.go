package sparse

import (
	"fmt"
	"testing"
)

// BenchmarkBatch times assembly, factorisation and solution of lognormal Darcy
// systems, per sample: an operation is one of the eight lanes.
func BenchmarkBatch(b *testing.B) {
	for _, n := range []int{17, 33, 65, 129} {
		q := lanesDarcy(n)
		a := lanesField(q.cells, 1)
		values, rhs := q.assemble(a), lanesNormal(q.pattern.Rows, 2)
		x := make([]lane, len(rhs))
		for i := range kernelSets {
			k := &kernelSets[i]
			w := NewBatch(q.symbolic)
			w.kernels = k
			if err := w.Factor(values); err != nil {
				b.Fatal(err)
			}
			var flops float64 // of one lane, in exact arithmetic of L without stored zeros
			for j := range q.symbolic.N {
				c := float64(q.symbolic.Col[j+1] - q.symbolic.Col[j])
				flops += c * c
			}
			stored := float64(len(w.l)) / float64(q.symbolic.NNZ())
			run := func(name string, flops, bytes float64, f func()) {
				b.Run(fmt.Sprintf("N=%d/%s/%s", q.symbolic.N, k.name, name), func(b *testing.B) {
					for done := 0; done < b.N; done += Lanes {
						f()
					}
					ns := float64(b.Elapsed()) / float64(b.N)
					b.ReportMetric(flops/ns, "GFLOP/s")
					b.ReportMetric(bytes/ns, "GB/s")
					b.ReportMetric(stored, "stored/nnz(L)")
				})
			}
			cells, l := float64(len(q.scatter)), float64(len(w.l))
			run("assemble", 2*cells, 16*cells, func() { clear(values); k.assemble(values, q.scatter, q.unit, a) })
			run("factor", flops, 8*l, func() { _ = w.Factor(values) })
			run("solve", 4*float64(q.symbolic.NNZ()), 16*l, func() { w.Solve(x, rhs) })
		}
	}
}
