//go:build slow

package train

import (
	"context"
	"math"
	"testing"

	"abide/internal/keyed"
	"abide/network"
	"abide/prior"
)

// By every loss with laws, samples break it less at equal steps, and not by being
// smaller: the residual over the amplitude falls as well. The distance to the law
// stands beside the floor of two samples of it.
func TestEveryLossForTheHeatEquation(t *testing.T) {
	h := newHeat(t)
	if r := rms(h.residual(h.draw(50, 2))); r > 1e-13 {
		t.Fatalf("the data break their law by %g", r)
	}
	const steps, weight = 1000, 0.1
	floor := energyDistance(h.draw(1000, 3), h.draw(1000, 1), h.law.Dim())
	t.Logf("%-24s residual %8s, amplitude 1, energy distance %.4f", "two samples of the data", "0", floor)
	results := map[string]measured{}
	for _, c := range []struct {
		name string
		set  func(s *Settings)
	}{
		{"edm", func(s *Settings) {}},
		{"edm, pidm", func(s *Settings) { s.Physics = Physics{Loss: "pidm", Weight: weight} }},
		{"edm, pidm-sample", func(s *Settings) { s.Physics = Physics{Loss: "pidm-sample", Weight: weight} }},
		{"flow", func(s *Settings) { s.Objective = "flow" }},
		{"flow, pidm", func(s *Settings) { s.Objective, s.Physics = "flow", Physics{Loss: "pidm", Weight: weight} }},
		{"flow, pbfm", func(s *Settings) { s.Objective, s.Physics = "flow", Physics{Loss: "pbfm"} }},
	} {
		m := h.train(t, steps, c.set)
		results[c.name] = m
		t.Logf("%-24s residual %.5f, amplitude %.4f, residual over amplitude %.5f, energy distance %.4f, %.2f ms a step", c.name, m.residual, m.amplitude, m.relative, m.distance, 1e3*m.step.Seconds())
	}
	for _, pair := range [][2]string{{"edm", "edm, pidm"}, {"edm", "edm, pidm-sample"}, {"flow", "flow, pidm"}, {"flow", "flow, pbfm"}} {
		plain, lawful := results[pair[0]], results[pair[1]]
		if !(lawful.relative < plain.relative) {
			t.Errorf("%s: residual over amplitude %.5f, without laws %.5f: want less", pair[1], lawful.relative, plain.relative)
		}
		if !(math.Abs(lawful.amplitude-1) < 0.1) {
			t.Errorf("%s: the amplitude is %.3f of the data's", pair[1], lawful.amplitude)
		}
	}
}

// The toy of PIDM: on the unit circle with r = ‖x‖² − 1, c = 0.1 of the mean and 0.005 of
// a sample. That r is curved: the mean of points of the circle lies within, so that the
// loss of the mean pushes it outwards.
func TestCircleOfPIDM(t *testing.T) {
	const n = 2000
	ring := func(stream int) []float64 {
		s, x := keyed.New(13, "ring", stream, 0), make([]float64, 0, 2*n)
		for range n {
			a := 2 * math.Pi * s.Uniform()
			x = append(x, math.Cos(a), math.Sin(a))
		}
		return x
	}
	scale := math.Sqrt(0.5)
	at := prior.Coordinates{Shift: []float64{0, 0}, Scale: []float64{scale, scale}}
	x, test := ring(0), ring(1)
	u := make([]float64, len(x))
	at.ToU(u, x)
	t.Logf("two samples of the circle: energy distance %.5f", energyDistance(x, test, 2))
	var plain float64
	for _, c := range []struct {
		name    string
		physics Physics
	}{{"plain", Physics{}}, {"pidm, c = 0.1", Physics{Loss: "pidm", Weight: 0.1}}, {"pidm-sample, c = 0.005", Physics{Loss: "pidm-sample", Weight: 0.005}}} {
		s := Settings{Network: network.Architecture{Kind: "mlp", Width: 64, Depth: 3, Embedding: 16}, Warmup: 0.02, Steps: 2000, Batch: 128, LearningRate: 3e-3, EMA: 0.99, Seed: 5, Physics: c.physics}
		var tr *Trainer
		var err error
		if c.physics.Loss == "" {
			tr, err = New(openGo(t), u, nil, 2, s)
		} else {
			tr, err = NewObeying(openGo(t), u, nil, at, s, circle)
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := tr.Run(context.Background(), nil); err != nil {
			t.Fatal(err)
		}
		got := sampled(t, tr, n, 2, 0)
		var r, size float64
		for i := 0; i < len(got); i += 2 {
			q := scale * scale * (got[i]*got[i] + got[i+1]*got[i+1])
			r += math.Abs(q-1) / n
			size += q / n
			got[i], got[i+1] = scale*got[i], scale*got[i+1]
		}
		t.Logf("%-24s mean |r| %.5f, mean ‖x‖² %.4f, energy distance %.5f", c.name, r, size, energyDistance(got, test, 2))
		if c.physics.Loss == "" {
			plain = r
		} else if !(r < plain) {
			t.Errorf("%s: mean |r| %.5f, without laws %.5f: want less", c.name, r, plain)
		}
	}
}
