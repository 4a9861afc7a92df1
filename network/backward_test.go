package network

import (
	"fmt"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"

	"abide/internal/engine"
)

// The gradient a perceptron builds itself is that of automatic differentiation of
// Apply, for every weight, with and without a condition,
// with both kinds of features.
func TestBackwardIsTheGradient(t *testing.T) {
	const n, d = 7, 3
	for _, backend := range []string{"go", "xla"} {
		e, err := engine.Open(backend)
		if err != nil {
			continue // this build or machine has no such backend
		}
		for k, fourier := range map[int]float64{0: 0, 4: 0.7} {
			m := NewMLP(Architecture{Kind: "mlp", Shape: []int{d}, Condition: k, Width: 8, Depth: 3, Embedding: 6, Fourier: fourier}, 1)
			for i, w := range m.Weights() {
				w.Data64 = normals(len(w.Data), 20+i)
			}
			f := e.NewFunction("gradients", engine.Float64, func(in []*engine.Node) []*engine.Node {
				var y *Node
				if k > 0 {
					y = in[3]
				}
				direct := m.Apply(in[0], in[1], y)
				built, backward := m.ApplyBackward(in[0], in[1], y)
				var nodes []*Node
				for _, w := range m.Weights() {
					nodes = append(nodes, w.Use(direct.Graph()))
				}
				out := append([]*Node{direct, built}, Gradient(ReduceAllSum(Mul(direct, in[2])), nodes...)...)
				return append(out, backward(in[2])...)
			})
			in := []engine.Array{engine.Rows(normals(n*d, 1), d), engine.Rows(normals(n, 2), 1), engine.Rows(normals(n*d, 3), d)}
			if k > 0 {
				in = append(in, engine.Rows(normals(n*k, 4), k))
			}
			out, err := f.Call(in...)
			if err != nil {
				t.Fatal(err)
			}
			near(t, backend+": F", out[1].F64, out[0].F64, 1e-12) // some tens of sums
			count := len(m.Weights())
			for i, w := range m.Weights() {
				near(t, fmt.Sprintf("%s: gradient of %s", backend, w.Name), out[2+count+i].F64, out[2+i].F64, 1e-12)
			}
		}
	}
}
