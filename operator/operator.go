// Package operator holds forward operators: what an instrument sees of a point,
// y = A(x) + noise. Those that are linear have their adjoint and, where it is
// known, their singular value decomposition.
package operator

import (
	"fmt"

	"abide/internal/engine"
)

// Node is a value of the engine's graph.
type Node = engine.Node

// Operator is a map A from points of d numbers to m numbers, in a graph and on
// the host. Points of a batch do not interact.
type Operator interface {
	// Dims are d and m.
	Dims() (d, m int)
	// Apply is A as a graph, [N, d] → [N, m]; it has a gradient.
	Apply(x *Node) *Node
	// ApplyAt writes A(x) of one point to y (length m).
	ApplyAt(y, x []float64)
	// VJPAt writes (∂A/∂x)ᵀ c at one point to g (length d); c has length m.
	VJPAt(g, x, c []float64)
}

// Linear is an operator that is a matrix, if perhaps one that is never written out.
type Linear interface {
	Operator
	// Adjoint is Aᵀ as a graph, [N, m] → [N, d].
	Adjoint(y *Node) *Node
	// AdjointAt writes Aᵀy to x (length d).
	AdjointAt(x, y []float64)
}

// Affine is an operator A x + b that is handed over as its parts; see [Split].
type Affine interface {
	Operator
	// Parts are the matrix, as an operator, and b (length m).
	Parts() (Linear, []float64)
}

// Split writes A as a linear operator and a constant, A(x) = H x + b, where it is
// that: ok is false for others.
func Split(a Operator) (h Linear, b []float64, ok bool) {
	switch a := a.(type) {
	case Linear:
		_, m := a.Dims()
		return a, make([]float64, m), true
	case Affine:
		h, b = a.Parts()
		return h, b, true
	}
	return nil, nil, false
}

// Dense writes out the m×d matrix of a linear operator, row-major, by applying
// the adjoint to unit vectors.
func Dense(a Linear) []float64 {
	if a, ok := a.(*Matrix); ok {
		return a.a
	}
	d, m := a.Dims()
	out, unit := make([]float64, m*d), make([]float64, m)
	for i := range m {
		unit[i] = 1
		a.AdjointAt(out[i*d:(i+1)*d], unit)
		unit[i] = 0
	}
	return out
}

// Error says which operator cannot be made, and why.
type Error struct{ Kind, What string }

func (e *Error) Error() string { return "operator: " + e.Kind + ": " + e.What }

func fault(kind, format string, args ...any) error {
	return &Error{kind, fmt.Sprintf(format, args...)}
}
