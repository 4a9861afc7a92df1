package method

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"abide/operator"
	"abide/potential"
	"abide/prior"
	"abide/problem"
)

// A nonlinear posterior, eight pressures on 12×12 vertices, against a chain of its own:
// preconditioned Crank–Nicolson steps x* = √(1−β²) x + β ξ, taken with min(1, e^{E(x)−E(x*)}),
// S. L. Cotter, G. O. Roberts, A. M. Stuart and D. White, Statist. Sci. 28 (2013). Errors of
// the chain are those of the means of its twenty parts.
func TestNewtonGibbsKeepsTheNonlinearPosterior(t *testing.T) {
	const n, d, m, count = 12, 144, 8, 400
	p, err := prior.NewField(prior.Field{Shape: []int{n, n}, Extent: []float64{1, 1}, Kernel: "rbf", Length: 0.35, Variance: 1})
	if err != nil {
		t.Fatal(err)
	}
	var points [][]float64
	for i := range m {
		points = append(points, []float64{math.Mod(0.5+0.7548776662*float64(i+1), 1)*0.8 + 0.1, math.Mod(0.5+0.5698402910*float64(i+1), 1)*0.8 + 0.1})
	}
	o, err := operator.NewDarcy(n, n, [2]float64{1, 1}, []float64{1}, points)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(3, 3))
	y := make([]float64, m)
	if err := o.At(context.Background(), y, p.Draw(rng, 1)); err != nil {
		t.Fatal(err)
	}
	normal, err := potential.NewNormal(slices.Repeat([]float64{0.005}, m))
	if err != nil {
		t.Fatal(err)
	}
	q, err := potential.NewHosted("pressures", o, y, normal, false)
	if err != nil {
		t.Fatal(err)
	}
	pr, err := problem.New(p, nil, []potential.Potential{q})
	if err != nil {
		t.Fatal(err)
	}

	const parts, steps, beta = 20, 2500, 0.2
	means, squares := make([][]float64, parts), make([]float64, d)
	x := p.Draw(rng, 1)
	e := q.EnergyAt(x)
	for k := -2; k < parts; k++ { // two parts to get there
		sum := make([]float64, d)
		for range steps {
			next := p.Draw(rng, 1)
			for i := range next {
				next[i] = math.Sqrt(1-beta*beta)*x[i] + beta*next[i]
			}
			if f := q.EnergyAt(next); math.Log(rng.Float64()) < e-f {
				x, e = next, f
			}
			for i, v := range x {
				sum[i] += v / steps
				if k >= 0 {
					squares[i] += v * v / (steps * parts)
				}
			}
		}
		if k >= 0 {
			means[k] = sum
		}
	}

	out := runHost(t, pr, "newton-gibbs", Settings{Samples: count, Seed: 4, Grid: hostLevels(t, 100, 1, 5), Values: Values{"proposals": 3}})
	_, mean, std := covered(out.X, count, d, make([]float64, d))
	var worst, square float64
	for j := range d {
		var centre, spread float64
		for _, v := range means {
			centre += v[j] / parts
		}
		for _, v := range means {
			spread += (v[j] - centre) * (v[j] - centre) / (parts * (parts - 1))
		}
		want := math.Sqrt(squares[j] - centre*centre)
		z := (mean[j] - centre) / math.Sqrt(spread+want*want/count)
		worst, square = max(worst, math.Abs(z)), square+z*z/d
		if math.Abs(z) > 5 {
			t.Errorf("column %d: mean %.3f, the chain has %.3f ± %.3f", j, mean[j], centre, math.Sqrt(spread))
		}
		if math.Abs(std[j]/want-1) > 0.25 {
			t.Errorf("column %d: standard deviation %.3f, the chain has %.3f", j, std[j], want)
		}
	}
	t.Logf("%v; means differ by %.1f standard errors at most, %.2f in the mean square", out.Notes, worst, square)
}
