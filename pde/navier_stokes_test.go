package pde

import (
	"math"
	"math/rand/v2"
	"testing"
)

func init() {
	contractValues["navier-stokes"] = Values{"grid": 16, "times": 2, "end": 0.2}
}

// vorticityRate is what the scheme makes of −u·∇w at points, without a force.
func vorticityRate(s *vorticityStepper, w []float64) []float64 {
	clear(s.force)
	s.advance(w, 0) // leaves the spectrum in its state
	rate := make([]complex128, len(s.state))
	s.rate(0, s.state, rate)
	return vorticityPoints(s, rate)
}

// vorticityPoints are the values of a spectrum.
func vorticityPoints(s *vorticityStepper, spectrum []complex128) []float64 {
	s.spread(spectrum)
	s.inverse(s.plane)
	out := make([]float64, len(s.plane))
	for i, z := range s.plane {
		out[i] = real(z)
	}
	return out
}

// Advection of two waves, w = sin 2πx + sin 4πy: with ψ = sin 2πx/4π² + sin 4πy/16π², by
// hand −u·∇w = −ψ_y w_x + ψ_x w_y = (1/(2π)·4π − 1/(4π)·2π) cos 2πx cos 4πy = ³⁄₂ cos 2πx cos 4πy.
func TestNavierStokesAdvection(t *testing.T) {
	const n = 16
	s := newVorticityStepper(n, 1, 1, false)
	w := make([]float64, n*n)
	for i := range w {
		x, y := 2*math.Pi*float64(i/n)/n, 2*math.Pi*float64(i%n)/n
		w[i] = math.Sin(x) + math.Sin(2*y)
	}
	for i, v := range vorticityRate(s, w) {
		x, y := 2*math.Pi*float64(i/n)/n, 2*math.Pi*float64(i%n)/n
		if want := 1.5 * math.Cos(x) * math.Cos(2*y); !(math.Abs(v-want) <= 1e-13) {
			t.Fatalf("at (%d, %d): −u·∇w = %g, want %g", i/n, i%n, v, want)
		}
	}
}

// Advection without aliasing conserves energy ½∫ψw and enstrophy ½∫w², to rounding.
func TestNavierStokesInvariants(t *testing.T) {
	for _, n := range []int{24, 25, 32} {
		_, sample := evolutionDraw(t, navierStokesKind, Values{"grid": n, "times": 1, "end": 1e-3}, 0)
		s, w := newVorticityStepper(n, 1, 1, false), sample[1][:n*n]
		rate := vorticityRate(s, w)
		for i, p := range s.waves {
			for j, q := range s.waves[:s.band+1] {
				if i+j > 0 {
					s.state[i*(s.band+1)+j] *= complex(1/(p*p+q*q), 0)
				}
			}
		}
		psi := vorticityPoints(s, s.state)
		var enstrophy, energy, size, small float64
		for i, r := range rate {
			enstrophy += w[i] * r
			energy += psi[i] * r
			size += math.Abs(w[i] * r)
			small += math.Abs(psi[i] * r)
		}
		if !(math.Abs(enstrophy) <= 1e-12*size) || !(math.Abs(energy) <= 1e-12*small) {
			t.Errorf("n = %d: enstrophy changes by %g of %g, energy by %g of %g", n, enstrophy, size, energy, small)
		}
	}
}

// Taylor and Green's vortex w = cos 2πx cos 2πy decays as e^{−8π²νt}: exactly with ETDRK4,
// for it does not advect itself, and with order 2 with Crank–Nicolson.
func TestNavierStokesTaylorGreen(t *testing.T) {
	const n, nu, end = 16, 0.05, 0.5
	run := func(explicit bool, steps int) (worst float64) {
		s := newVorticityStepper(n, nu, end/float64(steps), explicit)
		w := make([]float64, n*n)
		vortex := func(i int) float64 {
			return math.Cos(2*math.Pi*float64(i/n)/n) * math.Cos(2*math.Pi*float64(i%n)/n)
		}
		for i := range w {
			w[i] = vortex(i)
		}
		s.advance(w, steps)
		for i := range w {
			worst = max(worst, math.Abs(w[i]-math.Exp(-8*math.Pi*math.Pi*nu*end)*vortex(i)))
		}
		return worst
	}
	if e := run(false, 10); !(e <= 1e-14) {
		t.Errorf("ETDRK4: off by %g", e)
	}
	evolutionOrder(t, "Taylor–Green with Crank–Nicolson", 2, 0.05, []int{16, 32, 64}, func(n int) float64 { return run(true, n) })
}

// What advection does is seen by convergence towards a fine run: ETDRK4 has order 4,
// Crank–Nicolson with Euler order 1, both towards the same flow.
func TestNavierStokesSelfConvergence(t *testing.T) {
	const n, nu, end = 32, 1e-3, 1.
	_, sample := evolutionDraw(t, navierStokesKind, Values{"grid": n, "times": 1, "end": 1e-3}, 1)
	run := func(explicit bool, steps int) []float64 {
		s := newVorticityStepper(n, nu, end/float64(steps), explicit)
		s.setForce(0.3)
		w := make([]float64, n*n)
		for i := range w {
			w[i] = 10 * sample[1][i] // fast enough for time to matter
		}
		s.advance(w, steps)
		return w
	}
	fine := run(false, 512)
	distance := func(w []float64) (worst float64) {
		for i := range w {
			worst = max(worst, math.Abs(w[i]-fine[i]))
		}
		return worst
	}
	evolutionOrder(t, "ETDRK4", 4, 0.15, []int{32, 64, 128}, func(n int) float64 { return distance(run(false, n)) })
	evolutionOrder(t, "CN with Euler", 1, 0.1, []int{200, 400, 800}, func(n int) float64 { return distance(run(true, n)) })
}

// DiffusionPDE's second residual for Navier–Stokes is the sum of the two central
// differences of vorticity (J. Huang et al., generate_ns_nonbounded.py), "∂ₓω + ∂_yω": on
// true flows it is as large as its terms on every grid, for nothing makes it vanish.
func TestNavierStokesSumOfSlopesIsRejected(t *testing.T) {
	grids := []int{32, 64, 128}
	var h, r []float64
	for _, n := range grids {
		_, s := evolutionDraw(t, navierStokesKind, Values{"grid": n, "times": 1, "end": 0.05}, 0)
		w := s[1][n*n:]
		var sums, slopes []float64
		for i := range w {
			x, y := i/n, i%n
			dx := (w[(x+1)%n*n+y] - w[(x+n-1)%n*n+y]) * float64(n) / 2
			dy := (w[x*n+(y+1)%n] - w[x*n+(y+n-1)%n]) * float64(n) / 2
			sums, slopes = append(sums, dx+dy), append(slopes, dx)
		}
		h, r = append(h, 1/float64(n)), append(r, rms(sums)/rms(slopes))
	}
	order, verdict := Observed(h, r)
	t.Logf("∂ₓω + ∂_yω: %s %.3g", verdict, r)
	if !(math.Abs(order) < 0.25) || !(r[2] > 0.5) {
		t.Errorf("∂ₓω + ∂_yω: %s (%.3g), want a residual that does not vanish", verdict, r)
	}
}

// The force is f = 0.1 √2 sin(2π(x + y) + φ): a step from rest with no time for advection.
func TestNavierStokesForce(t *testing.T) {
	const n, dt = 16, 1e-6
	r := rand.New(rand.NewPCG(1, 1))
	phi := r.Float64()
	s := newVorticityStepper(n, 1e-3, dt, true)
	s.setForce(phi)
	w := make([]float64, n*n)
	s.advance(w, 1)
	for i, v := range w {
		want := 0.1 * math.Sqrt2 * math.Sin(2*math.Pi*float64(i/n+i%n)/n+phi)
		if !(math.Abs(v/dt-want) <= 1e-7) {
			t.Fatalf("w/Δt = %g at (%d, %d), want %g", v/dt, i/n, i%n, want)
		}
	}
}
