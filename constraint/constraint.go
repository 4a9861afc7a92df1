// Package constraint holds hard constraints: sets and equations that every
// sample must obey, as rows of residuals g(x) ≤ 0 and h(x) = 0 with units.
//
// Constraints live in the user's coordinates x (columns with their units), one
// sample per row. The same rows are offered twice: as a graph of the engine, so
// that they can guide a denoiser, and on the host in float64, where they are
// projected on and checked.
package constraint

import "github.com/gomlx/gomlx/core/graph"

// Node is a value of the engine's graph.
type Node = graph.Node

// Kind tells an equation from an inequality.
type Kind int

const (
	Inequality Kind = iota // g(x) ≤ 0
	Equality               // h(x) = 0
)

// Row describes one scalar residual.
type Row struct {
	Name      string
	Kind      Kind
	Scale     float64 // a typical size of the residual in its own unit, > 0; 1 where nothing better is known
	Tolerance float64 // largest violation, in the row's unit, that still counts as obeyed; default 1e-6
}

// Violation is how far a residual r of this row is from being obeyed, ≥ 0, in the row's unit.
func (r Row) Violation(residual float64) float64 {
	if r.Kind == Equality {
		if residual < 0 {
			return -residual
		}
		return residual
	}
	if residual > 0 {
		return residual
	}
	return 0
}

// Constraint is a list of rows over points of dimension d.
type Constraint interface {
	Name() string
	Rows() []Row
	// Residual is the graph form: x [N, d] → [N, m].
	Residual(x *Node) *Node
	// ResidualAt writes the m residuals of one point x (length d) into r.
	ResidualAt(x, r []float64)
	// JacobianAt writes ∂r_i/∂x_j of one point into jac, row-major m×d.
	JacobianAt(x, jac []float64)
}

// Linear is a constraint whose residual is A x − b, exactly.
type Linear interface {
	Constraint
	// Matrix returns A (row-major m×d) and b (length m).
	Matrix() (a []float64, b []float64)
}
