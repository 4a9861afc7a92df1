package engine

import (
	"context"
	"testing"

	"abide/internal/engine"
	"abide/internal/keyed"
	"abide/network"
	"abide/train"
)

// BenchmarkTrain is a step of training an MLP of three layers of 128 on points in
// two dimensions, batches of 512: gradient, Adam and the averaged weights; by EDM's
// loss, and by flow matching without and with optimal transport of the batch.
func BenchmarkTrain(b *testing.B) {
	const n, d, steps, first, batch = 4096, 2, 550, 50, 512
	u := make([]float64, n*d)
	keyed.New(1, "points", 0, 0).Normal(u)
	for _, kind := range []struct {
		name string
		set  func(s *train.Settings)
	}{
		{"edm", func(*train.Settings) {}},
		{"flow", func(s *train.Settings) { s.Objective = "flow" }},
		{"ot", func(s *train.Settings) { s.Objective, s.Coupling = "flow", "ot" }},
	} {
		b.Run(kind.name, func(b *testing.B) {
			backends(b, func(b *testing.B, e *engine.Engine) {
				run := func(steps, seed int) {
					s := train.Settings{
						Network: network.Architecture{Kind: "mlp", Width: 128, Depth: 3, Embedding: 32},
						Steps:   steps, Batch: batch, LearningRate: 1e-3, Warmup: 0.02, EMA: 0.999, Every: first, Seed: uint64(seed),
					}
					kind.set(&s)
					t, err := train.New(e, u, nil, d, s)
					if err == nil {
						// Timed from the first report on: compilation is over then, as it is where peers start.
						err = t.Run(context.Background(), func(p train.Progress, _ *train.State) error {
							if p.Step == first {
								b.StartTimer()
							}
							return nil
						})
						b.StopTimer()
					}
					if err != nil {
						b.Fatal(err)
					}
				}
				b.StopTimer()
				for i := range b.N {
					run(steps, i)
				}
				b.ReportMetric(b.Elapsed().Seconds()/float64(b.N)/(steps-first)*1e3, "ms/step")
				b.ReportMetric(0, "ns/op")
			})
		})
	}
}
