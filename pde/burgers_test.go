package pde

import (
	"math"
	"testing"
)

// coleHopf is the solution of u_t + u u_x = ν u_xx in (0, 1) with u(0, x) = sin πx and u = 0
// at the ends (J. D. Cole, Quart. Appl. Math. 9 (1951)):
//
//	u = 2πν Σ n aₙ e^{−n²π²νt} sin nπx / (a₀ + Σ aₙ e^{−n²π²νt} cos nπx),
//
// its coefficients by the trapezoidal rule over a period, exact to rounding.
func coleHopf(nu, t float64) func(x float64) float64 {
	const points, modes = 256, 60
	var a [modes]float64 // with the decay
	for n := range a {
		k := float64(n) * math.Pi
		for i := range points {
			y := 2 * float64(i) / points
			a[n] += 2 * math.Exp(-(1-math.Cos(math.Pi*y))/(2*math.Pi*nu)) * math.Cos(k*y) / points
		}
		a[n] *= math.Exp(-k * k * nu * t)
	}
	a[0] /= 2
	return func(x float64) float64 {
		top, bottom := 0.0, 0.0
		for n, c := range a {
			sin, cos := math.Sincos(float64(n) * math.Pi * x)
			top += float64(n) * c * sin
			bottom += c * cos
		}
		return 2 * math.Pi * nu * top / bottom
	}
}

// The scheme against Cole and Hopf: with v(x, t) = ½ u(2x, t) on the circle, whose
// viscosity is a quarter, order 4 in time and spectral in space.
func TestBurgersColeHopf(t *testing.T) {
	const nu, end = 0.05, 0.5
	if v := coleHopf(nu, 0)(0.3); !(math.Abs(v-math.Sin(0.3*math.Pi)) <= 1e-11) {
		t.Fatalf("the reference begins with %g, want sin 0.3π", v)
	}
	exact := coleHopf(nu, end)
	run := func(points, steps int) (worst float64) {
		u := make([]float64, points)
		for j := range u {
			u[j] = math.Sin(2*math.Pi*float64(j)/float64(points)) / 2
		}
		newBurgersStepper(points, nu/4, end/float64(steps)).advance([][]float64{u}, steps)
		for j := range u {
			worst = max(worst, math.Abs(u[j]-exact(2*float64(j)/float64(points))/2))
		}
		return worst
	}
	evolutionOrder(t, "ETDRK4 in time", 4, 0.1, []int{16, 32, 64}, func(n int) float64 { return run(256, n) })
	coarse, middle, fine := run(32, 512), run(64, 512), run(128, 512)
	t.Logf("in space: %.3g on 32 points, %.3g on 64, %.3g on 128", coarse, middle, fine)
	if !(coarse < 1e-2) || !(middle < coarse*1e-2) || !(fine < middle*1e-3) {
		t.Errorf("errors %.3g, %.3g, %.3g on 32, 64, 128 points: not spectral", coarse, middle, fine)
	}
}

// Without viscosity the discretised advection conserves energy as well as mass: Σ u (u²/2)_x
// = 0 to rounding, which aliasing would spoil.
func TestBurgersAdvectionConserves(t *testing.T) {
	for _, n := range []int{16, 64} {
		_, s := evolutionDraw(t, burgersKind, Values{"grid": n, "times": 17}, 0)
		step := newBurgersStepper(n, 0.01, 1)
		u := make([][]float64, flows) // the states of sixteen times as flows
		for i := range u {
			u[i] = append([]float64{}, level(s[0], i, n)...)
		}
		step.advance(u, 0) // leaves the spectra in its state
		rate := make([]float64, len(step.state))
		step.rate(0, step.state, rate)
		step.spread(rate)
		step.fft.Inverse(step.values)
		for i := range u {
			var energy, size, mass float64
			for j, v := range u[i] {
				du := step.values[j][i%2][i/2]
				energy += v * du
				size += math.Abs(v * du)
				mass += du
			}
			if !(math.Abs(energy) <= 1e-13*size) || !(math.Abs(mass) <= 1e-12*float64(n)) {
				t.Errorf("n = %d, flow %d: energy changes at a rate of %g of %g, mass of %g", n, i, energy, size, mass)
			}
		}
	}
}

// Flows that are advanced side by side do not see each other, but for rounding in pairs.
func TestBurgersFlowsAreAlone(t *testing.T) {
	const n = 32
	_, s := evolutionDraw(t, burgersKind, Values{"grid": n, "times": flows}, 1)
	step := newBurgersStepper(n, 0.02, 0.01)
	var together [][]float64
	for i := range flows {
		together = append(together, append([]float64{}, level(s[0], i, n)...))
	}
	step.advance(together, 20)
	for i := range flows {
		alone := append([]float64{}, level(s[0], i, n)...)
		step.advance([][]float64{alone}, 20)
		for j, v := range alone {
			if !(math.Abs(v-together[i][j]) <= 1e-14) {
				t.Fatalf("flow %d: %g at %d beside others, %g alone", i, together[i][j], j, v)
			}
		}
	}
}

// burgersForm is u_t + u u_x − ν u_xx by central differences on inner points and times.
func burgersForm(u []float64, n int, tau, h, nu float64) (r []float64) {
	for k := 1; (k+2)*n <= len(u); k++ {
		before, now, next := level(u, k-1, n), level(u, k, n), level(u, k+1, n)
		for j := 1; j < n-1; j++ {
			r = append(r, (next[j]-before[j])/(2*tau)+now[j]*(now[j+1]-now[j-1])/(2*h)-nu*(now[j+1]-2*now[j]+now[j-1])/(h*h))
		}
	}
	return r
}

// DiffusionPDE's residual of Burgers' equation has no 1/h and 1/Δt in its stencils (J. Huang
// et al., generate_burgers.py): u_t τ + h u u_x − h² ν u_xx. Against the size of its own
// terms it does not vanish, for its viscosity is h times too small; with spacings of one
// size in t and x, as there, the right form vanishes with order two.
func TestBurgersWithoutSpacingsIsRejected(t *testing.T) {
	const nu = 0.05
	grids := []int{64, 128, 256}
	relative := func(unit bool) func(n int) float64 {
		return func(n int) float64 {
			_, s := evolutionDraw(t, burgersKind, Values{"grid": n, "times": n, "nu": nu}, 0)
			u := s[0][n*n/4:] // after the first quarter, smooth
			tau, h := 1/float64(n), 1/float64(n)
			scale := burgersForm(u, n, tau, math.Inf(1), nu) // u_t alone
			if unit {
				tau, h = 1, 1
				for i := range scale {
					scale[i] /= float64(n)
				}
			}
			return rms(burgersForm(u, n, tau, h, nu)) / rms(scale)
		}
	}
	evolutionOrder(t, "with 1/h", 2, 0.1, grids, relative(false))
	var h, r []float64
	for _, n := range grids {
		h, r = append(h, 1/float64(n)), append(r, relative(true)(n))
	}
	order, verdict := Observed(h, r)
	t.Logf("without 1/h: %s %.3g", verdict, r)
	if !(math.Abs(order) < 0.25) || !(r[2] > 0.1) {
		t.Errorf("without 1/h: %s (%.3g), want a residual that does not vanish", verdict, r)
	}
}

func rms(r []float64) float64 {
	var s float64
	for _, v := range r {
		s += v * v
	}
	return math.Sqrt(s / float64(len(r)))
}
