package inverse

// normalEquations finds the shortest u that minimises |G u − h|² + κ|u|² for every point
// of a batch at once, by conjugate gradients on the normal equations (M. R. Hestenes and
// E. Stiefel 1952, section 10: CGLS), G given by both of its products, which a network
// answers for a whole batch: rows of d numbers and of m. It works where G Gᵀ is singular,
// which rows with a prior of few degrees of freedom make it, and its first iterate is the
// gradient's line minimum,
//
//	u = gᵀg/(|G g|² + κ gᵀg) g,   g = Gᵀ h.
//
// A point is done when the gradient of what is minimised has fallen below tolerance times
// what it began with, and then stands still: what becomes of it does not depend on others.
func normalEquations(d, m int, h []float64, kappa float64, iterations int, tolerance float64, push, pull func(v []float64) ([]float64, error)) ([]float64, error) {
	n := len(h) / m
	r := append([]float64(nil), h...)
	s, err := pull(r)
	if err != nil {
		return nil, err
	}
	u, p := make([]float64, n*d), append([]float64(nil), s...)
	norm, begin := make([]float64, n), make([]float64, n)
	for i := range n {
		norm[i] = squared(s[i*d : (i+1)*d])
		begin[i] = norm[i]
	}
	for step := 1; ; step++ {
		q, err := push(p)
		if err != nil {
			return nil, err
		}
		for i := range n {
			pi, qi := p[i*d:(i+1)*d], q[i*m:(i+1)*m]
			curved := squared(qi) + kappa*squared(pi)
			if !(curved > 0) {
				clear(pi) // done, or out of reach
				continue
			}
			by := norm[i] / curved
			for j, x := range pi {
				u[i*d+j] += by * x
			}
			for j, x := range qi {
				r[i*m+j] -= by * x
			}
		}
		if step == iterations {
			return u, nil
		}
		if s, err = pull(r); err != nil {
			return nil, err
		}
		done := true
		for i := range n {
			pi, si := p[i*d:(i+1)*d], s[i*d:(i+1)*d]
			for j := range si {
				si[j] -= kappa * u[i*d+j]
			}
			next := squared(si)
			if !(next > tolerance*tolerance*begin[i]) {
				clear(pi)
				continue
			}
			for j, x := range si {
				pi[j] = x + next/norm[i]*pi[j]
			}
			norm[i], done = next, false
		}
		if done {
			return u, nil
		}
	}
}

func squared(v []float64) float64 { return inner(v, v) }
