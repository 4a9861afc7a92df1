package constraint

// Violations returns, for each constraint k, its violations row-major N×mₖ: how
// far each of the N points x (row-major N×d) is from obeying each row, in the
// row's unit, ≥ 0, +Inf where the residual is not a number.
func Violations(cs []Constraint, x []float64, d int) [][]float64 {
	out := make([][]float64, len(cs))
	for k, c := range cs {
		rows := c.Rows()
		m := len(rows)
		v := make([]float64, len(x)/d*m)
		for n := range len(x) / d {
			point := v[n*m : (n+1)*m]
			c.ResidualAt(x[n*d:(n+1)*d], point)
			for i, r := range rows {
				point[i] = r.Violation(point[i])
			}
		}
		out[k] = v
	}
	return out
}

// Summary says how well points obey one constraint.
type Summary struct {
	Name         string
	Feasible     float64 // fraction of points whose rows are all within tolerance; 1 if there are no points
	MaxViolation float64 // worst violation in units of Worst's residual; 0 if all rows hold exactly
	Worst        Row     // the row with the largest violation relative to its tolerance
}

// Summarise reduces [Violations] to one [Summary] per constraint.
func Summarise(cs []Constraint, x []float64, d int) []Summary {
	out := make([]Summary, len(cs))
	for k, v := range Violations(cs, x, d) {
		rows := cs[k].Rows()
		m := len(rows)
		n := len(x) / d
		s := Summary{Name: cs[k].Name(), Feasible: 1, Worst: rows[0]}
		obeyed := 0
		for i := range n {
			ok := true
			for j, r := range rows {
				violation := v[i*m+j]
				ok = ok && violation <= r.Tolerance
				if violation/r.Tolerance > s.MaxViolation/s.Worst.Tolerance {
					s.MaxViolation, s.Worst = violation, r
				}
			}
			if ok {
				obeyed++
			}
		}
		if n > 0 {
			s.Feasible = float64(obeyed) / float64(n)
		}
		out[k] = s
	}
	return out
}
