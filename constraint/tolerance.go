package constraint

import "slices"

// WithTolerance is c with the tolerance tol > 0 on every row, in the unit of each
// row. A linear constraint stays [Linear]. A tolerance that is not above 0 is
// refused by [Check] and [NewProjector].
func WithTolerance(c Constraint, tol float64) Constraint {
	rows := slices.Clone(c.Rows())
	for i := range rows {
		rows[i].Tolerance = tol
	}
	if l, ok := c.(Linear); ok {
		return tolerantLinear{l, rows}
	}
	return tolerant{c, rows}
}

type tolerant struct {
	Constraint
	rows []Row
}

type tolerantLinear struct {
	Linear
	rows []Row
}

var (
	_ Constraint = tolerant{}
	_ Linear     = tolerantLinear{}
)

func (t tolerant) Rows() []Row        { return t.rows }
func (t tolerantLinear) Rows() []Row  { return t.rows }
func (t tolerant) unwrap() Constraint { return t.Constraint }
