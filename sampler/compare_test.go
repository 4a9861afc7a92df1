//go:build slow

package sampler

import (
	"context"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"abide/diagnose"
	"abide/diffusion"
	"abide/internal/engine"
	"abide/prior"
)

// narrowMixture has eight modes on a circle of radius 1, of standard deviation 0.02.
func narrowMixture(t *testing.T) *prior.Prior {
	t.Helper()
	var w []float64
	var m [][]float64
	var c []*mat.SymDense
	for k := range 8 {
		a := math.Pi * float64(k) / 4
		w, m = append(w, 1), append(m, []float64{math.Cos(a), math.Sin(a)})
		c = append(c, mat.NewSymDense(2, []float64{4e-4, 0, 0, 4e-4}))
	}
	p, err := prior.NewMixture(w, m, c, nil)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// The table of docs/choose.md: how many times the distance between two exact sets
// the samples of each sampler are from the law, by the number of denoiser calls.
// Energy distance, 4,000 samples of a mixture of three correlated Gaussians in two
// columns and in ten; the distance of squared root, so that 1 is as good as exact.
func TestSamplersCompared(t *testing.T) {
	e, err := engine.Open("go")
	if err != nil {
		t.Fatal(err)
	}
	edm := func(n int) diffusion.Grid {
		return must(diffusion.Karras(diffusion.EDM{Min: .002, Max: 80, Rho: 7}, n))
	}
	in := func(p diffusion.Path) func(n int) diffusion.Grid {
		return func(n int) diffusion.Grid { return must(diffusion.Uniform(p, n)) }
	}
	rows := []struct {
		name   string
		per    int // calls a step
		grid   func(n int) diffusion.Grid
		bridge func(g diffusion.Grid) Bridge
	}{
		{"ddpm", 1, edm, func(g diffusion.Grid) Bridge { return DDPM{g} }},
		{"ddim", 1, edm, func(g diffusion.Grid) Bridge { return DDIM{Grid: g} }},
		{"euler-maruyama", 1, in(diffusion.VP{Min: .1, Max: 20}), func(g diffusion.Grid) Bridge { return must(NewEulerMaruyama(g)) }},
		{"heun", 2, edm, func(g diffusion.Grid) Bridge { return must(NewHeun(g, Churn{})) }},
		{"dpm-solver++", 1, edm, func(g diffusion.Grid) Bridge { return DPMSolver{g} }},
		{"dpm-solver++ on flow", 1, in(diffusion.Flow{}), func(g diffusion.Grid) Bridge { return DPMSolver{g} }},
		{"ode heun", 2, in(diffusion.Flow{}), func(g diffusion.Grid) Bridge { return must(NewProbabilityFlow(g, &heunMethod)) }},
		{"ode rk4", 4, in(diffusion.Flow{}), func(g diffusion.Grid) Bridge { return must(NewProbabilityFlow(g, &rk4Method)) }},
	}
	const n = 4000
	for name, d := range map[string]int{"wide, 2 columns": 2, "wide, 10 columns": 10, "narrow, 2 columns": 2} {
		p, _ := randomMixture(t, d, 3)
		if strings.HasPrefix(name, "narrow") {
			p = narrowMixture(t)
		}
		scaled := func(x []float64) []float64 {
			u := make([]float64, len(x))
			p.Coordinates.ToU(u, x)
			return u
		}
		exact := func(i int) []float64 { return scaled(p.Draw(rand.New(rand.NewPCG(7, uint64(i))), n)) }
		floor := diagnose.EnergyFloor(exact, d, 8)
		for _, r := range rows {
			for _, calls := range []int{8, 16, 32, 64, 128, 256} {
				g := r.grid(calls / r.per)
				k := (&Independent{Prior: p, Grid: g, Bridge: r.bridge(g), Samples: n, Seed: 1}).Bind(e)
				s, err := k.Start(context.Background())
				if err != nil {
					t.Fatal(err)
				}
				for s.Step < k.Steps() {
					if err := k.Step(context.Background(), s); err != nil {
						t.Fatal(err)
					}
				}
				t.Logf("%-18s %-22s %3d calls: %.2f × floor", name, r.name, s.DenoiserCalls, diagnose.EnergyDistance(s.Z, exact(100), d)/floor)
			}
		}
	}
}
