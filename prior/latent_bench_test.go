package prior

import (
	"math"
	"testing"

	"abide/internal/engine"
)

// One call of the denoiser on 128 fields of 100×100 points, from which 100 steps of a
// sampler follow, beside what reading and writing the fields once would take at 10 GB/s.
func BenchmarkLatent(b *testing.B) {
	for name, make := range map[string]func() (*Prior, error){
		"heat":          func() (*Prior, error) { return NewHeat(100, 100, Range{1, 5}, Range{0, math.Pi}, 0) },
		"stokes":        func() (*Prior, error) { return NewStokes(100, 100, Range{2, 8}, Range{2, 20}, 0) },
		"porous-medium": func() (*Prior, error) { return NewPorousMedium(100, Range{1, 6}, 0) },
	} {
		b.Run(name, func(b *testing.B) {
			p, err := make()
			if err != nil {
				b.Fatal(err)
			}
			const n, d = 128, 10000
			f := openGo(b).NewFunction("denoise", engine.Float64, func(in []*engine.Node) []*engine.Node {
				return []*engine.Node{p.Denoiser.Denoise(in[0], in[1])}
			})
			u := noisy(n, d, 1)
			if _, err := f.Call(engine.Rows(u, d), engine.Scalar(1)); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if _, err := f.Call(engine.Rows(u, d), engine.Scalar(1)); err != nil {
					b.Fatal(err)
				}
			}
			seconds := b.Elapsed().Seconds() / float64(b.N)
			b.ReportMetric(100*seconds, "s/100-steps")
			b.ReportMetric(seconds/(2*8*n*d/1e10), "×memory")
		})
	}
}
