package cli

import (
	"math"
	"math/rand/v2"
	"testing"

	"abide/diagnose"
	"abide/internal/keyed"
	"abide/sampler"
	"abide/spec"
)

// Draws of the prior, weighed by the likelihood, are the posterior: as near to it as
// exact sets of their effective size, in columns whose units differ by a thousand.
// Without their weights they are far.
func TestWeightedSamplesAreMeasuredByTheirWeights(t *testing.T) {
	s, err := spec.Parse("-", []byte(`
[prior]
kind = "gaussian"
mean = [3, -2000]
covariance = [1, 1e6]
[[potential]]
kind = "measurement"
operator = { kind = "mask", index = [0] }
y = [4.5]
std = 1
[report]
reference = "exact"
`), nil)
	if err != nil {
		t.Fatal(err)
	}
	st, err := newStudy(s, "")
	if err != nil {
		t.Fatal(err)
	}
	if err := st.refer(); err != nil {
		t.Fatal(err)
	}
	const n = 1000
	p := st.problem
	x := p.Prior.Draw(rand.New(keyed.New(4, "draws", 0, 0)), n)
	w, logw := make([]float64, n), make([]float64, n)
	for i := range w {
		logw[i] = -p.Energy(x[2*i : 2*i+2])
		w[i] = math.Exp(logw[i])
	}
	weighted, plain := st.distance(&sampler.Samples{X: x, N: n, Dim: 2}, w), st.distance(&sampler.Samples{X: x, N: n, Dim: 2}, nil)
	if weighted.Unit != "standard deviations of the prior" || weighted.Points != n {
		t.Errorf("%+v", weighted)
	}
	// Floors are distances of sets of n; those of an effective size m are √((1/m + 1/n)n/2)
	// times as far apart, and hardly ever twice that.
	far := 2 * math.Sqrt((1+n/diagnose.ESS(logw))/2)
	for _, c := range []struct {
		name            string
		by, alike, none float64
	}{{"energy distance", weighted.Distance, plain.Distance, weighted.Floor}, {"sliced W₁", weighted.Sliced.Distance, plain.Sliced.Distance, weighted.Sliced.Floor}} {
		t.Logf("%s: %.4f by weight, %.4f all alike, floor %.4f", c.name, c.by, c.alike, c.none)
		if c.by > far*c.none || c.alike < 2*far*c.none {
			t.Errorf("%s is %.4f by weight and %.4f without, the floor %.4f: want at most %.1f and at least %.1f floors", c.name, c.by, c.alike, c.none, far, 2*far)
		}
	}
}
