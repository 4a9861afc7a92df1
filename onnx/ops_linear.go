package onnx

import (
	"fmt"
	"math"
	"slices"
	"strings"

	. "github.com/gomlx/gomlx/core/graph"
)

// matMul is NumPy's: axes before the last two are broadcast. A product with one
// matrix, which most are, is done as a single one over all rows.
func matMul(c *call) []*value {
	a, b := c.in[0].shape, c.in[1].shape
	if len(a) == 0 || len(b) == 0 {
		panic("a scalar is no matrix")
	}
	left := a[len(a)-1]
	right := b[max(0, len(b)-2)]
	if left != right {
		panic(fmt.Sprintf("shapes %v and %v do not fit", a, b))
	}
	x, y := c.node(0), c.node(1)
	if len(b) <= 2 {
		rows := Reshape(x, x.Shape().Size()/left, left)
		shape := slices.Clone(a[:len(a)-1])
		if len(b) == 2 {
			shape = append(shape, b[1])
		} else {
			y = Reshape(y, right, 1)
		}
		return result(Reshape(Dot(rows, y).Product(), shape...))
	}
	outer := broadcast(a[:max(0, len(a)-2)], b[:len(b)-2])
	rows := 1
	if len(a) > 1 {
		rows = a[len(a)-2]
	}
	cols := b[len(b)-1]
	n := c.bounded(outer)
	to := func(v *Node, r, k int) *Node {
		v = Reshape(v, slices.Concat(slices.Repeat([]int{1}, max(0, len(outer)-(v.Rank()-2))), v.Shape().Dimensions[:max(0, v.Rank()-2)], []int{r, k})...)
		return Reshape(BroadcastToDims(v, slices.Concat(outer, []int{r, k})...), n, r, k)
	}
	if len(a) == 1 {
		x = Reshape(x, 1, left)
	}
	z := Einsum("nij,njk->nik", to(x, rows, left), to(y, left, cols))
	if len(a) == 1 {
		return result(Reshape(z, slices.Concat(outer, []int{cols})...))
	}
	return result(Reshape(z, slices.Concat(outer, []int{rows, cols})...))
}

// gemm is α A B + β C, with A and B transposed on demand.
func gemm(c *call) []*value {
	x, y := c.node(0), c.node(1)
	if x.Rank() != 2 || y.Rank() != 2 {
		panic(fmt.Sprintf("shapes %v and %v are not two matrices", c.in[0].shape, c.in[1].shape))
	}
	if c.int("transA", 0) != 0 {
		x = Transpose(x, 0, 1)
	}
	if c.int("transB", 0) != 0 {
		y = Transpose(y, 0, 1)
	}
	if x.Shape().Dimensions[1] != y.Shape().Dimensions[0] {
		panic(fmt.Sprintf("shapes %v and %v do not fit", c.in[0].shape, c.in[1].shape))
	}
	z := Dot(x, y).Product()
	if a := c.float("alpha", 1); a != 1 {
		z = MulScalar(z, a)
	}
	if c.has(2) {
		bias := c.node(2)
		if b := c.float("beta", 1); b != 1 {
			bias = MulScalar(bias, b)
		}
		z = Add(pair(z, bias))
	}
	return result(z)
}

// einsum takes one or two operands without an ellipsis.
func einsum(c *call) []*value {
	eq := strings.ReplaceAll(c.str("equation", ""), " ", "")
	left, right, ok := strings.Cut(eq, "->")
	terms := strings.Split(left, ",")
	if !ok || strings.Contains(eq, ".") || len(terms) != len(c.in) || len(terms) > 2 {
		panic(fmt.Sprintf("equation %q: supported are one or two operands with \"->\" and without \"...\"", clip(eq)))
	}
	for i, t := range terms {
		if len(t) != len(c.in[i].shape) {
			panic(fmt.Sprintf("equation %q for shape %v", clip(eq), c.in[i].shape))
		}
	}
	x := c.node(0)
	if len(terms) == 2 {
		return result(Einsum(eq, x, c.node(1)))
	}
	return result(Einsum(left+",->"+right, x, ScalarOne(c.g, x.DType())))
}

// reduction works along axes.
type reduction func(x *Node, axes ...int) *Node

var reductions = map[string]reduction{
	"ReduceSum": ReduceSum, "ReduceMean": ReduceMean, "ReduceMax": ReduceMax, "ReduceMin": ReduceMin,
	"ReduceSumSquare": func(x *Node, a ...int) *Node { return ReduceSum(Square(x), a...) },
	"ReduceL1":        func(x *Node, a ...int) *Node { return ReduceSum(Abs(x), a...) },
	"ReduceL2":        func(x *Node, a ...int) *Node { return Sqrt(ReduceSum(Square(x), a...)) },
	"ReduceLogSum":    func(x *Node, a ...int) *Node { return Log(ReduceSum(x, a...)) },
	"ReduceLogSumExp": logSumExp,
	"ReduceProd":      prod,
}

func logSumExp(x *Node, a ...int) *Node {
	top := StopGradient(ReduceAndKeep(x, ReduceMax, a...))
	s := ReduceAndKeep(Exp(Sub(x, top)), ReduceSum, a...)
	return ReduceSum(Add(Log(s), top), a...) // the axes kept have length 1
}

// prod multiplies slices of the axes, whose gradient exists where a value is 0 too.
func prod(x *Node, a ...int) *Node {
	for i := len(a) - 1; i >= 0; i-- {
		n := x.Shape().Dimensions[a[i]]
		if n > 1<<10 {
			panic(fmt.Sprintf("a product of %d numbers", n))
		}
		p := span(x, a[i], 0, 1, 1)
		for k := 1; k < n; k++ {
			p = Mul(p, span(x, a[i], k, 1, 1))
		}
		x = Squeeze(p, a[i])
	}
	return x
}

func (f reduction) build(c *call) []*value {
	rank := len(c.in[0].shape)
	over := axes(c.intsAt(1, "axes"), rank)
	if len(over) == 0 {
		if c.int("noop_with_empty_axes", 0) != 0 {
			return identity(c)
		}
		for i := range rank {
			over = append(over, i)
		}
	}
	if v := c.in[0]; v.host() && c.op == "ReduceProd" && len(over) == rank { // of a shape
		p := 1.0
		for _, x := range v.data {
			p *= x
		}
		return constant(keptShape(v.shape, over, c.int("keepdims", 1) != 0), []float64{p}, v.integer)
	}
	if rank == 0 {
		return identity(c)
	}
	n := f(c.node(0), over...)
	return result(Reshape(n, keptShape(c.in[0].shape, over, c.int("keepdims", 1) != 0)...))
}

func keptShape(shape, over []int, keep bool) []int {
	var out []int
	for i, n := range shape {
		if !slices.Contains(over, i) {
			out = append(out, n)
		} else if keep {
			out = append(out, 1)
		}
	}
	return out
}

// softmax and its logarithm work on one axis since opset 13, before on all axes
// from one on.
func softmax(c *call) []*value {
	x := c.node(0)
	def := -1
	if c.m.opset < 13 {
		def = 1
	}
	a := axis(c.int("axis", def), x.Rank())
	over := []int{a}
	if c.m.opset < 13 {
		for k := a + 1; k < x.Rank(); k++ {
			over = append(over, k)
		}
	}
	x = Sub(x, StopGradient(ReduceAndKeep(x, ReduceMax, over...)))
	e := Exp(x)
	total := ReduceAndKeep(e, ReduceSum, over...)
	if c.op == "LogSoftmax" {
		return result(Sub(x, Log(total)))
	}
	return result(Div(e, total))
}

// cumSum is a product with a triangle of ones.
func cumSum(c *call) []*value {
	x := c.node(0)
	a := axis(whole(c.hostAt(1, "its axis").only()), x.Rank())
	n := x.Shape().Dimensions[a]
	m := make([]float64, n*n)
	for i := range n {
		for j := range n {
			first, last := j, i // j counts where it is not after i
			if c.int("reverse", 0) != 0 {
				first, last = i, j
			}
			m[i*n+j] = truth(first < last || first == last && c.int("exclusive", 0) == 0)
		}
	}
	return result(mapped(x, a, m, n))
}

// normalised has mean 0 and mean square 1 along axes; centre = false leaves the mean.
func normalised(x *Node, epsilon float64, centre bool, over ...int) *Node {
	if centre {
		x = Sub(x, ReduceAndKeep(x, ReduceMean, over...))
	}
	return Div(x, Sqrt(AddScalar(ReduceAndKeep(Square(x), ReduceMean, over...), epsilon)))
}

// layerNorm normalises all axes from one on; RMSNormalization does not centre.
func layerNorm(c *call) []*value {
	x := c.node(0)
	var over []int
	for a := axis(c.int("axis", -1), x.Rank()); a < x.Rank(); a++ {
		over = append(over, a)
	}
	y := normalised(x, c.float("epsilon", 1e-5), c.op == "LayerNormalization", over...)
	y = Mul(pair(y, c.node(1)))
	if c.has(2) {
		y = Add(pair(y, c.node(2)))
	}
	return result(y)
}

// groupNorm normalises groups of channels over all places; InstanceNormalization
// has one channel a group. Scale and bias are per channel, and per group in
// GroupNormalization before opset 21.
func groupNorm(c *call) []*value {
	x := c.node(0)
	s := x.Shape().Dimensions
	if len(s) < 2 {
		panic(fmt.Sprintf("shape %v has no channels", s))
	}
	groups := s[1]
	if c.op == "GroupNormalization" {
		groups = c.int("num_groups", 1)
	}
	if groups < 1 || s[1]%groups != 0 {
		panic(fmt.Sprintf("%d channels in %d groups", s[1], groups))
	}
	y := normalised(Reshape(x, s[0], groups, -1), c.float("epsilon", 1e-5), true, 2)
	channelwise := func(i int) *Node {
		w := c.node(i)
		n := w.Shape().Size()
		if n != s[1] && n != groups {
			panic(fmt.Sprintf("%d scales for %d channels in %d groups", n, s[1], groups))
		}
		if n != s[1] {
			w = BroadcastToDims(Reshape(w, n, 1), n, s[1]/n)
		}
		return channels(w, s)
	}
	return result(Add(Mul(Reshape(y, s...), channelwise(1)), channelwise(2)))
}

// channels lays a list along axis 1 of a shape.
func channels(w *Node, shape []int) *Node {
	s := slices.Repeat([]int{1}, len(shape))
	s[1] = w.Shape().Size()
	if s[1] != shape[1] {
		panic(fmt.Sprintf("%d numbers for %d channels", s[1], shape[1]))
	}
	return Reshape(w, s...)
}

// batchNorm uses the stored mean and variance.
func batchNorm(c *call) []*value {
	if c.int("training_mode", 0) != 0 {
		panic("training mode: export the network in evaluation mode (model.eval())")
	}
	x := c.node(0)
	s := x.Shape().Dimensions
	if len(s) < 2 {
		panic(fmt.Sprintf("shape %v has no channels", s))
	}
	at := func(i int) *Node { return channels(c.node(i), s) }
	y := Div(Sub(x, at(3)), Sqrt(AddScalar(at(4), c.float("epsilon", 1e-5))))
	return result(Add(Mul(y, at(1)), at(2)))
}

func lpNorm(c *call) []*value {
	x := c.node(0)
	a := axis(c.int("axis", -1), x.Rank())
	n := ReduceAndKeep(Abs(x), ReduceSum, a)
	if c.int("p", 2) == 2 {
		n = Sqrt(ReduceAndKeep(Square(x), ReduceSum, a))
	}
	return result(Div(x, Max(n, scalar(n, math.SmallestNonzeroFloat32))))
}
