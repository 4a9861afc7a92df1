package pde

import (
	"context"
	"math"
	"strings"
	"testing"
)

func TestObserved(t *testing.T) {
	h := []float64{1. / 16, 1. / 32, 1. / 64, 1. / 128}
	power := func(c, p float64) []float64 {
		var r []float64
		for _, x := range h {
			r = append(r, c*math.Pow(x, p))
		}
		return r
	}
	for _, c := range []struct {
		residual []float64
		order    float64
		verdict  string
	}{
		{power(3, 2), 2, "vanishes with order 2.00"},
		{power(3, 0.5), 0.5, "vanishes slowly: order 0.50"},
		{power(0.9998, 0), 0, "does not vanish: order 0.00"},
		{power(0.1, -0.71), -0.71, "grows: order -0.71"},
		{power(1e-13, 1), math.Inf(1), "holds to rounding"},
		{[]float64{0, 0, 0, 0}, math.Inf(1), "holds to rounding"},
		{[]float64{1, math.NaN(), 1, 1}, math.NaN(), "not known: the residual on grid 1 is NaN"},
		{[]float64{1, 1}, math.NaN(), "not known: 2 residuals on 4 grids, at least two of each are needed"},
	} {
		order, verdict := Observed(h, c.residual)
		if verdict != c.verdict || !(math.Abs(order-c.order) < 1e-9 || order == c.order || math.IsNaN(order) && math.IsNaN(c.order)) {
			t.Errorf("%.3g: %g, %q; want %g, %q", c.residual, order, verdict, c.order, c.verdict)
		}
	}
	if _, verdict := Observed([]float64{1, 1}, []float64{1, 2}); !strings.HasPrefix(verdict, "not known") {
		t.Errorf("one grid twice: %q", verdict)
	}
}

var orderGrids = []int{32, 64, 128}

func orderJudge(t *testing.T, k Kind, v Values, form func(n int, s Sample) []float64) Judgement {
	t.Helper()
	j, err := Judge(context.Background(), k, v, orderGrids, 4, 5, form)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// orderInner applies a form at the vertices that have two neighbours on each side where
// it needs them.
func orderInner(n, margin int, form func(k, m int) float64) (r []float64) {
	for i := margin; i <= n-margin; i++ {
		for j := margin; j <= n-margin; j++ {
			r = append(r, form(i*(n+1)+j, n+1))
		}
	}
	return r
}

// orderStrong is a u_xx + a_x u_x + … + 1 by central differences.
func orderStrong(n int, s Sample) []float64 {
	a, u, h := s[0], s[1], 1/float64(n)
	return orderInner(n, 1, func(k, m int) float64 {
		laplace := (u[k-1] + u[k+1] + u[k-m] + u[k+m] - 4*u[k]) / (h * h)
		gradients := (a[k+1]-a[k-1])*(u[k+1]-u[k-1]) + (a[k+m]-a[k-m])*(u[k+m]-u[k-m])
		return a[k]*laplace + gradients/(4*h*h) + 1
	})
}

// orderUnscaled is div(a ∇u) + 1 with two central differences of unit spacing, as a
// published guidance has it.
func orderUnscaled(n int, s Sample) []float64 {
	a, u := s[0], s[1]
	return orderInner(n, 2, func(k, m int) float64 {
		x := a[k+m]*(u[k+2*m]-u[k]) - a[k-m]*(u[k]-u[k-2*m])
		y := a[k+1]*(u[k+2]-u[k]) - a[k-1]*(u[k]-u[k-2])
		return (x+y)/4 + 1
	})
}

func orderFlux(mean func(p, q float64) float64) func(n int, s Sample) []float64 {
	return func(n int, s Sample) []float64 {
		a, u := s[0], s[1]
		return orderInner(n, 1, func(k, m int) float64 {
			sum := 0.0
			for _, next := range []int{k - m, k + m, k - 1, k + 1} {
				sum += mean(a[k], a[next]) * (u[next] - u[k])
			}
			return sum*float64(n*n) + 1
		})
	}
}

// The wrong forms of Darcy's equation that have been published are told from true ones
// by their order on true data: the strong form where a jumps grows, a form without 1/h
// does not vanish. The family's own flux form holds to rounding, and the strong form is
// consistent where a is smooth.
func TestJudgeDarcy(t *testing.T) {
	arithmetic := func(p, q float64) float64 { return (p + q) / 2 }
	harmonic := func(p, q float64) float64 { return 2 * p * q / (p + q) }
	for _, c := range []struct {
		name      string
		contrast  string
		form      func(n int, s Sample) []float64
		low, high float64 // of the order
		verdict   string
		outcome   Outcome
	}{
		{"strong form", "12/3", orderStrong, -1.6, -0.3, "grows: order", Fails},
		{"strong form", "12/4", orderStrong, -1.6, -0.3, "grows: order", Fails},
		{"without 1/h", "12/3", orderUnscaled, -0.01, 0.01, "does not vanish: order 0.00", Fails},
		{"without 1/h", "lognormal", orderUnscaled, -0.01, 0.01, "does not vanish: order 0.00", Fails},
		{"flux form", "12/3", orderFlux(arithmetic), math.Inf(1), math.Inf(1), "holds to rounding", Holds},
		{"flux form, other mean", "12/3", orderFlux(harmonic), -1.6, -0.3, "grows: order", Fails},
	} {
		j := orderJudge(t, darcyKind, Values{"contrast": c.contrast}, c.form)
		t.Logf("%s, %s: %v", c.name, c.contrast, j)
		if !(j.Order >= c.low && j.Order <= c.high) || !strings.HasPrefix(j.Verdict, c.verdict) || j.Outcome != c.outcome {
			t.Errorf("%s, %s: %v", c.name, c.contrast, j)
		}
	}
	if j := orderJudge(t, darcyKind, Values{"contrast": "12/3"}, orderUnscaled); math.Abs(j.Residual[1]-1) > 1e-3 {
		t.Errorf("without 1/h: %.4g of the source, which nothing balances", j.Residual)
	}
}

// Forms of other schemes converge, though they hold to rounding on no grid: the strong form where a has
// derivatives, and Laplacians of twice the spacing.
func TestJudgeConsistent(t *testing.T) {
	wide := func(scale func(n int) float64) func(n int, s Sample) []float64 {
		return func(n int, s Sample) []float64 {
			f, u := s[0], s[1]
			return orderInner(n, 2, func(k, m int) float64 {
				return scale(n)*(u[k-2]+u[k+2]+u[k-2*m]+u[k+2*m]-4*u[k]) - f[k]
			})
		}
	}
	for name, j := range map[string]Judgement{
		"Darcy, strong":          orderJudge(t, darcyKind, Values{"contrast": "lognormal"}, orderStrong),
		"Poisson, twice spacing": orderJudge(t, poissonKind, nil, wide(func(n int) float64 { return float64(n*n) / 4 })),
	} {
		if j.Outcome != Converges || j.Order > 2.2 {
			t.Errorf("%s: %v", name, j)
		}
	}
	if j := orderJudge(t, poissonKind, nil, wide(func(int) float64 { return 0.25 })); !strings.HasPrefix(j.Verdict, "does not vanish: order ") || j.Outcome != Fails {
		t.Errorf("Poisson without 1/h²: %v", j)
	}
}

func TestJudgeErrors(t *testing.T) {
	none := func(int, Sample) []float64 { return nil }
	if _, err := Judge(context.Background(), darcyKind, Values{"contrast": "14/2"}, orderGrids, 1, 1, none); err == nil {
		t.Error("a parameter that is not allowed: no error")
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Judge(ctx, darcyKind, nil, orderGrids, 1, 1, none); err == nil {
		t.Error("cancelled: no error")
	}
}

// The residual of Burgers' equation that DiffusionPDE guides by (J. Huang et al., NeurIPS
// 2024) takes u_xx as the central difference of central differences,
// (u₊₂ − 2u + u₋₂)/4, and leaves out the spacing h of x and t, which multiplies viscosity
// by h against the rest. In the units of the equation, divided by h, what is left on
// true data is ν(1 − h) u_xx: it does not vanish. With their powers of h the same wide
// stencils converge with order 2.
func TestJudgeBurgersWide(t *testing.T) {
	const nu = 0.05 // resolved on all grids
	form := func(n int, viscosity float64) float64 {
		f, err := burgersKind.Make(Values{"grid": n, "times": n, "nu": nu})
		if err != nil {
			t.Fatal(err)
		}
		s, err := f.(Batched).DrawBatch(t.Context(), 4, 0, 4)
		if err != nil {
			t.Fatal(err)
		}
		sum, count, h := 0.0, 0, 1/float64(n)
		for _, s := range s {
			for k := n / 4; k < n; k++ { // where the first fronts have become smooth
				before, u, after := level(s[0], k-1, n), level(s[0], k, n), level(s[0], k+1, n)
				for j := range u {
					at := func(i int) float64 { return u[(j+i+n)%n] }
					r := (after[j]-before[j])/(2*h) + u[j]*(at(1)-at(-1))/(2*h) - viscosity*(at(2)-2*at(0)+at(-2))/(4*h*h)
					sum += r * r
					count++
				}
			}
		}
		return math.Sqrt(sum / float64(count))
	}
	var h, published, scaled []float64
	for _, n := range []int{64, 128, 256} {
		h = append(h, 1/float64(n))
		published = append(published, form(n, nu/float64(n)))
		scaled = append(scaled, form(n, nu))
	}
	order, verdict := Observed(h, published)
	t.Logf("published: %s (%.3g)", verdict, published)
	if math.Abs(order) > 0.05 || outcomeOf(order) != Fails {
		t.Errorf("published: %s (%.3g), want order 0", verdict, published)
	}
	order, verdict = Observed(h, scaled)
	t.Logf("with its powers of h: %s (%.3g)", verdict, scaled)
	if math.Abs(order-2) > 0.1 || outcomeOf(order) != Converges {
		t.Errorf("with its powers of h: %s (%.3g), want order 2", verdict, scaled)
	}
}
