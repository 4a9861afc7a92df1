package equation

import (
	"fmt"
	"testing"
)

// The limit is memory traffic: 8 bytes of u, 8 of the residual and 4 of index a tap.
func BenchmarkHost(b *testing.B) {
	const n = 128
	for _, c := range []struct{ name, text, flux string }{
		{"heat", "dt(u) - nu*dxx(u) = 0", ""}, {"burgers", "dt(u) + u*dx(u) - nu*dxx(u) = 0", ""}, {"godunov", "dt(u) + dx(u**2/2) = 0", godunov},
	} {
		e, err := Parse(Spec{Equation: c.text, Flux: c.flux, Constants: map[string]float64{"nu": 0.01},
			Axes: []Axis{{Name: "t", Points: n + 1, Length: 1}, {Name: "x", Points: n, Length: 1, Boundary: "periodic"}}})
		if err != nil {
			b.Fatal(err)
		}
		u, v, r := make([]float64, e.Dim()), make([]float64, e.Dim()), make([]float64, e.Rows())
		for i := range u {
			u[i] = float64(i%17)/17 - 0.3
		}
		j, err := e.NewJacobian()
		if err != nil {
			b.Fatal(err)
		}
		bytes := float64(16 + 4*len(e.blocks[0].inputs))
		for _, call := range []struct {
			name string
			do   func()
		}{
			{"residual", func() { e.Residual(r, u) }}, {"jvp", func() { e.JVP(r, u, u) }}, {"vjp", func() { e.VJP(v, u, r) }}, {"jacobian", func() { j.At(u) }},
		} {
			b.Run(fmt.Sprintf("%s/%s", c.name, call.name), func(b *testing.B) {
				for b.Loop() {
					call.do()
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*e.Rows()), "ns/row")
				b.ReportMetric(bytes*float64(b.N*e.Rows())/b.Elapsed().Seconds()/1e9, "GB/s")
			})
		}
	}
}
