package field

import (
	"fmt"
	"testing"

	"abide/grid"
)

// benchmarkSample reports the time of a draw; one normal number takes about 4 ns.
func benchmarkSample(b *testing.B, f Sampler) {
	dst := make([]float64, f.Size())
	k := 0
	b.ReportAllocs()
	for b.Loop() {
		f.Sample(dst, 1, k)
		k++
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(dst)), "ns/value")
}

func BenchmarkCirculant(b *testing.B) {
	for _, n := range []int{64, 256} {
		b.Run(fmt.Sprintf("%d²", n), func(b *testing.B) {
			f, err := NewCirculant(Matern{0.5, 0.1, 1}.Stationary, []int{n, n}, []float64{1 / float64(n), 1 / float64(n)}, 1, 0)
			if err != nil {
				b.Fatal(err)
			}
			benchmarkSample(b, f)
		})
	}
}

func BenchmarkKronecker(b *testing.B) {
	axis := kroneckerAxis(64, Matern{0.5, 1, 1}.Covariance)
	f, err := NewKronecker(0, axis, axis)
	if err != nil {
		b.Fatal(err)
	}
	benchmarkSample(b, f)
}

func BenchmarkKL(b *testing.B) {
	g := axesOf(grid.Neumann, grid.Vertex, 21, 21)
	b.Run("eigenfunctions", func(b *testing.B) {
		for b.Loop() {
			klOf(b, Matern{1.5, 0.2, 1}.Between, g, 0.99)
		}
	})
	b.Run("draw", func(b *testing.B) { benchmarkSample(b, klOf(b, Matern{1.5, 0.2, 1}.Between, g, 0.99)) })
}

// BenchmarkSPDE: setup is mesh to field with exact variances.
func BenchmarkSPDE(b *testing.B) {
	for _, n := range []int{64, 128} {
		m := spdeMesh(b, 2, n)
		for _, nu := range []float64{1, 3} {
			b.Run(fmt.Sprintf("%d²/ν=%g/setup", n, nu), func(b *testing.B) {
				for b.Loop() {
					spdeOf(b, m, Matern{nu, 0.1, 1}, SPDEOptions{})
				}
			})
			b.Run(fmt.Sprintf("%d²/ν=%g/draw", n, nu), func(b *testing.B) {
				benchmarkSample(b, spdeOf(b, m, Matern{nu, 0.1, 1}, SPDEOptions{}))
			})
		}
	}
}
