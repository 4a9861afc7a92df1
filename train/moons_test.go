//go:build slow

package train

import (
	"context"
	"fmt"
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
	bridge, err := sampler.NewHeun(grid)
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

func TestMoonsTune(t *testing.T) {
	const n = 2000
	floor := moonsFloor(n)
	fmt.Printf("floor %.4f\n", floor)
	e, err := engine.Open("xla")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		set  func(s *Settings)
	}{
		{"edm", func(s *Settings) {}},
		{"flow", func(s *Settings) { s.Objective = "flow" }},
		{"ot", func(s *Settings) { s.Objective, s.Coupling = "flow", "ot" }},
		{"edm lr 2e-3", func(s *Settings) { s.LearningRate = 2e-3 }},
		{"edm lr 1e-2", func(s *Settings) { s.LearningRate = 1e-2 }},
		{"flow lr 1e-2", func(s *Settings) { s.Objective = "flow"; s.LearningRate = 1e-2 }},
		{"ot lr 1e-2", func(s *Settings) { s.Objective, s.Coupling = "flow", "ot"; s.LearningRate = 1e-2 }},
		{"flow logit-normal", func(s *Settings) { s.Objective = "flow"; s.Levels = "logit-normal" }},
	} {
		for seed := 100; seed < 101; seed++ {
			x, seconds := moonsSamples(t, e, moonsSettings(c.set, seed), n)
			var d []float64
			for k := range 9 {
				d = append(d, slicedW1(x, moons(n, uint64(2000+k)))/floor)
			}
			fmt.Printf("%-20s seed %d: %.2f × floor (%.0f s)\n", c.name, seed, median(d), seconds)
		}
	}
}
