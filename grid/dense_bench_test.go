package grid

import (
	"fmt"
	"testing"
)

// BenchmarkLines is one axis of n lines of n numbers, forth and back, by matrices, by a
// LaneFFT or one by one. Products are those of half a matrix, forth and back: the limit is
// that of the registers, 2 (256 bits: 8, 512 bits: 16) a cycle.
func BenchmarkLines(b *testing.B) {
	for _, n := range []int{20, 32, 50, 64, 100, 127, 128, 200, 300, 400} {
		x := randomNumbers(1, n*n)
		s := newSixteenDense(n, DCT2, &fastestLanes)
		b.Run(fmt.Sprintf("%d/matrix", n), func(b *testing.B) {
			for b.Loop() {
				s.along(x, n, s.forward)
				s.along(x, n, s.inverse)
				scale(x, 0.5/float64(n))
			}
			b.ReportMetric(float64(n)*float64(n)*float64(n)*float64(b.N)/float64(b.Elapsed().Nanoseconds()), "products/ns")
		})
		b.Run(fmt.Sprintf("%d/one", n), func(b *testing.B) {
			l, err := newLine(n, DCT2)
			if err != nil {
				b.Fatal(err)
			}
			columns := make([]float64, together*n)
			for b.Loop() {
				along(x, []int{n, n}, 0, columns, l.forward)
				along(x, []int{n, n}, 0, columns, l.inverse)
				scale(x, l.forth*l.back)
			}
		})
	}
}
