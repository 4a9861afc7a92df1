package diffusion

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/integrate/quad"
)

var processes = map[string]Process{
	"vp": VP{0.1, 20}, "cosine": Cosine{}, "cosine, clipped early": Cosine{0.08, 12}, "sub-vp": SubVP{0.1, 20},
	"ve": VE{0.01, 378}, "edm": EDM{0.002, 80, 7}, "flow": Flow{},
}

// a′ and b′ against central differences; f a = a′ and g² = 2(b b′ − f b²): drift,
// diffusion and kernel are one process.
func TestProcessesObeyTheirEquations(t *testing.T) {
	const h = 1e-5
	for name, p := range processes {
		for x := 0.05; x < 0.99; x += 0.0937 {
			a, b := p.At(x)
			alo, blo := p.At(x - h)
			ahi, bhi := p.At(x + h)
			da, db := p.Rate(x)
			f, g := p.Drift(x)
			near := func(what string, got, want, scale float64) {
				t.Helper()
				if !(math.Abs(got-want) <= 1e-6*math.Max(scale, math.Abs(want))) {
					t.Errorf("%s at %g: %s is %.9g, want %.9g", name, x, what, got, want)
				}
			}
			near("da/dt", (ahi-alo)/(2*h), da, 1)
			near("db/dt", (bhi-blo)/(2*h), db, 1)
			near("f a", f*a, da, 1e-6)
			near("g²", g*g, 2*(b*db-f*b*b), 1e-6)
		}
	}
}

// The variance of N(0, s²) carried by dV/dt = 2fV + g² is a²s² + b², by quadrature
// of the linear equation: V(t) = Φ² (s² + ∫ g²/Φ²), Φ = exp ∫f.
func TestKernelsByQuadrature(t *testing.T) {
	const s2, end = 0.7, 0.8
	for name, p := range processes {
		phi := func(t float64) float64 {
			return math.Exp(quad.Fixed(func(x float64) float64 { f, _ := p.Drift(x); return f }, 0, t, 100, nil, 0))
		}
		a0, b0 := p.At(0)
		v := a0*a0*s2 + b0*b0 + quad.Fixed(func(x float64) float64 {
			_, g := p.Drift(x)
			return g * g / (phi(x) * phi(x))
		}, 0, end, 100, nil, 0)
		v *= phi(end) * phi(end)
		a, b := p.At(end)
		tol := 1e-10
		if name == "cosine, clipped early" {
			tol = 1e-3 // β has a kink
		}
		if !(math.Abs(a/phi(end)-1) <= tol) || !(math.Abs(v/(a*a*s2+b*b)-1) <= tol) {
			t.Errorf("%s: a = %.12f and variance %.12f, by quadrature %.12f and %.12f", name, a, a*a*s2+b*b, phi(end), v)
		}
	}
}

func TestVariancePreserving(t *testing.T) {
	vp := VP{0.1, 20}
	for _, name := range []string{"vp", "cosine", "cosine, clipped early"} {
		p := processes[name]
		if a, b := p.At(0); a != 1 || b != 0 {
			t.Errorf("%s begins with a = %.17g, b = %g", name, a, b)
		}
		last := 2.0
		for x := 0.0; x <= 1; x += 1. / 256 {
			a, b := p.At(x)
			if !(math.Abs(a*a+b*b-1) <= 1e-15) {
				t.Errorf("%s at %g: a² + b² = %.17g", name, x, a*a+b*b)
			}
			if a >= last {
				t.Errorf("%s does not fall at %g", name, x)
			}
			last = a
		}
	}
	if a, _ := vp.At(0.5); !(math.Abs(a-math.Exp(-1.26875)) <= 1e-15) {
		t.Errorf("VP at ½: a = %.6f, want exp(−1.26875) = .281183", a)
	}
	// a² is the limit of Π(1 − β(tᵢ) Δt): within 1e-2 at 1000 steps.
	product := 1.0
	for i := 1; i <= 1000; i++ {
		x := float64(i) / 1000
		product *= 1 - vp.beta(x)/1000
		if a, _ := vp.At(x); !(math.Abs(product-a*a) <= 1e-2) {
			t.Fatalf("Π(1 − βΔt) = %g and a² = %g at %g", product, a*a, x)
		}
	}
}

// Cosine: a = c(t)/c(0) until β is clipped, at 999 by default, where Nichol and
// Dhariwal clip; from there on β stays.
func TestCosineIsThatOfNicholAndDhariwal(t *testing.T) {
	c := func(x float64) float64 { return math.Cos((x + 0.008) / 1.008 * math.Pi / 2) }
	for x := 0.0; x < 0.99; x += 0.0713 {
		if a, _ := (Cosine{}).At(x); !(math.Abs(a*a-c(x)*c(x)/(c(0)*c(0))) <= 1e-14) {
			t.Errorf("a² at %g is %g", x, a*a)
		}
	}
	if f, g := (Cosine{}).Drift(1); f != -999./2 || !(math.Abs(g*g-999) <= 1e-9) {
		t.Errorf("at the end f = %g, g = %g", f, g)
	}
	a, _ := (Cosine{}).At(1)
	if !(a > 1e-4 && a < 2e-3) {
		t.Errorf("a(1) = %g", a)
	}
	end := Cosine{}.defaults().clipped()
	before, _ := Cosine{}.Drift(end - 1e-9)
	if !(math.Abs(before/(-999./2)-1) <= 1e-5) {
		t.Errorf("β jumps from %g to 999", -2*before)
	}
}

func TestExponentialSchedule(t *testing.T) {
	p := VE{0.01, 378}
	_, lo := p.At(0)
	_, hi := p.At(1)
	if !(math.Abs(lo-0.01) <= 1e-16) || !(math.Abs(hi-378) <= 1e-10) {
		t.Errorf("σ from %g to %g", lo, hi)
	}
	for x := 0.0; x <= 1; x += 0.05 {
		_, s := p.At(x)
		if want := math.Log(0.01) + x*math.Log(37800); !(math.Abs(math.Log(s)-want) <= 1e-12) {
			t.Errorf("ln σ(%g) = %.15g, want %.15g", x, math.Log(s), want)
		}
	}
}

// Times at which the probability flow begins: 0, but where b′ is infinite.
func TestBegin(t *testing.T) {
	for name, p := range processes {
		begin := Begin(p)
		a, b := p.At(begin)
		_, db := p.Rate(begin)
		switch name {
		case "vp", "cosine", "cosine, clipped early":
			if !(math.Abs(b/a-smallestNoise) <= 1e-9) {
				t.Errorf("%s begins at %g with b/a = %g", name, begin, b/a)
			}
		default:
			if begin != 0 {
				t.Errorf("%s begins at %g", name, begin)
			}
		}
		if math.IsInf(db, 0) || math.IsNaN(db) {
			t.Errorf("%s: b′ = %g at %g", name, db, begin)
		}
	}
}

// From each prediction to each other and back, and the predictions of a known
// point against their formulas.
func TestOutputsConvert(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	all := []Output{Clean, Noise, Score, V, Velocity}
	for name, p := range processes {
		for _, x := range []float64{0.1, 0.4, 0.6} {
			l := PointAt(p, x)
			const n = 50
			u, e, z := make([]float64, n), make([]float64, n), make([]float64, n)
			exact := map[Output][]float64{}
			for _, o := range all {
				exact[o] = make([]float64, n)
			}
			f, g := p.Drift(x)
			for i := range n {
				u[i], e[i] = rng.NormFloat64(), rng.NormFloat64()
				z[i] = l.A*u[i] + l.B*e[i]
				s := -e[i] / l.B
				exact[Clean][i], exact[Noise][i], exact[Score][i] = u[i], e[i], s
				exact[V][i] = l.A*e[i] - l.B*u[i]
				exact[Velocity][i] = f*z[i] - 0.5*g*g*s
			}
			near := func(what string, got, want []float64, tol float64) {
				t.Helper()
				for i := range got {
					if !(math.Abs(got[i]-want[i]) <= tol*math.Max(1, math.Abs(want[i]))) {
						t.Errorf("%s at %g: %s is %.15g, want %.15g", name, x, what, got[i], want[i])
						return
					}
				}
			}
			there, back := make([]float64, n), make([]float64, n)
			for _, from := range all {
				for _, to := range all {
					l.Convert(there, z, exact[from], from, to)
					// Rounding grows with the largest term over what is left of it.
					size := 1 + l.B/l.A + math.Abs(l.DB) + 1/l.B
					near("the conversion", there, exact[to], 1e-13*size*size)
					l.Convert(back, z, there, to, from)
					near("the way back", back, exact[from], 1e-12*math.Max(1, l.B/l.A))
				}
			}
		}
	}
}

// Flow time τ = 1 − t: s = (τu − x)/(1 − τ), x̂ = x + (1 − τ)u for u = −dz/dt.
func TestFlowTime(t *testing.T) {
	const tau, x, u = 0.3, 0.7, -1.2
	l := PointAt(Flow{}, 1-tau)
	out := []float64{0}
	l.Convert(out, []float64{x}, []float64{-u}, Velocity, Score)
	if want := (tau*u - x) / (1 - tau); !(math.Abs(out[0]-want) <= 1e-14) {
		t.Errorf("score %.15g, want %.15g", out[0], want)
	}
	l.Convert(out, []float64{x}, []float64{-u}, Velocity, Clean)
	if want := x + (1-tau)*u; !(math.Abs(out[0]-want) <= 1e-14) {
		t.Errorf("x̂ %.15g, want %.15g", out[0], want)
	}
}

// Tweedie's covariance from the slope of the velocity: C = ((1−τ)²/τ)(1 + (1−τ)u′),
// which for N(μ, s²) is the posterior's variance s²(1−τ)²/(τ²s² + (1−τ)²).
func TestTweedieCovarianceOfFlow(t *testing.T) {
	const mu, s2 = 1.5, 0.25
	for tau := 0.1; tau < 0.95; tau += 0.1 {
		total := tau*tau*s2 + (1-tau)*(1-tau)
		l := PointAt(Flow{}, 1-tau)
		velocity := func(x float64) float64 { // in flow time
			hat := (tau*x*s2 + (1-tau)*(1-tau)*mu) / total
			out := []float64{0}
			l.Convert(out, []float64{x}, []float64{hat}, Clean, Velocity)
			return -out[0]
		}
		slope := velocity(1) - velocity(0) // it is linear
		c := (1 - tau) * (1 - tau) / tau * (1 + (1-tau)*slope)
		if want := s2 * (1 - tau) * (1 - tau) / total; !(math.Abs(c-want) <= 1e-9) {
			t.Errorf("C at τ = %g is %.12f, want %.12f", tau, c, want)
		}
	}
}

// A start in which data show is told, one in noise is not.
func TestTerminalWarning(t *testing.T) {
	grid := func(p Path) Grid {
		t.Helper()
		g, err := Uniform(p, 8)
		if err != nil {
			t.Fatal(err)
		}
		return g
	}
	weak := grid(VP{0.01, 2})
	if !(math.Abs(weak.A[0]-math.Exp(-0.5025)) <= 1e-12) {
		t.Errorf("a(1) = %g, want .605", weak.A[0])
	}
	for name, c := range map[string]struct {
		g    Grid
		warn bool
	}{
		"β .01 to 2": {weak, true}, "β .01 to 3": {grid(VP{0.01, 3}), true}, "β .1 to 20": {grid(VP{0.1, 20}), false},
		"cosine": {grid(Cosine{}), false}, "flow": {grid(Flow{}), false}, "sub-vp": {grid(SubVP{0.1, 20}), false},
		"σ to 80": {grid(EDM{0.002, 80, 7}), false}, "σ to 3": {grid(VE{0.01, 3}), true},
	} {
		if got := c.g.TerminalWarning(); (got != "") != c.warn {
			t.Errorf("%s: warning %q", name, got)
		}
	}
	chain, err := Constant(0.1, 5)
	if err != nil || chain.TerminalWarning() != "" || chain.Steps() != 6 {
		t.Errorf("chain: %v, %d steps, warning %q", err, chain.Steps(), chain.TerminalWarning())
	}
}

func TestGridErrors(t *testing.T) {
	for _, bad := range [][]float64{{1, 2}, {1, 1}, {}, {math.NaN(), 1}, {0}} {
		if _, err := Levels(bad); err == nil {
			t.Errorf("levels %v were accepted", bad)
		}
	}
	for _, bad := range [][]float64{{0.5, 0.6}, {1, 1}, {}, {math.NaN()}, {0}, {1.5, 1}, {0.5, -0.1}} {
		if _, err := At(VP{0.1, 20}, bad); err == nil {
			t.Errorf("times %v were accepted", bad)
		}
	}
	g, err := At(Flow{}, []float64{1, 0.25})
	if err != nil || g.Steps() != 2 || g.T[2] != 0 || g.A[0] != 1e-9 || g.A[1] != 0.75 {
		t.Errorf("%v, %+v", err, g)
	}
	if _, err := Constant(0, 3); err == nil {
		t.Error("a chain without noise was accepted")
	}
}
