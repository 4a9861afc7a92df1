package onnx

import (
	"fmt"
	"slices"

	. "github.com/gomlx/gomlx/core/graph"
)

// conv is a convolution in any number of dimensions as one product: what each
// place of the kernel sees is laid side by side (im2col), [N·out, kernel·C], and
// multiplied with the kernel as a matrix. On the pure-Go backend that is many
// times faster than the engine's convolution, whose gradient in the input is
// wrong for kernels of even size.
func conv(c *call) []*value {
	x, kernel := c.node(0), c.in[1].shape
	s := x.Shape().Dimensions
	groups := c.int("group", 1)
	if len(s) < 3 || len(kernel) != len(s) || groups < 1 || kernel[1]*groups != s[1] || kernel[0]%groups != 0 {
		panic(fmt.Sprintf("input %v, kernel %v, %d groups", s, kernel, groups))
	}
	w := c.window(s[2:], kernel[2:])
	x = padded(channelsLast(x), 1, w.begin, w.end, 0)
	// [O, C, k…] to [k…, C, O]
	perm := []int{}
	for i := 2; i < len(kernel); i++ {
		perm = append(perm, i)
	}
	y := convolved(x, permuted(c.node(1), append(perm, 1, 0)...), w, groups, w.offsets())
	return biased(c, channelsFirst(y))
}

func biased(c *call, y *Node) []*value {
	if c.has(2) {
		y = Add(y, channels(c.node(2), y.Shape().Dimensions))
	}
	return result(y)
}

// convolved multiplies x [N, spatial…, C], padded, with a kernel [k…, C/groups, O]. The
// places of the kernel are taken in the order of offsets: reversed, they flip it.
func convolved(x, kernel *Node, w window, groups int, offsets [][]int) *Node {
	k := kernel.Shape().Dimensions
	cin, cout := k[len(k)-2], k[len(k)-1]
	batch := x.Shape().Dimensions[0]
	seen := make([]*Node, len(offsets)) // each [N, out…, C]
	rows := batch
	for _, n := range w.out {
		rows *= n
	}
	for i, o := range offsets {
		seen[i] = w.at(x, o)
	}
	shape := slices.Concat([]int{batch}, w.out, []int{cout})
	kernel = Reshape(kernel, len(offsets), cin, cout)
	if cin == 1 && cout == groups && groups > 1 { // depthwise: no product at all
		var y *Node
		for i, v := range seen {
			term := Mul(v, Reshape(span(kernel, 0, i, 1, 1), slices.Concat(slices.Repeat([]int{1}, len(shape)-1), []int{cout})...))
			if y == nil {
				y = term
			} else {
				y = Add(y, term)
			}
		}
		return y
	}
	last := len(shape) - 1
	out := make([]*Node, groups)
	for g := range out {
		part := make([]*Node, len(seen))
		for i, v := range seen {
			part[i] = Reshape(span(v, last, g*cin, cin, 1), rows, cin)
		}
		columns := part[0]
		if len(part) > 1 {
			columns = Concatenate(part, 1)
		}
		matrix := Reshape(span(kernel, 2, g*cout/groups, cout/groups, 1), len(offsets)*cin, cout/groups)
		out[g] = Dot(columns, matrix).Product()
	}
	y := out[0]
	if groups > 1 {
		y = Concatenate(out, 1)
	}
	return Reshape(y, shape...)
}

// convTranspose is the adjoint of a convolution: zeros between the inputs, then a
// convolution with the flipped kernel.
func convTranspose(c *call) []*value {
	x, kernel := c.node(0), c.in[1].shape
	s := x.Shape().Dimensions
	groups := c.int("group", 1)
	if len(s) < 3 || len(kernel) != len(s) || groups < 1 || kernel[0] != s[1] || s[1]%groups != 0 {
		panic(fmt.Sprintf("input %v, kernel %v, %d groups", s, kernel, groups))
	}
	n := len(s) - 2
	ones, k := slices.Repeat([]int{1}, n), kernel[2:]
	list := func(name string, def []int) []int {
		if v := c.ints(name); v != nil {
			def = v
		}
		if len(def) < n {
			panic(fmt.Sprintf("%s = %v for %d spatial axes", name, def, n))
		}
		return def
	}
	stride, dilation := list("strides", ones), list("dilations", ones)
	pads, more := list("pads", make([]int, 2*n)), list("output_padding", make([]int, n))
	if auto := c.str("auto_pad", "NOTSET"); auto != "NOTSET" || c.attributes["output_shape"] != nil || len(pads) != 2*n {
		panic("auto_pad and output_shape are not supported: give pads")
	}
	x = channelsLast(x)
	w := window{kernel: k, dilation: dilation, stride: ones}
	begin, end := make([]int, n), make([]int, n)
	for i := range n {
		if stride[i] < 1 || dilation[i] < 1 || k[i] < 1 || pads[i] < 0 || pads[n+i] < 0 || more[i] < 0 || stride[i] > 64 {
			panic(fmt.Sprintf("kernel %v, strides %v, dilations %v, pads %v", k, stride, dilation, pads))
		}
		x = spread(x, 1+i, stride[i])
		reach := dilation[i] * (k[i] - 1)
		begin[i], end[i] = reach-pads[i], reach-pads[n+i]+more[i]
		w.out = append(w.out, x.Shape().Dimensions[1+i]+begin[i]+end[i]-reach)
		if w.out[i] < 1 {
			panic("nothing is left of an axis")
		}
	}
	x = padded(x, 1, begin, end, 0)
	offsets := w.offsets()
	slices.Reverse(offsets)
	// [C, O/groups, k…] to [k…, C/groups, O]: the groups of channels move beside their outputs.
	perm := []int{}
	for i := range n {
		perm = append(perm, 3+i)
	}
	m := Reshape(c.node(1), slices.Concat([]int{groups, s[1] / groups, kernel[1]}, k)...)
	m = TransposeAllAxes(m, append(perm, 1, 0, 2)...)
	m = Reshape(m, slices.Concat(k, []int{s[1] / groups, groups * kernel[1]})...)
	return biased(c, channelsFirst(convolved(x, m, w, groups, offsets)))
}

// spread puts step−1 zeros between the places of an axis.
func spread(x *Node, a, step int) *Node {
	if step == 1 {
		return x
	}
	s := x.Shape().Dimensions
	apart := Reshape(x, slices.Concat(s[:a+1], []int{1}, s[a+1:])...)
	zeros := padded(apart, a+1, []int{0}, []int{step - 1}, 0)
	long := slices.Clone(s)
	long[a] *= step
	return span(Reshape(zeros, long...), a, 0, long[a]-step+1, 1)
}
