package engine

import (
	"context"
	"testing"

	"abide/internal/engine"
	"abide/internal/keyed"
	"abide/network"
	"abide/train"
)

func BenchmarkTrain(b *testing.B) {
	const n, d, steps, batch = 4096, 2, 200, 512
	u := make([]float64, n*d)
	keyed.New(1, "points", 0, 0).Normal(u)
	s := train.Settings{Network: network.Architecture{Kind: "mlp", Width: 128, Depth: 3, Embedding: 32}, Warmup: 0.02, Steps: steps, Batch: batch, LearningRate: 1e-3, EMA: 0.999, Every: steps}
	backends(b, func(b *testing.B, e *engine.Engine) {
		run := func(seed int) {
			s.Seed = uint64(seed)
			t, err := train.New(e, u, nil, d, s)
			if err == nil {
				err = t.Run(context.Background(), nil)
			}
			if err != nil {
				b.Fatal(err)
			}
		}
		for i := range b.N {
			run(i)
		}
		b.ReportMetric(b.Elapsed().Seconds()/float64(b.N)/steps*1e3, "ms/step")
		b.ReportMetric(0, "ns/op")
	})
}
