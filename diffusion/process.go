// Package diffusion holds Gaussian paths z_t = a(t) u + b(t) n, the processes
// that generate them, what networks predict along them, and the grids samplers
// walk along.
package diffusion

import "math"

// Path is a Gaussian path from data (t = 0) to noise (t = 1).
type Path interface {
	// At returns the coefficients a(t) and b(t) of z_t = a u + b n.
	At(t float64) (a, b float64)
}

// Process is a path with its equations of motion. The law of z_t is that of
//
//	dz = f(t) z dt + g(t) dW               forward, from data to noise
//	dz = (f z − g² s) dt + g dW̄            backward (Song et al. 2021, equation 6)
//	dz/dt = f z − ½ g² s = a′ x̂ + b′ ε̂     without noise (Song et al. 2021, equation 13)
//
// with the score s = (a x̂ − z)/b², x̂ = E[u | z] and ε̂ = (z − a x̂)/b; it holds
// that f = a′/a and g² = 2(b b′ − f b²). The last form stays finite where a = 0.
type Process interface {
	Path
	// Drift returns f(t) and g(t).
	Drift(t float64) (f, g float64)
	// Rate returns the derivatives a′(t) and b′(t); b′ may be infinite at t = 0.
	Rate(t float64) (da, db float64)
}

// Probability-flow time below which b′ may not be finite: where b/a = 10⁻³.
const smallestNoise = 1e-3

// Begin is the smallest time at which the probability-flow equation can be
// evaluated: 0 where b(0) > 0 or b′(0) is finite, and else the time with
// b/a = 10⁻³. Where b = 0 and b′ is finite, ε̂ = −b s vanishes for every law with
// a density, and dz/dt = a′ z/a.
func Begin(p Process) float64 {
	_, b := p.At(0)
	if _, db := p.Rate(0); b > 0 || !math.IsInf(db, 0) {
		return 0
	}
	lo, hi := 0.0, 1.0
	for range 100 {
		mid := (lo + hi) / 2
		if a, b := p.At(mid); b < smallestNoise*a {
			lo = mid
		} else {
			hi = mid
		}
	}
	return hi
}
