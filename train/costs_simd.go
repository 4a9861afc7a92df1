//go:build goexperiment.simd && amd64

package train

import "simd/archsimd"

// vector says that the processor has 256-bit registers.
var vector = archsimd.X86.AVX2()

func inner32(out, a, t []float32) {
	size := len(out)
	if !vector {
		plainInner(out, a, t, 0)
		return
	}
	n := size &^ 31
	for j := 0; j < n; j += 32 {
		var s0, s1, s2, s3 archsimd.Float32x8
		for k, x := range a {
			b, y := archsimd.BroadcastFloat32x8(x), t[k*size+j:k*size+j+32]
			s0 = s0.Sub(b.Mul(archsimd.LoadFloat32x8Slice(y)))
			s1 = s1.Sub(b.Mul(archsimd.LoadFloat32x8Slice(y[8:])))
			s2 = s2.Sub(b.Mul(archsimd.LoadFloat32x8Slice(y[16:])))
			s3 = s3.Sub(b.Mul(archsimd.LoadFloat32x8Slice(y[24:])))
		}
		y := out[j : j+32]
		s0.StoreSlice(y)
		s1.StoreSlice(y[8:])
		s2.StoreSlice(y[16:])
		s3.StoreSlice(y[24:])
	}
	archsimd.ClearAVXUpperBits()
	plainInner(out, a, t, n)
}

func inner64(out, a, t []float64) {
	size := len(out)
	if !vector {
		plainInner(out, a, t, 0)
		return
	}
	n := size &^ 15
	for j := 0; j < n; j += 16 {
		var s0, s1, s2, s3 archsimd.Float64x4
		for k, x := range a {
			b, y := archsimd.BroadcastFloat64x4(x), t[k*size+j:k*size+j+16]
			s0 = s0.Sub(b.Mul(archsimd.LoadFloat64x4Slice(y)))
			s1 = s1.Sub(b.Mul(archsimd.LoadFloat64x4Slice(y[4:])))
			s2 = s2.Sub(b.Mul(archsimd.LoadFloat64x4Slice(y[8:])))
			s3 = s3.Sub(b.Mul(archsimd.LoadFloat64x4Slice(y[12:])))
		}
		y := out[j : j+16]
		s0.StoreSlice(y)
		s1.StoreSlice(y[4:])
		s2.StoreSlice(y[8:])
		s3.StoreSlice(y[12:])
	}
	archsimd.ClearAVXUpperBits()
	plainInner(out, a, t, n)
}
