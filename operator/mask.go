package operator

import (
	"slices"

	"github.com/gomlx/gomlx/core/graph"
)

// Mask sees some of the columns: y[i] = x[index[i]].
type Mask struct {
	d     int
	index []int
}

var (
	_ Linear   = (*Mask)(nil)
	_ Spectral = (*Mask)(nil)
)

// NewMask sees the columns index of points of d columns, each once at most.
func NewMask(d int, index []int) (*Mask, error) {
	if len(index) == 0 {
		return nil, fault("mask", "no column is measured: give at least one index")
	}
	seen := map[int]int{}
	for i, j := range index {
		if j < 0 || j >= d {
			return nil, fault("mask", "index %d (entry %d) is out of range: columns are 0 to %d", j, i, d-1)
		}
		if first, again := seen[j]; again {
			return nil, fault("mask", "column %d is measured twice, by entries %d and %d: give their mean once, with the smaller noise", j, first, i)
		}
		seen[j] = i
	}
	return &Mask{d, slices.Clone(index)}, nil
}

// Index are the columns that are seen; not to be changed.
func (a *Mask) Index() []int { return a.index }

// Dims are the columns of a point and the number of those that are seen.
func (a *Mask) Dims() (d, m int) { return a.d, len(a.index) }

// Apply gathers; a selection as a matrix has a gradient of every order, which a
// slice has not, and costs d·m products a point.
func (a *Mask) Apply(x *Node) *Node {
	return graph.MatMul(x, graph.ConstAs(x, a.selection(a.d, len(a.index), false)))
}

// Adjoint puts the seen columns in their places and zeros elsewhere.
func (a *Mask) Adjoint(y *Node) *Node {
	return graph.MatMul(y, graph.ConstAs(y, a.selection(len(a.index), a.d, true)))
}

func (a *Mask) selection(rows, cols int, adjoint bool) [][]float64 {
	s := make([][]float64, rows)
	for i := range s {
		s[i] = make([]float64, cols)
	}
	for i, j := range a.index {
		if adjoint {
			s[i][j] = 1
		} else {
			s[j][i] = 1
		}
	}
	return s
}

// ApplyAt is y = x[index].
func (a *Mask) ApplyAt(y, x []float64) {
	for i, j := range a.index {
		y[i] = x[j]
	}
}

// AdjointAt is x[index] = y, zero elsewhere.
func (a *Mask) AdjointAt(x, y []float64) {
	clear(x)
	for i, j := range a.index {
		x[j] = y[i]
	}
}

// VJPAt is the adjoint.
func (a *Mask) VJPAt(g, _, c []float64) { a.AdjointAt(g, c) }

// SVD has unit vectors on both sides and values 1.
func (a *Mask) SVD() SVD {
	s := make([]float64, len(a.index))
	for i := range s {
		s[i] = 1
	}
	return SVD{S: s, U: identity(len(a.index)), V: a}
}

// Coefficients makes a mask the right basis of its own decomposition.
func (a *Mask) Coefficients(c, x []float64) { a.ApplyAt(c, x) }

// Combine is the adjoint.
func (a *Mask) Combine(x, c []float64) { a.AdjointAt(x, c) }
