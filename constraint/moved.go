package constraint

import (
	"math"
	"slices"
)

// Moved is c with the sides of its rows moved inward by a margin, in standard deviations
// of the columns (scale); outward where the margin is below 0,
//
//	a·x ≤ b        a·x ≤ b − margin ‖a ⊙ scale‖
//	a·x = b        |a·x − b| ≤ −margin ‖a ⊙ scale‖, for margins above 0 as it is
//	‖x − c‖ ≤ r    ‖x − c‖ ≤ r − margin max(scale),
//
// so that with margin = q σ a row a·(x + σ scale ⊙ ξ) ≤ b, ξ ~ N(0, I), holds with
// probability Φ(q) on the side of the moved one. It is false for rows that are neither
// linear nor a ball, and nil for a ball of which nothing is left.
func Moved(c Constraint, scale []float64, margin float64) (moved Constraint, ok bool) {
	switch c := c.(type) {
	case tolerant:
		moved, ok = Moved(c.Constraint, scale, margin)
		if moved != nil {
			moved = WithTolerance(moved, c.rows[0].Tolerance)
		}
		return moved, ok
	case *ball:
		left := c.radius - margin*slices.Max(scale)
		if !(left > 0) {
			return nil, true
		}
		return &ball{name: c.name, rows: c.rows, center: c.center, radius: left}, true
	case Linear:
		return movedLinear(c, scale, margin), true
	}
	return nil, false
}

func movedLinear(c Linear, scale []float64, margin float64) Linear {
	a, b := c.Matrix()
	d := len(scale)
	l := &linear{name: c.Name(), dim: d}
	for i, row := range c.Rows() {
		way := a[i*d : (i+1)*d]
		s := 0.0
		for j, v := range way {
			s += v * v * scale[j] * scale[j]
		}
		by := margin * math.Sqrt(s)
		switch {
		case row.Kind == Inequality:
			l.add(row.Name, Inequality, way, b[i]-by)
		case by >= 0:
			l.add(row.Name, Equality, way, b[i])
		default:
			back := make([]float64, d)
			for j, v := range way {
				back[j] = -v
			}
			l.add(row.Name+" from above", Inequality, way, b[i]-by)
			l.add(row.Name+" from below", Inequality, back, -b[i]-by)
		}
	}
	for i := range l.rows {
		l.rows[i].Tolerance = c.Rows()[0].Tolerance
	}
	return l
}
