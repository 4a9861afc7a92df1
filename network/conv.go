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

// apply takes x [N, places…, in]. XLA has a convolution of its own; that of the
// pure-Go backend is some thirty times slower than its product of matrices.
func (l conv) apply(x *Node) *Node {
	g := x.Graph()
	w := l.w.Use(g)
	dims := x.Shape().Dimensions
	places := dims[1 : len(dims)-1]
	var y *Node
	if onXLA(x) {
		y = Convolve(x, w).PadSame().Done()
	} else {
		y = convProduct(x, w, places, banded(places))
	}
	return addBias(y, l.b.Use(g))
}

// banded is how many axes, from the last one, [convProduct] should take into its
// matrix: as many as have no more than 16 places together. There, a row of n
// places costs n/3 times the products, and saves copies that cost more.
func banded(places []int) int {
	n := 0
	for sites := 1; n < len(places); n++ {
		if sites *= places[len(places)-1-n]; sites > 16 {
			break
		}
	}
	return n
}

// convProduct is a convolution as one product of matrices. Along the first axes
// the neighbours of each place are laid side by side (im2col); along the last
// ones, banded of them, the numbers of a whole row are multiplied with a matrix
// that is banded, as the kernel is, without any copy.
func convProduct(x, w *Node, places []int, banded int) *Node {
	n := x.Shape().Dimensions[0]
	in, out := w.Shape().Dimensions[w.Rank()-2], w.Shape().Dimensions[w.Rank()-1]
	free, row := places[:len(places)-banded], places[len(places)-banded:]
	sites, taps, shifts := 1, 1, 1
	for _, s := range row {
		sites, taps = sites*s, taps*3
	}
	for range free {
		shifts *= 3
	}
	x = Reshape(x, append(append([]int{n}, free...), sites*in)...)
	for axis := len(free); axis >= 1; axis-- {
		x = neighbours(x, axis)
	}
	// x is [N, free…, shift along each free axis · place in the row · in].
	m := w
	if banded > 0 {
		// choice[s, s′, k] is 1 where place s of the row is neighbour k of place s′.
		choice := constant(w, []int{sites * sites, taps}, func(i int) float64 {
			from, to, k := i/taps/sites, i/taps%sites, i%taps
			for axis := len(row) - 1; axis >= 0; axis-- {
				if from%row[axis] != to%row[axis]+k%3-1 {
					return 0
				}
				from, to, k = from/row[axis], to/row[axis], k/3
			}
			return 1
		})
		m = DotGeneral(choice, []int{1}, nil, Reshape(w, shifts, taps, in*out), []int{1}, nil)
		m = TransposeAllDims(Reshape(m, sites, sites, shifts, in, out), 2, 0, 3, 1, 4)
	}
	m = Reshape(m, shifts*sites*in, sites*out)
	y := product(Reshape(x, x.Shape().Size()/(shifts*sites*in), shifts*sites*in), m)
	return Reshape(y, append(append([]int{n}, places...), out)...)
}

// neighbours lays x[s−1], x[s] and x[s+1] of an axis side by side on the last
// one, zeros beyond the border; gathered is its adjoint, so that each has the
// other for its gradient. (GoMLX's Slice has Pad for a gradient, which has none.)
func neighbours(x *Node, axis int) *Node {
	return withGradient([]*Node{x}, func(in []*Node) *Node {
		return Concatenate([]*Node{shifted(in[0], axis, 1), in[0], shifted(in[0], axis, -1)}, -1)
	}, func(v *Node, _ int) *Node { return gathered(v, axis) })
}

func gathered(y *Node, axis int) *Node {
	return withGradient([]*Node{y}, func(in []*Node) *Node {
		dims := append([]int{}, in[0].Shape().Dimensions...)
		c := dims[len(dims)-1] / 3
		parts := make([]*Node, 3)
		for i := range parts {
			part := SliceAxis(in[0], -1, AxisRange(i*c, (i+1)*c))
			parts[i] = shifted(part, axis, i-1)
		}
		return Add(Add(parts[0], parts[1]), parts[2])
	}, func(v *Node, _ int) *Node { return neighbours(v, axis) })
}

// shifted is x[s − by] for by of −1, 0 or 1, zero beyond the border.
func shifted(x *Node, axis, by int) *Node {
	border := append([]int{}, x.Shape().Dimensions...)
	side := border[axis]
	border[axis] = 1
	zero := Zeros(x.Graph(), shapes.Make(x.DType(), border...))
	switch {
	case by == 0:
		return x
	case side == 1:
		return zero
	case by > 0:
		return Concatenate([]*Node{zero, SliceAxis(x, axis, AxisRange(0, side-1))}, axis)
	}
	return Concatenate([]*Node{SliceAxis(x, axis, AxisRange(1)), zero}, axis)
}
