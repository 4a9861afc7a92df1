package network

import (
	"fmt"

	. "github.com/gomlx/gomlx/core/graph"
)

// unet is a convolutional U-Net for fields on a line or a plane (Ronneberger,
// Fischer and Brox 2015; residual blocks, group norms and attention as in Ho,
// Jain and Abbeel 2020, appendix B):
//
//	"in"                              3×3 convolution to the width of level 0
//	"down0" … "down{L−2}"             Depth residual blocks, then the mean of 2×2 places
//	"mid"                             Depth residual blocks at the lowest level, attention, one more block
//	"up{L−2}" … "up0"                 places repeated, joined with the level's output on the way
//	                                  down, Depth residual blocks
//	"norm", "out"                     norm, φ, 3×3 convolution, zero at first
//
// With Patch p > 1, patches of p×p places are channels of one place before all
// of this ("simple diffusion": Hoogeboom, Heek and Salimans 2023, section 3.3).
// Weights are named as "down0.block1.conv0.w".
type unet struct {
	parameters
	a         Architecture
	places    []int
	embedding embedding
	in, out   conv
	down, up  [][]unetBlock // up[l] is of level l
	mid       []unetBlock   // the last one comes after the attention
	attention *attention
	norm      groupNorm
}

// unetBlock is x + conv₁(φ(n₁(conv₀(φ(n₀(x)))) modulated by e)), the second
// convolution zero at first; "skip" fits the channels of x where they differ.
type unetBlock struct {
	norm0, norm1 groupNorm
	conv0, conv1 conv
	scale, shift dense
	skip         *dense
}

func (p *parameters) newUNetBlock(name string, places []int, in, out, embedding int) unetBlock {
	sites := 1
	for _, s := range places {
		sites *= s
	}
	b := unetBlock{
		norm0: p.newGroupNorm(name+".norm0", in, sites), conv0: p.newConv(name+".conv0", places, in, out, 1),
		scale: p.newDense(name+".scale", embedding, out, 0, 0), shift: p.newDense(name+".shift", embedding, out, 0, 0),
		norm1: p.newGroupNorm(name+".norm1", out, sites), conv1: p.newConv(name+".conv1", places, out, out, 0),
	}
	if in != out {
		skip := p.newDense(name+".skip", in, out, sites, 1)
		b.skip = &skip
	}
	p.computes(0, 2*sites*(in+out))
	return b
}

func (b unetBlock) apply(x, e *Node) *Node {
	h := b.conv0.apply(Activation(b.norm0.apply(x, nil, nil)))
	h = b.conv1.apply(Activation(b.norm1.apply(h, b.scale.apply(e), b.shift.apply(e))))
	if b.skip != nil {
		x = b.skip.apply(x)
	}
	return Add(x, h)
}

// resolveUNet: halvings go on while sides are even and stay at 4 or more, at most
// two of them, or there are as many levels as multipliers; the channels double
// once; 4 heads where they divide the channels.
func resolveUNet(a Architecture) Architecture {
	a.Patch = max(a.Patch, 1)
	if a.Levels == 0 {
		a.Levels = len(a.Multipliers)
	}
	if a.Levels == 0 && a.Patch <= maxPatch {
		for a.Levels = 1; a.Levels < 3; a.Levels++ {
			scale := a.Patch << a.Levels
			even := true
			for _, s := range a.places() {
				even = even && s%scale == 0 && s/scale >= 4
			}
			if !even {
				break
			}
		}
	}
	if len(a.Multipliers) == 0 && a.Levels > 0 && a.Levels <= maxLevels {
		a.Multipliers = append(a.Multipliers, 1)
		for len(a.Multipliers) < a.Levels {
			a.Multipliers = append(a.Multipliers, 2)
		}
	}
	if a.Heads == 0 && len(a.Multipliers) > 0 {
		for a.Heads = 4; (a.Width*a.Multipliers[len(a.Multipliers)-1])%a.Heads != 0; a.Heads /= 2 {
		}
	}
	return a
}

const (
	maxLevels = 8
	maxPatch  = 1 << 8
)

func checkUNet(a Architecture) error {
	if err := a.checkSizes(1<<12, 1<<6, 1<<14); err != nil {
		return err
	}
	places := a.places()
	if len(places) < 1 || len(places) > 2 {
		return a.fault("shape", "points of shape %v: a line or a plane is needed, and a last axis of channels where there is one", a.Shape)
	}
	if a.Patch > maxPatch {
		return a.fault("patch", "patches of %d: need 1 … %d", a.Patch, maxPatch)
	}
	if a.Levels < 1 || a.Levels > maxLevels {
		return a.fault("levels", "%d levels: need 1 … %d", a.Levels, maxLevels)
	}
	for _, s := range places {
		if s%a.Patch != 0 {
			return a.fault("patch", "a side of %d is no multiple of %d: take a patch that divides every side", s, a.Patch)
		}
		if scale := a.Patch << (a.Levels - 1); s%scale != 0 {
			return a.fault("levels", "a side of %d is no multiple of %d, which patches of %d and %d levels need: lower the levels", s, scale, a.Patch, a.Levels)
		}
	}
	if len(a.Multipliers) != a.Levels {
		return a.fault("multipliers", "%d multipliers for %d levels: need one for each", len(a.Multipliers), a.Levels)
	}
	for _, m := range a.Multipliers {
		if m < 1 || m > 1<<6 {
			return a.fault("multipliers", "multiplier %d: need 1 … %d", m, 1<<6)
		}
	}
	if c := a.Width * a.Multipliers[a.Levels-1]; a.Heads < -1 || a.Heads == 0 || a.Heads > 0 && c%a.Heads != 0 {
		return a.fault("heads", "%d heads do not divide the %d channels of the lowest level: take a divisor", a.Heads, c)
	}
	return nil
}

func newUNet(a Architecture) built {
	m := &unet{a: a, places: make([]int, len(a.places()))}
	channels := a.channels()
	for i, s := range a.places() {
		m.places[i] = s / a.Patch
		channels *= a.Patch
	}
	wide := 2 * a.Width
	m.embedding = m.newEmbedding(a, wide)
	at := func(l int) []int { // the grid of level l
		g := make([]int, len(m.places))
		for i, s := range m.places {
			g[i] = s >> l
		}
		return g
	}
	m.in = m.newConv("in", m.places, channels, a.Width, 1)
	c, low := a.Width, a.Levels-1
	blocks := func(stage string, l, in, n int) (list []unetBlock) {
		for i := range n {
			list = append(list, m.newUNetBlock(fmt.Sprintf("%s.block%d", stage, i), at(l), in, a.Width*a.Multipliers[l], wide))
			in = a.Width * a.Multipliers[l]
		}
		return list
	}
	for l := range low {
		m.down = append(m.down, blocks(fmt.Sprintf("down%d", l), l, c, a.Depth))
		c = a.Width * a.Multipliers[l]
	}
	m.mid = blocks("mid", low, c, a.Depth+1)
	c = a.Width * a.Multipliers[low]
	if a.Heads > 0 {
		sites := 1
		for _, s := range at(low) {
			sites *= s
		}
		attention := m.newAttention("mid.attention", c, a.Heads, sites)
		m.attention = &attention
	}
	m.up = make([][]unetBlock, low)
	for l := low - 1; l >= 0; l-- {
		own := a.Width * a.Multipliers[l]
		m.up[l] = blocks(fmt.Sprintf("up%d", l), l, c+own, a.Depth)
		c = own
	}
	sites := 1
	for _, s := range m.places {
		sites *= s
	}
	m.norm = m.newGroupNorm("norm", c, sites)
	m.out = m.newConv("out", m.places, c, channels, 0)
	return m
}

// Apply is F; see [Network] for shapes.
func (m *unet) Apply(u, c, y *Node) *Node {
	e := m.embedding.apply(c, y)
	n := u.Shape().Dimensions[0]
	h := Reshape(u, append(append([]int{n}, m.a.places()...), m.a.channels())...)
	h = m.in.apply(patches(h, m.a.Patch))
	var skips []*Node
	for _, level := range m.down {
		for _, b := range level {
			h = b.apply(h, e)
		}
		skips = append(skips, h)
		h = halve(h)
	}
	for i, b := range m.mid {
		if i == m.a.Depth && m.attention != nil {
			h = m.attention.apply(h)
		}
		h = b.apply(h, e)
	}
	for l := len(m.up) - 1; l >= 0; l-- {
		h = Concatenate([]*Node{double(h), skips[l]}, -1)
		for _, b := range m.up[l] {
			h = b.apply(h, e)
		}
	}
	h = m.out.apply(Activation(m.norm.apply(h, nil, nil)))
	return Reshape(unpatch(h, m.a.Patch), u.Shape().Dimensions...)
}
