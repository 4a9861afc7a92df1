package timestep

import (
	"math"
	"testing"
)

// Upwind advection of a square wave and of noise: total variation does not grow in
// any step of either SSP method up to the CFL number 1 that explicit Euler allows, and
// grows beyond it.
func TestTotalVariationDoesNotGrow(t *testing.T) {
	const n = 100
	upwind := func(_ float64, u, du []float64) {
		for i := range u {
			du[i] = -n * (u[i] - u[(i+n-1)%n])
		}
	}
	variation := func(u []float64) (v float64) {
		for i := range u {
			v += math.Abs(u[i] - u[(i+n-1)%n])
		}
		return v
	}
	start := func() []float64 {
		u := make([]float64, n)
		for i := range u {
			if i > 20 && i < 50 {
				u[i] = 1
			}
			u[i] += 0.3 * math.Sin(float64(i*i)) // no smoothness anywhere
		}
		return u
	}
	for _, order := range []int{2, 3} {
		for _, cfl := range []float64{0.3, 0.9, 1} {
			u := start()
			s := stepMust(NewSSP(order, n, cfl/n, upwind))
			last, first := variation(u), variation(u)
			for range 200 {
				s.Step(0, u)
				v := variation(u)
				if !(v <= last*(1+1e-14)) {
					t.Fatalf("order %d at CFL %g: total variation grows from %g to %g", order, cfl, last, v)
				}
				last = v
			}
			if !(last < 0.9*first) {
				t.Errorf("order %d at CFL %g: variation %g of %g is left: nothing moved", order, cfl, last, first)
			}
		}
		u, grew := start(), false
		s := stepMust(NewSSP(order, n, 1.5/n, upwind))
		for range 50 {
			last := variation(u)
			s.Step(0, u)
			grew = grew || variation(u) > last*(1+1e-6)
		}
		if !grew {
			t.Errorf("order %d at CFL 1.5: the variation never grew, so that this test shows nothing", order)
		}
	}
}

// ETDRK4 on a stiff, oscillating and growing spectrum is of order 4, with real and
// with complex l, also where l is zero and where l Δt is tiny (the contour's case).
func TestETDRK4Order(t *testing.T) {
	// u = e^{it} in every entry for any l: N = i e^{it} − l e^{it} + (u² − e^{2it})/4.
	l := []complex128{0, 1e-7, -1, -0.3 + 2i, 3i, 0.5, -50, -300 + 40i}
	exact := func(t float64) complex128 { return complex(math.Cos(t), math.Sin(t)) }
	rate := func(t float64, u, du []complex128) {
		e := exact(t)
		for i, v := range u {
			du[i] = 1i*e - l[i]*e + (v*v-e*e)/4
		}
	}
	worst := func(n int) (e [8]float64) {
		u := make([]complex128, len(l))
		for i := range u {
			u[i] = 1
		}
		March[complex128](stepMust(NewETDRK4(l, 1/float64(n), rate)), 0, n, u)
		for i, v := range u {
			d := v - exact(1)
			e[i] = math.Hypot(real(d), imag(d))
		}
		return e
	}
	a, b := worst(64), worst(128)
	for i := range l {
		order := math.Log2(a[i] / b[i])
		t.Logf("l = %v: %.2e, observed order %.3f", l[i], a[i], order)
		// A stiff entry reaches order 4 only where |l| Δt is small (Hochbruck and
		// Ostermann 2005); it must not be worse than the others.
		if real(l[i]) > -10 && !(math.Abs(order-4) <= 0.1) {
			t.Errorf("l = %v: observed order %.3f, want 4", l[i], order)
		}
	}
}

// The coefficients of the contour are the Taylor series of their functions at z = 0 and
// their formulas where those do not cancel.
func TestETDRK4Coefficients(t *testing.T) {
	nothing := func(_ float64, u, du []float64) {}
	l := []float64{0, -1e-8, -1e-3, -2, -30, -1e4}
	s := stepMust(NewETDRK4(l, 1, nothing))
	for i, z := range l {
		var q, f1, f2, f3 float64
		if math.Abs(z) < 0.1 { // to fourth order in z, of z ≤ 1e-3
			q = 1./2 + z/8 + z*z/48 + z*z*z/384
			f1 = 1./6 + z/6 + z*z*3/40 + z*z*z/45
			f2 = 1./6 + z/12 + z*z/40 + z*z*z/180
			f3 = 1./6 + 0*z - z*z/120 - z*z*z/360
		} else {
			e := math.Exp(z)
			q = (math.Exp(z/2) - 1) / z
			f1 = (-4 - z + e*(4-3*z+z*z)) / (z * z * z)
			f2 = (2 + z + e*(z-2)) / (z * z * z)
			f3 = (-4 - 3*z - z*z + e*(4-z)) / (z * z * z)
		}
		for j, c := range [][2]float64{{s.q[i], q}, {s.f1[i], f1}, {s.f2[i], 2 * f2}, {s.f3[i], f3}} {
			if !(math.Abs(c[0]-c[1]) <= 1e-14) {
				t.Errorf("coefficient %d at z = %g: %.17g, want %.17g", j, z, c[0], c[1])
			}
		}
	}
}

// Leap-frog conserves its discrete energy to rounding over ten thousand steps, near
// its limit of stability too, also in a weighted inner product; order 2 against
// d'Alembert's solution.
func TestLeapfrogEnergy(t *testing.T) {
	for _, cfl := range []float64{0.1, 0.99} {
		const n = 64
		h := 1. / n
		l := threePoint{1 / (h * h), -2 / (h * h)}
		s := stepMust(NewLeapfrog(l, n-1, cfl*h))
		u, v := make([]float64, n-1), make([]float64, n-1)
		for i := range u {
			x := float64(i+1) * h
			u[i], v[i] = math.Exp(-100*(x-0.4)*(x-0.4)), math.Sin(3*math.Pi*x)
		}
		s.Start(v)
		s.Step(0, u)
		first := s.Energy(u, nil)
		for range 10000 {
			s.Step(0, u)
			if e := s.Energy(u, nil); !(math.Abs(e-first) <= 1e-12*first) {
				t.Fatalf("CFL %g: energy %.17g, first %.17g", cfl, e, first)
			}
		}
	}
	// Weights: L = W⁻¹ S with S symmetric.
	weights := []float64{1, 3, 0.5}
	l := weighted{threePoint{1, -2}, weights}
	s := stepMust(NewLeapfrog(l, 3, 0.3))
	u := []float64{1, 0, -2}
	s.Step(0, u)
	first := s.Energy(u, weights)
	March[float64](s, 0, 1000, u)
	if e := s.Energy(u, weights); !(math.Abs(e-first) <= 1e-12*first) {
		t.Errorf("weighted energy %.17g, first %.17g", e, first)
	}
	if e := s.Energy(u, nil); math.Abs(e-first) < 1e-3*first {
		t.Errorf("without its weights the energy is conserved too, so that this test shows nothing")
	}
}

type weighted struct {
	of      threePoint
	weights []float64
}

func (w weighted) Apply(dst, x []float64) {
	w.of.Apply(dst, x)
	for i := range dst {
		dst[i] /= w.weights[i]
	}
}

// u = sin πx cos πt + sin 2πx sin 2πt, the sum of two standing waves, with CFL ½.
func TestLeapfrogOrder(t *testing.T) {
	order := stepOrder(func(n int) float64 {
		const end = 0.7
		h := 1 / float64(n)
		steps := int(math.Round(end * 2 * float64(n)))
		s := stepMust(NewLeapfrog(threePoint{1 / (h * h), -2 / (h * h)}, n-1, end/float64(steps)))
		u, v := make([]float64, n-1), make([]float64, n-1)
		for i := range u {
			x := float64(i+1) * h
			u[i], v[i] = math.Sin(math.Pi*x), 2*math.Pi*math.Sin(2*math.Pi*x)
		}
		s.Start(v)
		March[float64](s, 0, steps, u)
		var worst float64
		for i := range u {
			x := float64(i+1) * h
			want := math.Sin(math.Pi*x)*math.Cos(math.Pi*end) + math.Sin(2*math.Pi*x)*math.Sin(2*math.Pi*end)
			worst = max(worst, math.Abs(u[i]-want))
		}
		return worst
	}, 40)
	if !(math.Abs(order-2) <= 0.05) {
		t.Errorf("observed order %.3f, want 2", order)
	}
}

// Burgers' equation u_t + z₁ u u_x = z₀ u_xx with the travelling wave (T11-M)
//
//	u = (c − a tanh(a (x − ct)/(2 z₀)))/z₁,
//
// values at the ends given: Crank–Nicolson with Adams–Bashforth is of order 2 with
// central differences, with Euler in its place of order 1 in time.
func TestIMEXTravellingWave(t *testing.T) {
	const z0, z1, c, a, end = 0.05, 2., 0.5, 0.6, 0.5
	exact := func(t, x float64) float64 { return (c - a*math.Tanh(a*(x-0.3-c*t)/(2*z0))) / z1 }
	run := func(n, steps int, explicit Explicit) (worst float64) {
		h := 1 / float64(n)
		system := newHeat(n, false)
		heat := system
		heat.Stiffness = threePoint{-z0 / (h * h), 2 * z0 / (h * h)}
		heat.Shifted = func(c float64) (Solver[float64], error) { return system.Shifted(z0 * c) }
		heat.Load = func(t float64, f []float64) {
			clear(f)
			f[0], f[n-2] = z0/(h*h)*exact(t, 0), z0/(h*h)*exact(t, 1)
		}
		rate := func(t float64, u, du []float64) {
			left, right := exact(t, 0), 0.
			for i, v := range u {
				if right = exact(t, 1); i+1 < len(u) {
					right = u[i+1]
				}
				du[i] = -z1 * (right*right - left*left) / (4 * h)
				left = v
			}
		}
		u := make([]float64, n-1)
		for i := range u {
			u[i] = exact(0, float64(i+1)*h)
		}
		March[float64](stepMust(NewIMEX(heat, end/float64(steps), rate, explicit)), 0, steps, u)
		for i, v := range u {
			worst = max(worst, math.Abs(v-exact(end, float64(i+1)*h)))
		}
		return worst
	}
	order := stepOrder(func(n int) float64 { return run(n, n, AdamsBashforth) }, 40)
	t.Logf("Adams–Bashforth: observed order %.3f", order)
	if !(math.Abs(order-2) <= 0.1) {
		t.Errorf("Adams–Bashforth: observed order %.3f, want 2", order)
	}
	order = stepOrder(func(n int) float64 { return run(80, n, Euler) }, 40)
	t.Logf("Euler: observed order %.3f", order)
	if !(math.Abs(order-1) <= 0.1) {
		t.Errorf("Euler: observed order %.3f, want 1", order)
	}
}
