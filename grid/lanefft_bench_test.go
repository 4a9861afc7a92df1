package grid

import (
	"fmt"
	"math/bits"
	"testing"

	"gonum.org/v1/gonum/dsp/fourier"
)

// BenchmarkLaneFFT times transforms per array: an operation is one of the eight
// lanes. GFLOP/s count 5 N log₂N, as is usual; GB/s are the bytes of all passes.
func BenchmarkLaneFFT(b *testing.B) {
	for _, shape := range [][]int{{64}, {256}, {1024}, {32, 32}, {64, 64}, {128, 128}, {256, 256}} {
		for i := range laneSets {
			f, _ := NewLaneFFT(shape...)
			passes := 0
			for _, l := range f.lines {
				l.kernels = &laneSets[i]
				passes += bits.Len(uint(l.n)) / 2
			}
			x := lanefftNormal(f.Size(), 1)
			b.Run(fmt.Sprintf("%v/%s", shape, laneSets[i].name), func(b *testing.B) {
				for done := 0; done < b.N; done += 8 {
					if done/8%2 == 0 {
						f.Forward(x)
					} else {
						f.Inverse(x)
					}
				}
				n := f.Size()
				ns := float64(b.Elapsed()) / float64(b.N)
				b.ReportMetric(float64(5*n*(bits.Len(uint(n))-1))/ns, "GFLOP/s")
				b.ReportMetric(float64(32*n*passes)/ns, "GB/s")
			})
		}
	}
}

// BenchmarkArrayFFT is one 64 × 64 array, beside gonum's lines with the same copies
// of columns.
func BenchmarkArrayFFT(b *testing.B) {
	const n = 64
	x := lanefftLane(lanefftNormal(n*n, 1), 0)
	b.Run("lanes", func(b *testing.B) {
		f, _ := NewArrayFFT(n, n)
		for i := range b.N {
			if i%2 == 0 {
				f.Forward(x)
			} else {
				f.Inverse(x)
			}
		}
	})
	b.Run("gonum", func(b *testing.B) {
		t, line := fourier.NewCmplxFFT(n), make([]complex128, n)
		for range b.N {
			for i := range n {
				t.Coefficients(x[i*n:(i+1)*n], x[i*n:(i+1)*n])
			}
			for j := range n {
				for i := range line {
					line[i] = x[i*n+j]
				}
				t.Coefficients(line, line)
				for i := range line {
					x[i*n+j] = line[i] / (n * n)
				}
			}
		}
	})
}
