package pde

import (
	"math"
	"testing"

	"abide/timestep"
)

// The travelling wave of Fisher and Kolmogorov's equation that has a closed form,
//
//	u = (1 + e^{(x − ct) √(ρ/6ν)})⁻²,  c = 5 √(ρν/6)
//
// (M. J. Ablowitz and A. Zeppetella, Bull. Math. Biol. 41 (1979), 835–840), with its own
// fluxes at the walls: order 2 in space and time together.
func TestReactionDiffusionTravellingWave(t *testing.T) {
	const nu, rho, end = 0.01, 6., 0.5
	a, c := math.Sqrt(rho/(6*nu)), 5*math.Sqrt(rho*nu/6)
	exact := func(t, x float64) float64 { return math.Pow(1+math.Exp(a*(x-0.3-c*t)), -2) }
	slope := func(t, x float64) float64 {
		e := math.Exp(a * (x - 0.3 - c*t))
		return -2 * a * e * math.Pow(1+e, -3)
	}
	evolutionOrder(t, "Fisher–KPP wave", 2, 0.05, []int{64, 128, 256}, func(n int) (worst float64) {
		f := &reactionDiffusion{cells: n, steps: n, nu: nu, rho: rho, dt: end / float64(n)}
		s := f.newStepper()
		s.fluxes = func(t float64) (float64, float64) { return -nu * slope(t, 0), -nu * slope(t, 1) }
		u := make([]float64, n)
		for j := range u {
			u[j] = exact(0, (float64(j)+0.5)/float64(n))
		}
		timestep.March[float64](s, 0, n, u)
		for j := range u {
			worst = max(worst, math.Abs(u[j]-exact(end, (float64(j)+0.5)/float64(n))))
		}
		return worst
	})
}

// The mass row in the form of Utkarsh et al. (PCFM, constraints.py), fluxes −ν u_x by one-sided
// differences of order 4 and trapezoidal sums in time, is not that of the data: initial
// states do not have the slope that the walls' fluxes ask for, so that it shrinks with
// order one only.
func TestReactionDiffusionPublishedMass(t *testing.T) {
	var h, published, own []float64
	for _, n := range []int{64, 128, 256} {
		f, s := evolutionDraw(t, reactionDiffusionKind, Values{"grid": n, "times": 1 + 100*n/128}, 0)
		r := f.(*reactionDiffusion)
		flux := func(u []float64, sign float64, at, by int) float64 {
			return sign * -r.nu * float64(n) / 12 * (-25*u[at] + 48*u[at+by] - 36*u[at+2*by] + 16*u[at+3*by] - 3*u[at+4*by])
		}
		rate := func(k int) (grow float64) {
			u := level(s[2], k, n)
			for _, v := range u {
				grow += r.rho * v * (1 - v) / float64(n)
			}
			return grow + flux(u, 1, 0, 1) - flux(u, -1, n-1, -1)
		}
		worst, in, mass := 0.0, 0.0, sum(level(s[2], 0, n))
		for k := range r.steps {
			in += r.dt * (rate(k) + rate(k+1)) / 2
			worst = max(worst, math.Abs((sum(level(s[2], k+1, n))-mass)/float64(n)-in))
		}
		v, err := Check(f, s)
		if err != nil {
			t.Fatal(err)
		}
		h, published, own = append(h, 1/float64(n)), append(published, worst), append(own, v[1].Worst)
	}
	order, verdict := Observed(h, published)
	t.Logf("published mass row: %s %.3g; own %.3g", verdict, published, own)
	if !(order < 1.5) || !(published[1] > 1e-5) {
		t.Errorf("published mass row: %s (%.3g): it holds better than the scheme's boundary does", verdict, published)
	}
	for _, v := range own {
		if !(v <= 1e-13) {
			t.Errorf("own mass row: %g", v)
		}
	}
}

// Initial states fill [0, 1], and the fluxes have three digits.
func TestReactionDiffusionRecipe(t *testing.T) {
	for i := range 50 {
		_, s := evolutionDraw(t, reactionDiffusionKind, Values{"times": 2}, i)
		low, high := math.Inf(1), math.Inf(-1)
		for _, v := range s[2][:128] {
			low, high = min(low, v), max(high, v)
		}
		if low != 0 || high != 1 {
			t.Errorf("sample %d: initial state in [%g, %g]", i, low, high)
		}
		l, r := 1000*s[0][0], 1000*s[1][0]
		if l < 0 || l > 50 || r > 0 || r < -50 || math.Abs(l-math.Round(l)) > 1e-12 || math.Abs(r-math.Round(r)) > 1e-12 {
			t.Errorf("sample %d: fluxes %g, %g", i, s[0][0], s[1][0])
		}
	}
}
