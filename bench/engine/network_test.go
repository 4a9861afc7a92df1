package engine

import (
	"testing"

	"github.com/gomlx/gomlx/core/graph"

	"abide/internal/engine"
	"abide/internal/keyed"
	"abide/network"
)

// networks for fields of 8×8, with some 200,000 parameters each.
var networks = []struct {
	name string
	network.Architecture
}{
	{"mlp", network.Architecture{Kind: "mlp", Shape: []int{64}, Width: 256, Depth: 3, Embedding: 64}},
	{"residual", network.Architecture{Kind: "residual-mlp", Shape: []int{64}, Width: 192, Depth: 2, Embedding: 64}},
	{"unet", network.Architecture{Kind: "unet", Shape: []int{8, 8}, Width: 24, Depth: 1, Embedding: 32}},
	{"unet-patch", network.Architecture{Kind: "unet", Shape: []int{8, 8}, Patch: 2, Width: 40, Depth: 2, Embedding: 32}},
	{"fno", network.Architecture{Kind: "fno", Shape: []int{8, 8}, Width: 24, Depth: 3, Embedding: 32}},
}

// BenchmarkNetwork is a forward pass, and the gradient of a mean square for all
// weights, of 256 samples with a noise level each.
func BenchmarkNetwork(b *testing.B) {
	const n, d = 256, 64
	u, c := make([]float64, n*d), make([]float64, n)
	keyed.New(2, "points", 0, 0).Normal(u)
	keyed.New(2, "noise levels", 0, 0).Normal(c)
	for _, a := range networks {
		net, err := network.New(a.Architecture, 1)
		if err != nil {
			b.Fatal(err)
		}
		for i, w := range net.Weights() { // no zeros at the end of blocks
			x := make([]float64, len(w.Data))
			keyed.New(3, "weights", i, 0).Normal(x)
			for j := range x {
				w.Data[j] += float32(0.01 * x[j])
			}
		}
		forward := func(in []*engine.Node) []*engine.Node { return []*engine.Node{net.Apply(in[0], in[1], nil)} }
		gradient := func(in []*engine.Node) []*engine.Node {
			y := net.Apply(in[0], in[1], nil)
			loss := graph.ReduceAllMean(graph.Mul(y, y))
			var nodes []*engine.Node
			for _, w := range net.Weights() {
				nodes = append(nodes, w.Use(y.Graph()))
			}
			return append(graph.Gradient(loss, nodes...), loss)
		}
		cost := net.Cost()
		flops := n * (cost.FLOPs + cost.Embedding)
		for _, f := range []struct {
			name  string
			build func(in []*engine.Node) []*engine.Node
			flops int
		}{{"forward", forward, flops}, {"gradient", gradient, 3 * flops}} {
			b.Run(a.name+"/"+f.name, func(b *testing.B) {
				backends(b, func(b *testing.B, e *engine.Engine) {
					call := e.NewFunction(f.name, engine.Float32, f.build)
					run := func() {
						if _, err := call.CallNative(engine.Rows(u, d), engine.Rows(c, 1)); err != nil {
							b.Fatal(err)
						}
					}
					run()
					report(b, e, 1, f.flops, run)
					b.ReportMetric(float64(cost.Parameters), "parameters")
				})
			})
		}
	}
}
