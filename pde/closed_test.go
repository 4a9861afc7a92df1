package pde

import (
	"context"
	"math"
	"testing"
)

// evolutionDraw is a sample of a kind, or the end of the test.
func evolutionDraw(t *testing.T, k Kind, v Values, index int) (Family, Sample) {
	t.Helper()
	f, err := k.Make(v)
	if err != nil {
		t.Fatal(err)
	}
	s, err := f.Draw(context.Background(), 5, index)
	if err != nil {
		t.Fatal(err)
	}
	return f, s
}

// evolutionOrder is the observed order of a residual, or of an error, on grids of n points.
func evolutionOrder(t *testing.T, what string, want, within float64, grids []int, residual func(n int) float64) {
	t.Helper()
	var h, r []float64
	for _, n := range grids {
		h, r = append(h, 1/float64(n)), append(r, residual(n))
	}
	order, verdict := Observed(h, r)
	t.Logf("%s: %s %.3g", what, verdict, r)
	if !(math.Abs(order-want) <= within) {
		t.Errorf("%s: %s (%.3g), want order %g", what, verdict, r, want)
	}
}

// The closed forms solve the equations they are said to solve: plain differences, which
// know nothing of them, vanish with their own order where the solution is smooth.
func TestClosedFormsSolveTheirEquations(t *testing.T) {
	grids := []int{41, 81, 161}
	both := func(n int) Values { return Values{"grid": n, "times": n} }
	evolutionOrder(t, "heat-closed, forward differences", 1, 0.1, grids, func(n int) float64 {
		_, s := evolutionDraw(t, heatClosedKind, both(n), 0)
		h, tau, worst := 2*math.Pi/float64(n), 1/float64(n-1), 0.0
		for k := range n - 1 {
			u, next := level(s[2], k, n), level(s[2], k+1, n)
			for j := 1; j < n-1; j++ {
				worst = max(worst, math.Abs((next[j]-u[j])/tau-s[0][0]*(u[j+1]-2*u[j]+u[j-1])/(h*h)))
			}
		}
		return worst
	})
	central := func(u []float64, n int, from func(k, j int) bool, form func(left, middle, right, before, after float64) float64) (worst float64) {
		for k := 1; k < n-1; k++ {
			for j := 1; j < n-1; j++ {
				if from(k, j) {
					at := k*n + j
					worst = max(worst, math.Abs(form(u[at-1], u[at], u[at+1], u[at-n], u[at+n])))
				}
			}
		}
		return worst
	}
	evolutionOrder(t, "stokes-second, central differences", 2, 0.1, []int{161, 321, 641}, func(n int) float64 {
		_, s := evolutionDraw(t, stokesSecondKind, both(n), 0)
		k, omega, h := s[0][0], s[1][0], 1/float64(n-1)
		return central(s[2], n, func(_, _ int) bool { return true }, func(l, m, r, before, after float64) float64 {
			return (after-before)/(2*h) - omega/(2*k*k)*(l-2*m+r)/(h*h)
		})
	})
	evolutionOrder(t, "porous-medium behind the front, central differences", 2, 0.1, grids, func(n int) float64 {
		_, s := evolutionDraw(t, porousMediumKind, Values{"grid": n}, 1)
		m, h := s[0][0], 1/float64(n-1)
		power := func(v float64) float64 { return math.Pow(v, m+1) / (m + 1) }
		return central(s[1], n, func(k, j int) bool { return float64(k-j)*h >= 0.25 }, func(l, v, r, before, after float64) float64 {
			return (after-before)/(2*h) - (power(l)-2*power(v)+power(r))/(h*h)
		})
	})
	evolutionOrder(t, "stefan behind the front, central differences", 2, 0.1, grids, func(n int) float64 {
		_, s := evolutionDraw(t, stefanKind, both(n), 0)
		h := 1 / float64(n-1)
		tau := 0.1 * h
		return central(s[2], n, func(k, j int) bool { return k > n/2 && float64(j)*h < 0.7*s[1][0]*math.Sqrt(tau*float64(k)) }, func(l, v, r, before, after float64) float64 {
			return (after-before)/(2*tau) - (l-2*v+r)/(h*h)
		})
	})
}

// The heat that came through the wall, ∫ c/√(πs) ds = 2c √(t/π), is what is there at time
// t: true for the right speed of the front alone, whose value is u*.
func TestStefanConservesHeat(t *testing.T) {
	for _, threshold := range []float64{0.55, 0.6, 0.7} {
		z := stefanRoot(threshold)
		c, root := (1-threshold)/math.Erf(z), math.Sqrt(0.1)
		heat := func(z float64) float64 { // by Simpson's rule over x from 0 to 2z√t
			const n = 1000
			s, h := 0.0, 2*z*root/n
			for i := range n + 1 {
				w := 2. + 2*float64(i%2)
				if i == 0 || i == n {
					w = 1
				}
				s += w * (1 - c*math.Erf(float64(i)*h/(2*root)))
			}
			return s * h / 3
		}
		entered := 2 * c * root / math.Sqrt(math.Pi)
		if d := heat(z) - entered; !(math.Abs(d) <= 1e-12) {
			t.Errorf("u* = %g: %g of heat too much", threshold, d)
		}
		if d := heat(1.01*z) - entered; math.Abs(d) < 1e-4 {
			t.Errorf("u* = %g: a front 1%% ahead conserves heat too", threshold)
		}
		if v := 1 - c*math.Erf(z); !(math.Abs(v-threshold) <= 1e-15*4) {
			t.Errorf("value %g behind the front, want %g", v, threshold)
		}
	}
}
