package onnx

import (
	"fmt"
	"math"
	"slices"

	. "github.com/gomlx/gomlx/core/graph"
)

// resize interpolates axis by axis, each a product with a matrix that the host
// makes, so that the gradient is the transposed product.
func resize(c *call) []*value {
	v := c.in[0]
	in := v.shape
	x := c.node(0)
	over := axes(c.ints("axes"), len(in))
	if len(over) == 0 {
		for i := range in {
			over = append(over, i)
		}
	}
	mode := resizeMode{
		method: c.str("mode", "nearest"), nearest: c.str("nearest_mode", "round_prefer_floor"),
		transform: c.str("coordinate_transformation_mode", "half_pixel"), a: c.float("cubic_coeff_a", -0.75),
	}
	scalesAt, sizesAt := 2, 3
	if c.op == "Upsample" || c.m.opset < 11 {
		scalesAt, sizesAt = 1, 9
		mode.transform, mode.nearest = "asymmetric", "floor"
	}
	if c.int("antialias", 0) != 0 || c.int("exclude_outside", 0) != 0 || c.str("keep_aspect_ratio_policy", "stretch") != "stretch" {
		panic("antialias, exclude_outside and keep_aspect_ratio_policy are not supported")
	}
	var scales []float64
	var sizes []int
	if c.has(scalesAt) && len(c.in[scalesAt].data) > 0 {
		scales = c.hostAt(scalesAt, "scales").data
	} else if a := c.attributes["scales"]; a != nil {
		scales = a.floats
	}
	if c.has(sizesAt) {
		sizes = c.intsAt(sizesAt, "sizes")
	}
	if len(scales) != len(over) && len(sizes) != len(over) {
		panic(fmt.Sprintf("%d scales and %d sizes for %d axes", len(scales), len(sizes), len(over)))
	}
	for i, a := range over {
		var n int
		var s float64
		if len(sizes) == len(over) {
			n = sizes[i]
			s = float64(n) / float64(in[a])
		} else {
			s = scales[i]
			n = int(math.Floor(min(s*float64(in[a]), float64(c.m.limit))))
		}
		if n < 1 || !(s > 0) || c.bounded([]int{n, in[a]}) < 1 {
			panic(fmt.Sprintf("scale %g of an axis of length %d", s, in[a]))
		}
		if n == in[a] && s == 1 {
			continue
		}
		x = mode.along(x, a, n, s)
	}
	return result(x)
}

type resizeMode struct {
	method, nearest, transform string
	a                          float64
}

func (r resizeMode) along(x *Node, a, n int, scale float64) *Node {
	in := x.Shape().Dimensions[a]
	m := make([]float64, n*in)
	repeats := n%in == 0 // whether output i is input i/(n/in)
	for i := range n {
		at := r.source(float64(i), in, n, scale)
		put := func(k int, w float64) { m[i*in+min(max(k, 0), in-1)] += w }
		low := math.Floor(at)
		f := at - low
		switch r.method {
		case "nearest":
			k := r.round(at)
			put(k, 1)
			repeats = repeats && min(max(k, 0), in-1) == i/(n/in)
			continue
		case "linear":
			put(int(low), 1-f)
			put(int(low)+1, f)
		case "cubic":
			for j := -1; j <= 2; j++ {
				put(int(low)+j, r.cubic(math.Abs(f-float64(j))))
			}
		default:
			panic(fmt.Sprintf("mode = %q", clip(r.method)))
		}
		repeats = false
	}
	if !repeats {
		return mapped(x, a, m, n)
	}
	s := x.Shape().Dimensions
	apart := Reshape(x, slices.Concat(s[:a+1], []int{1}, s[a+1:])...)
	wide := slices.Concat(s[:a+1], []int{n / in}, s[a+1:])
	long := slices.Clone(s)
	long[a] = n
	return Reshape(BroadcastToDims(apart, wide...), long...)
}

// source is the place of an output in the coordinates of the input.
func (r resizeMode) source(i float64, in, n int, scale float64) float64 {
	switch r.transform {
	case "half_pixel":
		return (i+0.5)/scale - 0.5
	case "pytorch_half_pixel":
		if n == 1 {
			return 0
		}
		return (i+0.5)/scale - 0.5
	case "asymmetric":
		return i / scale
	case "align_corners":
		if n == 1 {
			return 0
		}
		return i * float64(in-1) / float64(n-1)
	}
	panic(fmt.Sprintf("coordinate_transformation_mode = %q", clip(r.transform)))
}

func (r resizeMode) round(at float64) int {
	switch r.nearest {
	case "round_prefer_floor":
		return int(math.Ceil(at - 0.5))
	case "round_prefer_ceil":
		return int(math.Floor(at + 0.5))
	case "floor":
		return int(math.Floor(at))
	case "ceil":
		return int(math.Ceil(at))
	}
	panic(fmt.Sprintf("nearest_mode = %q", clip(r.nearest)))
}

// cubic is Keys' kernel (1981).
func (r resizeMode) cubic(d float64) float64 {
	a := r.a
	switch {
	case d <= 1:
		return ((a+2)*d-(a+3))*d*d + 1
	case d < 2:
		return ((a*d-5*a)*d+8*a)*d - 4*a
	}
	return 0
}

// pad surrounds with a number, or with the tensor's own values.
func pad(c *call) []*value {
	x := c.node(0)
	rank := x.Rank()
	pads := c.intsAt(1, "pads")
	var over []int
	if c.has(3) {
		for _, a := range c.intsAt(3, "axes") {
			over = append(over, axis(a, rank))
		}
	} else {
		for i := range rank {
			over = append(over, i)
		}
	}
	if len(pads) != 2*len(over) {
		panic(fmt.Sprintf("pads %v for %d axes", pads, len(over)))
	}
	fill := c.float("value", 0)
	if c.has(2) {
		fill = c.hostAt(2, "the padding").only()
	}
	mode := c.str("mode", "constant")
	for i, a := range over {
		lo, hi, n := pads[i], pads[i+len(over)], x.Shape().Dimensions[a]
		if lo+hi+n < 1 || c.bounded([]int{max(lo+hi+n, n), n}) < 1 {
			panic(fmt.Sprintf("pads %v of shape %v", pads, c.in[0].shape))
		}
		if mode == "constant" {
			x = padded(x, a, []int{lo}, []int{hi}, fill)
			continue
		}
		places := make([]int, lo+n+hi)
		for k := range places {
			places[k] = mirrored(mode, k-lo, n)
		}
		x = selected(x, a, places)
	}
	return result(x)
}

// mirrored is the place that stands for place k outside of an axis.
func mirrored(mode string, k, n int) int {
	switch mode {
	case "edge":
		return min(max(k, 0), n-1)
	case "wrap":
		return (k%n + n) % n
	case "reflect":
		if n == 1 {
			return 0
		}
		period := 2 * (n - 1)
		k = (k%period + period) % period
		return min(k, period-k)
	}
	panic(fmt.Sprintf("mode = %q", clip(mode)))
}

// depthToSpace moves blocks of channels to places (pixel shuffle), spaceToDepth back.
func depthToSpace(c *call) []*value {
	x, s, b := c.blocks()
	if s[1]%(b*b) != 0 {
		panic(fmt.Sprintf("%d channels in blocks of %d", s[1], b))
	}
	ch := s[1] / (b * b)
	if c.str("mode", "DCR") == "CRD" {
		x = permuted(Reshape(x, s[0], ch, b, b, s[2], s[3]), 0, 1, 4, 2, 5, 3)
	} else {
		x = permuted(Reshape(x, s[0], b, b, ch, s[2], s[3]), 0, 3, 4, 1, 5, 2)
	}
	return result(Reshape(x, s[0], ch, s[2]*b, s[3]*b))
}

func spaceToDepth(c *call) []*value {
	x, s, b := c.blocks()
	if s[2]%b != 0 || s[3]%b != 0 {
		panic(fmt.Sprintf("shape %v in blocks of %d", s, b))
	}
	x = permuted(Reshape(x, s[0], s[1], s[2]/b, b, s[3]/b, b), 0, 3, 5, 1, 2, 4)
	return result(Reshape(x, s[0], s[1]*b*b, s[2]/b, s[3]/b))
}

func (c *call) blocks() (x *Node, shape []int, size int) {
	x, size = c.node(0), c.int("blocksize", 0)
	if x.Rank() != 4 || size < 1 || size > 1<<10 {
		panic(fmt.Sprintf("shape %v in blocks of %d", c.in[0].shape, size))
	}
	return x, x.Shape().Dimensions, size
}
