package method

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"abide/diffusion"
	"abide/internal/keyed"
	"abide/physics"
	"abide/prior"
	"abide/problem"
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

// Rows of unlike size, derivatives of both components at every point and eight readings of
// them: flows without divergence through the readings have the mean and the spread of as
// many exact draws, with the iterations and a sampler of a first try. Rows that are not
// scaled leave the readings unsolved behind the derivatives, and the spread wrong.
func TestTweedieProjectionOfUnlikeRows(t *testing.T) {
	const n, samples, sims = 8, 96, 400
	field, err := prior.NewField(prior.Field{Shape: []int{n, n}, Extent: []float64{1, 1}, Kernel: "rbf", Length: 0.25, Variance: 1, Periodic: true})
	if err != nil {
		t.Fatal(err)
	}
	flow, err := prior.NewProduct([]*prior.Prior{field, field})
	if err != nil {
		t.Fatal(err)
	}
	q, err := problem.New(flow, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	leray, err := physics.NewLeray([]int{n, n}, []float64{1, 1}, nil, physics.Label{Name: "divergence", Tolerance: 1e-9})
	if err != nil {
		t.Fatal(err)
	}
	var nodes []int32
	var values []float64
	for _, i := range []int32{9, 13, 41, 45} {
		nodes, values = append(nodes, i, n*n+i), append(values, 0.5, -1)
	}
	read, err := physics.NewFixed(2*n*n, nodes, values, physics.Label{Name: "readings", Tolerance: 1e-9})
	if err != nil {
		t.Fatal(err)
	}
	if q, err = q.Obeying(leray, read); err != nil {
		t.Fatal(err)
	}
	exact, err := q.Exact()
	if err != nil {
		t.Fatal(err)
	}
	d := 2 * n * n
	moments := func(x []float64) (mean, sd []float64) {
		mean, sd = make([]float64, d), make([]float64, d)
		count := float64(len(x) / d)
		for i, v := range x {
			mean[i%d] += v / count
		}
		for i, v := range x {
			sd[i%d] += math.Pow(v-mean[i%d], 2) / count
		}
		for i := range sd {
			sd[i] = math.Sqrt(sd[i])
		}
		return mean, sd
	}
	mean, sd := moments(exact.Law.Draw(rand.New(keyed.New(1, "truth", 0, 0)), 20000))
	errors := func(x []float64) (mmse, smse float64) {
		m, s := moments(x)
		for i := range m {
			mmse += math.Pow(m[i]-mean[i], 2) / float64(d)
			smse += math.Pow(s[i]-sd[i], 2) / float64(d)
		}
		return mmse, smse
	}
	var limit [2]float64 // the largest errors of so many sets of draws
	for k := range sims {
		m, s := errors(exact.Law.Draw(rand.New(keyed.New(uint64(k), "truth", 1, 0)), samples))
		limit[0], limit[1] = max(limit[0], m), max(limit[1], s)
	}
	grid, err := diffusion.Uniform(diffusion.Flow{}, 20)
	if err != nil {
		t.Fatal(err)
	}
	o := sample(t, "tweedie-projection", q, Settings{Samples: samples, Seed: 3, Grid: grid, Bridge: sampler.DPMSolver{Grid: grid}, Chunk: samples, Values: Values{"iterations": 4}})
	mmse, smse := errors(o.Samples.X)
	t.Logf("MMSE %.2e (limit %.2e), SMSE %.2e (limit %.2e), %v", mmse, limit[0], smse, limit[1], o.Samples.Notes)
	if !(mmse <= limit[0] && smse <= limit[1]) {
		t.Errorf("MMSE %.2e and SMSE %.2e, the largest of %d sets of exact draws are %.2e and %.2e", mmse, smse, sims, limit[0], limit[1])
	}
	if len(o.Samples.Warnings) > 0 {
		t.Errorf("warnings: %q", o.Samples.Warnings)
	}
	// One iteration is not enough, and says so.
	o = sample(t, "tweedie-projection", q, Settings{Samples: samples, Seed: 3, Grid: grid, Bridge: sampler.DPMSolver{Grid: grid}, Chunk: samples, Values: Values{"iterations": 1}})
	if m, s := errors(o.Samples.X); m <= limit[0] && s <= limit[1] {
		t.Errorf("one iteration was enough: MMSE %.2e, SMSE %.2e", m, s)
	}
	if len(o.Samples.Warnings) != 1 || !strings.Contains(o.Samples.Warnings[0], "raise method.iterations") {
		t.Errorf("one iteration: warnings %q", o.Samples.Warnings)
	}
}
