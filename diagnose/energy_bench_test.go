package diagnose

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// 2000 points against 2000: 4·10⁶ pairs across and twice 2·10⁶ within.
func BenchmarkEnergy(b *testing.B) {
	const n = 2000
	for _, d := range []int{1, 2, 9} {
		b.Run(fmt.Sprintf("d=%d", d), func(b *testing.B) {
			rng := rand.New(rand.NewPCG(1, 2))
			x, y := normals(rng, n*d), normals(rng, n*d)
			for b.Loop() {
				EnergyDistance(x, y, d)
			}
			b.ReportMetric(float64(n*n+n*(n-1))*float64(b.N)/b.Elapsed().Seconds(), "pairs/s")
		})
	}
}

func normals(rng *rand.Rand, n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = rng.NormFloat64()
	}
	return x
}
