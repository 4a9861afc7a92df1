package field

import (
	"fmt"
	"math"
)

// Matern is the parameters of the covariance of Matérn and Whittle,
//
//	C(r) = σ² 2^(1−ν)/Γ(ν) (κ r)^ν K_ν(κ r),  κ = √(2ν)/ℓ,
//
// with ν the number of derivatives (in mean square, all but), ℓ the length, both of
// Rasmussen and Williams (2006), eq. 4.14, and σ the standard deviation. ν = ½ is
// σ² exp(−r/ℓ).
//
// Its fields in d dimensions are the stationary solutions of
//
//	τ (κ² − Δ)^(α/2) u = W,  α = ν + d/2,  τ² = Γ(ν) / (Γ(α) (4π)^(d/2) κ^(2ν) σ²)
//
// with white noise W: P. Whittle, "Stochastic processes in several dimensions" (1963);
// F. Lindgren, H. Rue and J. Lindström, J. R. Stat. Soc. B 73 (2011), eq. 2 and below.
// At the distance [Matern.Range] = √(8ν)/κ = 2ℓ correlations are about 0.14.
type Matern struct {
	Nu, Length, Sigma float64
}

// Kappa is κ = √(2ν)/ℓ, in 1/length.
func (m Matern) Kappa() float64 { return math.Sqrt(2*m.Nu) / m.Length }

// Range is √(8ν)/κ.
func (m Matern) Range() float64 { return math.Sqrt(8*m.Nu) / m.Kappa() }

// Equation is κ, α and τ of the field in d dimensions.
func (m Matern) Equation(d int) (kappa, alpha, tau float64) {
	half := float64(d) / 2
	kappa, alpha = m.Kappa(), m.Nu+half
	lower, _ := math.Lgamma(m.Nu)
	upper, _ := math.Lgamma(alpha)
	tau = math.Exp((lower-upper)/2) / (math.Pow(4*math.Pi, half/2) * math.Pow(kappa, m.Nu) * m.Sigma)
	return kappa, alpha, tau
}

// MaternOf undoes [Matern.Equation]: the parameters of the stationary solution in d
// dimensions, for which α > d/2.
func MaternOf(d int, kappa, alpha, tau float64) (Matern, error) {
	half := float64(d) / 2
	if !(alpha > half) || !(kappa > 0) || !(tau > 0) {
		return Matern{}, fmt.Errorf("field: κ = %g, α = %g, τ = %g in %d dimensions: κ and τ are positive, α > %g", kappa, alpha, tau, d, half)
	}
	m := Matern{Nu: alpha - half, Sigma: 1}
	m.Length = math.Sqrt(2*m.Nu) / kappa
	_, _, unit := m.Equation(d)
	m.Sigma = unit / tau
	return m, nil
}

// Law is the law on boxes of d axes whose spectrum is that of the equation: σ² of a
// [Law] is 1/τ², its τ is κ. Away from the boundary its covariance is that of Matérn.
func (m Matern) Law(d int) Law {
	kappa, alpha, tau := m.Equation(d)
	return Law{Sigma: 1 / tau, Alpha: alpha, Tau: kappa, Constant: true}
}

func (m Matern) check() error {
	if !(m.Nu > 0) || !(m.Length > 0) || !(m.Sigma > 0) || math.IsInf(m.Nu+m.Length+m.Sigma, 0) {
		return fmt.Errorf("field: Matérn with ν = %g, ℓ = %g, σ = %g: all are positive and finite", m.Nu, m.Length, m.Sigma)
	}
	return nil
}

// Covariance is C at a distance r ≥ 0. Where ν = p + ½ it is elementary, exp(−x) θₚ(x)/θₚ(0)
// with the reverse polynomials of Bessel, θₚ = (2p−1) θₚ₋₁ + x² θₚ₋₂.
func (m Matern) Covariance(r float64) float64 {
	x := m.Kappa() * r
	switch {
	case math.IsInf(1/x, 0) || math.IsInf(m.Nu/x, 0): // 0, or as good as that
		return m.Sigma * m.Sigma
	case x > 1e4*(1+m.Nu): // below e⁻⁹⁰⁰⁰
		return 0
	case math.IsNaN(x):
		return x
	}
	p := m.Nu - 0.5
	if p != math.Floor(p) || p > 20 {
		return m.bessel(x)
	}
	before, theta, zero := 1/x, 1.0, 1.0 // θ₋₁ = 1/x
	for k := 1; k <= int(p); k++ {
		odd := float64(2*k - 1)
		before, theta, zero = theta, odd*theta+x*x*before, odd*zero
	}
	return m.Sigma * m.Sigma * math.Exp(-x) * theta / zero
}

// bessel is the covariance for any ν at x = κ r > 0.
func (m Matern) bessel(x float64) float64 {
	gamma, _ := math.Lgamma(m.Nu)
	return m.Sigma * m.Sigma * 2 * math.Exp(m.Nu*math.Log(x/2)-gamma+logBesselK(m.Nu, x))
}

// Stationary is the covariance as a function of the lag.
func (m Matern) Stationary(lag []float64) float64 { return m.Covariance(norm(lag)) }

// Between is the covariance of two points.
func (m Matern) Between(x, y []float64) float64 {
	s := 0.0
	for a := range x {
		s += (x[a] - y[a]) * (x[a] - y[a])
	}
	return m.Covariance(math.Sqrt(s))
}

func norm(x []float64) float64 {
	s := 0.0
	for _, v := range x {
		s += v * v
	}
	return math.Sqrt(s)
}

// logBesselK is log K_ν(x), x > 0, by the trapezoidal rule for
//
//	K_ν(x) = ∫₀^∞ exp(−x cosh t) cosh(νt) dt
//
// (DLMF 10.32.9), which converges exponentially: the integrand is even, entire and
// falls doubly exponentially. It is summed relative to its largest value, at
// sinh t = ν/x, until it is below rounding.
func logBesselK(nu, x float64) float64 {
	top := math.Asinh(nu / x)
	log := func(t float64) float64 { return nu*t - x*(math.Cosh(t)-1) + math.Log1p(math.Exp(-2*nu*t)) - math.Ln2 }
	peak := log(top)
	// The integrand is as wide as 1/√(x cosh top), at most about 1.
	h := 0.1 / math.Sqrt(1+x*math.Cosh(top)/16)
	sum := math.Exp(log(0)-peak) / 2
	for k := 1; ; k++ {
		t := h * float64(k)
		e := log(t) - peak
		if t > top && e < -40 {
			break
		}
		sum += math.Exp(e)
	}
	return math.Log(h*sum) + peak - x
}
