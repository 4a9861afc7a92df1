//go:build slow

package train

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"abide/dataio"
	"abide/diffusion"
	"abide/internal/engine"
	"abide/internal/keyed"
	"abide/network"
	"abide/prior"
	"abide/sampler"
)

// moons are n draws of the two moons of scikit-learn's make_moons with noise 0.05:
// half circles (cos t, sin t) and (1 − cos t, ½ − sin t), t ∈ [0, π], less their
// mean (½, ¼) and over their standard deviations.
func moons(n int, seed uint64) []float64 {
	rng := rand.New(keyed.New(seed, "two moons", 0, 0))
	x := make([]float64, 0, 2*n)
	for range n {
		sin, cos := math.Sincos(math.Pi * rng.Float64())
		a, b := cos, sin
		if rng.IntN(2) == 1 {
			a, b = 1-cos, 0.5-sin
		}
		// Variances: ½ + ¼ + σ² along, ½ − (2/π)² + (2/π − ¼)² + σ² across.
		a, b = a+0.05*rng.NormFloat64()-0.5, b+0.05*rng.NormFloat64()-0.25
		across := 0.5 - 4/(math.Pi*math.Pi) + (2/math.Pi-0.25)*(2/math.Pi-0.25)
		x = append(x, a/math.Sqrt(0.75+0.0025), b/math.Sqrt(across+0.0025))
	}
	return x
}

// slicedW1 is the mean over 256 directions of the plane of the Wasserstein-1
// distance of projections, of two sets of equal size.
func slicedW1(x, y []float64) float64 {
	const directions = 256
	n := len(x) / 2
	p, q := make([]float64, n), make([]float64, n)
	var sum float64
	for k := range directions {
		sin, cos := math.Sincos(math.Pi * (float64(k) + 0.5) / directions)
		for i := range n {
			p[i], q[i] = cos*x[2*i]+sin*x[2*i+1], cos*y[2*i]+sin*y[2*i+1]
		}
		slices.Sort(p)
		slices.Sort(q)
		for i := range n {
			sum += math.Abs(p[i]-q[i]) / float64(n) / directions
		}
	}
	return sum
}

// moonsFloor is the median distance between two exact sets of n draws.
func moonsFloor(n int) float64 {
	var d []float64
	for k := range 50 {
		d = append(d, slicedW1(moons(n, uint64(1000+2*k)), moons(n, uint64(1001+2*k))))
	}
	return median(d)
}

func median(x []float64) float64 {
	x = slices.Sorted(slices.Values(x))
	return (x[len(x)/2] + x[(len(x)-1)/2]) / 2
}

// moonsSamples trains on 20,000 draws and makes n samples by 50 steps of Heun's rule.
func moonsSamples(t *testing.T, e *engine.Engine, s Settings, n int) (x []float64, seconds float64) {
	t.Helper()
	table := &dataio.Table{Names: []string{"x", "y"}, Rows: 20000, Data: moons(20000, 500+s.Seed)}
	at, err := prior.Standardise(table)
	if err != nil {
		t.Fatal(err)
	}
	u := make([]float64, len(table.Data))
	at.ToU(u, table.Data)
	tr, err := New(e, u, nil, 2, s)
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	if err := tr.Run(context.Background(), nil); err != nil {
		t.Fatal(err)
	}
	seconds = time.Since(start).Seconds()
	p, err := tr.Model(table, at).Prior(table, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	process := diffusion.EDM{Min: 0.002, Max: 80, Rho: 7}
	if s.Coupling == "ot" {
		process.Max = 1000 // noise is not independent of the data: only t = 0 is standard normal
	}
	grid, err := diffusion.Karras(process, 50)
	if err != nil {
		t.Fatal(err)
	}
	bridge, err := sampler.NewHeun(grid, sampler.Churn{})
	if err != nil {
		t.Fatal(err)
	}
	k := (&sampler.Independent{Prior: p, Grid: grid, Bridge: bridge, Samples: n, Seed: s.Seed, Chunk: 500}).Bind(e)
	state, err := k.Start(context.Background())
	for err == nil && state.Step < k.Steps() {
		err = k.Step(context.Background(), state)
	}
	if err != nil {
		t.Fatal(err)
	}
	x = state.Z
	at.ToX(x, x)
	return x, seconds
}

// moonsSettings are the job of the bar: an MLP of 3 layers of 128, 5,000 steps of 512.
func moonsSettings(set func(s *Settings), seed int) Settings {
	s := Settings{
		Network: network.Architecture{Kind: "mlp", Width: 128, Depth: 3, Embedding: 32},
		Steps:   5000, Batch: 512, LearningRate: 4e-3, Warmup: 0.02, EMA: 0.998, Every: 5000, Seed: uint64(seed),
	}
	set(&s)
	return s
}

// Two moons by each kind of prior: the samples are as near to held-out draws as two
// exact sets are to each other, times at most 3 for diffusion and 4 for flows, in
// the median of five seeds. The settings were chosen on seed 100. Distances are of
// 2,000 points, to nine held-out sets, by their median.
func TestTwoMoons(t *testing.T) {
	const n = 2000
	floor := moonsFloor(n)
	e, err := engine.Open("auto")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		bar  float64
		set  func(s *Settings)
	}{
		{"diffusion", 3, func(s *Settings) {}},
		{"flow", 4, func(s *Settings) { s.Objective = "flow" }},
		{"flow by optimal transport", 4, func(s *Settings) { s.Objective, s.Coupling = "flow", "ot" }},
	} {
		var ratios, times []float64
		for seed := range 5 {
			x, seconds := moonsSamples(t, e, moonsSettings(c.set, seed), n)
			var d []float64
			for k := range 9 {
				d = append(d, slicedW1(x, moons(n, uint64(2000+k)))/floor)
			}
			ratios, times = append(ratios, median(d)), append(times, seconds)
		}
		t.Logf("%s on %s: %.2f × the floor %.4f (median of %.2f), trained in %.0f s", c.name, e.Name(), median(ratios), floor, ratios, median(times))
		if !(median(ratios) <= c.bar) {
			t.Errorf("%s: %.2f × the floor, want at most %g", c.name, median(ratios), c.bar)
		}
	}
}
