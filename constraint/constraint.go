// Package constraint holds hard constraints: sets and equations that every
// sample must obey, as rows of residuals g(x) ≤ 0 and h(x) = 0 with units.
//
// Constraints live in the user's coordinates x (columns with their units), one
// sample per row. The same rows are offered twice: as a graph of the engine, so
// that they can guide a denoiser, and on the host in float64, where they are
// projected on and checked.
package constraint

import (
	"math"

	"github.com/gomlx/gomlx/core/graph"
)

// Node is a value of the engine's graph.
type Node = graph.Node

// Kind tells an equation from an inequality.
type Kind int

const (
	Inequality Kind = iota // g(x) ≤ 0
	Equality               // h(x) = 0
)

// DefaultTolerance is the tolerance of every row that was not given another one by [WithTolerance].
const DefaultTolerance = 1e-6

// Row describes one scalar residual.
type Row struct {
	Name      string
	Kind      Kind
	Scale     float64 // size of the residual one unit of x away from the row, > 0: ‖a‖ for a linear row a·x − b, else 1
	Tolerance float64 // largest violation, in the row's unit, that still counts as obeyed; default [DefaultTolerance]
}

// Violation is how far a residual r of this row is from being obeyed, ≥ 0, in
// the row's unit; a residual that is not a number is infinitely far.
func (r Row) Violation(residual float64) float64 {
	switch {
	case math.IsNaN(residual):
		return math.Inf(1)
	case r.Kind == Equality:
		return math.Abs(residual)
	default:
		return max(residual, 0)
	}
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
