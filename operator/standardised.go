package operator

import (
	"slices"

	"github.com/gomlx/gomlx/core/graph"
)

// Standardised is A seen from sampler coordinates u, x = shift + scale ⊙ u: the
// operator u ↦ A(shift + scale ⊙ u). For a linear A it is affine, u ↦ A(scale ⊙ u)
// + A shift, and its linear part keeps a spectral form where all scales are equal.
func Standardised(a Operator, shift, scale []float64) Operator {
	h, b, ok := Split(a)
	if !ok {
		return curved{a, shift, scale}
	}
	at := make([]float64, len(b))
	h.ApplyAt(at, shift)
	for i := range at {
		at[i] += b[i]
	}
	return Shifted(Scaled(h, scale), at)
}

// Scaled is A(scale ⊙ u).
func Scaled(a Linear, scale []float64) Linear {
	if m, ok := a.(*Mask); ok {
		return scaledMask{scaled{a, scale}, m}
	}
	if a, ok := a.(*Matrix); ok { // written out as it is, the product is one matrix
		out := &Matrix{d: a.d, m: a.m, a: slices.Clone(a.a)}
		for i := range out.a {
			out.a[i] *= scale[i%a.d]
		}
		return out
	}
	s, spectral := a.(Spectral)
	for _, v := range scale {
		spectral = spectral && v == scale[0]
	}
	if spectral {
		return scaledSpectral{scaled{a, scale}, s, scale[0]}
	}
	return scaled{a, scale}
}

type scaled struct {
	a     Linear
	scale []float64
}

func (s scaled) Dims() (d, m int) { return s.a.Dims() }

func (s scaled) Apply(u *Node) *Node {
	return s.a.Apply(graph.Mul(u, graph.ConstAs(u, [][]float64{s.scale})))
}

func (s scaled) Adjoint(y *Node) *Node {
	return graph.Mul(s.a.Adjoint(y), graph.ConstAs(y, [][]float64{s.scale}))
}

func (s scaled) ApplyAt(y, u []float64) {
	x := make([]float64, len(u))
	for i, v := range u {
		x[i] = s.scale[i] * v
	}
	s.a.ApplyAt(y, x)
}

func (s scaled) AdjointAt(u, y []float64) {
	s.a.AdjointAt(u, y)
	for i, v := range s.scale {
		u[i] *= v
	}
}

func (s scaled) VJPAt(g, _, c []float64) { s.AdjointAt(g, c) }

type scaledSpectral struct {
	scaled
	spectral Spectral
	by       float64
}

var _ Spectral = scaledSpectral{}

func (s scaledSpectral) SVD() SVD {
	out := s.spectral.SVD()
	values := make([]float64, len(out.S))
	for i, v := range out.S {
		values[i] = s.by * v
	}
	out.S = values
	return out
}

// scaledMask keeps the unit vectors of a mask, whatever the scales of its columns.
type scaledMask struct {
	scaled
	mask *Mask
}

var _ Spectral = scaledMask{}

func (s scaledMask) SVD() SVD {
	out := s.mask.SVD()
	for i, j := range s.mask.index {
		out.S[i] = s.scale[j]
	}
	return out
}

// curved is a nonlinear operator in sampler coordinates.
type curved struct {
	a            Operator
	shift, scale []float64
}

func (s curved) Dims() (d, m int) { return s.a.Dims() }

func (s curved) Apply(u *Node) *Node {
	return s.a.Apply(graph.Add(graph.Mul(u, graph.ConstAs(u, [][]float64{s.scale})), graph.ConstAs(u, [][]float64{s.shift})))
}

func (s curved) at(u []float64) []float64 {
	x := make([]float64, len(u))
	for i, v := range u {
		x[i] = s.shift[i] + s.scale[i]*v
	}
	return x
}

func (s curved) ApplyAt(y, u []float64) { s.a.ApplyAt(y, s.at(u)) }

func (s curved) VJPAt(g, u, c []float64) {
	s.a.VJPAt(g, s.at(u), c)
	for i, v := range s.scale {
		g[i] *= v
	}
}
