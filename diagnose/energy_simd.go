//go:build goexperiment.simd && amd64

package diagnose

import "simd/archsimd"

// vector says that the processor has 256-bit registers.
var vector = archsimd.X86.AVX2()

func distances(p []float64, columns [][]float64, from int, w []float64) float64 {
	if !vector {
		return plainDistances(p, columns, from, w)
	}
	var sum archsimd.Float64x4
	j, n := 0, len(w)
	for ; j+4 <= n; j += 4 {
		var square archsimd.Float64x4
		for k, c := range columns {
			a := archsimd.LoadFloat64x4Slice(c[from+j : from+j+4]).Sub(archsimd.BroadcastFloat64x4(p[k]))
			square = square.Add(a.Mul(a))
		}
		sum = sum.Add(square.Sqrt().Mul(archsimd.LoadFloat64x4Slice(w[j : j+4])))
	}
	if j < n { // missing lanes read 0, their weights too
		var square archsimd.Float64x4
		for k, c := range columns {
			a := archsimd.LoadFloat64x4SlicePart(c[from+j : from+n]).Sub(archsimd.BroadcastFloat64x4(p[k]))
			square = square.Add(a.Mul(a))
		}
		sum = sum.Add(square.Sqrt().Mul(archsimd.LoadFloat64x4SlicePart(w[j:])))
	}
	return addLanes(sum)
}

// addLanes adds in the order of the plain loops and leaves the registers as
// plain code expects them.
func addLanes(sum archsimd.Float64x4) float64 {
	var s [4]float64
	sum.Store(&s)
	archsimd.ClearAVXUpperBits()
	return (s[0] + s[1]) + (s[2] + s[3])
}
