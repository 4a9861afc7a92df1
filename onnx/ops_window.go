package onnx

import (
	"fmt"
	"slices"

	. "github.com/gomlx/gomlx/core/graph"
)

// window is the geometry of a convolution or a pooling over the spatial axes of
// [N, C, spatial…]. Inside, channels stand last.
type window struct {
	kernel, stride, dilation, begin, end []int
	out                                  []int // lengths of the output
	inside                               []int // end padding that counts as input; the rest is ceil_mode's
}

// window reads the attributes that convolutions and poolings share.
func (c *call) window(in, kernel []int) window {
	n := len(in)
	list := func(name string, def int) []int {
		v := c.ints(name)
		if v == nil {
			v = slices.Repeat([]int{def}, n)
		}
		if len(v) != n {
			panic(fmt.Sprintf("%s = %v for %d spatial axes", name, v, n))
		}
		return v
	}
	w := window{kernel: kernel, stride: list("strides", 1), dilation: list("dilations", 1)}
	pads := c.ints("pads")
	if pads == nil {
		pads = make([]int, 2*n)
	}
	if len(pads) != 2*n || len(kernel) != n {
		panic(fmt.Sprintf("pads %v, kernel %v for %d spatial axes", pads, kernel, n))
	}
	w.begin, w.end = slices.Clone(pads[:n]), slices.Clone(pads[n:])
	for i := range n {
		if kernel[i] < 1 || w.stride[i] < 1 || w.dilation[i] < 1 || w.begin[i] < 0 || w.end[i] < 0 {
			panic(fmt.Sprintf("kernel %v, strides %v, dilations %v, pads %v", kernel, w.stride, w.dilation, pads))
		}
		reach := w.dilation[i]*(kernel[i]-1) + 1
		switch auto := c.str("auto_pad", "NOTSET"); auto {
		case "NOTSET", "":
		case "VALID":
			w.begin[i], w.end[i] = 0, 0
		case "SAME_UPPER", "SAME_LOWER":
			total := max(0, ((in[i]+w.stride[i]-1)/w.stride[i]-1)*w.stride[i]+reach-in[i])
			w.begin[i], w.end[i] = total/2, total-total/2
			if auto == "SAME_LOWER" {
				w.begin[i], w.end[i] = w.end[i], w.begin[i]
			}
		default:
			panic(fmt.Sprintf("auto_pad = %q", clip(auto)))
		}
		w.inside = append(w.inside, w.end[i])
		room := in[i] + w.begin[i] + w.end[i] - reach
		steps := room / w.stride[i]
		if c.int("ceil_mode", 0) != 0 && room%w.stride[i] != 0 && (steps+1)*w.stride[i] < in[i]+w.begin[i] {
			steps++ // a last window that sticks out, but begins inside
			w.end[i] += steps*w.stride[i] - room
		}
		if room < 0 {
			panic(fmt.Sprintf("kernel %v is larger than its input %v", kernel, in))
		}
		w.out = append(w.out, steps+1)
	}
	return w
}

// offsets lists the places of the kernel, the last axis fastest.
func (w window) offsets() [][]int {
	places := 1
	for _, k := range w.kernel {
		if places *= k; places > 1<<10 {
			panic(fmt.Sprintf("kernel %v has more than 1,024 places", w.kernel))
		}
	}
	list := [][]int{nil}
	for _, k := range w.kernel {
		var next [][]int
		for _, o := range list {
			for i := range k {
				next = append(next, append(slices.Clone(o), i))
			}
		}
		list = next
	}
	return list
}

// at is what one place of the kernel sees: x [N, spatial…, C], padded, to [N, out…, C].
func (w window) at(x *Node, offset []int) *Node {
	for i, o := range offset {
		x = span(x, 1+i, o*w.dilation[i], w.out[i], w.stride[i])
	}
	return x
}

// padded puts a value around the spatial axes; negative amounts cut.
func padded(x *Node, first int, begin, end []int, value float64) *Node {
	for i := range begin {
		a := first + i
		n := x.Shape().Dimensions[a]
		if lo, hi := max(0, -begin[i]), max(0, -end[i]); lo+hi > 0 {
			if lo+hi >= n {
				panic("nothing is left of an axis")
			}
			x = span(x, a, lo, n-lo-hi, 1)
		}
		block := func(k int) *Node {
			s := slices.Clone(x.Shape().Dimensions)
			s[a] = k
			return BroadcastToDims(Reshape(scalar(x, value), slices.Repeat([]int{1}, len(s))...), s...)
		}
		var parts []*Node
		if begin[i] > 0 {
			parts = append(parts, block(begin[i]))
		}
		parts = append(parts, x)
		if end[i] > 0 {
			parts = append(parts, block(end[i]))
		}
		if len(parts) > 1 {
			x = Concatenate(parts, a)
		}
	}
	return x
}

// channelsLast and channelsFirst move axis 1 to the end and back.
func channelsLast(x *Node) *Node {
	perm := []int{0}
	for i := 2; i < x.Rank(); i++ {
		perm = append(perm, i)
	}
	return permuted(x, append(perm, 1)...)
}

func channelsFirst(x *Node) *Node {
	perm := []int{0, x.Rank() - 1}
	for i := 1; i < x.Rank()-1; i++ {
		perm = append(perm, i)
	}
	return permuted(x, perm...)
}

// pool takes the mean or the largest of every window.
func pool(c *call) []*value {
	x := c.node(0)
	if x.Rank() < 3 {
		panic(fmt.Sprintf("shape %v has no spatial axes", c.in[0].shape))
	}
	in := x.Shape().Dimensions[2:]
	w := c.window(in, c.ints("kernel_shape"))
	x = channelsLast(x)
	if c.op == "MaxPool" {
		if len(c.outputs) > 1 && c.outputs[1] != "" {
			panic("the places of the largest are asked for, which is not supported")
		}
		// A finite floor: the gradient of a maximum subtracts its sides.
		x = padded(x, 1, w.begin, w.end, -1e30)
		var top *Node
		for _, o := range w.offsets() {
			if v := w.at(x, o); top == nil {
				top = v
			} else {
				top = Max(top, v)
			}
		}
		return result(channelsFirst(top))
	}
	count := w.counts(in, c.int("count_include_pad", 0) != 0)
	x = padded(x, 1, w.begin, w.end, 0)
	var total *Node
	for _, o := range w.offsets() {
		if v := w.at(x, o); total == nil {
			total = v
		} else {
			total = Add(total, v)
		}
	}
	n := Reshape(ConstAs(total, count), slices.Concat([]int{1}, w.out, []int{1})...)
	return result(channelsFirst(Mul(total, n)))
}

// counts are one over the number of inputs each window has: all axes' products.
func (w window) counts(in []int, pads bool) []float64 {
	all := []float64{1}
	for i, n := range w.out {
		lo, hi := 0, in[i]
		if pads {
			lo, hi = -w.begin[i], in[i]+w.inside[i]
		}
		next := make([]float64, 0, len(all)*n)
		for _, v := range all {
			for o := range n {
				k := 0
				for j := range w.kernel[i] {
					if at := o*w.stride[i] - w.begin[i] + j*w.dilation[i]; at >= lo && at < hi {
						k++
					}
				}
				next = append(next, v/float64(max(k, 1)))
			}
		}
		all = next
	}
	return all
}

func globalPool(c *call) []*value {
	x := c.node(0)
	var over []int
	shape := slices.Clone(x.Shape().Dimensions)
	for i := 2; i < x.Rank(); i++ {
		over = append(over, i)
		shape[i] = 1
	}
	if len(over) == 0 {
		panic(fmt.Sprintf("shape %v has no spatial axes", c.in[0].shape))
	}
	if c.op == "GlobalMaxPool" {
		return result(Reshape(ReduceMax(x, over...), shape...))
	}
	return result(Reshape(ReduceMean(x, over...), shape...))
}
