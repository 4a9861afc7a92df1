//go:build goexperiment.simd && amd64

package sparse

import "simd/archsimd"

// factorVector says that the processor has 256-bit registers.
var factorVector = archsimd.X86.AVX2()

// The products are not fused with the sums: numbers are those of the plain form.

func forward4(w [][4]float64, col, row []int32, value []float64) {
	if !factorVector {
		plainForward4(w, col, row, value)
		return
	}
	for j := range w {
		lo, hi := col[j]+1, col[j+1]
		y, l := archsimd.LoadFloat64x4(&w[j]), value[lo:hi]
		for p, i := range row[lo:hi] {
			t := &w[i]
			archsimd.LoadFloat64x4(t).Sub(archsimd.BroadcastFloat64x4(l[p]).Mul(y)).Store(t)
		}
	}
	archsimd.ClearAVXUpperBits()
}

func backward4(w [][4]float64, over []float64, col, row []int32, value []float64) {
	if !factorVector {
		plainBackward4(w, over, col, row, value)
		return
	}
	for j := len(w) - 1; j >= 0; j-- {
		lo, hi := col[j]+1, col[j+1]
		y, l := archsimd.LoadFloat64x4(&w[j]).Mul(archsimd.BroadcastFloat64x4(over[j])), value[lo:hi]
		for p, i := range row[lo:hi] {
			y = y.Sub(archsimd.BroadcastFloat64x4(l[p]).Mul(archsimd.LoadFloat64x4(&w[i])))
		}
		y.Store(&w[j])
	}
	archsimd.ClearAVXUpperBits()
}
