//go:build goexperiment.simd && amd64

package grid

import "simd/archsimd"

// wideProducts keeps four rows of sixteen numbers in eight registers.
func wideProducts(dst *[4]Complex8, t []float64, x []Complex8) {
	n := len(x)
	t0, t1, t2, t3 := t[:n], t[n:2*n], t[2*n:3*n], t[3*n:4*n]
	var a0, a1, b0, b1, c0, c1, d0, d1 archsimd.Float64x8
	for k := range x {
		y := &x[k]
		u, v := archsimd.LoadFloat64x8(&y[0]), archsimd.LoadFloat64x8(&y[1])
		f := archsimd.BroadcastFloat64x8(t0[k])
		a0, a1 = a0.Add(f.Mul(u)), a1.Add(f.Mul(v))
		f = archsimd.BroadcastFloat64x8(t1[k])
		b0, b1 = b0.Add(f.Mul(u)), b1.Add(f.Mul(v))
		f = archsimd.BroadcastFloat64x8(t2[k])
		c0, c1 = c0.Add(f.Mul(u)), c1.Add(f.Mul(v))
		f = archsimd.BroadcastFloat64x8(t3[k])
		d0, d1 = d0.Add(f.Mul(u)), d1.Add(f.Mul(v))
	}
	a0.Store(&dst[0][0])
	a1.Store(&dst[0][1])
	b0.Store(&dst[1][0])
	b1.Store(&dst[1][1])
	c0.Store(&dst[2][0])
	c1.Store(&dst[2][1])
	d0.Store(&dst[3][0])
	d1.Store(&dst[3][1])
	archsimd.ClearAVXUpperBits()
}

// halfProducts does so with eight numbers of each row, then with the other eight.
func halfProducts(dst *[4]Complex8, t []float64, x []Complex8) {
	n := len(x)
	t0, t1, t2, t3 := t[:n], t[n:2*n], t[2*n:3*n], t[3*n:4*n]
	for h := range 2 {
		var a0, a1, b0, b1, c0, c1, d0, d1 archsimd.Float64x4
		for k := range x {
			y := &x[k][h]
			u, v := half(y, 0), half(y, 4)
			f := archsimd.BroadcastFloat64x4(t0[k])
			a0, a1 = a0.Add(f.Mul(u)), a1.Add(f.Mul(v))
			f = archsimd.BroadcastFloat64x4(t1[k])
			b0, b1 = b0.Add(f.Mul(u)), b1.Add(f.Mul(v))
			f = archsimd.BroadcastFloat64x4(t2[k])
			c0, c1 = c0.Add(f.Mul(u)), c1.Add(f.Mul(v))
			f = archsimd.BroadcastFloat64x4(t3[k])
			d0, d1 = d0.Add(f.Mul(u)), d1.Add(f.Mul(v))
		}
		putHalf(&dst[0][h], 0, a0)
		putHalf(&dst[0][h], 4, a1)
		putHalf(&dst[1][h], 0, b0)
		putHalf(&dst[1][h], 4, b1)
		putHalf(&dst[2][h], 0, c0)
		putHalf(&dst[2][h], 4, c1)
		putHalf(&dst[3][h], 0, d0)
		putHalf(&dst[3][h], 4, d1)
	}
	archsimd.ClearAVXUpperBits()
}
