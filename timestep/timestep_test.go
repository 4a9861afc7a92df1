package timestep

import (
	"math"
	"math/cmplx"
	"strings"
	"testing"
)

// stepMust is a scheme that was made without error.
func stepMust[S any](s S, err error) S {
	if err != nil {
		panic(err)
	}
	return s
}

// stepOrder is the observed order between n and 2n steps of an error as a function of
// the number of steps.
func stepOrder(e func(n int) float64, n int) float64 { return math.Log2(e(n) / e(2*n)) }

// scalar is u′ = −2 u + f(t) with the solution sin t + e^{−2t}, and for schemes with
// an explicit part u′ = −2 u + N(t, u), N = cos t + 2 sin t + (u − sin t − e^{−2t}) cos u,
// of the same solution.
func scalarExact(t float64) float64 { return math.Sin(t) + math.Exp(-2*t) }
func scalarLoad(t float64, f []float64) {
	f[0] = math.Cos(t) + 2*math.Sin(t)
}
func scalarRate(t float64, u, du []float64) {
	du[0] = math.Cos(t) + 2*math.Sin(t) + (u[0]-scalarExact(t))*math.Cos(u[0])
}
func scalarWhole(t float64, u, du []float64) {
	scalarRate(t, u, du)
	du[0] -= 2 * u[0]
}

// Observed orders on a scalar with a load in time.
func TestOrdersScalar(t *testing.T) {
	system := NewDiagonal([]float64{-2})
	loaded := system
	loaded.Load = scalarLoad
	for _, c := range []struct {
		name  string
		order float64
		n     int
		make  func(dt float64) Stepper[float64]
	}{
		{"explicit Euler", 1, 512, func(dt float64) Stepper[float64] { return stepMust(NewTheta(loaded, 0, dt)) }},
		{"implicit Euler", 1, 512, func(dt float64) Stepper[float64] { return stepMust(NewImplicitEuler(loaded, dt)) }},
		{"θ = 0.6", 1, 1024, func(dt float64) Stepper[float64] { return stepMust(NewTheta(loaded, 0.6, dt)) }},
		{"Crank–Nicolson", 2, 64, func(dt float64) Stepper[float64] { return stepMust(NewCrankNicolson(loaded, dt)) }},
		{"BDF2 from implicit Euler", 2, 512, func(dt float64) Stepper[float64] { return stepMust(NewBDF2(loaded, dt, 1)) }},
		{"BDF2 from Crank–Nicolson", 2, 512, func(dt float64) Stepper[float64] { return stepMust(NewBDF2(loaded, dt, 0.5)) }},
		{"CN + Adams–Bashforth", 2, 512, func(dt float64) Stepper[float64] {
			return stepMust(NewIMEX(system, dt, scalarRate, AdamsBashforth))
		}},
		{"CN + Euler", 1, 512, func(dt float64) Stepper[float64] { return stepMust(NewIMEX(system, dt, scalarRate, Euler)) }},
		{"SSP 2", 2, 256, func(dt float64) Stepper[float64] { return stepMust(NewSSP(2, 1, dt, scalarWhole)) }},
		{"SSP 3", 3, 128, func(dt float64) Stepper[float64] { return stepMust(NewSSP(3, 1, dt, scalarWhole)) }},
		{"ETDRK4", 4, 128, func(dt float64) Stepper[float64] { return stepMust(NewETDRK4([]float64{-2}, dt, scalarRate)) }},
	} {
		order := stepOrder(func(n int) float64 {
			const end = 2.
			u := []float64{scalarExact(0)}
			March(c.make(end/float64(n)), 0, n, u)
			return math.Abs(u[0] - scalarExact(end))
		}, c.n)
		t.Logf("%-26s observed order %.3f", c.name, order)
		if !(math.Abs(order-c.order) <= 0.05) {
			t.Errorf("%s: observed order %.3f, want %g", c.name, order, c.order)
		}
	}
}

// heatSystem is u_t = u_xx on n cells of (0, 1) with u = 0 at the ends, second
// differences: a dense solver by eigenvectors sin kπx, so that nothing of a factor
// is shared with the schemes. The mass is that of P1 elements if mass is set.
type heatSystem struct {
	n    int
	c    float64
	mass bool
}

// symbols of second differences and of the mass matrix (h/6)(1 4 1)/h.
func (s heatSystem) symbols(k int) (stiff, mass float64) {
	h := 1 / float64(s.n)
	cos := math.Cos(float64(k) * math.Pi * h)
	if mass = 1; s.mass {
		mass = (2 + cos) / 3
	}
	return (2 - 2*cos) / (h * h), mass
}

func (s heatSystem) Solve(dst, b []float64) {
	out := make([]float64, len(b))
	for k := 1; k < s.n; k++ {
		var hat float64
		for i, v := range b {
			hat += v * math.Sin(math.Pi*float64(k*(i+1))/float64(s.n))
		}
		stiff, mass := s.symbols(k)
		hat *= 2 / float64(s.n) / (mass + s.c*stiff)
		for i := range out {
			out[i] += hat * math.Sin(math.Pi*float64(k*(i+1))/float64(s.n))
		}
	}
	copy(dst, out)
}

type threePoint struct{ side, middle float64 }

func (p threePoint) Apply(dst, x []float64) {
	for i, v := range x {
		s := p.middle * v
		if i > 0 {
			s += p.side * x[i-1]
		}
		if i+1 < len(x) {
			s += p.side * x[i+1]
		}
		dst[i] = s
	}
}

func newHeat(n int, mass bool) System[float64] {
	h := 1 / float64(n)
	s := System[float64]{
		Size: n - 1, Stiffness: threePoint{-1 / (h * h), 2 / (h * h)},
		Shifted: func(c float64) (Solver[float64], error) { return heatSystem{n, c, mass}, nil },
	}
	if mass {
		s.Mass = threePoint{1. / 6, 4. / 6}
	}
	return s
}

// The heat equation with u = e^{−π²t} sin πx: the nodal values of the mode are those of
// its amplification, whose rate the symbol of the scheme in space knows. Against that
// rate the error is of the scheme in time alone; against the true solution, with as
// many cells as steps, it is of order 2 for schemes of order 2.
func TestOrdersHeat(t *testing.T) {
	const end = 0.1
	for _, c := range []struct {
		name  string
		order float64
		n     int
		make  func(s System[float64], dt float64) Stepper[float64]
	}{
		{"implicit Euler", 1, 128, func(s System[float64], dt float64) Stepper[float64] { return stepMust(NewImplicitEuler(s, dt)) }},
		{"Crank–Nicolson", 2, 16, func(s System[float64], dt float64) Stepper[float64] { return stepMust(NewCrankNicolson(s, dt)) }},
		{"BDF2", 2, 64, func(s System[float64], dt float64) Stepper[float64] { return stepMust(NewBDF2(s, dt, 0.5)) }},
		{"BDF2 from implicit Euler", 2, 128, func(s System[float64], dt float64) Stepper[float64] { return stepMust(NewBDF2(s, dt, 1)) }},
	} {
		for _, mass := range []bool{false, true} {
			mode := func(cells, steps int) (u []float64) {
				u = make([]float64, cells-1)
				for i := range u {
					u[i] = math.Sin(math.Pi * float64(i+1) / float64(cells))
				}
				March(c.make(newHeat(cells, mass), end/float64(steps)), 0, steps, u)
				return u
			}
			order := stepOrder(func(n int) float64 {
				u := mode(8, n)
				stiff, m := heatSystem{n: 8, mass: mass}.symbols(1)
				return math.Abs(u[3] - math.Exp(-stiff/m*end))
			}, c.n)
			if !(math.Abs(order-c.order) <= 0.05) {
				t.Errorf("%s (mass %v): observed order in time %.3f, want %g", c.name, mass, order, c.order)
			}
			both := stepOrder(func(n int) float64 {
				u := mode(n, 2*n)
				return math.Abs(u[n/2-1] - math.Exp(-math.Pi*math.Pi*end))
			}, 16)
			t.Logf("%-26s mass %-5v: observed order in time %.3f, in both %.3f", c.name, mass, order, both)
			if c.name == "Crank–Nicolson" && !(math.Abs(both-2) <= 0.1) {
				t.Errorf("%s (mass %v): observed order in space and time %.3f, want 2", c.name, mass, both)
			}
		}
	}
}

// amplification is what one step makes of 1 for u′ = l u.
func amplification(s Stepper[complex128]) complex128 {
	u := []complex128{1}
	s.Step(0, u)
	return u[0]
}

// Amplification factors are the rational functions, polynomials and exponentials of
// z = Δt λ that the literature has, over the left half plane.
func TestAmplification(t *testing.T) {
	const dt = 0.1
	for _, z := range []complex128{-1e-3, -0.5, -1 + 1i, -3 + 2i, 0.4i, 2i, -40, complex(-1e3, 20), 20i} {
		l := z / dt
		system := NewDiagonal([]complex128{l})
		rate := func(_ float64, u, du []complex128) { du[0] = l * u[0] }
		taylor := func(p int) complex128 {
			sum, term := complex128(1), complex128(1)
			for k := 1; k <= p; k++ {
				term *= z / complex(float64(k), 0)
				sum += term
			}
			return sum
		}
		for _, c := range []struct {
			name      string
			got, want complex128
		}{
			{"explicit Euler", amplification(stepMust(NewTheta(system, 0, dt))), 1 + z},
			{"implicit Euler", amplification(stepMust(NewImplicitEuler(system, dt))), 1 / (1 - z)},
			{"Crank–Nicolson", amplification(stepMust(NewCrankNicolson(system, dt))), (1 + z/2) / (1 - z/2)},
			{"θ = 0.7", amplification(stepMust(NewTheta(system, 0.7, dt))), (1 + 0.3*z) / (1 - 0.7*z)},
			{"SSP 2", amplification(stepMust(NewSSP(2, 1, dt, rate))), taylor(2)},
			{"SSP 3", amplification(stepMust(NewSSP(3, 1, dt, rate))), taylor(3)},
			{"ETDRK4 without l, RK4", amplification(stepMust(NewETDRK4([]complex128{0}, dt, rate))), taylor(4)},
			{"ETDRK4 without N", amplification(stepMust(NewETDRK4([]complex128{l}, dt, func(_ float64, u, du []complex128) { du[0] = 0 }))), cmplx.Exp(z)},
		} {
			if d := cmplx.Abs(c.got - c.want); !(d <= 1e-14*(1+cmplx.Abs(c.want))) {
				t.Errorf("%s at z = %v: factor %v, want %v: off by %.1e", c.name, z, c.got, c.want, d)
			}
		}
		// IMEX with all of l explicit after a step: the AB2 root condition's recurrence.
		imex := stepMust(NewIMEX(NewDiagonal([]complex128{0}), dt, rate, AdamsBashforth))
		u := []complex128{1}
		imex.Step(0, u)
		first := u[0]
		imex.Step(dt, u)
		if want := first + 1.5*z*first - 0.5*z; !(cmplx.Abs(u[0]-want) <= 1e-14*(1+cmplx.Abs(want))) {
			t.Errorf("Adams–Bashforth at z = %v: %v, want %v", z, u[0], want)
		}
	}
}

// A-stability: no factor of θ ≥ ½ and no root of BDF2 exceeds 1 on the imaginary axis,
// and by the maximum principle in the left half plane. L-stability: at z → −∞ implicit
// Euler and BDF2 forget all, Crank–Nicolson turns the sign.
func TestStability(t *testing.T) {
	const dt = 1.
	for e := -3.; e <= 4; e += 0.05 {
		z := complex(0, math.Pow(10, e))
		system := NewDiagonal([]complex128{z})
		for _, theta := range []float64{0.5, 0.7, 1} {
			if r := cmplx.Abs(amplification(stepMust(NewTheta(system, theta, dt)))); !(r <= 1+1e-14) {
				t.Errorf("θ = %g at z = %v: |R| = 1 + %g", theta, z, r-1)
			}
		}
		// Roots of the recurrence, which one step from (u⁰, u¹) = (0, 1) and (1, 0) has the
		// coefficients of: w² = a w + b.
		a, b := bdf2From(system, dt, 0, 1), bdf2From(system, dt, 1, 0)
		root := cmplx.Sqrt(a*a/4 + b)
		for _, w := range []complex128{a/2 + root, a/2 - root} {
			if !(cmplx.Abs(w) <= 1+1e-12) {
				t.Errorf("BDF2 at z = %v: a root of modulus 1 + %g", z, cmplx.Abs(w)-1)
			}
			// (3/2 − z) w² − 2 w + 1/2 = 0
			if r := cmplx.Abs((1.5-z)*w*w - 2*w + 0.5); !(r <= 1e-13*(1+cmplx.Abs(z))) {
				t.Errorf("BDF2 at z = %v: root %v leaves %g of its polynomial", z, w, r)
			}
		}
	}
	stiff := NewDiagonal([]complex128{-1e15})
	for name, c := range map[string]struct{ got, want complex128 }{
		"implicit Euler": {amplification(stepMust(NewImplicitEuler(stiff, dt))), 0},
		"Crank–Nicolson": {amplification(stepMust(NewCrankNicolson(stiff, dt))), -1},
		"BDF2":           {bdf2From(stiff, dt, 1, 1), 0},
		"ETDRK4":         {amplification(stepMust(NewETDRK4([]complex128{-1e15}, dt, func(_ float64, u, du []complex128) { du[0] = 0 }))), 0},
	} {
		if !(cmplx.Abs(c.got-c.want) <= 1e-14) {
			t.Errorf("%s at z = −10¹⁵: factor %v, want %v", name, c.got, c.want)
		}
	}
}

// bdf2From is u² after the states u⁰ and u¹.
func bdf2From(s System[complex128], dt float64, before, now complex128) complex128 {
	b := stepMust(NewBDF2(s, dt, 1))
	b.Step(0, []complex128{before})
	u := []complex128{now}
	b.Step(dt, u)
	return u[0]
}

// A steady state stays to the last bit: increments vanish where K u = f does.
func TestSteadyState(t *testing.T) {
	s := newHeat(8, true)
	u := []float64{1, 3, 2, -1, 4, 0, 5}
	want := append([]float64{}, u...)
	s.Load = func(_ float64, f []float64) { s.Stiffness.Apply(f, want) }
	March[float64](stepMust(NewImplicitEuler(s, 0.3)), 0, 5, u)
	for i := range u {
		if u[i] != want[i] {
			t.Fatalf("place %d: %v after five steps, %v at the beginning", i, u[i], want[i])
		}
	}
}

// Mistakes are told with what to do.
func TestRefusals(t *testing.T) {
	good := NewDiagonal([]float64{-1})
	rate := func(_ float64, u, du []float64) {}
	for want, f := range map[string]func() error{
		"at least one":        func() error { _, err := NewCrankNicolson(System[float64]{}, 1); return err },
		"operator K":          func() error { _, err := NewCrankNicolson(System[float64]{Size: 1}, 1); return err },
		"positive":            func() error { _, err := NewBDF2(good, math.NaN(), 1); return err },
		"between 0":           func() error { _, err := NewTheta(good, 1.5, 1); return err },
		"are 2 and 3":         func() error { _, err := NewSSP(4, 1, 1, rate); return err },
		"entry 0 of 1 + c K":  func() error { _, err := NewImplicitEuler(NewDiagonal([]float64{1}), 1); return err },
		"explicit rule 7":     func() error { _, err := NewIMEX(good, 1, rate, 7); return err },
		"entry 1 grows":       func() error { _, err := NewETDRK4([]float64{0, 1e6}, 1, rate); return err },
		"leap-frog needs":     func() error { _, err := NewLeapfrog(nil, 1, 1); return err },
		"leap-frog with step": func() error { _, err := NewLeapfrog(Diagonal[float64]{1}, 1, -1); return err },
	} {
		if err := f(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q in it", err, want)
		}
	}
}

// No scheme allocates in a step, complex states included.
func TestStepsDoNotAllocate(t *testing.T) {
	l := make([]complex128, 64)
	for i := range l {
		l[i] = complex(-float64(i), float64(i))
	}
	system := NewDiagonal(l)
	rate := func(_ float64, u, du []complex128) { copy(du, u) }
	u := make([]complex128, 64)
	for name, s := range map[string]Stepper[complex128]{
		"θ": stepMust(NewCrankNicolson(system, 0.1)), "BDF2": stepMust(NewBDF2(system, 0.1, 1)),
		"IMEX": stepMust(NewIMEX(system, 0.1, rate, AdamsBashforth)), "SSP": stepMust(NewSSP(3, 64, 0.1, rate)),
		"ETDRK4": stepMust(NewETDRK4(l, 0.1, rate)),
	} {
		if n := testing.AllocsPerRun(10, func() { s.Step(0, u) }); n != 0 {
			t.Errorf("%s: %g allocations a step", name, n)
		}
	}
}
