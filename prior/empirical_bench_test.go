package prior

import (
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	. "github.com/gomlx/gomlx/core/graph"

	"abide/internal/engine"
)

// The data set of the largest size meant for the empirical prior: 10⁵ rows of 10²
// columns, 512 samples at a time. Metrics: GFLOP/s of the two products (4 N M d),
// the same for a product of such a block alone, which is the limit on this
// machine, and the resident memory that the calls add to the 80 MB of rows.
func BenchmarkEmpiricalLarge(b *testing.B) {
	const m, d, n = 100000, 100, 512
	e := newEmpirical(normals(m*d, 60), nil, d)
	u := noisy(n, d, 1)
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
	f := openGo(b).NewFunction("denoise", engine.Float64, func(in []*engine.Node) []*engine.Node {
		return []*engine.Node{e.Denoise(in[0], in[1])}
	})
	call := func() {
		if _, err := f.Call(engine.Rows(u, d), engine.Scalar(1)); err != nil {
			b.Fatal(err)
		}
	}
	call() // compiles
	b.ResetTimer()
	for range b.N {
		call()
	}
	b.StopTimer()
	close(done)
	b.ReportMetric(4*n*m*d/1e9/(b.Elapsed().Seconds()/float64(b.N)), "GFLOP/s")
	b.ReportMetric(productRate(b, n, maxLogits/n, d), "limit-GFLOP/s")
	b.ReportMetric(float64(peak.Load()-before)/1e6, "added-MB")
}

// productRate is the GFLOP/s of u·rowsᵀ and p·rows for one block, no exponential
// between them.
func productRate(b *testing.B, n, m, d int) float64 {
	f := openGo(b).NewFunction("products", engine.Float64, func(in []*engine.Node) []*engine.Node {
		rows := Reshape(ConstAs(in[0], normals(m*d, 61)), m, d)
		return []*engine.Node{Dot(Dot(in[0], Transpose(rows, 0, 1)).Product(), rows).Product()}
	})
	u := noisy(n, d, 1)
	var best float64
	for range 5 {
		start := time.Now()
		if _, err := f.Call(engine.Rows(u, d)); err != nil {
			b.Fatal(err)
		}
		best = max(best, 4*float64(n)*float64(m)*float64(d)/1e9/time.Since(start).Seconds())
	}
	return best
}

// resident is the memory of the process in bytes, 0 where the system does not tell.
func resident(b *testing.B) int64 {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(text), "VmRSS:")
	fields := strings.Fields(rest)
	if len(fields) == 0 {
		return 0
	}
	kb, err := strconv.ParseInt(fields[0], 10, 64)
	if err != nil {
		b.Fatal(err)
	}
	return kb * 1024
}
