package prior

import "math"

// responsibilities at u under noise σ: with Sₖ = Cₖ + σ²I,
//
//	log p_σ(u) = log Σₖ wₖ N(u; mₖ, Sₖ),   rₖ = wₖ N(u; mₖ, Sₖ)/p_σ(u),
//
// and the whitened residuals y = Qₖᵀ(u − mₖ), [k, d].
func (m *Mixture) responsibilities(u []float64, sigma float64) (logp float64, r, y []float64) {
	m.factored.Do(m.factorise)
	d := m.dim
	r, y = make([]float64, m.k), make([]float64, m.k*d)
	for c := range m.k {
		for i := range d {
			v := u[i] - m.mean[c*d+i]
			if m.basis == nil {
				y[c*d+i] = v
				continue
			}
			for j := range d {
				y[c*d+j] += m.axis(i, c, j) * v
			}
		}
		r[c] = m.logWeight[c]
		for j := range d {
			v := m.variance(c, j) + sigma*sigma
			r[c] -= 0.5 * (y[c*d+j]*y[c*d+j]/v + math.Log(2*math.Pi*v))
		}
	}
	logp = logSumExp(r)
	for c := range r {
		r[c] = math.Exp(r[c] - logp)
	}
	return logp, r, y
}

// logSumExp is log Σ exp(x), with the maximum taken out.
func logSumExp(x []float64) float64 {
	top := math.Inf(-1)
	for _, v := range x {
		top = max(top, v)
	}
	if math.IsInf(top, 0) {
		return top
	}
	var s float64
	for _, v := range x {
		s += math.Exp(v - top)
	}
	return top + math.Log(s)
}

// LogDensity is log Σ wₖ N(u; mₖ, Cₖ + σ²I); see [Law].
func (m *Mixture) LogDensity(u []float64, sigma float64) float64 {
	logp, _, _ := m.responsibilities(u, sigma)
	return logp
}

// Score is −Σ rₖ (Cₖ + σ²I)⁻¹(u − mₖ); see [Law].
func (m *Mixture) Score(dst, u []float64, sigma float64) {
	_, r, y := m.responsibilities(u, sigma)
	d := m.dim
	s := make([]float64, d)
	for c := range m.k {
		for j := range d {
			v := -r[c] * y[c*d+j] / (m.variance(c, j) + sigma*sigma)
			if m.basis == nil {
				s[j] += v
				continue
			}
			for i := range d {
				s[i] += m.axis(i, c, j) * v
			}
		}
	}
	copy(dst, s)
}
