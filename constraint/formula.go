package constraint

import (
	"fmt"

	"abide/expr"
	"github.com/gomlx/gomlx/core/graph"
)

// formula is one row given by a relation, residual lhs − rhs (or rhs − lhs).
type formula struct {
	name string
	rows []Row
	expr *expr.Expr
	dim  int
}

var _ Constraint = (*formula)(nil)

// NewFormula is the set where a relation holds, one row called by its source
// text; its residual is Expr ≤ 0, or Expr = 0, in the unit of the formula. dim is
// the number of columns. Where the formula is affine the result is [Linear].
// It fails if the relation depends on no column.
func NewFormula(name string, rel *expr.Relation, dim int) (Constraint, error) {
	if name == "" {
		name = rel.Source
	}
	kind := Inequality
	if rel.Equality {
		kind = Equality
	}
	if len(rel.Expr.Columns()) == 0 {
		return nil, fmt.Errorf("constraint: formula %q: depends on no column, so it restricts nothing: name a column or x[i]", rel.Source)
	}
	if c, c0, ok := rel.Expr.Affine(); ok {
		if err := checkRow(c, -c0); err != nil {
			return nil, fmt.Errorf("constraint: formula %q: %w", rel.Source, err)
		}
		l := &linear{name: name, dim: dim}
		l.add(rel.Source, kind, c, -c0)
		return l, nil
	}
	rows := []Row{{Name: rel.Source, Kind: kind, Scale: 1, Tolerance: DefaultTolerance}}
	return &formula{name: name, rows: rows, expr: rel.Expr, dim: dim}, nil
}

func (f *formula) Name() string                { return f.name }
func (f *formula) Rows() []Row                 { return f.rows }
func (f *formula) Dim() int                    { return f.dim }
func (f *formula) Columns() []int              { return f.expr.Columns() }
func (f *formula) Residual(x *Node) *Node      { return graph.ExpandDims(f.expr.Node(x), 1) }
func (f *formula) ResidualAt(x, r []float64)   { r[0] = f.expr.Value(x) }
func (f *formula) JacobianAt(x, jac []float64) { f.expr.Gradient(x, jac) }
