package diffusion

import "math"

// Cosine is the variance-preserving process with
//
//	a(t) = c(t)/c(0),   c(t) = cos( ½π (t + Offset)/(1 + Offset) )
//
// (Nichol and Dhariwal 2021, equation 17), so that a(0) = 1 exactly and
// β(t) = −2a′/a = π/(1+Offset) · tan(½π (t + Offset)/(1 + Offset)). Their β is
// clipped at 0.999 a step of a thousand; here β is clipped at Max in the unit of
// time, and from that moment on a falls as exp(−½ Max t), so that a, b, f and g
// stay one process. The zero value means Offset 0.008 and Max 999, theirs.
type Cosine struct{ Offset, Max float64 }

var _ Process = Cosine{}

func (p Cosine) defaults() Cosine {
	if p.Offset == 0 {
		p.Offset = 0.008
	}
	if p.Max == 0 {
		p.Max = 999
	}
	return p
}

// angle is the argument of the cosine.
func (p Cosine) angle(t float64) float64 { return 0.5 * math.Pi * (t + p.Offset) / (1 + p.Offset) }

// clipped is the time at which β reaches Max.
func (p Cosine) clipped() float64 {
	return 2/math.Pi*(1+p.Offset)*math.Atan(p.Max*(1+p.Offset)/math.Pi) - p.Offset
}

// At returns a and b = √(1 − a²).
func (p Cosine) At(t float64) (a, b float64) {
	p = p.defaults()
	end := math.Max(p.clipped(), 0)
	c0, c := p.angle(0), p.angle(math.Min(t, end))
	a = math.Cos(c) / math.Cos(c0)
	// 1 − a² = (sin²c − sin²c₀)/cos²c₀ without the cancellation at t = 0.
	b2 := math.Sin(c-c0) * math.Sin(c+c0) / (math.Cos(c0) * math.Cos(c0))
	if t > end {
		s := p.Max * (t - end) // a ← a e^{−s/2}, so 1 − a² ← 1 − a² + a²(1 − e^{−s})
		b2 -= a * a * math.Expm1(-s)
		a *= math.Exp(-0.5 * s)
	}
	return a, math.Sqrt(b2)
}

func (p Cosine) beta(t float64) float64 {
	p = p.defaults()
	if t >= p.clipped() {
		return p.Max
	}
	return math.Pi / (1 + p.Offset) * math.Tan(p.angle(t))
}

// Drift returns f = −½β(t) and g = √β(t).
func (p Cosine) Drift(t float64) (f, g float64) {
	beta := p.beta(t)
	return -0.5 * beta, math.Sqrt(beta)
}

// Rate returns a′ = −½βa and b′ = ½βa²/b, infinite at t = 0.
func (p Cosine) Rate(t float64) (da, db float64) { return rateVP(p, p.beta(t), t) }
