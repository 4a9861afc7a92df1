package particle

import "math"

const log2pi = 1.8378770664093453

// logNormal is log N(r; 0, v).
func logNormal(r, v float64) float64 { return -0.5 * (r*r/v + math.Log(v) + log2pi) }

// logPhi is log Φ(x), accurate in both tails.
func logPhi(x float64) float64 {
	if x > 0 {
		return math.Log1p(-0.5 * math.Erfc(x/math.Sqrt2))
	}
	if x > -5 {
		return math.Log(0.5 * math.Erfc(-x/math.Sqrt2))
	}
	// Φ(x) = φ(x)/m(x) with the inverse Mills ratio m.
	return -0.5*(x*x+log2pi) - math.Log(mills(x))
}

// mills is φ(x)/Φ(x), the inverse Mills ratio of the lower tail. Below −5 it is
// −x + 1/(−x + 2/(−x + 3/…)), Laplace's continued fraction.
func mills(x float64) float64 {
	if x > -5 {
		return math.Exp(-0.5*(x*x+log2pi)) / (0.5 * math.Erfc(-x/math.Sqrt2))
	}
	t := -x
	f := t
	for k := 40; k >= 1; k-- {
		f = t + float64(k)/f
	}
	return f
}
