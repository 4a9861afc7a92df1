//go:build goexperiment.simd && amd64

package field

import "simd/archsimd"

// vector says that the processor has 256-bit registers.
var vector = archsimd.X86.AVX2()

// products does four rows at a time in eight sums; products and sums are rounded one by
// one, as in plainProducts.
func products(dst *[4 * width]float64, t []float64, stride, rows int, x []float64) {
	if !vector || rows < 4 {
		plainProducts(dst, t, stride, rows, x)
		return
	}
	n := len(x) / width
	t0, t1, t2, t3 := t[:n], t[stride:stride+n], t[2*stride:2*stride+n], t[3*stride:3*stride+n]
	var a0, a1, b0, b1, c0, c1, d0, d1 archsimd.Float64x4
	for k := range n {
		y := x[k*width : k*width+width]
		u, v := archsimd.LoadFloat64x4Slice(y), archsimd.LoadFloat64x4Slice(y[4:])
		f := archsimd.BroadcastFloat64x4(t0[k])
		a0, a1 = a0.Add(f.Mul(u)), a1.Add(f.Mul(v))
		f = archsimd.BroadcastFloat64x4(t1[k])
		b0, b1 = b0.Add(f.Mul(u)), b1.Add(f.Mul(v))
		f = archsimd.BroadcastFloat64x4(t2[k])
		c0, c1 = c0.Add(f.Mul(u)), c1.Add(f.Mul(v))
		f = archsimd.BroadcastFloat64x4(t3[k])
		d0, d1 = d0.Add(f.Mul(u)), d1.Add(f.Mul(v))
	}
	a0.StoreSlice(dst[0:])
	a1.StoreSlice(dst[4:])
	b0.StoreSlice(dst[8:])
	b1.StoreSlice(dst[12:])
	c0.StoreSlice(dst[16:])
	c1.StoreSlice(dst[20:])
	d0.StoreSlice(dst[24:])
	d1.StoreSlice(dst[28:])
	archsimd.ClearAVXUpperBits()
}
