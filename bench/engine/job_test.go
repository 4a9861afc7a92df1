package engine

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/gomlx/gomlx/core/graph"

	"abide/diffusion"
	"abide/internal/engine"
	"abide/internal/keyed"
	"abide/network"
	"abide/prior"
	"abide/sampler"
)

// backends runs a benchmark on every backend of this build that opens.
func backends(b *testing.B, f func(b *testing.B, e *engine.Engine)) {
	for _, name := range []string{"go", "xla"} {
		b.Run(name, func(b *testing.B) {
			e, err := engine.Open(name)
			if err != nil {
				b.Skip(err)
			}
			f(b, e)
		})
	}
}

// trained is an MLP in EDM preconditioning whose last layer is not zero.
func trained(d, width, depth int) (*network.MLP, prior.EDM) {
	m := network.NewMLP(network.Architecture{Kind: "mlp", Shape: []int{d}, Width: width, Depth: depth, Embedding: 32}, 1)
	x := make([]float64, len(m.W[depth].Data))
	keyed.New(1, "last layer", 0, 0).Normal(x)
	for i := range x {
		m.W[depth].Data[i] = float32(0.1 * x[i])
	}
	return m, prior.EDM{Network: m}
}

// BenchmarkJobA is 64 ancestral steps of 2,000 points in two dimensions with an
// MLP of three layers of 128, as a run does it: a loop on the host, in one chunk
// and in two chunks on two workers.
func BenchmarkJobA(b *testing.B) {
	const n, d, steps = 2000, 2, 64
	mlp, denoiser := trained(d, 128, 3)
	grid, err := diffusion.Karras(diffusion.EDM{Min: 0.002, Max: 80, Rho: 7}, steps)
	if err != nil {
		b.Fatal(err)
	}
	p := &prior.Prior{
		Denoiser: denoiser, DType: engine.Float32, Covariance: []float64{1, 0, 0, 1},
		Coordinates: prior.Coordinates{Shift: make([]float64, d), Scale: []float64{1, 1}},
	}
	backends(b, func(b *testing.B, e *engine.Engine) {
		for _, chunks := range []int{1, 2} {
			b.Run(fmt.Sprintf("chunks=%d", chunks), func(b *testing.B) {
				k := (&sampler.Independent{Prior: p, Grid: grid, Bridge: sampler.DDIM{Grid: grid, Eta: 1}, Samples: n, Chunk: n / chunks, Workers: chunks}).Bind(e)
				run := func() {
					s, err := k.Start(context.Background())
					for err == nil && s.Step < k.Steps() {
						err = k.Step(context.Background(), s)
					}
					if err != nil {
						b.Fatal(err)
					}
				}
				run() // compiles
				report(b, e, steps, steps*n*mlp.Cost().FLOPs, run)
			})
		}
	})
}

// BenchmarkJobB is one denoiser call, and one vector–Jacobian product, of 512
// points in 1,024 dimensions with an MLP of four layers of 1,024.
func BenchmarkJobB(b *testing.B) {
	const n, d = 512, 1024
	mlp, denoiser := trained(d, 1024, 4)
	u, c := make([]float64, n*d), make([]float64, n*d)
	keyed.New(2, "points", 0, 0).Normal(u)
	keyed.New(2, "cotangents", 0, 0).Normal(c)
	backends(b, func(b *testing.B, e *engine.Engine) {
		forward := e.NewFunction("forward", engine.Float32, func(in []*engine.Node) []*engine.Node {
			return []*engine.Node{denoiser.Denoise(in[0], in[1])}
		})
		vjp := e.NewFunction("vjp", engine.Float32, func(in []*engine.Node) []*engine.Node {
			return []*engine.Node{engine.VJP(denoiser.Denoise(in[0], in[1]), in[0], in[2])}
		})
		call := func(f *engine.Function, in ...engine.Array) func() {
			return func() {
				if _, err := f.CallNative(in...); err != nil {
					b.Fatal(err)
				}
			}
		}
		b.Run("forward", func(b *testing.B) {
			run := call(forward, engine.Rows(u, d), engine.Scalar(0.5))
			run()
			report(b, e, 1, n*mlp.Cost().FLOPs, run)
		})
		b.Run("vjp", func(b *testing.B) {
			run := call(vjp, engine.Rows(u, d), engine.Scalar(0.5), engine.Rows(c, d))
			run()
			// The products with the weights once forward and once transposed.
			report(b, e, 1, 2*n*mlp.Cost().FLOPs, run)
		})
	})
}

// report times run and prints the rates it means.
func report(b *testing.B, e *engine.Engine, calls, flops int, run func()) {
	peak := peak(b, e)
	b.ResetTimer()
	for range b.N {
		run()
	}
	b.StopTimer()
	seconds := b.Elapsed().Seconds() / float64(b.N)
	b.ReportMetric(seconds*1e3, "ms")
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(calls)/seconds, "calls/s")
	b.ReportMetric(float64(flops)/seconds*1e-9, "GFLOP/s")
	b.ReportMetric(float64(flops)/seconds/peak*100, "%peak")
}

var peaks sync.Map // *engine.Engine → FLOP/s

// peak is the best measured rate of one product of 1024 × 1024 matrices.
func peak(b *testing.B, e *engine.Engine) float64 {
	if v, ok := peaks.Load(e); ok {
		return v.(float64)
	}
	const n = 1024
	x := make([]float32, n*n)
	for i := range x {
		x[i] = float32(i%7) - 3
	}
	in := engine.Array{Shape: []int{n, n}, F32: x}
	f := e.NewFunction("product", engine.Float32, func(in []*engine.Node) []*engine.Node {
		// Sixteen products in a row, so that the transfer of the input is small.
		y := in[0]
		for range 16 {
			y = graph.MulScalar(graph.Dot(y, in[0]).Product(), 1.0/n)
		}
		return []*engine.Node{graph.ReduceAllMean(y)}
	})
	best := 0.0
	for range 4 {
		start := time.Now()
		if _, err := f.CallNative(in); err != nil {
			b.Fatal(err)
		}
		best = max(best, 16*2*n*n*n/time.Since(start).Seconds())
	}
	peaks.Store(e, best)
	return best
}
