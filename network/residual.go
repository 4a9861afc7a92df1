package network

import (
	"fmt"

	. "github.com/gomlx/gomlx/core/graph"
)

// residualMLP is a perceptron of pre-norm residual blocks, modulated by the
// noise level and the condition (He, Zhang, Ren and Sun 2016; FiLM: Perez et al.
// 2018; zero modulation and last layers at first: Peebles and Xie 2023, section
// 3.2):
//
//	h = W u + b,  e = embedding(c, y)
//	h ← h + W₂ φ(W₁ (n(h) ⊙ (1 + S e) + T e) + b₁) + b₂   Depth times
//	F = W n(h) + b
//
// n is the root-mean-square norm. Weights: "embed.0", "embed.1", "in", for each
// block "block3.norm.gain", "block3.scale", "block3.shift", "block3.0",
// "block3.1", then "norm.gain" and "out"; all matrices are [in, out].
type residualMLP struct {
	parameters
	embedding embedding
	in, out   dense
	blocks    []residualBlock
	norm      rmsNorm
}

type residualBlock struct {
	norm         rmsNorm
	scale, shift dense
	first, last  dense
}

func checkResidual(a Architecture) error {
	return a.checkSizes(1<<14, 1<<8, 1<<14)
}

func newResidual(a Architecture) built {
	m := &residualMLP{}
	w := a.Width
	m.embedding = m.newEmbedding(a, w)
	m.in = m.newDense("in", a.Dim(), w, 1, 1)
	for i := range a.Depth {
		name := fmt.Sprintf("block%d", i)
		m.blocks = append(m.blocks, residualBlock{
			norm:  m.newRMSNorm(name+".norm", w),
			scale: m.newDense(name+".scale", w, w, 0, 0), shift: m.newDense(name+".shift", w, w, 0, 0),
			first: m.newDense(name+".0", w, w, 1, 1), last: m.newDense(name+".1", w, w, 1, 0),
		})
		m.computes(0, 3*w)
	}
	m.norm = m.newRMSNorm("norm", w)
	m.out = m.newDense("out", w, a.Dim(), 1, 0)
	return m
}

// Apply is F; see [Network] for shapes.
func (m *residualMLP) Apply(u, c, y *Node) *Node {
	e := m.embedding.apply(c, y)
	h := m.in.apply(u)
	for _, b := range m.blocks {
		z := Add(Mul(b.norm.apply(h), AddScalar(b.scale.apply(e), 1)), b.shift.apply(e))
		h = Add(h, b.last.apply(Activation(b.first.apply(z))))
	}
	return m.out.apply(m.norm.apply(h))
}
