package prior

import (
	"sync/atomic"
	"testing"
	"time"

	"abide/internal/engine"
	"abide/pde"
)

// One call of the denoiser of 80² shocks of 100×101 numbers (6.5·10⁷ in all) on 16
// fields: the rate of the two products (4 N M d), and the memory that making the law
// and calling it adds.
func BenchmarkSolutionsBurgers(b *testing.B) {
	const n = 16
	before := resident(b)
	var peak atomic.Int64
	done := make(chan struct{})
	go func() {
		for {
			select {
			case <-done:
				return
			case <-time.After(5 * time.Millisecond):
				peak.Store(max(peak.Load(), resident(b)))
			}
		}
	}()
	p, err := NewLattice(solutionsKind(b, "burgers-shock"), pde.Values{}, []int{80, 80}, 1)
	if err != nil {
		b.Fatal(err)
	}
	d := p.Coordinates.Dim()
	f := openGo(b).NewFunction("denoise", engine.Float64, func(in []*engine.Node) []*engine.Node {
		return []*engine.Node{p.Denoiser.Denoise(in[0], in[1])}
	})
	u := noisy(n, d, 1)
	call := func() {
		if _, err := f.Call(engine.Rows(u, d), engine.Scalar(1)); err != nil {
			b.Fatal(err)
		}
	}
	call() // compiles
	for b.Loop() {
		call()
	}
	close(done)
	b.ReportMetric(4*n*6400*float64(d)/1e9/(b.Elapsed().Seconds()/float64(b.N)), "GFLOP/s")
	b.ReportMetric(float64(peak.Load()-before)/1e6, "added-MB")
}
