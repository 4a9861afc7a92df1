package diagnose

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mathext"

	"abide/internal/keyed"
)

// orthantShifts is how many independent shifts of the lattice there are; the
// standard error has one degree of freedom less.
const orthantShifts = 16

// GaussianOrthant is P(A x ≤ b) for x ~ N(mean, cov), with its standard error
// (Student's t with 15 degrees of freedom). mean has d numbers, cov is d×d, a
// is m×d, both row-major, b has m numbers; n is the number of points in all,
// rounded down to a multiple of 16 (at least 16). b may be ±Inf; NaN anywhere
// gives NaN. The truth that evidences are
// checked against; exact (se = 0) where one direction decides.
//
// Variables are separated one by one after Genz: row k bounds the k-th standard
// normal given the ones before, whose probability is a factor of the integrand
// and whose quantile function is the change of variables. Rows are ordered by
// smallest conditional probability; rows that depend on those before (m > d,
// two-sided bounds) narrow the interval of the last variable they contain. The
// unit cube is covered by a Richtmyer lattice with random shifts, folded to be
// periodic.
//
// References: A. Genz, "Numerical computation of multivariate normal
// probabilities", J. Comput. Graph. Stat. 1 (1992); A. Genz and K.-S. Kwong,
// "Numerical evaluation of singular multivariate normal distributions", J.
// Stat. Comput. Simul. 68 (2000); G. J. Gibson, C. A. Glasbey and D. A. Elston,
// "Monte Carlo evaluation of multivariate normal integrals and sensitivity to
// variate ordering" (1994).
func GaussianOrthant(mean, cov, a, b []float64, m, n int, seed uint64) (p, se float64) {
	f, empty := newOrthant(mean, cov, a, b, m)
	switch {
	case math.IsNaN(total(mean)+total(cov)+total(a)) || slices.ContainsFunc(b, math.IsNaN):
		return math.NaN(), math.NaN()
	case empty:
		return 0, 0
	case len(f.columns) == 0:
		return 1, 0
	case len(f.columns) == 1:
		return f.integrand(nil, make([]float64, 1)), 0
	}
	α := richtmyer(len(f.columns) - 1)
	points := max(1, n/orthantShifts)
	means := make([]float64, orthantShifts)
	each(orthantShifts, func(s int) { means[s] = f.shiftedMean(α, points, s, seed) })

	p = total(means) / orthantShifts
	for _, v := range means {
		se += (v - p) * (v - p)
	}
	return p, math.Sqrt(se / (orthantShifts * (orthantShifts - 1)))
}

// shiftedMean averages the integrand over the lattice {iα + Δ}, Δ random.
func (f *orthant) shiftedMean(α []float64, points, shift int, seed uint64) float64 {
	stream := keyed.New(seed, "gaussian-orthant", shift, 0)
	Δ := make([]float64, len(α))
	for k := range Δ {
		Δ[k] = stream.Uniform()
	}
	u, y := make([]float64, len(α)), make([]float64, len(f.columns))
	sum := 0.0
	for i := range points {
		for k := range u {
			_, frac := math.Modf(float64(i)*α[k] + Δ[k])
			u[k] = math.Abs(2*frac - 1) // continuous across the cube's faces
		}
		sum += f.integrand(u, y)
	}
	return sum / float64(points)
}

// richtmyer are the fractional parts of the square roots of the first primes.
func richtmyer(n int) []float64 {
	var α []float64
	for c := 2; len(α) < n; c++ {
		prime := true
		for q := 2; q*q <= c && prime; q++ {
			prime = c%q != 0
		}
		if prime {
			_, frac := math.Modf(math.Sqrt(float64(c)))
			α = append(α, frac)
		}
	}
	return α
}

// integrand is the product of the conditional probabilities; u ∈ [0, 1]^(r−1)
// chooses each variable within its interval, y (length r) is room for them.
func (f *orthant) integrand(u, y []float64) float64 {
	product := 1.0
	for k, bounds := range f.columns {
		lo, hi := math.Inf(-1), math.Inf(1)
		for _, r := range bounds {
			t := r.bound
			for j, g := range r.g[:k] {
				t -= g * y[j]
			}
			if t /= r.g[k]; r.g[k] > 0 {
				hi = min(hi, t)
			} else {
				lo = max(lo, t)
			}
		}
		last := k == len(f.columns)-1
		at := 0.5
		if !last {
			at = u[k]
		}
		p, v := truncatedNormal(lo, hi, at)
		if product *= p; product == 0 || last {
			return product
		}
		y[k] = v
	}
	return product
}

// truncatedNormal returns P(lo < Z ≤ hi) of a standard normal and the u-quantile
// of Z given that, by the tail that keeps its digits.
func truncatedNormal(lo, hi, u float64) (p, quantile float64) {
	if !(lo < hi) {
		return 0, 0
	}
	if lo > 0 {
		p, quantile = truncatedNormal(-hi, -lo, 1-u)
		return p, -quantile
	}
	const ε = 0x1p-53 // keep off the ends, where the quantile is infinite
	below := phi(lo)
	if p = phi(hi) - below; p == 0 {
		return 0, 0
	}
	return p, mathext.NormalQuantile(below + min(max(u, ε), 1-ε)*p)
}

// phi is the standard normal distribution function Φ, accurate in the lower tail.
func phi(x float64) float64 { return math.Erfc(-x/math.Sqrt2) / 2 }
