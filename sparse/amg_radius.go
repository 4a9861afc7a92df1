package sparse

import "math"

// radius estimates ρ(D⁻¹A) from below, by a few per cent, as the largest eigenvalue of
// six steps of Lanczos' process with D⁻¹A in the inner product of D:
//
//	w = A v,  α = vᵀw,  u = D⁻¹w − αv − βv⁻,  β′² = uᵀD u = uᵀw,  v⁺ = u/β′
//
// skew is |vᵀA v⁺ − β′|/ρ, which vanishes where A is symmetric.
func (l *amgLevel) radius() (rho, skew float64) {
	const steps = 6
	n := l.a.Rows
	v, before, w := make([]float64, n), make([]float64, n), make([]float64, n)
	// A fixed vector without structure: the fractional parts of multiples of the golden ratio.
	var square float64
	for i, d := range l.inverse {
		if d > 0 {
			f := float64(i+1) * 0.6180339887498949
			v[i] = f - math.Floor(f) - 0.5
			square += v[i] * v[i] / d
		}
	}
	scaleTo(v, 1/math.Sqrt(square), v)
	alpha, beta := make([]float64, 0, steps), make([]float64, 0, steps)
	for {
		l.a.Apply(w, v)
		a, b := inner(v, w), 0.0
		if len(beta) > 0 {
			b = beta[len(beta)-1]
		}
		if len(beta) == 1 {
			skew = math.Abs(inner(before, w) - b)
		}
		alpha = append(alpha, a)
		if len(alpha) == steps {
			break
		}
		var square float64
		for i, d := range l.inverse {
			u := d*w[i] - a*v[i] - b*before[i]
			before[i] = u
			square += u * w[i]
		}
		if !(square > 1e-24*a*a) { // the space is invariant
			break
		}
		b = math.Sqrt(square)
		beta = append(beta, b)
		scaleTo(before, 1/b, before)
		before, v = v, before
	}
	rho = largestOf(alpha, beta)
	return rho, skew / rho
}

// largestOf is the largest eigenvalue of a symmetric tridiagonal matrix, by bisection
// with Sturm's sequence.
func largestOf(diagonal, off []float64) float64 {
	var lo, hi float64
	for i, d := range diagonal {
		r := d
		if i > 0 {
			r += math.Abs(off[i-1])
		}
		if i < len(off) {
			r += math.Abs(off[i])
		}
		lo, hi = max(lo, d), max(hi, r)
	}
	for range 40 {
		middle := (lo + hi) / 2
		above := false // a pivot of T − middle·I that is positive: an eigenvalue above
		q := -1.0
		for i, d := range diagonal {
			q2 := 0.0
			if i > 0 {
				q2 = off[i-1] * off[i-1] / q
			}
			q = d - middle - q2
			if q >= 0 {
				above = true
				break
			}
		}
		if above {
			lo = middle
		} else {
			hi = middle
		}
	}
	return hi
}
