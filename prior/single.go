package prior

// Gaussian tells whether the law is one Gaussian with a density, so that a clean point
// given a noisy one is Gaussian too: N(D(u, σ), σ² ∂D/∂u), a covariance that does not
// depend on u.
func (p *Prior) Gaussian() bool {
	switch l := p.Law.(type) {
	case *Spectral:
		return true
	case *Mixture:
		return len(l.logWeight) == 1
	}
	return false
}
