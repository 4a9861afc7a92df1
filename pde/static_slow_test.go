//go:build slow

package pde

import (
	"context"
	"math"
	"testing"
)

// Darcy data converge to those of a fine grid: with order 2 where a is log-normal, 1
// where it jumps.
func TestDarcySelfConvergence(t *testing.T) {
	const fine, samples = 1024, 3
	for _, c := range []struct {
		contrast, mean string
		low, high      float64
	}{{"lognormal", "arithmetic", 1.75, 2.1}, {"12/3", "arithmetic", 0.7, 1.3}, {"12/4", "harmonic", 0.7, 1.3}} {
		draw := func(n, i int) []float64 {
			f := staticMake[*darcy](t, darcyKind, Values{"grid": n, "contrast": c.contrast, "mean": c.mean})
			s, err := f.Draw(context.Background(), 3, i)
			if err != nil {
				t.Fatal(err)
			}
			return s[1]
		}
		var h, e []float64
		for _, n := range []int{32, 64, 128} {
			h, e = append(h, 1/float64(n)), append(e, 0)
		}
		for i := range samples {
			reference := draw(fine, i)
			for k, x := range h {
				n := int(1 / x)
				u, sum, total := draw(n, i), 0.0, 0.0
				for p := range n + 1 {
					for q := range n + 1 {
						r := reference[(p*(fine+1)+q)*(fine/n)]
						sum += (u[p*(n+1)+q] - r) * (u[p*(n+1)+q] - r)
						total += r * r
					}
				}
				e[k] += sum / total / samples
			}
		}
		for k := range e {
			e[k] = math.Sqrt(e[k])
		}
		if order, _ := Observed(h, e); !(order >= c.low && order <= c.high) {
			t.Errorf("%s, %s means: order %.2f, relative errors %.3g", c.contrast, c.mean, order, e)
		}
	}
}
