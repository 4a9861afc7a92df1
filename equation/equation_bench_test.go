package equation

import (
	"fmt"
	"testing"

	"github.com/gomlx/gomlx/core/graph"

	"abide/internal/engine"
)

// The graph on 16 states: its gather moves 8 bytes a tap and row, elementwise operations
// as many each; the host form of the same work stands beside it.
func BenchmarkGraph(b *testing.B) {
	const n, states = 64, 16
	e, err := Parse(Spec{Equation: "dt(u) + u*dx(u) - 0.01*dxx(u) = 0",
		Axes: []Axis{{Name: "t", Points: n + 1, Length: 1}, {Name: "x", Points: n, Length: 1, Boundary: "periodic"}}})
	if err != nil {
		b.Fatal(err)
	}
	en, err := engine.Open("go")
	if err != nil {
		b.Fatal(err)
	}
	d, m := e.Dim(), e.Rows()
	u, y, out := make([]float64, states*d), make([]float64, states*m), make([]float64, d)
	for i := range u {
		u[i] = float64(i%17)/17 - 0.3
	}
	residual := en.NewFunction("residual", engine.Float64, func(in []*graph.Node) []*graph.Node { return []*graph.Node{e.Graph(in[0])} })
	vjp := en.NewFunction("vjp", engine.Float64, func(in []*graph.Node) []*graph.Node {
		return []*graph.Node{engine.VJP(e.Graph(in[0]), in[0], in[1])}
	})
	for _, c := range []struct {
		name string
		do   func() error
	}{
		{"residual/graph", func() error { _, err := residual.Call(engine.Rows(u, d)); return err }},
		{"residual/host", func() error {
			for k := range states {
				e.Residual(y[k*m:(k+1)*m], u[k*d:(k+1)*d])
			}
			return nil
		}},
		{"vjp/graph", func() error { _, err := vjp.Call(engine.Rows(u, d), engine.Rows(y, m)); return err }},
		{"vjp/host", func() error {
			for k := range states {
				e.VJP(out, u[k*d:(k+1)*d], y[k*m:(k+1)*m])
			}
			return nil
		}},
	} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				if err := c.do(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*states*m), "ns/row")
		})
	}
}

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
