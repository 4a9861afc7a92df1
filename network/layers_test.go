package network

import (
	"testing"

	. "github.com/gomlx/gomlx/core/graph"

	"abide/internal/engine"
)

// gradient is that of ⟨r, y⟩ for nodes.
func gradient(y, r *Node, nodes []*Node) []*Node {
	return Gradient(ReduceAllSum(Mul(Reshape(y, y.Shape().Size()), r)), nodes...)
}

// layers are all layers on small inputs: shape of x, and of what else they take.
var layers = []struct {
	name string
	in   [][]int
	make func(p *parameters) func(in []*Node) *Node
}{
	{"activation", [][]int{{3, 4}}, func(*parameters) func(in []*Node) *Node {
		return func(in []*Node) *Node { return Activation(in[0]) }
	}},
	{"dense", [][]int{{2, 3, 4}}, func(p *parameters) func(in []*Node) *Node {
		l := p.newDense("l", 4, 5, 3, 1)
		return func(in []*Node) *Node { return l.apply(in[0]) }
	}},
	{"embedding", [][]int{{2, 1}, {2, 3}}, func(p *parameters) func(in []*Node) *Node {
		l := p.newEmbedding(Architecture{Embedding: 6, Condition: 3, Fourier: 0.3}, 5)
		return func(in []*Node) *Node { return l.apply(in[0], in[1]) }
	}},
	{"rms norm", [][]int{{3, 6}}, func(p *parameters) func(in []*Node) *Node {
		l := p.newRMSNorm("l", 6)
		return func(in []*Node) *Node { return l.apply(in[0]) }
	}},
	{"group norm", [][]int{{2, 3, 2, 12}}, func(p *parameters) func(in []*Node) *Node {
		l := p.newGroupNorm("l", 12, 6)
		return func(in []*Node) *Node { return l.apply(in[0], nil, nil) }
	}},
	{"modulated group norm", [][]int{{2, 3, 6}, {2, 6}, {2, 6}}, func(p *parameters) func(in []*Node) *Node {
		l := p.newGroupNorm("l", 6, 3)
		return func(in []*Node) *Node { return l.apply(in[0], in[1], in[2]) }
	}},
	{"convolution on a line", [][]int{{2, 5, 3}}, func(p *parameters) func(in []*Node) *Node {
		l := p.newConv("l", []int{5}, 3, 4, 1)
		return func(in []*Node) *Node { return l.apply(in[0]) }
	}},
	{"convolution on a long line", [][]int{{2, 20, 3}}, func(p *parameters) func(in []*Node) *Node {
		l := p.newConv("l", []int{20}, 3, 2, 1)
		return func(in []*Node) *Node { return l.apply(in[0]) }
	}},
	{"convolution on a plane", [][]int{{2, 3, 4, 3}}, func(p *parameters) func(in []*Node) *Node {
		l := p.newConv("l", []int{3, 4}, 3, 2, 1)
		return func(in []*Node) *Node { return l.apply(in[0]) }
	}},
	{"convolution on a large plane", [][]int{{2, 5, 4, 3}}, func(p *parameters) func(in []*Node) *Node {
		l := p.newConv("l", []int{5, 4}, 3, 2, 1)
		return func(in []*Node) *Node { return l.apply(in[0]) }
	}},
	{"attention", [][]int{{2, 3, 2, 8}}, func(p *parameters) func(in []*Node) *Node {
		l := p.newAttention("l", 8, 2, 6)
		return func(in []*Node) *Node { return l.apply(in[0]) }
	}},
	{"spectral on a line", [][]int{{2, 7, 3}}, func(p *parameters) func(in []*Node) *Node {
		l := p.newSpectral("l", []int{7}, 3, 3, 2)
		return func(in []*Node) *Node { return l.apply(in[0]) }
	}},
	{"spectral on a plane", [][]int{{2, 4, 5, 2}}, func(p *parameters) func(in []*Node) *Node {
		l := p.newSpectral("l", []int{4, 5}, 2, 2, 3)
		return func(in []*Node) *Node { return l.apply(in[0]) }
	}},
	{"halve", [][]int{{2, 4, 6, 3}}, func(*parameters) func(in []*Node) *Node {
		return func(in []*Node) *Node { return halve(in[0]) }
	}},
	{"double", [][]int{{2, 2, 3, 3}}, func(*parameters) func(in []*Node) *Node {
		return func(in []*Node) *Node { return double(in[0]) }
	}},
	{"patches", [][]int{{2, 4, 6, 3}}, func(*parameters) func(in []*Node) *Node {
		return func(in []*Node) *Node { return patches(in[0], 2) }
	}},
}

func TestLayerGradients(t *testing.T) {
	onBackends(t, func(t *testing.T, e *engine.Engine) {
		for _, l := range layers {
			t.Run(l.name, func(t *testing.T) {
				var p parameters
				f := l.make(&p)
				p.fill(1)
				var in []engine.Array
				for i, dims := range l.in {
					n := 1
					for _, d := range dims {
						n *= d
					}
					in = append(in, array(normals(n, 10+i), dims...))
				}
				gradients(t, e, f, p.Weights(), in...)
			})
		}
	})
}
