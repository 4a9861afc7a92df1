package sampler

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"abide/diffusion"
	"abide/internal/keyed"
	"abide/internal/testkit"
	"abide/ode"
)

type tableau = ode.Tableau

var eulerMethod, heunMethod, rk4Method, dormandPrinceMethod = ode.Euler, ode.Heun, ode.RK4, ode.DormandPrince

// DDPM is DDIM(1) on every path, and SMLD is DDIM(1) where a = 1, step by step.
func TestAncestralSamplersAreDDIM(t *testing.T) {
	edm := must(diffusion.Karras(diffusion.EDM{Min: .002, Max: 80, Rho: 7}, 18))
	for name, c := range map[string]struct {
		b Bridge
		g diffusion.Grid
	}{
		"ddpm on vp":     {DDPM{must(diffusion.Uniform(diffusion.VP{Min: .1, Max: 20}, 20))}, must(diffusion.Uniform(diffusion.VP{Min: .1, Max: 20}, 20))},
		"ddpm on cosine": {DDPM{must(diffusion.Uniform(diffusion.Cosine{}, 20))}, must(diffusion.Uniform(diffusion.Cosine{}, 20))},
		"ddpm on sub-vp": {DDPM{must(diffusion.Uniform(diffusion.SubVP{Min: .1, Max: 20}, 20))}, must(diffusion.Uniform(diffusion.SubVP{Min: .1, Max: 20}, 20))},
		"ddpm on flow":   {DDPM{must(diffusion.Uniform(diffusion.Flow{}, 20))}, must(diffusion.Uniform(diffusion.Flow{}, 20))},
		"ddpm on edm":    {DDPM{edm}, edm},
		"smld on edm":    {must(NewSMLD(edm)), edm},
	} {
		for k := range c.g.Steps() {
			start := normal(0.3, 2)
			got := carry(t, c.b, gaussianMean(1, .7), k, k+1, start)
			want := carry(t, DDIM{Grid: c.g, Eta: 1}, gaussianMean(1, .7), k, k+1, start)
			if !(math.Abs(got.Mean[0]-want.Mean[0]) <= 1e-12) || !(math.Abs(got.Cov[0]-want.Cov[0]) <= 1e-12) {
				t.Errorf("%s, step %d: N(%.15g, %.15g), DDIM(1) N(%.15g, %.15g)", name, k, got.Mean[0], got.Cov[0], want.Mean[0], want.Cov[0])
			}
		}
	}
}

// Orders of convergence to the probability flow of N(0, s²), which maps z at one
// level to z √(a′²s² + b′²)/√(a²s² + b²) at the next: the error of the whole map's
// coefficient when the steps between two inner levels are halved.
func TestOrdersOnGaussianFlows(t *testing.T) {
	times := func(p diffusion.Process, n int) diffusion.Grid {
		t := make([]float64, n+1)
		for k := range t {
			t[k] = 0.9 - 0.8*float64(k)/float64(n)
		}
		return must(diffusion.At(p, t))
	}
	levels := func(n int) diffusion.Grid {
		s := make([]float64, n+1)
		for k := range s {
			s[k] = 10 * math.Pow(0.01, float64(k)/float64(n))
		}
		return must(diffusion.Levels(s))
	}
	flow := func(m *tableau) func(g diffusion.Grid) Bridge {
		return func(g diffusion.Grid) Bridge { return must(NewProbabilityFlow(g, m)) }
	}
	vp := diffusion.VP{Min: .1, Max: 20}
	for _, c := range []struct {
		name   string
		order  float64
		s2     float64
		n      int
		grid   func(n int) diffusion.Grid
		bridge func(g diffusion.Grid) Bridge
	}{
		{"euler in flow time", 1, 0.3, 256, func(n int) diffusion.Grid { return times(diffusion.Flow{}, n) }, flow(&eulerMethod)},
		{"heun in flow time", 2, 0.3, 64, func(n int) diffusion.Grid { return times(diffusion.Flow{}, n) }, flow(&heunMethod)},
		{"rk4 in flow time", 4, 0.3, 32, func(n int) diffusion.Grid { return times(diffusion.Flow{}, n) }, flow(&rk4Method)},
		{"dormand-prince in flow time", 5, 0.3, 32, func(n int) diffusion.Grid { return times(diffusion.Flow{}, n) }, flow(&dormandPrinceMethod)},
		{"dormand-prince in vp time", 5, 0.1, 40, func(n int) diffusion.Grid { return times(vp, n) }, flow(&dormandPrinceMethod)},
		{"heun in sub-vp time", 2, 0.3, 256, func(n int) diffusion.Grid { return times(diffusion.SubVP(vp), n) }, flow(&heunMethod)},
		{"heun in cosine time", 2, 0.3, 256, func(n int) diffusion.Grid { return times(diffusion.Cosine{}, n) }, flow(&heunMethod)},
		{"euler in σ", 1, 0.3, 512, levels, func(g diffusion.Grid) Bridge { return must(NewEuler(g, Churn{})) }},
		{"heun in σ", 2, 0.3, 128, levels, func(g diffusion.Grid) Bridge { return must(NewHeun(g, Churn{})) }},
		{"ddim", 1, 0.3, 512, levels, func(g diffusion.Grid) Bridge { return DDIM{Grid: g} }},
		{"dpm-solver++ on σ", 2, 0.3, 256, levels, func(g diffusion.Grid) Bridge { return DPMSolver{g} }},
		{"dpm-solver++ on flow", 2, 0.3, 256, func(n int) diffusion.Grid { return times(diffusion.Flow{}, n) }, func(g diffusion.Grid) Bridge { return DPMSolver{g} }},
	} {
		e := func(n int) float64 {
			g := c.grid(n)
			sd := func(k int) float64 { return math.Sqrt(g.A[k]*g.A[k]*c.s2 + g.B[k]*g.B[k]) }
			got := carry(t, c.bridge(g), gaussianMean(0, c.s2), 0, n, normal(1, 0)).Mean[0]
			return math.Abs(got - sd(n)/sd(0))
		}
		order := math.Log2(e(c.n) / e(2*c.n))
		t.Logf("%s: observed order %.3f", c.name, order)
		if !(math.Abs(order-c.order) <= 0.15) {
			t.Errorf("%s: observed order %.3f, want %g (errors %.2e, %.2e)", c.name, order, c.order, e(c.n), e(2*c.n))
		}
	}
}

// DPM-Solver++ is nearer to the data than DDIM for as many calls.
func TestDPMSolverAgainstDDIM(t *testing.T) {
	for _, n := range []int{10, 20, 40} {
		g := must(diffusion.Karras(diffusion.EDM{Min: .002, Max: 80, Rho: 7}, n))
		fast, slow := variance(t, DPMSolver{g}, g, .25, 6400)-.25, variance(t, DDIM{Grid: g}, g, .25, 6400)-.25
		t.Logf("%d calls: variance off by %.5f (DPM-Solver++), %.5f (DDIM)", n, fast, slow)
		if math.Abs(fast) >= math.Abs(slow) {
			t.Errorf("%d calls: variance off by %g, DDIM by %g", n, fast, slow)
		}
	}
}

// Churn adds noise of variance σ̂² − σ² and steps from σ̂: the exact law, and the
// variance of the data within 2 % at 256 steps of Heun.
func TestChurn(t *testing.T) {
	const s2 = 0.25
	c := Churn{S: 40, Min: 0.05, Max: 50, Noise: 1.003}
	for _, n := range []int{18, 256} {
		g := must(diffusion.Karras(diffusion.EDM{Min: .002, Max: 80, Rho: 7}, n))
		v := 6400.0
		for k := range n {
			s, s1 := g.B[k], g.B[k+1]
			gamma := 0.0
			if s >= c.Min && s <= c.Max {
				gamma = math.Min(c.S/float64(n), math.Sqrt2-1)
			}
			hat := s * (1 + gamma)
			v += (hat*hat - s*s) * c.Noise * c.Noise
			slope := hat / (s2 + hat*hat)
			m := 1 + (s1-hat)*slope
			if s1 > 0 {
				m = 1 + (s1-hat)*(slope+m*s1/(s2+s1*s1))/2
			}
			v *= m * m
		}
		b := must(NewHeun(g, c))
		closeTo(t, fmt.Sprintf("variance, %d levels", n), variance(t, b, g, s2, 6400), v, 1e-12)
		if n == 256 && math.Abs(v/s2-1) > 0.02 {
			t.Errorf("variance %.5f with churn, want %g within 2 %%", v, s2)
		}
	}
	for sigma, want := range map[float64]float64{0.049: 0, 0.05: math.Sqrt2 - 1, 50: math.Sqrt2 - 1, 51: 0} {
		if got := c.gamma(sigma, 10); got != want {
			t.Errorf("γ at %g is %g, want %g", sigma, got, want)
		}
	}
	if got := c.gamma(1, 400); got != 0.1 {
		t.Errorf("γ of 40 over 400 steps is %g", got)
	}
}

// The chain of z ← z + ηs + √(2η)n on N(0, 1) has variance 1/(1 − η/2): with data
// N(0, 1 − σ²) the points at level σ are N(0, 1).
func TestLangevinStationaryVariance(t *testing.T) {
	const sigma = 0.6
	for _, eta := range []float64{0.1, 0.5, 1, 1.5} {
		g := must(diffusion.Constant(sigma, 200))
		b := Langevin{Grid: g, Eta: eta}
		mean := gaussianMean(0, 1-sigma*sigma)
		closeTo(t, "variance", carry(t, b, mean, 0, 200, normal(2, 3)).Cov[0], 1/(1-eta/2), 1e-9)
		end := carry(t, b, mean, 200, 201, normal(0, 1)).Cov[0] // x̂ = (1 − σ²) z
		closeTo(t, "variance of the clean estimates", end, (1-sigma*sigma)*(1-sigma*sigma), 1e-12)
		b.KeepNoise = true
		closeTo(t, "variance kept", carry(t, b, mean, 200, 201, normal(0, 1)).Cov[0], 1, 0)
	}
}

// One corrector step on N(0, I): the formula for a known draw, and the variance
// after it, 1 + 4 SNR²((1 + SNR²)(d+2)/(d−2) − 1), from E δ‖n‖² and E δ²‖z‖² with
// E 1/‖z‖² = 1/(d−2) and E ‖n‖⁴ = d(d+2).
func TestLangevinCorrector(t *testing.T) {
	const d, n, snr = 64, 4000, 0.1
	a, b := 0.8, 0.6
	z, draw := make([]float64, d*n), make([]float64, d*n)
	keyed.New(1, "points", 0, 0).Normal(z)
	keyed.New(1, "draws", 0, 0).Normal(draw)
	before := slices.Clone(z)
	standard := gaussianMean(0, 1) // a² + b² = 1: z ~ N(0, I), s = −z
	if err := correctLangevin(Points{Z: z, Dim: d}, a, b, snr, standard, func(dst []float64) { copy(dst, draw) }); err != nil {
		t.Fatal(err)
	}
	values := make([]float64, n)
	for i := range n {
		var nn, zz float64
		for j := i * d; j < (i+1)*d; j++ {
			nn += draw[j] * draw[j]
			zz += before[j] * before[j]
		}
		delta := 2 * a * a * snr * snr * nn / zz
		for j := i * d; j < (i+1)*d; j++ {
			if want := (1-delta)*before[j] + math.Sqrt(2*delta)*draw[j]; !(math.Abs(z[j]-want) <= 1e-12) {
				t.Fatalf("point %d: %g, want %g", i, z[j], want)
			}
			values[i] += z[j] * z[j] / d
		}
	}
	// The formula has a² in δ, that is SNR a in place of SNR.
	r := snr * snr * a * a
	testkit.MeanWithin(t, "variance after a corrector step", values, 1+4*r*((1+r)*(d+2.)/(d-2.)-1), 0)
}

// At a small SNR many steps leave N(0, I) where it is: 300 steps at 0.02 in 64
// columns move the variance by less than 1 % by the formula above, and the sample
// says no more.
func TestLangevinCorrectorLeavesItsLaw(t *testing.T) {
	const d, n, snr = 64, 500, 0.02
	g := must(diffusion.Uniform(diffusion.VP{Min: .1, Max: 20}, 2))
	still := PredictorCorrector{Predictor: identity{}, Grid: g, Steps: 300, SNR: snr}
	p := Points{Z: make([]float64, d*n), Dim: d}
	stream := keyed.New(2, "points", 0, 0)
	stream.Normal(p.Z)
	if err := still.Step(p, 0, gaussianMean(0, 1), stream.Normal); err != nil {
		t.Fatal(err)
	}
	v := 0.0
	for _, z := range p.Z {
		v += z * z / (d * n)
	}
	r := snr * snr * g.A[1] * g.A[1]
	drift := 300 * 4 * r * ((1+r)*(d+2.)/(d-2.) - 1)
	if drift > 0.01 {
		t.Fatalf("drift %.4f by the formula", drift)
	}
	testkit.WithinSigma(t, "variance", v, 1+drift/2, math.Sqrt(2./(d*n))+drift/2/6, 0)
}

type identity struct{}

func (identity) Step(Points, int, Mean, func([]float64)) error { return nil }

// No corrector steps are the predictor alone, to the bit.
func TestNoCorrectorStepsAreThePredictor(t *testing.T) {
	g := must(diffusion.Karras(diffusion.EDM{Min: .002, Max: 80, Rho: 7}, 12))
	for _, b := range []Bridge{DDPM{g}, must(NewHeun(g, Churn{S: 10})), DPMSolver{g}} {
		walk := func(b Bridge) []float64 {
			p := Points{Z: make([]float64, 20), Memory: make([]float64, 10*memoryOf(b, 2)), Dim: 2}
			stream := keyed.New(3, "walk", 0, 0)
			stream.Normal(p.Z)
			for k := range g.Steps() {
				if err := b.Step(p, k, gaussianMean(0, 1), stream.Normal); err != nil {
					t.Fatal(err)
				}
			}
			return p.Z
		}
		alone, none, two := walk(b), walk(PredictorCorrector{Predictor: b, Grid: g, SNR: .1}), walk(PredictorCorrector{Predictor: b, Grid: g, SNR: .1, Steps: 2})
		if !slices.Equal(alone, none) {
			t.Errorf("%T: %v alone, %v with no corrector steps", b, alone, none)
		}
		if slices.Equal(alone, two) {
			t.Errorf("%T: two corrector steps change nothing", b)
		}
	}
}

// Denoiser calls of N steps: N; Heun 2N − 1; Runge–Kutta its stages, but for the
// one at the data; a corrector step more at each level but the data's.
func TestCalls(t *testing.T) {
	const n = 7
	edm := must(diffusion.Karras(diffusion.EDM{Min: .002, Max: 80, Rho: 7}, n))
	vp := must(diffusion.Uniform(diffusion.VP{Min: .1, Max: 20}, n))
	flow := must(diffusion.Uniform(diffusion.Flow{}, n))
	ve := must(diffusion.Uniform(diffusion.VE{Min: .01, Max: 50}, n))
	for name, c := range map[string]struct {
		b    Bridge
		n    int
		want int
	}{
		"ddpm":                 {DDPM{vp}, n, n},
		"ddim":                 {DDIM{Grid: vp}, n, n},
		"smld":                 {must(NewSMLD(edm)), n, n},
		"euler-maruyama":       {must(NewEulerMaruyama(vp)), n, n},
		"euler":                {must(NewEuler(edm, Churn{S: 3})), n, n},
		"heun":                 {must(NewHeun(edm, Churn{S: 3})), n, 2*n - 1},
		"dpm-solver++":         {DPMSolver{edm}, n, n},
		"ode euler":            {must(NewProbabilityFlow(flow, &eulerMethod)), n, n},
		"ode heun":             {must(NewProbabilityFlow(flow, &heunMethod)), n, 2*n - 1},
		"ode rk4":              {must(NewProbabilityFlow(flow, &rk4Method)), n, 4*n - 1},
		"ode rk4 on ve":        {must(NewProbabilityFlow(ve, &rk4Method)), n, 4*n + 1},
		"predictor, corrector": {PredictorCorrector{Predictor: DDPM{vp}, Grid: vp, Steps: 2, SNR: .1}, n, n + 2*(n-1)},
	} {
		calls := 0
		mean := func(z []float64, a, b float64) ([]float64, error) {
			calls++
			return gaussianMean(0, 1)(z, a, b)
		}
		p := Points{Z: []float64{1, 2}, Memory: make([]float64, memoryOf(c.b, 2)), Dim: 2}
		for k := range c.n {
			if err := c.b.Step(p, k, mean, func(dst []float64) { clear(dst) }); err != nil {
				t.Fatal(err)
			}
		}
		if calls != c.want {
			t.Errorf("%s: %d calls, want %d", name, calls, c.want)
		}
	}
}

// The adaptive integrator meets the exact flow of a Gaussian on every process, to
// its tolerance; on ve and edm the last call takes the noise of t = 0 away.
func TestDormandPrinceOnEveryProcess(t *testing.T) {
	const s2, tol = 0.3, 1e-8
	for name, p := range map[string]diffusion.Process{
		"vp": diffusion.VP{Min: .1, Max: 20}, "cosine": diffusion.Cosine{}, "sub-vp": diffusion.SubVP{Min: .1, Max: 20},
		"ve": diffusion.VE{Min: .01, Max: 50}, "edm": diffusion.EDM{Min: .002, Max: 80, Rho: 7}, "flow": diffusion.Flow{},
	} {
		for _, n := range []int{1, 5} {
			g := must(diffusion.Uniform(p, n))
			b := must(NewDormandPrince(g, tol, tol))
			start := math.Sqrt(g.A[0]*g.A[0]*s2 + g.B[0]*g.B[0]) // one standard deviation
			x := Points{Z: []float64{start, -2 * start}, Memory: make([]float64, 4), Dim: 1}
			calls := 0
			mean := func(z []float64, a, b float64) ([]float64, error) { calls++; return gaussianMean(0, s2)(z, a, b) }
			for k := range n {
				if err := b.Step(x, k, mean, nil); err != nil {
					t.Fatal(err)
				}
			}
			if x.Memory[0] <= 0 || x.Memory[0] != x.Memory[2] || x.Memory[1] <= 0 {
				t.Errorf("%s in %d: remembers %v", name, n, x.Memory)
			}
			_, b0 := p.At(0)
			want := math.Sqrt(s2) // times the shrinkage of the last call, where there is one
			if b0 > 0 {
				want = s2 / math.Sqrt(s2+b0*b0)
			}
			t.Logf("%s in %d: off by %.1e and %.1e with %d calls", name, n, x.Z[0]-want, x.Z[1]+2*want, calls)
			allowed := 100 * tol
			if diffusion.Begin(p) > 0 {
				allowed = 1e-5 // the flow is held still below the first time
			}
			if !(math.Abs(x.Z[0]-want) <= allowed) || !(math.Abs(x.Z[1]+2*want) <= allowed) {
				t.Errorf("%s in %d: %v, want %g and %g", name, n, x.Z, want, -2*want)
			}
		}
	}
}

// DDPM on a VP grid and on the same noise levels with a = 1 are one process in
// two scalings: z/a takes the same steps.
func TestDDPMDoesNotDependOnScaling(t *testing.T) {
	g := must(diffusion.Uniform(diffusion.VP{Min: .1, Max: 20}, 40))
	levels := make([]float64, g.Steps())
	for k := range levels {
		levels[k] = g.Sigma(k)
	}
	h := must(diffusion.Levels(levels))
	a0 := g.A[0]
	closeTo(t, "variance in VE scaling", variance(t, DDPM{h}, h, .7, 1/(a0*a0)), variance(t, DDPM{g}, g, .7, 1), 1e-12)
}

// Eight points on a circle and the exact score of them: Euler–Maruyama with 1000
// steps on β from 0.01 to 3 returns them, memorised. Near a point the step is the
// affine one of a single point, so the spread left is known: a standard deviation
// of the radius of √2 √V. The kit's .00086 was seen in 20,000 samples, which are
// off by .00086/√40000 times 4.9 once in 10⁶, and is rounded.
func TestEmpiricalScoreMemorises(t *testing.T) {
	const n, steps = 2000, 1000
	g := must(diffusion.Uniform(diffusion.VP{Min: .01, Max: 3}, steps))
	b := must(NewEulerMaruyama(g))
	rows := make([][2]float64, 8)
	for k := range rows {
		rows[k] = [2]float64{math.Cos(math.Pi*float64(k)/4) / math.Sqrt2, math.Sin(math.Pi*float64(k)/4) / math.Sqrt2}
	}
	mean := func(z []float64, a, b float64) ([]float64, error) {
		x := make([]float64, len(z))
		for i := 0; i < len(z); i += 2 {
			var total, w [2]float64
			for _, r := range rows { // ‖z − a r‖² without the terms all share
				e := math.Exp((a*(z[i]*r[0]+z[i+1]*r[1]) - a*math.Hypot(z[i], z[i+1])/math.Sqrt2) / (b * b))
				w[0], w[1], total[0] = w[0]+e*r[0], w[1]+e*r[1], total[0]+e
			}
			x[i], x[i+1] = w[0]/total[0], w[1]/total[0]
		}
		return x, nil
	}
	p := Points{Z: make([]float64, 2*n), Dim: 2}
	stream := keyed.New(2023, "circle", 0, 0)
	stream.Normal(p.Z)
	for k := range steps {
		if err := b.Step(p, k, mean, stream.Normal); err != nil {
			t.Fatal(err)
		}
	}
	exact := math.Sqrt(2 * carry(t, b, gaussianMean(0, 0), 0, steps, normal(0, 1)).Cov[0])
	if !(math.Abs(exact-.00086) <= 4.9*.00086/200+5e-6) {
		t.Errorf("standard deviation of the radius by recursion %.6f, kit .00086", exact)
	}
	radius, count := make([]float64, n), make([]float64, 8)
	var spread float64
	for i := range n {
		radius[i] = math.Sqrt2 * math.Hypot(p.Z[2*i], p.Z[2*i+1])
		spread += (radius[i] - 1) * (radius[i] - 1) / n
		count[(int(math.Round(math.Atan2(p.Z[2*i+1], p.Z[2*i])/(math.Pi/4)))+8)%8]++
	}
	testkit.MeanWithin(t, "radius", radius, 1, 0)
	testkit.WithinSigma(t, "spread of the radius", math.Sqrt(spread)/exact, 1, 1/math.Sqrt(2*n), 0)
	for k, c := range count {
		testkit.WithinSigma(t, fmt.Sprintf("share of point %d", k), c/n, 1./8, math.Sqrt(7./64/n), 0)
	}
}

func TestBridgeErrors(t *testing.T) {
	edm := must(diffusion.Karras(diffusion.EDM{Min: .002, Max: 80, Rho: 7}, 8))
	vp := must(diffusion.Uniform(diffusion.VP{Min: .1, Max: 20}, 8))
	flow := must(diffusion.Uniform(diffusion.Flow{}, 8))
	refused := func(what string, err error) {
		t.Helper()
		if err == nil {
			t.Errorf("%s was accepted", what)
		}
	}
	_, err := NewEulerMaruyama(edm)
	refused("Euler–Maruyama on a grid without times", err)
	_, err = NewEulerMaruyama(flow)
	refused("Euler–Maruyama with an infinite drift", err)
	_, err = NewHeun(vp, Churn{})
	refused("Heun on a VP grid", err)
	_, err = NewSMLD(vp)
	refused("SMLD on a VP grid", err)
	_, err = NewProbabilityFlow(edm, &rk4Method)
	refused("a probability flow without times", err)
	_, err = NewDormandPrince(edm, 0, 0)
	refused("Dormand–Prince without times", err)
}

func ExampleDDIM() {
	g, _ := diffusion.Uniform(diffusion.VP{Min: 0.1, Max: 20}, 4)
	p := Points{Z: []float64{1}, Dim: 1}
	standard := func(z []float64, a, b float64) ([]float64, error) { return []float64{a * z[0]}, nil } // D of N(0, 1) data
	for k := range g.Steps() {
		DDIM{Grid: g}.Step(p, k, standard, nil)
	}
	fmt.Printf("%.4f\n", p.Z[0])
	// Output: 0.6097
}
