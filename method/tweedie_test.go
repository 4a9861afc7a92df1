package method

import (
	"math/rand/v2"
	"testing"

	"abide/diffusion"
	"abide/internal/keyed"
	"abide/physics"
	"abide/sampler"
)

// On the heat oracle with initial values and mass, samples are as near to the true law as
// independent draws of it, in both errors, and obey to 1e-10; the Euclidean projection,
// from the same start, is not near.
func TestTweedieProjectionIsAtTheFloor(t *testing.T) {
	const n, samples, sims = 16, 24, 400
	q, truth := routeHeat(t, n)
	grid, err := diffusion.Uniform(diffusion.Flow{}, 20)
	if err != nil {
		t.Fatal(err)
	}
	var limit [2]float64 // the largest errors of so many sets of draws
	for k := range sims {
		m, s := routeErrors(truth.Draw(rand.New(keyed.New(uint64(k), "truth", 1, 0)), samples), n)
		limit[0], limit[1] = max(limit[0], m), max(limit[1], s)
	}
	for _, name := range []string{"tweedie-projection", "project"} {
		o := sample(t, name, q, Settings{Samples: samples, Seed: 12, Grid: grid, Bridge: sampler.DPMSolver{Grid: grid}, Chunk: 12})
		x := o.Samples.X
		mmse, smse := routeErrors(x, n)
		t.Logf("%s: MMSE %.2e (limit %.2e), SMSE %.2e (limit %.2e), %d denoiser calls, %d VJPs", name, mmse, limit[0], smse, limit[1], o.DenoiserCalls, o.VJPCalls)
		for i := 0; i < len(x); i += n * n {
			if v, _, _ := physics.Violation(q.Law, x[i:i+n*n]); !(v <= 1e-10) {
				t.Fatalf("%s: fields break the law by %g", name, v)
			}
		}
		if at := mmse <= limit[0] && smse <= limit[1]; at != (name == "tweedie-projection") {
			t.Errorf("%s: within the limits: %v", name, at)
		}
	}
}
