package particle

import "abide/potential"

// bent is a measurement through a nonlinear operator with Gaussian noise, whitened:
// L⁻¹(y − A(x)) ~ N(0, I), R = L Lᵀ.
type bent struct {
	*potential.Measurement
	noise *potential.Normal
	white []float64 // L⁻¹, m×m
}

func newBent(q *potential.Measurement, noise *potential.Normal) *bent {
	m := len(q.Y)
	b := &bent{q, noise, make([]float64, m*m)}
	column := make([]float64, m)
	for j := range m {
		clear(column)
		column[j] = 1
		noise.WhitenAt(column)
		for i, v := range column {
			b.white[i*m+j] = v
		}
	}
	return b
}

// linearise conditions w.soft on a nonlinear measurement, value by value, by its
// tangent at the mean from before the first value, and returns the log of the
// factors. Where the operator or its derivative is no number it does nothing: there
// the twist has no information, and the final weight decides.
func (t *Twist) linearise(w *look, b *bent) float64 {
	d, m := t.d, len(b.Y)
	x, r, h := make([]float64, d), make([]float64, m), make([]float64, m*d)
	at := append([]float64(nil), w.soft.m...)
	t.at.ToX(x, at)
	b.Op.ApplyAt(r, x)
	for i, y := range b.Y {
		r[i] = y - r[i]
	}
	b.noise.WhitenAt(r)
	sum := 0.0
	for i := range m {
		row := h[i*d : (i+1)*d]
		b.Op.VJPAt(row, x, b.white[i*m:(i+1)*m])
		for j, s := range t.at.Scale {
			row[j] *= s
			sum += row[j]
		}
		sum += r[i]
	}
	if sum-sum != 0 {
		return 0
	}
	log := 0.0
	for i := range m {
		row := h[i*d : (i+1)*d]
		symv(w.soft.s, row, w.sa, d)
		slack := r[i]
		for j, v := range row {
			slack -= v * (w.soft.m[j] - at[j])
		}
		log += t.condition(w.soft, slack, max(dot(row, w.sa), 0)+1, w.sa)
	}
	return log
}
