package onnx

import (
	"testing"

	"abide/internal/engine"
)

// A small U-Net at 8×8, 512 points, forward and vector–Jacobian product.
func BenchmarkUNet(b *testing.B) {
	e := open(b)
	m, err := Read("testdata/torch-classic-unet.onnx")
	if err != nil {
		b.Fatal(err)
	}
	const n = 512
	x := engine.Array{Shape: []int{n, 1, 8, 8}, F64: make([]float64, n*64)}
	t := engine.Array{Shape: []int{n}, F64: make([]float64, n)}
	for i := range x.F64 {
		x.F64[i] = float64(i%13) / 7
	}
	forward := e.NewFunction("forward", engine.Float32, func(in []*engine.Node) []*engine.Node { return m.Apply(in...) })
	vjp := e.NewFunction("vjp", engine.Float32, func(in []*engine.Node) []*engine.Node {
		y := m.Apply(in...)[0]
		return []*engine.Node{engine.VJP(y, in[0], y)}
	})
	for _, f := range []struct {
		name string
		f    *engine.Function
	}{{"forward", forward}, {"vjp", vjp}} {
		b.Run(f.name, func(b *testing.B) {
			for range b.N {
				if _, err := f.f.Call(x, t); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
