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
	mean := product(Mul(x, x), constant(x, []int{l.size, 1}, func(int) float64 { return 1 / float64(l.size) }))
	return Div(OnesLike(mean), Sqrt(AddScalar(mean, normEpsilon)))
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

// groups is the largest number up to 8 that divides the channels and leaves four
// or more to a group.
func groups(channels int) int {
	for g := max(1, min(8, channels/4)); ; g-- {
		if channels%g == 0 {
			return g
		}
	}
}

// apply takes x [N, places…, C], and s and t [1 or N, C] or nil.
func (l groupNorm) apply(x, s, t *Node) *Node {
	g, dims := x.Graph(), x.Shape().Dimensions
	n, c := dims[0], l.channels
	sites := x.Shape().Size() / (n * c)
	x = Reshape(x, n, sites*c)
	member := constant(x, []int{c, c}, func(i int) float64 {
		return same(i/c*l.groups/c, i%c*l.groups/c) * float64(l.groups) / float64(sites*c)
	})
	average := func(x *Node) *Node { return product(total(x, sites), member) }
	x = Sub(x, spread(average(x), sites))
	variance := average(Mul(x, x))
	rate := Div(OnesLike(variance), Sqrt(AddScalar(variance, normEpsilon)))
	gain, offset := Reshape(l.scale.Use(g), 1, c), Reshape(l.shift.Use(g), 1, c)
	if s != nil {
		s = AddScalar(s, 1)
		gain, offset = Mul(gain, s), Add(Mul(offset, s), t)
	}
	y := Add(Mul(x, spread(Mul(rate, gain), sites)), spread(BroadcastToDims(offset, n, c), sites))
	return Reshape(y, dims...)
}
