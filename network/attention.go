package network

import (
	"math"

	. "github.com/gomlx/gomlx/core/graph"
)

// attention lets every place see every other (Vaswani et al. 2017, section 3.2),
// in heads of C/heads channels, as a residual:
//
//	y = x + W_o Σ softmax(q kᵀ/√(C/heads)) v,  q, k, v = W n(x) + b
type attention struct {
	channels, heads int
	norm            groupNorm
	q, k, v, out    dense
}

func (p *parameters) newAttention(name string, channels, heads, sites int) attention {
	p.computes(4*sites*sites*channels, 2*heads*sites*sites)
	return attention{
		channels: channels, heads: heads, norm: p.newGroupNorm(name+".norm", channels, sites),
		q: p.newDense(name+".q", channels, channels, sites, 1), k: p.newDense(name+".k", channels, channels, sites, 1),
		v: p.newDense(name+".v", channels, channels, sites, 1), out: p.newDense(name+".out", channels, channels, sites, 0),
	}
}

// apply takes x [N, places…, C].
func (l attention) apply(x *Node) *Node {
	dims := x.Shape().Dimensions
	n, size := dims[0], l.channels/l.heads
	sites := x.Shape().Size() / (n * l.channels)
	h := Reshape(l.norm.apply(x, nil, nil), n, sites, l.channels)
	split := func(d dense) *Node { return Reshape(d.apply(h), n, sites, l.heads, size) }
	q, k, v := split(l.q), split(l.k), split(l.v)
	weight := DotGeneral(q, []int{3}, []int{0, 2}, k, []int{3}, []int{0, 2}) // [n, heads, sites, sites]
	weight = Softmax(MulScalar(weight, 1/math.Sqrt(float64(size))), -1)
	sum := DotGeneral(weight, []int{3}, []int{0, 1}, v, []int{1}, []int{0, 2}) // [n, heads, sites, size]
	y := l.out.apply(Reshape(TransposeAllDims(sum, 0, 2, 1, 3), n, sites, l.channels))
	return Add(x, Reshape(y, dims...))
}
