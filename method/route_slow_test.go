//go:build slow

package method

import (
	"math"
	"math/rand/v2"
	"testing"

	"abide/diffusion"
	"abide/internal/keyed"
	"abide/physics"
	"abide/sampler"
)

// The race on Heat as published, 100 × 100 points, 128 samples, 100 steps of the flow
// from white noise, each method at one setting, on seeds that nothing was chosen on:
// constraints to 1e-10, errors beside those of as many draws of the true law.
func TestRoutesOnHeat(t *testing.T) {
	const n, samples, seeds = 100, 128, 2
	q, truth := routeHeat(t, n)
	grid, err := diffusion.Uniform(diffusion.Flow{}, 100)
	if err != nil {
		t.Fatal(err)
	}
	var floor [2]float64
	for seed := range 20 {
		m, s := routeErrors(truth.Draw(rand.New(keyed.New(1, "truth", seed, 0)), samples), n)
		floor[0], floor[1] = floor[0]+m/20, floor[1]+s/20
	}
	t.Logf("i.i.d.: MMSE %.2e, SMSE %.2e", floor[0], floor[1])
	for _, run := range []struct {
		label, name string
		values      Values
	}{
		{"project, ddpm", "project", nil},
		{"eci, mixing 1", "eci", nil},
		{"ppr, rounds 0, rho 1, before", "ppr", Values{"rounds": 0, "rho": 1.0}},
		{"ppr, rounds 1", "ppr", nil},
		{"pdm, 1 step a level", "pdm", Values{"langevin_steps": 1}},
	} {
		var mmse, smse, worst float64
		for seed := range seeds {
			o := sample(t, run.name, q, Settings{Samples: samples, Seed: uint64(10 + seed), Grid: grid, Bridge: sampler.DDIM{Grid: grid, Eta: 1}, Values: run.values, Chunk: 64})
			m, s := routeErrors(o.Samples.X, n)
			mmse, smse = mmse+m/seeds, smse+s/seeds
			for i := range samples {
				v, _, _ := physics.Violation(q.Law, o.Samples.X[i*n*n:(i+1)*n*n])
				worst = math.Max(worst, v)
			}
		}
		t.Logf("%-30s constraint error %.1e, MMSE %.2e (%.1f ×), SMSE %.2e (%.1f ×)", run.label, worst, mmse, mmse/floor[0], smse, smse/floor[1])
		if !(worst <= 1e-10) {
			t.Errorf("%s: fields break the law by %g", run.label, worst)
		}
	}
}
