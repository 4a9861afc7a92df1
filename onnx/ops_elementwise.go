package onnx

import (
	"fmt"
	"math"

	. "github.com/gomlx/gomlx/core/graph"
)

// broadcast is the shape two tensors have together, by NumPy's rule.
func broadcast(a, b []int) []int {
	n := max(len(a), len(b))
	out := make([]int, n)
	for i := range out {
		x, y := 1, 1
		if k := i - n + len(a); k >= 0 {
			x = a[k]
		}
		if k := i - n + len(b); k >= 0 {
			y = b[k]
		}
		switch {
		case x == y, y == 1:
			out[i] = x
		case x == 1:
			out[i] = y
		default:
			panic(fmt.Sprintf("shapes %v and %v do not fit together", a, b))
		}
	}
	return out
}

// stretched maps places in a tensor of a broadcast shape to places in one of shape from.
func stretched(from, to []int) func(k int) int {
	stride := make([]int, len(to))
	s := 1
	for i := len(from) - 1; i >= 0; i-- {
		if from[i] > 1 {
			stride[i+len(to)-len(from)] = s
		}
		s *= from[i]
	}
	return func(k int) int {
		at := 0
		for i := len(to) - 1; i >= 0; i-- {
			at += k % to[i] * stride[i]
			k /= to[i]
		}
		return at
	}
}

// pair gives two nodes one rank; the engine broadcasts axes of length 1.
func pair(a, b *Node) (*Node, *Node) {
	broadcast(a.Shape().Dimensions, b.Shape().Dimensions) // or a clear error
	n := max(a.Rank(), b.Rank())
	return ExpandLeftToRank(a, n), ExpandLeftToRank(b, n)
}

func scalar(x *Node, v float64) *Node { return Scalar(x.Graph(), x.DType(), v) }

func clamp(x *Node, lo, hi float64) *Node { return Min(Max(x, scalar(x, lo)), scalar(x, hi)) }

func relu(x *Node) *Node { return Where(GreaterThan(x, ZerosLike(x)), x, ZerosLike(x)) }

// softplus is ln(1 + eˣ) = max(x, 0) + ln(1 + e^(−|x|)).
func softplus(x *Node) *Node { return Add(relu(x), Log(AddScalar(Exp(Neg(Abs(x))), 1))) }

// above is x where it is above 0, f(x) elsewhere. f sees min(x, 0) only, so that
// nothing it overflows to for large x reaches a gradient.
func above(x *Node, f func(*Node) *Node) *Node {
	zero := ZerosLike(x)
	return Where(GreaterThan(x, zero), x, f(Where(GreaterThan(x, zero), zero, x)))
}

func leakyRelu(c *call) []*value {
	a := c.float("alpha", 0.01)
	return result(above(c.node(0), func(x *Node) *Node { return MulScalar(x, a) }))
}

func elu(c *call) []*value {
	a := c.float("alpha", 1)
	return result(above(c.node(0), func(x *Node) *Node { return MulScalar(AddScalar(Exp(x), -1), a) }))
}

func celu(c *call) []*value {
	a := c.float("alpha", 1)
	return result(above(c.node(0), func(x *Node) *Node { return MulScalar(AddScalar(Exp(MulScalar(x, 1/a)), -1), a) }))
}

func selu(c *call) []*value {
	a, gamma := c.float("alpha", 1.67326319217681884765625), c.float("gamma", 1.05070102214813232421875)
	return result(MulScalar(above(c.node(0), func(x *Node) *Node { return MulScalar(AddScalar(Exp(x), -1), a) }), gamma))
}

func pRelu(c *call) []*value {
	x, slope := pair(c.node(0), c.node(1))
	return result(above(x, func(x *Node) *Node { return Mul(x, slope) }))
}

func thresholdedRelu(c *call) []*value {
	x := c.node(0)
	return result(Where(GreaterThan(x, scalar(x, c.float("alpha", 1))), x, ZerosLike(x)))
}

func hardSigmoid(c *call) []*value {
	return result(clamp(AddScalar(MulScalar(c.node(0), c.float("alpha", 0.2)), c.float("beta", 0.5)), 0, 1))
}

func swish(c *call) []*value {
	x := c.node(0)
	return result(Mul(x, Sigmoid(MulScalar(x, c.float("alpha", 1)))))
}

// gelu is x Φ(x), or its approximation by tanh.
func gelu(c *call) []*value {
	x := c.node(0)
	half := MulScalar(x, 0.5)
	switch a := c.str("approximate", "none"); a {
	case "none":
		return result(Mul(half, AddScalar(Erf(MulScalar(x, math.Sqrt2/2)), 1)))
	case "tanh":
		inner := MulScalar(Add(x, MulScalar(Mul(x, Square(x)), 0.044715)), math.Sqrt(2/math.Pi))
		return result(Mul(half, AddScalar(Tanh(inner), 1)))
	default:
		panic(fmt.Sprintf("approximate = %q is unknown", clip(a)))
	}
}

// clipOp takes its bounds from attributes in opset 6, from inputs since 11.
func clipOp(c *call) []*value {
	x := c.node(0)
	bound := func(i int, name string) *Node {
		if c.has(i) {
			return c.node(i)
		}
		if a := c.attributes[name]; a != nil {
			return scalar(x, a.f)
		}
		return nil
	}
	// By selection, not by Max and Min: inside the bounds the gradient is 1, outside 0.
	if lo := bound(1, "min"); lo != nil {
		a, b := pair(x, lo)
		x = Where(LessThan(a, b), BroadcastToShape(b, a.Shape()), a)
	}
	if hi := bound(2, "max"); hi != nil {
		a, b := pair(x, hi)
		x = Where(GreaterThan(a, b), BroadcastToShape(b, a.Shape()), a)
	}
	return result(x)
}

func where(c *call) []*value {
	shape := broadcast(broadcast(c.in[0].shape, c.in[1].shape), c.in[2].shape)
	if c.allHost() {
		out := make([]float64, c.bounded(shape))
		cond, x, y := stretched(c.in[0].shape, shape), stretched(c.in[1].shape, shape), stretched(c.in[2].shape, shape)
		for k := range out {
			if c.in[0].data[cond(k)] != 0 {
				out[k] = c.in[1].data[x(k)]
			} else {
				out[k] = c.in[2].data[y(k)]
			}
		}
		return constant(shape, out, c.in[1].integer && c.in[2].integer)
	}
	c.bounded(shape)
	to := func(n *Node) *Node {
		n = ExpandLeftToRank(n, len(shape))
		return BroadcastToDims(n, shape...)
	}
	cond := to(c.node(0))
	return result(Where(NotEqual(cond, ZerosLike(cond)), to(c.node(1)), to(c.node(2))))
}

func fold(c *call, f func(a, b *Node) *Node) *Node {
	x := c.node(0)
	for i := 1; i < len(c.in); i++ {
		a, b := pair(x, c.node(i))
		x = f(a, b)
	}
	return x
}

func sum(c *call) []*value     { return result(fold(c, Add)) }
func maximum(c *call) []*value { return result(fold(c, Max)) }
func minimum(c *call) []*value { return result(fold(c, Min)) }
func mean(c *call) []*value    { return result(MulScalar(fold(c, Add), 1/float64(len(c.in)))) }
