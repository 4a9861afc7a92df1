package network

import (
	. "github.com/gomlx/gomlx/core/graph"

	"abide/internal/engine"
)

// dense is y = x W + b on the last axis; W is [in, out] (torch: its transpose).
type dense struct {
	in, out int
	w, b    *engine.Weights
}

// newDense is used at sites places of a sample; 0: on the embedding. gain scales
// the initial weights; 0 makes a layer that gives zero at first.
func (p *parameters) newDense(name string, in, out, sites int, gain float64) dense {
	p.computes(2*sites*in*out, sites*out)
	if sites == 0 {
		p.cost.Embedding += 2 * in * out
	}
	return dense{in: in, out: out, w: p.normal(name+".w", gain*lecun(in), in, out), b: p.constant(name+".b", 0, out)}
}

func (l dense) apply(x *Node) *Node {
	g, dims := x.Graph(), append([]int{}, x.Shape().Dimensions...)
	y := product(Reshape(x, x.Shape().Size()/l.in, l.in), l.w.Use(g))
	dims[len(dims)-1] = l.out
	return addBias(Reshape(y, dims...), l.b.Use(g))
}
