package network

import (
	"github.com/gomlx/compute/shapes"

	. "github.com/gomlx/gomlx/core/graph"

	"abide/internal/engine"
)

// conv is a convolution with kernels of three places in every axis, zeros beyond
// the border, channels last:
//
//	y[s] = Σ_k W[k] x[s + k − 1] + b
//
// Weights are [3, in, out] or [3, 3, in, out] (JAX: HWIO; torch: permuted to
// [out, in, 3, 3]).
//
// Kernels are odd, because GoMLX's gradient for the input is wrong for even ones.
type conv struct {
	in, out int
	w, b    *engine.Weights
}

func (p *parameters) newConv(name string, places []int, in, out int, gain float64) conv {
	taps, sites := 1, 1
	var dims []int
	for _, s := range places {
		taps, sites, dims = 3*taps, sites*s, append(dims, 3)
	}
	p.computes(2*sites*taps*in*out, sites*(taps*in+out))
	return conv{in, out, p.normal(name+".w", gain*lecun(taps*in), append(dims, in, out)...), p.constant(name+".b", 0, out)}
}

// apply takes x [N, places…, in]. XLA has a convolution of its own; on the
// pure-Go backend, whose convolution is some thirty times slower than its product
// of matrices, it is a product of one of two forms.
func (l conv) apply(x *Node) *Node {
	g := x.Graph()
	w := l.w.Use(g)
	dims := x.Shape().Dimensions
	places := dims[1 : len(dims)-1]
	sites := 1
	for _, s := range places {
		sites *= s
	}
	var y *Node
	switch {
	case g.Backend().Name() == "xla":
		y = Convolve(x, w).PadSame().Done()
	case sites <= bandedSites:
		y = convBanded(x, w, places)
	default:
		y = convUnfolded(x, w, places)
	}
	bias := make([]int, len(dims))
	for i := range bias {
		bias[i] = 1
	}
	bias[len(dims)-1] = l.out
	return Add(y, Reshape(l.b.Use(g), bias...))
}

// bandedSites is the size of the grid up to which the banded form is faster.
const bandedSites = 16

// convUnfolded lays the neighbours of each place side by side (im2col), axis by
// axis, and multiplies them with the kernel.
func convUnfolded(x, w *Node, places []int) *Node {
	dims := x.Shape().Dimensions
	for axis := len(places); axis >= 1; axis-- {
		// Pad has no gradient: zeros are concatenated.
		border := append([]int{}, x.Shape().Dimensions...)
		border[axis] = 1
		zero := Zeros(x.Graph(), shapes.Make(x.DType(), border...))
		side := places[axis-1]
		if side == 1 {
			z := ZerosLike(x)
			x = Concatenate([]*Node{z, x, z}, -1)
			continue
		}
		before := Concatenate([]*Node{zero, SliceAxis(x, axis, AxisRange(0, side-1))}, axis)
		after := Concatenate([]*Node{SliceAxis(x, axis, AxisRange(1)), zero}, axis)
		x = Concatenate([]*Node{before, x, after}, -1)
	}
	// The last axis is now [first axis' neighbour, second axis', …, channel], as in w.
	out := w.Shape().Dimensions[w.Rank()-1]
	taps := w.Shape().Size() / out
	y := Dot(Reshape(x, x.Shape().Size()/taps, taps), Reshape(w, taps, out)).Product()
	return Reshape(y, append(append([]int{}, dims[:len(dims)-1]...), out)...)
}

// convBanded multiplies all numbers of a sample with one matrix, banded where the
// kernel is, [places·in, places·out]: more products, but no copy of x is made.
func convBanded(x, w *Node, places []int) *Node {
	n := x.Shape().Dimensions[0]
	rank := w.Rank()
	in, out := w.Shape().Dimensions[rank-2], w.Shape().Dimensions[rank-1]
	sites := 1
	for _, s := range places {
		sites *= s
	}
	taps := w.Shape().Size() / (in * out)
	// choice[s, s′, k] is 1 where place s is neighbour k of place s′.
	choice := constant(w, []int{sites * sites, taps}, func(i int) float64 {
		from, to, k := i/taps/sites, i/taps%sites, i%taps
		for axis := len(places) - 1; axis >= 0; axis-- {
			if from%places[axis] != to%places[axis]+k%3-1 {
				return 0
			}
			from, to, k = from/places[axis], to/places[axis], k/3
		}
		return 1
	})
	m := Reshape(Dot(choice, Reshape(w, taps, in*out)).Product(), sites, sites, in, out)
	m = Reshape(TransposeAllDims(m, 0, 2, 1, 3), sites*in, sites*out)
	y := Dot(Reshape(x, n, sites*in), m).Product()
	return Reshape(y, append(append([]int{n}, places...), out)...)
}
