package sampler

import (
	"math"
	"testing"

	"abide/diffusion"
	"abide/internal/testkit"
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// gaussianMean is E[u | z] for u ~ N(mu, s2) in every coordinate, any level.
func gaussianMean(mu, s2 float64) Mean {
	return func(z []float64, a, b float64) ([]float64, error) {
		out := make([]float64, len(z))
		for i := range z {
			out[i] = mu + a*s2*(z[i]-a*mu)/(a*a*s2+b*b)
		}
		return out, nil
	}
}

// carry takes a Gaussian law through steps [from, to) of a bridge, exactly. On
// Gaussian data every step is affine in the point, in what is remembered of it
// and in each draw of noise; its coefficients are read from the step itself by
// unit inputs. No Monte Carlo, no tolerance but rounding.
func carry(t *testing.T, b Bridge, mean Mean, from, to int, start testkit.Gaussian) testkit.Gaussian {
	t.Helper()
	n := 1 + memoryOf(b, 1)
	law := testkit.Gaussian{Mean: make([]float64, n), Cov: make([]float64, n*n)}
	law.Mean[0], law.Cov[0] = start.Mean[0], start.Cov[0]
	for k := from; k < to; k++ {
		draws := 0
		image := func(state []float64, unit int) []float64 {
			draws = 0
			x := append([]float64(nil), state...)
			err := b.Step(Points{Z: x[:1], Memory: x[1:], Dim: 1}, k, mean, func(dst []float64) {
				if clear(dst); draws == unit {
					dst[0] = 1
				}
				draws++
			})
			if err != nil {
				t.Fatal(err)
			}
			return x
		}
		const none = -1
		offset := image(make([]float64, n), none)
		count := draws
		a, q := make([]float64, n*n), make([]float64, n*n)
		for j := range n {
			unit := make([]float64, n)
			unit[j] = 1
			for i, v := range image(unit, none) {
				a[i*n+j] = v - offset[i]
			}
		}
		for d := range count {
			c := image(make([]float64, n), d)
			for i := range n {
				for j := range n {
					q[i*n+j] += (c[i] - offset[i]) * (c[j] - offset[j])
				}
			}
		}
		law = law.Step(a, offset, q)
	}
	return law
}

func normal(mean, variance float64) testkit.Gaussian {
	return testkit.Gaussian{Mean: []float64{mean}, Cov: []float64{variance}}
}

// variance is the variance of a whole walk on data N(0, s2).
func variance(t *testing.T, b Bridge, g diffusion.Grid, s2, start float64) float64 {
	t.Helper()
	return carry(t, b, gaussianMean(0, s2), 0, g.Steps(), normal(0, start)).Cov[0]
}

func closeTo(t *testing.T, what string, got, want, tol float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tol*math.Max(1, math.Abs(want))) {
		t.Errorf("%s: %.12f, want %.12f", what, got, want)
	}
}

// The variances of unconditional samplers for VP with β from 0.1 to 20 on t = k/N:
// against the recursion of each formula (written here with the score, without the
// sampler's coefficients) to 1e-9, and against the printed digits of the kit.
func TestVariancesOnVP(t *testing.T) {
	const lo, hi = 0.1, 20.0
	m := func(t float64) float64 { return math.Exp(-0.5*t*lo - 0.25*t*t*(hi-lo)) }
	recursion := func(kind string, s2 float64, n int) float64 {
		v, dt := 1.0, 1/float64(n)
		for k := n; k > 0; k-- {
			t, tp := float64(k)*dt, float64(k-1)*dt
			beta := lo + t*(hi-lo)
			a, ap := m(t), m(tp)
			b2, bp2 := 1-a*a, 1-ap*ap
			total := a*a*s2 + b2 // score −x/total, x̂ = a s² x/total
			hat := a * s2 / total
			switch kind {
			case "em":
				c := 1 + dt*(0.5*beta-beta/total)
				v = c*c*v + beta*dt
			case "ode":
				c := 1 + dt*(0.5*beta-0.5*beta/total)
				v = c * c * v
			case "ddpm":
				alpha := a * a / (ap * ap)
				c := math.Sqrt(alpha)*bp2/b2 + ap*(1-alpha)/b2*hat
				v = c*c*v + (1-alpha)*bp2/b2
			case "ddim":
				c := ap*hat + math.Sqrt(bp2/b2)*(1-a*hat)
				v = c * c * v
			}
		}
		return v
	}
	for _, c := range []struct {
		kind string
		s2   float64
		n    int
		kit  float64
	}{
		{"em", .25, 20, .274768}, {"em", .25, 100, .253747}, {"em", .25, 1000, .250353},
		{"ode", .25, 20, .240681}, {"ode", .25, 100, .247754}, {"ode", .25, 1000, .249774},
		{"ddpm", .25, 20, .153280}, {"ddpm", .25, 100, .219212}, {"ddpm", .25, 1000, .246110},
		{"ddim", .25, 20, .185942}, {"ddim", .25, 100, .235605}, {"ddim", .25, 1000, .248487},
		{"em", 4, 20, 4.163094}, {"em", 4, 100, 4.032878}, {"em", 4, 1000, 4.003296},
		{"ddim", 4, 20, 3.440288}, {"ddim", 4, 100, 3.880782}, {"ddim", 4, 1000, 3.987408},
		{"ddpm", 4, 20, 3.03307}, {"ddpm", 4, 100, 3.764875}, {"ddpm", 4, 1000, 3.974814},
	} {
		g := must(diffusion.Uniform(diffusion.VP{Min: lo, Max: hi}, c.n))
		em := must(NewEulerMaruyama(g))
		em.KeepNoise = true // the kit's law is that after the last noisy step
		b := map[string]Bridge{"em": em, "ode": must(NewProbabilityFlow(g, &eulerMethod)), "ddpm": DDPM{g}, "ddim": DDIM{Grid: g}}[c.kind]
		got, want := variance(t, b, g, c.s2, 1), recursion(c.kind, c.s2, c.n)
		if !(math.Abs(got-want) <= 1e-9) {
			t.Errorf("%s, data variance %g, %d steps: variance %.12f, recursion %.12f", c.kind, c.s2, c.n, got, want)
		}
		if !(math.Abs(got-c.kit) <= 6e-7*math.Max(1, c.kit)) {
			t.Errorf("%s, data variance %g, %d steps: variance %.6f, kit %.6f", c.kind, c.s2, c.n, got, c.kit)
		}
	}
}

// Karras et al.'s grid and integrators on N(0, 0.25), start variance 80²; exact
// .249990. The recursion is that of their algorithm in its own words.
func TestVariancesOnKarras(t *testing.T) {
	recursion := func(n int, heun bool) float64 {
		v := 6400.0
		level := func(i int) float64 {
			if i == n {
				return 0
			}
			return math.Pow(math.Pow(80, 1./7)+float64(i)/float64(n-1)*(math.Pow(.002, 1./7)-math.Pow(80, 1./7)), 7)
		}
		slope := func(s float64) float64 { return s / (.25 + s*s) } // (x − D)/σ of x = 1
		for i := range n {
			s, sp := level(i), level(i+1)
			c := 1 + (sp-s)*slope(s)
			if heun && sp > 0 {
				c = 1 + (sp-s)*(slope(s)+c*slope(sp))/2
			}
			v *= c * c
		}
		return v
	}
	for n, kit := range map[int][2]float64{
		9: {.122145, .408398}, 18: {.178956, .278388}, 36: {.212518, .256134}, 72: {.230755, .251428},
	} {
		g := must(diffusion.Karras(diffusion.EDM{Min: .002, Max: 80, Rho: 7}, n))
		for i, b := range []Bridge{must(NewEuler(g, Churn{})), must(NewHeun(g, Churn{}))} {
			got, want := variance(t, b, g, .25, 6400), recursion(n, i == 1)
			closeTo(t, "recursion", got, want, 1e-9)
			closeTo(t, "kit", got, kit[i], 6e-7)
		}
		closeTo(t, "DDIM(0) is Euler", variance(t, DDIM{Grid: g}, g, .25, 6400), recursion(n, false), 1e-9)
	}
}

// DPM-Solver++(2M) in the words of its algorithm, λ = −ln σ, on Karras et al.'s grid:
// the map of a point is a recursion in it and in the last clean estimate.
func TestVariancesOfDPMSolver(t *testing.T) {
	const s2 = 0.25
	for _, n := range []int{5, 12, 40} {
		g := must(diffusion.Karras(diffusion.EDM{Min: .002, Max: 80, Rho: 7}, n))
		x, old, last := 80.0, 0.0, 0.0
		for i := range n {
			s, sp := g.B[i], g.B[i+1]
			hat := s2 / (s2 + s*s) * x
			if sp == 0 {
				x = hat
				break
			}
			h := -math.Log(sp) + math.Log(s)
			d := hat
			if i > 0 {
				r := last / h
				d = (1+1/(2*r))*hat - 1/(2*r)*old
			}
			x = sp/s*x - math.Expm1(-h)*d
			old, last = hat, h
		}
		closeTo(t, "variance", variance(t, DPMSolver{g}, g, s2, 6400), x*x, 1e-9)
	}
}

// Straight paths on data N(1.5, 0.25): the kit's Euler and Runge–Kutta steps in
// flow time τ = 1 − t, with u = (x̂ − x)/(1 − τ) and its limit μ + (ṡ/s)(x − τμ)
// at the data.
func TestLawsOnFlow(t *testing.T) {
	const mu, s2 = 1.5, 0.25
	u := func(x, t float64) float64 {
		if t == 1 {
			return mu + (x - mu) // s = √s², ṡ = s²/s
		}
		hat := (t*x*s2 + (1-t)*(1-t)*mu) / (t*t*s2 + (1-t)*(1-t))
		return (hat - x) / (1 - t)
	}
	step := map[string]func(x, t, h float64) float64{
		"euler": func(x, t, h float64) float64 { return x + h*u(x, t) },
		"rk4": func(x, t, h float64) float64 {
			k1 := u(x, t)
			k2 := u(x+h/2*k1, t+h/2)
			k3 := u(x+h/2*k2, t+h/2)
			k4 := u(x+h*k3, t+h)
			return x + h/6*(k1+2*k2+2*k3+k4)
		},
	}
	for _, c := range []struct {
		kind string
		n    int
		kit  float64
		tol  float64 // of the printed digits
	}{
		{"euler", 10, .185574, 6e-7}, {"euler", 20, .215526, 6e-7}, {"euler", 40, .232142, 6e-7}, {"euler", 80, .240908, 6e-7},
		{"rk4", 10, .25000024, 6e-9}, {"rk4", 20, .250000044, 6e-10},
	} {
		zero, one := 0.0, 1.0
		for k := range c.n {
			tau, h := float64(k)/float64(c.n), 1/float64(c.n)
			if zero, one = step[c.kind](zero, tau, h), step[c.kind](one, tau, h); k == c.n-1 {
				// the map of the whole flow is x ↦ zero + (one − zero) x
				one -= zero
			}
		}
		g := must(diffusion.Uniform(diffusion.Flow{}, c.n))
		m := map[string]*tableau{"euler": &eulerMethod, "rk4": &rk4Method}[c.kind]
		law := carry(t, must(NewProbabilityFlow(g, m)), gaussianMean(mu, s2), 0, c.n, normal(0, 1))
		closeTo(t, c.kind+" mean", law.Mean[0], mu, 1e-9)
		closeTo(t, c.kind+" mean of the recursion", zero, mu, 1e-12)
		closeTo(t, c.kind+" variance", law.Cov[0], one*one, 1e-9)
		closeTo(t, c.kind+" kit", law.Cov[0], c.kit, c.tol)
	}
}
