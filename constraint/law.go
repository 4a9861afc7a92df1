package constraint

import "abide/physics"

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
