package onnx

import (
	"fmt"
	"slices"

	. "github.com/gomlx/gomlx/core/graph"
)

// span takes length elements of an axis from start in steps.
func span(x *Node, axis, start, length, step int) *Node {
	n := x.Shape().Dimensions[axis]
	if start == 0 && length == n && step == 1 {
		return x
	}
	r := AxisRange(start, start+(length-1)*step+1)
	if step > 1 {
		r = r.Stride(step)
	}
	return SliceAxis(x, axis, r)
}

// selected is x with the places of one axis replaced by those of a list.
func selected(x *Node, axis int, places []int) *Node {
	if step := 1; len(places) > 0 {
		if len(places) > 1 {
			step = places[1] - places[0]
		}
		even := step > 0
		for i, p := range places {
			even = even && p == places[0]+i*step
		}
		if even {
			return span(x, axis, places[0], len(places), step)
		}
	}
	n := x.Shape().Dimensions[axis]
	m := make([]float64, n*len(places))
	for i, p := range places {
		m[i*n+p] = 1
	}
	return mapped(x, axis, m, len(places))
}

// mapped is x with the values v along one axis replaced by M v, M being rows×len(v).
// Its gradient is Mᵀ: right for every M.
func mapped(x *Node, axis int, m []float64, rows int) *Node {
	n, last := x.Shape().Dimensions[axis], x.Rank()-1
	front := make([]int, x.Rank())
	for i := range front {
		front[i] = i
	}
	front[axis], front[last] = last, axis // its own inverse
	y := permuted(x, front...)
	shape := slices.Clone(y.Shape().Dimensions)
	shape[last] = rows
	matrix := Reshape(ConstAs(x, m), rows, n)
	y = Reshape(Dot(Reshape(y, y.Shape().Size()/n, n), Transpose(matrix, 0, 1)).Product(), shape...)
	return permuted(y, front...)
}

func concat(c *call) []*value {
	rank := len(c.in[0].shape)
	a := axis(c.int("axis", 0), rank)
	shape := slices.Clone(c.in[0].shape)
	shape[a] = 0
	for _, v := range c.in {
		if v == nil || len(v.shape) != rank {
			panic("inputs of different numbers of axes")
		}
		for i, n := range v.shape {
			if i == a {
				shape[a] += n
			} else if n != shape[i] {
				panic(fmt.Sprintf("shapes %v and %v do not fit beside each other on axis %d", c.in[0].shape, v.shape, a))
			}
		}
	}
	if !c.allHost() {
		var nodes []*Node
		for i, v := range c.in {
			if v.shape[a] > 0 {
				nodes = append(nodes, c.node(i))
			}
		}
		return result(Concatenate(nodes, a))
	}
	c.bounded(shape)
	outer, integer := c.bounded(shape[:a]), true
	out := make([]float64, 0, c.bounded(shape))
	for k := range outer {
		for _, v := range c.in {
			block := len(v.data) / max(outer, 1)
			out = append(out, v.data[k*block:(k+1)*block]...)
			integer = integer && v.integer
		}
	}
	return constant(shape, out, integer)
}

func split(c *call) []*value {
	v := c.in[0]
	a := axis(c.int("axis", 0), len(v.shape))
	sizes := c.intsAt(1, "split")
	n := v.shape[a]
	if len(sizes) == 0 {
		parts := max(len(c.outputs), 1)
		for i := range parts { // the last is the smaller one
			size := (n + parts - 1) / parts
			sizes = append(sizes, max(min(size, n-i*size), 0))
		}
	}
	var out []*value
	start := 0
	for _, size := range sizes {
		if size < 1 || start+size > n {
			panic(fmt.Sprintf("parts %v of an axis of length %d", sizes, n))
		}
		out = append(out, c.taken(v, a, start, size, 1))
		start += size
	}
	if len(out) < len(c.outputs) {
		panic(fmt.Sprintf("%d parts for %d outputs", len(out), len(c.outputs)))
	}
	return out
}

// taken is length elements of one axis; step may be negative.
func (c *call) taken(v *value, a, start, length, step int) *value {
	shape := slices.Clone(v.shape)
	shape[a] = length
	if v.host() {
		old := make([]int, len(shape))
		return c.picked(v, shape, func(at []int) []int {
			copy(old, at)
			old[a] = start + at[a]*step
			return old
		})[0]
	}
	if length < 1 {
		panic("nothing is left of an axis")
	}
	if step > 0 {
		return result(span(c.asNode(v), a, start, length, step))[0]
	}
	places := make([]int, length)
	for i := range places {
		places[i] = start + i*step
	}
	return result(selected(c.asNode(v), a, places))[0]
}

func slice(c *call) []*value {
	v := c.in[0]
	starts, ends := c.intsAt(1, "starts"), c.intsAt(2, "ends")
	list, steps := c.intsAt(3, "axes"), c.intsAt(4, "steps")
	if len(starts) != len(ends) || (list != nil && len(list) != len(starts)) || (steps != nil && len(steps) != len(starts)) {
		panic(fmt.Sprintf("starts %v, ends %v, axes %v, steps %v", starts, ends, list, steps))
	}
	for i := range starts {
		a, step := i, 1
		if list != nil {
			a = list[i]
		}
		if steps != nil {
			step = steps[i]
		}
		a = axis(a, len(v.shape))
		n := v.shape[a]
		if step == 0 || n == 0 {
			panic(fmt.Sprintf("step %d of an axis of length %d", step, n))
		}
		lo, hi := 0, n // the range starts and ends are kept in
		if step < 0 {
			lo, hi = -1, n-1
		}
		from := func(k int) int {
			if k < 0 {
				k += n
			}
			return min(max(k, lo), hi)
		}
		start, end := from(starts[i]), from(ends[i])
		length := max(0, (end-start+step-direction(step))/step)
		v = c.taken(v, a, start, length, step)
	}
	if v == c.in[0] {
		return identity(c)
	}
	return []*value{v}
}

// direction is the sign of a step.
func direction(step int) int {
	if step < 0 {
		return -1
	}
	return 1
}

func gather(c *call) []*value {
	v, index := c.in[0], c.in[1]
	a := axis(c.int("axis", 0), len(v.shape))
	n := v.shape[a]
	shape := slices.Concat(v.shape[:a], index.shape, v.shape[a+1:])
	if !index.host() {
		if a != 0 {
			panic("indices that depend on the input are supported on axis 0 only")
		}
		return result(c.looked(c.node(1), n, shape))
	}
	places := make([]int, len(index.data))
	for i, x := range index.data {
		k := whole(x)
		if k < 0 {
			k += n
		}
		if k < 0 || k >= n {
			panic(fmt.Sprintf("index %g of an axis of length %d", x, n))
		}
		places[i] = k
	}
	if v.host() {
		old := make([]int, len(v.shape))
		return c.picked(v, shape, func(at []int) []int {
			copy(old, at[:a])
			k := 0
			for i, d := range index.shape {
				k = k*d + at[a+i]
			}
			old[a] = places[k]
			copy(old[a+1:], at[a+len(index.shape):])
			return old
		})
	}
	c.bounded(shape)
	if len(places) == 0 {
		panic("no index is given")
	}
	return result(Reshape(selected(c.node(0), a, places), shape...))
}

// looked gathers at places that are known only when the graph runs, as tables of
// embeddings are.
func (c *call) looked(index *Node, n int, shape []int) *Node {
	c.bounded(shape)
	index = Where(LessThan(index, ZerosLike(index)), AddScalar(index, float64(n)), index)
	index = StopGradient(clamp(Round(index), 0, float64(n-1)))
	x := c.node(0)
	// One-hot rows times the table: exact, and differentiable in the table.
	one := Reshape(index, index.Shape().Size(), 1)
	places := make([]float64, n)
	for i := range places {
		places[i] = float64(i)
	}
	p, q := pair(one, Reshape(ConstAs(x, places), 1, n))
	hot := ConvertDType(Equal(BroadcastToDims(p, index.Shape().Size(), n), BroadcastToDims(q, index.Shape().Size(), n)), x.DType())
	return Reshape(Dot(hot, Reshape(x, n, x.Shape().Size()/n)).Product(), shape...)
}

// gatherND gathers at places given by several indices each, constant ones; a single
// index may depend on the input, as in tables of embeddings.
func gatherND(c *call) []*value {
	v, index := c.in[0], c.in[1]
	if k := len(index.shape) - 1; !index.host() && k >= 0 && index.shape[k] == 1 && len(v.shape) > 0 && c.int("batch_dims", 0) == 0 {
		flat := slices.Concat(index.shape[:k], v.shape[1:])
		return result(c.looked(Reshape(c.node(1), index.shape[:k]...), v.shape[0], flat))
	}
	c.hostAt(1, "a list of places")
	if len(index.shape) == 0 || c.int("batch_dims", 0) != 0 || index.shape[len(index.shape)-1] > len(v.shape) || len(index.data) == 0 {
		panic(fmt.Sprintf("places of shape %v of a tensor of shape %v, with batch_dims %d", index.shape, v.shape, c.int("batch_dims", 0)))
	}
	q := index.shape[len(index.shape)-1]
	places := make([]int, len(index.data)/max(q, 1))
	for i := range places {
		for k, n := range v.shape[:q] {
			at := whole(index.data[i*q+k])
			if at < 0 {
				at += n
			}
			if at < 0 || at >= n {
				panic(fmt.Sprintf("index %d of an axis of length %d", at, n))
			}
			places[i] = places[i]*n + at
		}
	}
	shape := slices.Concat(index.shape[:len(index.shape)-1], v.shape[q:])
	c.bounded(shape)
	x := c.node(0)
	flat := Reshape(x, slices.Concat([]int{c.bounded(v.shape[:q])}, v.shape[q:])...)
	return result(Reshape(selected(flat, 0, places), shape...))
}
