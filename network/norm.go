package network

import (
	. "github.com/gomlx/gomlx/core/graph"

	"abide/internal/engine"
)

// normEpsilon keeps a norm finite where its input is constant or zero.
const normEpsilon = 1e-5

// rmsNorm is y = γ x / √(mean x² + ε) over the last axis (Zhang and Sennrich
// 2019, equation 4): a LayerNorm without the mean, one reduction instead of two.
type rmsNorm struct {
	size int
	gain *engine.Weights
}

func (p *parameters) newRMSNorm(name string, size int) rmsNorm {
	p.computes(0, size)
	return rmsNorm{size, p.constant(name+".gain", 1, size)}
}

// apply takes rows [N, size].
func (l rmsNorm) apply(x *Node) *Node {
	return Mul(x, Mul(l.rate(x), Reshape(l.gain.Use(x.Graph()), 1, l.size)))
}

// rate is 1/√(mean x² + ε) [N, 1]. The mean is a product of matrices, because the
// pure-Go backend adds up along an axis no faster than 0.3 numbers a nanosecond.
func (l rmsNorm) rate(x *Node) *Node {
	mean := Dot(Mul(x, x), constant(x, []int{l.size, 1}, func(int) float64 { return 1 / float64(l.size) })).Product()
	return Div(OnesLike(mean), Sqrt(AddScalar(mean, normEpsilon)))
}

// constant is a node of the type of like, filled by the flat index.
func constant(like *Node, dims []int, value func(i int) float64) *Node {
	n := 1
	for _, d := range dims {
		n *= d
	}
	flat := make([]float64, n)
	for i := range flat {
		flat[i] = value(i)
	}
	return Reshape(ConvertDType(Const(like.Graph(), flat), like.DType()), dims...)
}

// groupNorm standardises groups of neighbouring channels over all places of a
// sample, then scales and shifts each channel (Wu and He 2018, equations 1–6):
//
//	y = γ (x − μ)/√(v + ε) + β
//
// A feature-wise modulation (s, t) of a block makes it γ(1+s) and β(1+s) + t
// (FiLM; Perez et al. 2018).
type groupNorm struct {
	channels, groups int
	scale, shift     *engine.Weights
}

func (p *parameters) newGroupNorm(name string, channels, sites int) groupNorm {
	p.computes(0, 2*sites*channels)
	return groupNorm{channels, groups(channels), p.constant(name+".scale", 1, channels), p.constant(name+".shift", 0, channels)}
}

// groups is the largest number up to 8 that divides the channels.
func groups(channels int) int {
	for g := 8; ; g-- {
		if channels%g == 0 {
			return g
		}
	}
}

// apply takes x [N, places…, C], and s and t [1 or N, C] or nil.
func (l groupNorm) apply(x, s, t *Node) *Node {
	dims := x.Shape().Dimensions
	n, c := dims[0], l.channels
	sites := x.Shape().Size() / (n * c)
	x = Reshape(x, n, sites, c)
	// Sums over places, then over the channels of a group: all that is not
	// element by element is a product with a small constant matrix.
	member := constant(x, []int{c, c}, func(i int) float64 {
		if (i/c)*l.groups/c == (i%c)*l.groups/c {
			return 1 / float64(sites*c/l.groups)
		}
		return 0
	})
	average := func(x *Node) *Node { return Reshape(Dot(ReduceSum(x, 1), member).Product(), n, 1, c) }
	x = Sub(x, average(x))
	variance := average(Mul(x, x))
	rate := Div(OnesLike(variance), Sqrt(AddScalar(variance, normEpsilon)))
	g := x.Graph()
	gain, offset := Reshape(l.scale.Use(g), 1, c), Reshape(l.shift.Use(g), 1, c)
	if s != nil {
		s = AddScalar(s, 1)
		gain, offset = Mul(gain, s), Add(Mul(offset, s), t)
	}
	y := Add(Mul(x, Mul(rate, ExpandDims(gain, 1))), ExpandDims(offset, 1))
	return Reshape(y, dims...)
}
