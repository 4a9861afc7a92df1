package network

import (
	"fmt"

	. "github.com/gomlx/gomlx/core/graph"
)

// fno is a Fourier neural operator on a periodic line or plane (Li et al. 2021,
// figure 2), modulated by the noise level and the condition:
//
//	h = W u + b at every place,  e = embedding(c, y)
//	h ← φ(K h + W h + b + T e)   Depth times, K a spectral layer
//	F = W₁ φ(W₀ h + b₀) + b₁, zero at first
//
// It has no coordinates: F commutes with translations of the grid, and the same
// weights act on a finer one. Weights: "embed.0", "embed.1", "in", for each block
// "block0.spectral.re", "block0.spectral.im", "block0.local", "block0.shift",
// then "out.0" and "out.1".
type fno struct {
	parameters
	a         Architecture
	embedding embedding
	in        dense
	blocks    []fnoBlock
	hidden    dense
	out       dense
}

type fnoBlock struct {
	spectral     spectral
	local, shift dense
}

// resolveFNO keeps eight modes, or as many as the shortest side has below its
// Nyquist frequency.
func resolveFNO(a Architecture) Architecture {
	if a.Modes == 0 {
		a.Modes = 8
		for _, s := range a.places() {
			a.Modes = min(a.Modes, (s+1)/2)
		}
	}
	return a
}

func checkFNO(a Architecture) error {
	if err := a.checkSizes(1<<12, 1<<6, 1<<14); err != nil {
		return err
	}
	places := a.places()
	if len(places) < 1 || len(places) > 2 {
		return a.fault("shape", "points of shape %v: a line or a plane is needed, and a last axis of channels where there is one", a.Shape)
	}
	sites, k := 1, 1
	for _, s := range places {
		if a.Modes < 1 || a.Modes > (s+1)/2 {
			return a.fault("modes", "%d modes on a side of %d: need 1 … %d", a.Modes, s, (s+1)/2)
		}
		sites, k = sites*s, k*(2*a.Modes-1)
	}
	if sites*k > maxTransform {
		return a.fault("modes", "%d modes on %d places: their matrices would have %d numbers, the limit is %d: lower the modes", k/2+1, sites, sites*k, maxTransform)
	}
	return nil
}

// maxTransform bounds the constants of the dense Fourier transform.
const maxTransform = 1 << 26

func newFNO(a Architecture) built {
	m := &fno{a: a}
	sites := 1
	for _, s := range a.places() {
		sites *= s
	}
	w := a.Width
	m.embedding = m.newEmbedding(a, w)
	m.in = m.newDense("in", a.channels(), w, sites, 1)
	for i := range a.Depth {
		name := fmt.Sprintf("block%d", i)
		m.blocks = append(m.blocks, fnoBlock{
			spectral: m.newSpectral(name+".spectral", a.places(), a.Modes, w, w),
			local:    m.newDense(name+".local", w, w, sites, 1), shift: m.newDense(name+".shift", w, w, 0, 0),
		})
		m.computes(0, 2*sites*w)
	}
	m.hidden, m.out = m.newDense("out.0", w, w, sites, 1), m.newDense("out.1", w, a.channels(), sites, 0)
	m.computes(0, sites*w)
	return m
}

// Apply is F; see [Network] for shapes.
func (m *fno) Apply(u, c, y *Node) *Node {
	e := m.embedding.apply(c, y)
	n := u.Shape().Dimensions[0]
	places := m.a.places()
	h := m.in.apply(Reshape(u, append(append([]int{n}, places...), m.a.channels())...))
	for _, b := range m.blocks {
		t := b.shift.apply(e)
		dims := []int{t.Shape().Dimensions[0]}
		for range places {
			dims = append(dims, 1)
		}
		t = Reshape(t, append(dims, m.a.Width)...)
		h = Activation(Add(Add(b.spectral.apply(h), b.local.apply(h)), t))
	}
	return Reshape(m.out.apply(Activation(m.hidden.apply(h))), u.Shape().Dimensions...)
}
