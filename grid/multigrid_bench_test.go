package grid

import (
	"fmt"
	"testing"
)

// BenchmarkMultigrid is set-up and solution to 1e-8 with a 12/3 coefficient.
func BenchmarkMultigrid(b *testing.B) {
	for _, n := range []int{64, 128, 512, 1002, 1024} {
		for _, name := range []string{"12/3", "constant"} {
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				m := mgNew(b, n, n, Dirichlet, Dirichlet)
				a := mgPush(mgField(1, n, n), mgCoefficients[name])
				f, u := mgOnes(m), make([]float64, m.Size())
				var c Convergence
				b.ReportAllocs()
				for b.Loop() {
					if err := m.Set(a, Arithmetic, 0); err != nil {
						b.Fatal(err)
					}
					var err error
					if c, err = m.CG(u, f, 1e-8, 30); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(c.Iterations), "iterations")
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*c.Iterations*m.Size()), "ns/unknown/iteration")
			})
		}
	}
}

// BenchmarkMultigridParts is what a solution consists of.
func BenchmarkMultigridParts(b *testing.B) {
	for _, n := range []int{64, 1024} {
		m := mgNew(b, n, n, Dirichlet, Dirichlet)
		a := mgPush(mgField(1, n, n), mgCoefficients["12/3"])
		part := func(name string, f func()) {
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				for b.Loop() {
					f()
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*m.Size()), "ns/unknown")
			})
		}
		part("set", func() { m.Set(a, Arithmetic, 0) })
		part("cycle", func() { m.cycle(0) })
		part("apply", func() { m.levels[0].apply(&m.q, &m.p) })
		part("relax", func() { m.levels[0].relax(0) })
	}
}
