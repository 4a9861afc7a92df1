package onnx

import (
	"fmt"
	"math"
	"slices"

	. "github.com/gomlx/gomlx/core/graph"
)

func identity(c *call) []*value {
	v := *c.in[0]
	return []*value{&v}
}

// branch builds the branch of an If whose condition is known while the graph is built,
// as it is where an exporter asks for lengths of axes.
func branch(c *call) []*value {
	name := "else_branch"
	if c.hostAt(0, "a branch").only() != 0 {
		name = "then_branch"
	}
	a := c.attributes[name]
	if a == nil || a.g == nil {
		panic("its " + name + " is missing")
	}
	for name, v := range a.g.constants {
		c.values[name] = v
	}
	for k, n := range a.g.nodes {
		c.evaluate(k, n)
	}
	out := make([]*value, len(a.g.outputs))
	for i, o := range a.g.outputs {
		v := c.values[o.name]
		if v == nil {
			panic(fmt.Sprintf("its output %q was not made", clip(o.name)))
		}
		copied := *v
		out[i] = &copied
	}
	if len(out) == 0 {
		panic("a branch without outputs")
	}
	return out
}

// cast keeps numbers in the precision of the graph; to whole numbers it cuts the
// fraction off, to truth values it asks for ≠ 0.
func cast(c *call) []*value { return castTo(c, c.int("to", elemFloat)) }

func castLike(c *call) []*value {
	if v := c.in[1]; v.host() && v.integer {
		return castTo(c, elemInt64)
	}
	return castTo(c, elemFloat)
}

func castTo(c *call, elem int) []*value {
	if v := c.in[0]; v.host() {
		out := slices.Clone(v.data)
		for i, x := range out {
			switch {
			case elem == elemBool:
				out[i] = truth(x != 0)
			case !isFloat(elem):
				out[i] = math.Trunc(x)
			}
		}
		return constant(v.shape, out, !isFloat(elem))
	}
	x := c.node(0)
	switch {
	case elem == elemBool:
		return result(NotEqual(x, ZerosLike(x)))
	case isFloat(elem):
		return result(x)
	}
	return result(StopGradient(Mul(Sign(x), Floor(Abs(x)))))
}

func constantOp(c *call) []*value {
	for name, a := range c.attributes {
		switch name {
		case "value":
			if a.t == nil {
				panic("its value is missing")
			}
			v, err := a.t.constant()
			if err == nil {
				err = v.finite()
			}
			if err != nil {
				panic(err)
			}
			return []*value{v}
		case "value_float":
			return constant(nil, []float64{a.f}, false)
		case "value_int":
			return constant(nil, []float64{float64(a.i)}, true)
		case "value_floats":
			return constant([]int{len(a.floats)}, a.floats, false)
		case "value_ints":
			out := make([]float64, len(a.ints))
			for i, v := range a.ints {
				out[i] = float64(v)
			}
			return constant([]int{len(out)}, out, true)
		}
	}
	panic("its value is of a kind that is not read")
}

func constantOfShape(c *call) []*value {
	shape := c.intsAt(0, "shape")
	v := &value{data: []float64{0}}
	if a := c.attributes["value"]; a != nil && a.t != nil {
		var err error
		if v, err = a.t.constant(); err != nil || len(v.data) != 1 {
			panic("its value is not a single number")
		}
	}
	return constant(shape, slices.Repeat(v.data, c.bounded(shape)), v.integer)
}

func rangeOp(c *call) []*value {
	at := func(i int) float64 { return c.hostAt(i, "a range").only() }
	start, limit, step := at(0), at(1), at(2)
	n := math.Max(0, math.Ceil((limit-start)/step))
	if math.IsNaN(n) || n > float64(c.m.limit) {
		panic(fmt.Sprintf("range from %g to %g by %g", start, limit, step))
	}
	out := make([]float64, int(n))
	for i := range out {
		out[i] = start + float64(i)*step
	}
	return constant([]int{len(out)}, out, c.in[0].integer)
}

// only is the one number of a constant.
func (v *value) only() float64 {
	if !v.host() || len(v.data) != 1 {
		panic(fmt.Sprintf("%q is not a single constant number", clip(v.name)))
	}
	return v.data[0]
}

func eyeLike(c *call) []*value {
	shape, k := c.in[0].shape, c.int("k", 0)
	if len(shape) != 2 {
		panic(fmt.Sprintf("shape %v is no matrix", shape))
	}
	out := make([]float64, c.bounded(shape))
	for i := range shape[0] {
		if j := i + k; j >= 0 && j < shape[1] {
			out[i*shape[1]+j] = 1
		}
	}
	return constant(shape, out, false)
}

func shapeOp(c *call) []*value {
	s := c.in[0].shape
	start, end := c.int("start", 0), c.int("end", len(s))
	from := func(k int) int {
		if k < 0 {
			k += len(s)
		}
		return min(max(k, 0), len(s))
	}
	s = s[from(start):max(from(start), from(end))]
	out := make([]float64, len(s))
	for i, n := range s {
		out[i] = float64(n)
	}
	return constant([]int{len(s)}, out, true)
}

func sizeOp(c *call) []*value {
	return constant(nil, []float64{float64(c.bounded(c.in[0].shape))}, true)
}

// reshaped is input 0 with another shape of the same size.
func (c *call) reshaped(shape []int) []*value {
	v := c.in[0]
	if c.bounded(shape) != c.bounded(v.shape) {
		panic(fmt.Sprintf("shape %v cannot become %v; if the batch is written into it, export with a dynamic batch axis", v.shape, shape))
	}
	if v.host() {
		return constant(shape, v.data, v.integer)
	}
	return result(Reshape(c.node(0), shape...))
}

func reshape(c *call) []*value {
	old, shape := c.in[0].shape, slices.Clone(c.intsAt(1, "shape"))
	free, known := -1, 1
	for i, n := range shape {
		switch {
		case n == 0 && c.int("allowzero", 0) == 0 && i < len(old):
			shape[i] = old[i]
		case n == -1 && free < 0:
			free = i
			continue
		case n < 0:
			panic(fmt.Sprintf("shape %v", shape))
		}
		known *= max(shape[i], 1)
		if known > c.m.limit {
			panic(fmt.Sprintf("shape %v is too large", shape))
		}
	}
	if free >= 0 {
		shape[free] = c.bounded(old) / known
	}
	return c.reshaped(shape)
}

func flatten(c *call) []*value {
	s := c.in[0].shape
	a := c.int("axis", 1)
	if a < 0 {
		a += len(s)
	}
	if a < 0 || a > len(s) {
		panic(fmt.Sprintf("axis %d of shape %v", a, s))
	}
	return c.reshaped([]int{c.bounded(s[:a]), c.bounded(s[a:])})
}

func squeeze(c *call) []*value {
	s := c.in[0].shape
	drop := axes(c.intsAt(1, "axes"), len(s))
	all := !c.has(1) && c.attributes["axes"] == nil
	var shape []int
	for i, n := range s {
		if out := slices.Contains(drop, i); out && n != 1 {
			panic(fmt.Sprintf("axis %d of shape %v is not of length 1", i, s))
		} else if !out && !(all && n == 1) {
			shape = append(shape, n)
		}
	}
	return c.reshaped(shape)
}

func unsqueeze(c *call) []*value {
	s := c.in[0].shape
	list := c.intsAt(1, "axes")
	at := axes(list, len(s)+len(list))
	shape := slices.Clone(s)
	for _, a := range at {
		if a > len(shape) {
			panic(fmt.Sprintf("axes %v of shape %v", list, s))
		}
		shape = slices.Insert(shape, a, 1)
	}
	return c.reshaped(shape)
}

// picked is a constant made of places of another: from gives the place for every
// place of the new shape.
func (c *call) picked(v *value, shape []int, from func(at []int) []int) []*value {
	n := c.bounded(shape)
	out := make([]float64, n)
	at := make([]int, len(shape))
	for k := range out {
		place := 0
		for i, a := range from(at) {
			place = place*v.shape[i] + a
		}
		out[k] = v.data[place]
		for i := len(at) - 1; i >= 0; i-- {
			if at[i]++; at[i] < shape[i] {
				break
			}
			at[i] = 0
		}
	}
	return constant(shape, out, v.integer)
}

func transpose(c *call) []*value {
	v := c.in[0]
	perm := c.ints("perm")
	if c.attributes["perm"] == nil {
		for i := range v.shape {
			perm = append(perm, len(v.shape)-1-i)
		}
	}
	if s := slices.Sorted(slices.Values(perm)); len(s) != len(v.shape) || !slices.Equal(axes(perm, len(s)), s) {
		panic(fmt.Sprintf("perm %v of shape %v", perm, v.shape))
	}
	shape := make([]int, len(perm))
	for i, p := range perm {
		shape[i] = v.shape[p]
	}
	if v.host() {
		old := make([]int, len(perm))
		return c.picked(v, shape, func(at []int) []int {
			for i, p := range perm {
				old[p] = at[i]
			}
			return old
		})
	}
	return result(permuted(c.node(0), perm...))
}

func permuted(x *Node, perm ...int) *Node {
	if len(perm) < 2 || slices.IsSorted(perm) {
		return x
	}
	return TransposeAllAxes(x, perm...)
}

func expand(c *call) []*value {
	v := c.in[0]
	shape := broadcast(v.shape, c.intsAt(1, "shape"))
	n := c.bounded(shape)
	if v.host() {
		out, from := make([]float64, n), stretched(v.shape, shape)
		for k := range out {
			out[k] = v.data[from(k)]
		}
		return constant(shape, out, v.integer)
	}
	return result(BroadcastToDims(ExpandLeftToRank(c.node(0), len(shape)), shape...))
}

func tile(c *call) []*value {
	v, times := c.in[0], c.intsAt(1, "repeats")
	if len(times) != len(v.shape) {
		panic(fmt.Sprintf("repeats %v of shape %v", times, v.shape))
	}
	shape := slices.Clone(v.shape)
	for i, t := range times {
		if t < 0 || t > c.m.limit {
			panic(fmt.Sprintf("repeats %v", times))
		}
		shape[i] *= t
	}
	c.bounded(shape)
	if v.host() {
		old := make([]int, len(shape))
		return c.picked(v, shape, func(at []int) []int {
			for i := range at {
				old[i] = at[i] % v.shape[i]
			}
			return old
		})
	}
	x := c.node(0)
	for i, t := range times {
		if t == 0 {
			panic("repeats of 0")
		}
		if t > 1 {
			x = repeated(x, i, t)
		}
	}
	return result(x)
}

// repeated puts times copies of x behind each other along an axis.
func repeated(x *Node, a, times int) *Node {
	s := x.Shape().Dimensions
	wide := slices.Concat(s[:a], []int{times}, s[a:])
	long := slices.Clone(s)
	long[a] *= times
	return Reshape(BroadcastToDims(Reshape(x, slices.Concat(s[:a], []int{1}, s[a:])...), wide...), long...)
}

func trilu(c *call) []*value {
	s := c.in[0].shape
	if len(s) < 2 {
		panic(fmt.Sprintf("shape %v has no matrices", s))
	}
	k, upper := 0, c.int("upper", 1) == 1
	if c.has(1) {
		k = whole(c.hostAt(1, "its diagonal").only())
	}
	rows, cols := s[len(s)-2], s[len(s)-1]
	mask := make([]float64, rows*cols)
	for i := range rows {
		for j := range cols {
			mask[i*cols+j] = truth(upper && j-i >= k || !upper && j-i <= k)
		}
	}
	if v := c.in[0]; v.host() {
		out := slices.Clone(v.data)
		for i := range out {
			if mask[i%len(mask)] == 0 {
				out[i] = 0
			}
		}
		return constant(s, out, v.integer)
	}
	x := c.node(0)
	a, b := pair(x, Reshape(ConstAs(x, mask), rows, cols))
	return result(Mul(a, b))
}
