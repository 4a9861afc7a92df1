package diffusion

import "math"

// VP is the variance-preserving process dz = −½β(t) z dt + √β(t) dW with
// β(t) = Min + t (Max − Min), so that a = exp(−½∫β), b² = 1 − a²
// (Song et al. 2021, section 3.4).
type VP struct{ Min, Max float64 }

var _ Process = VP{}

// beta is β(t), integral is ∫₀ᵗβ.
func (p VP) beta(t float64) float64     { return p.Min + t*(p.Max-p.Min) }
func (p VP) integral(t float64) float64 { return t*p.Min + 0.5*t*t*(p.Max-p.Min) }

// At returns a = exp(−½ t Min − ¼ t² (Max − Min)) and b = √(1 − a²).
func (p VP) At(t float64) (a, b float64) {
	s := p.integral(t)
	return math.Exp(-0.5 * s), math.Sqrt(-math.Expm1(-s))
}

// Drift returns f = −½β(t) and g = √β(t).
func (p VP) Drift(t float64) (f, g float64) {
	beta := p.beta(t)
	return -0.5 * beta, math.Sqrt(beta)
}

// Rate returns a′ = −½βa and b′ = ½βa²/b, infinite at t = 0.
func (p VP) Rate(t float64) (da, db float64) { return rateVP(p, p.beta(t), t) }

func rateVP(p Path, beta, t float64) (da, db float64) {
	a, b := p.At(t)
	return -0.5 * beta * a, 0.5 * beta * a * a / b
}

// SubVP has the drift of VP and less noise: g² = β (1 − a⁴), which gives
// b = 1 − a² (Song et al. 2021, equations 12 and 29).
type SubVP struct{ Min, Max float64 }

var _ Process = SubVP{}

// At returns a = exp(−½∫β) and b = 1 − a².
func (p SubVP) At(t float64) (a, b float64) {
	s := VP(p).integral(t)
	return math.Exp(-0.5 * s), -math.Expm1(-s)
}

// Drift returns f = −½β(t) and g = √(β(t) (1 − a⁴)).
func (p SubVP) Drift(t float64) (f, g float64) {
	beta := VP(p).beta(t)
	return -0.5 * beta, math.Sqrt(-beta * math.Expm1(-2*VP(p).integral(t)))
}

// Rate returns a′ = −½βa and b′ = βa².
func (p SubVP) Rate(t float64) (da, db float64) {
	beta := VP(p).beta(t)
	a, _ := p.At(t)
	return -0.5 * beta * a, beta * a * a
}
