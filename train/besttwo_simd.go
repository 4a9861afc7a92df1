//go:build goexperiment.simd && amd64

package train

import (
	"math"
	"simd/archsimd"
)

// vector says that the processor has 256-bit registers.
var vector = archsimd.X86.AVX2()

func bestTwo(cost, v []float64) (best, second float64, j int) {
	n := len(v) &^ 7
	if !vector || n == 0 {
		return plainBestTwo(cost, v)
	}
	// The least and second least of each of eight lanes.
	inf := archsimd.BroadcastFloat64x4(math.Inf(1))
	a1, a2, b1, b2 := inf, inf, inf, inf
	for k := 0; k < n; k += 8 {
		x := archsimd.LoadFloat64x4Slice(cost[k : k+4]).Sub(archsimd.LoadFloat64x4Slice(v[k : k+4]))
		y := archsimd.LoadFloat64x4Slice(cost[k+4 : k+8]).Sub(archsimd.LoadFloat64x4Slice(v[k+4 : k+8]))
		a2, b2 = a2.Min(a1.Max(x)), b2.Min(b1.Max(y))
		a1, b1 = a1.Min(x), b1.Min(y)
	}
	var lanes [4][4]float64
	a1.Store(&lanes[0])
	a2.Store(&lanes[1])
	b1.Store(&lanes[2])
	b2.Store(&lanes[3])
	archsimd.ClearAVXUpperBits()
	best, second = math.Inf(1), math.Inf(1)
	take := func(r float64) {
		second = min(second, max(best, r))
		best = min(best, r)
	}
	for _, l := range lanes {
		for _, r := range l {
			take(r)
		}
	}
	for k := n; k < len(v); k++ {
		take(cost[k] - v[k])
	}
	for cost[j]-v[j] != best {
		j++
	}
	return best, second, j
}
