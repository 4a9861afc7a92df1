package sparse

import (
	"fmt"
	"math"
	"testing"
	"time"
)

// CSR.Apply with 7 entries a row against the memory it reads: 12 bytes an entry, 4 a
// row pointer, 8 of x and 8 of dst. "of-copy" is its rate over that of copy between
// two arrays of together as many bytes, taken alternately.
func BenchmarkApply(b *testing.B) {
	for _, n := range []int{101, 317, 1001} {
		a := iterP1(n, 0.125, iterUnit)
		b.Run(fmt.Sprint(a.Rows), func(b *testing.B) {
			bytes := 12*a.NNZ() + 20*a.Rows
			x, y := iterVector(a.Rows, 1), make([]float64, a.Rows)
			from, to := make([]float64, bytes/16), make([]float64, bytes/16)
			repeat := max(1, 1_000_000/a.Rows)
			apply, move := math.Inf(1), math.Inf(1)
			for b.Loop() {
				start := time.Now()
				for range repeat {
					a.Apply(y, x)
				}
				apply = min(apply, time.Since(start).Seconds()/float64(repeat))
				start = time.Now()
				for range repeat {
					copy(to, from)
				}
				move = min(move, time.Since(start).Seconds()/float64(repeat))
			}
			b.ReportMetric(apply*1e6, "us/apply")
			b.ReportMetric(float64(bytes)/apply/1e9, "GB/s")
			b.ReportMetric(float64(2*a.NNZ())/apply/1e9, "GFLOP/s")
			b.ReportMetric(move/apply, "of-copy")
		})
	}
}
