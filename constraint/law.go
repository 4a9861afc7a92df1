package constraint

import (
	"math"

	"abide/physics"
	"abide/sparse"
)

// Laws are a constraint of d columns as laws of fields to be projected onto together with
// others: linear equations as sparse rows, bounds of single columns as a box, anything
// else as [Law] has it.
func Laws(c Constraint, d int) ([]physics.Constraint, error) {
	l, ok := c.(Linear)
	if !ok {
		return []physics.Constraint{Law(c, d)}, nil
	}
	lo, hi := make([]float64, d), make([]float64, d)
	for j := range d {
		lo[j], hi[j] = math.Inf(-1), math.Inf(1)
	}
	var rows, columns []int32
	var values, right []float64
	bounded, within := false, math.Inf(1)
	matrix, side := l.Matrix()
	for i, r := range l.Rows() {
		a, b := matrix[i*d:(i+1)*d], side[i]
		within = min(within, r.Tolerance/r.Scale)
		only, several := -1, false
		for j, v := range a {
			if v != 0 {
				several = only >= 0
				only = j
			}
			if several {
				break
			}
		}
		switch {
		case r.Kind == Equality:
			for j, v := range a {
				if v != 0 {
					rows, columns, values = append(rows, int32(len(right))), append(columns, int32(j)), append(values, v/r.Scale)
				}
			}
			right = append(right, b/r.Scale)
		case several:
			return []physics.Constraint{Law(c, d)}, nil
		case a[only] > 0:
			hi[only], bounded = min(hi[only], b/a[only]), true
		default:
			lo[only], bounded = max(lo[only], b/a[only]), true
		}
	}
	label := physics.Label{Name: c.Name(), Tolerance: within}
	var laws []physics.Constraint
	if len(right) > 0 {
		m, err := sparse.FromTriplets(len(right), d, rows, columns, values)
		if err != nil {
			return nil, err
		}
		law, err := physics.NewLinear(m, right, nil, label)
		if err != nil {
			return nil, err
		}
		laws = append(laws, law)
	}
	if bounded {
		law, err := physics.NewBounds(d, lo, hi, label)
		if err != nil {
			return nil, err
		}
		laws = append(laws, law)
	}
	return laws, nil
}

// Law is a constraint of d columns in the form of laws of fields ([physics.Constraint]),
// for methods that take residuals and products with their Jacobian: each row in units of
// its Scale, so that a linear row a·x − b is a distance, (a·x − b)/|a|. It has no
// projection: that is the [Projector]'s. A product costs the m·d numbers of the Jacobian.
// Safe for several goroutines.
func Law(c Constraint, d int) physics.Constraint {
	l := &law{c: c, d: d}
	for _, r := range c.Rows() {
		l.rows = append(l.rows, physics.Row{
			Name: r.Name, Size: 1, Unit: r.Scale, Tolerance: r.Tolerance / r.Scale, Upper: r.Kind == Inequality, Doc: r.Name,
		})
	}
	if a, ok := c.(Linear); ok {
		l.matrix, _ = a.Matrix()
	}
	return l
}

type law struct {
	c      Constraint
	d      int
	rows   []physics.Row
	matrix []float64 // [m, d] of a linear one
}

func (l *law) Dim() int                  { return l.d }
func (l *law) Rows() []physics.Row       { return l.rows }
func (l *law) Residual(dst, x []float64) { l.c.ResidualAt(x, dst) }

func (l *law) jacobian(x []float64) []float64 {
	if l.matrix != nil {
		return l.matrix
	}
	j := make([]float64, len(l.rows)*l.d)
	l.c.JacobianAt(x, j)
	return j
}

func (l *law) JVP(dst, x, v []float64) {
	j := l.jacobian(x)
	for i := range dst {
		dst[i] = dot(j[i*l.d:(i+1)*l.d], v)
	}
}

func (l *law) VJP(dst, x, w []float64) {
	j := l.jacobian(x)
	clear(dst)
	for i, c := range w {
		if c != 0 {
			axpy(c, j[i*l.d:(i+1)*l.d], dst)
		}
	}
}
