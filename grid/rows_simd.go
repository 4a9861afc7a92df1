//go:build goexperiment.simd && amd64

package grid

import (
	"simd/archsimd"
	"unsafe"
)

// vector says that the processor has 256-bit registers. Products are rounded before
// they are added, in the order of the plain loops: the bits are the same.
var vector = archsimd.X86.AVX2()

// at is four numbers from k on, which the caller has made sure that there are.
func at(x []float64, k int) *[4]float64 {
	return (*[4]float64)(unsafe.Add(unsafe.Pointer(unsafe.SliceData(x)), 8*k))
}

func load(x []float64, k int) archsimd.Float64x4 { return archsimd.LoadFloat64x4(at(x, k)) }

func relaxRow(u, f, inverse []float64, e, x *four) {
	if !vector {
		plainRelax(u, f, inverse, e, x)
		return
	}
	n := len(u)
	f, inverse = f[:n], inverse[:n]
	e0, e1, e2, e3 := e[0][:n], e[1][:n], e[2][:n], e[3][:n]
	x0, x1, x2, x3 := x[0][:n], x[1][:n], x[2][:n], x[3][:n]
	for k := 0; k <= n-4; k += 4 {
		s := load(f, k).Add(load(e0, k).Mul(load(x0, k)))
		s = s.Add(load(e1, k).Mul(load(x1, k)))
		s = s.Add(load(e2, k).Mul(load(x2, k)))
		s = s.Add(load(e3, k).Mul(load(x3, k)))
		s.Mul(load(inverse, k)).Store(at(u, k))
	}
	archsimd.ClearAVXUpperBits()
}

func flowRow(r []float64, e, x *four) {
	if !vector {
		plainFlow(r, e, x)
		return
	}
	n := len(r)
	e0, e1, e2, e3 := e[0][:n], e[1][:n], e[2][:n], e[3][:n]
	x0, x1, x2, x3 := x[0][:n], x[1][:n], x[2][:n], x[3][:n]
	for k := 0; k <= n-4; k += 4 {
		s := load(e0, k).Mul(load(x0, k)).Add(load(e1, k).Mul(load(x1, k)))
		s = s.Add(load(e2, k).Mul(load(x2, k)))
		s.Add(load(e3, k).Mul(load(x3, k))).Store(at(r, k))
	}
	archsimd.ClearAVXUpperBits()
}

func applyRow(q, d, p []float64, e, x *four, sum *[4]float64) {
	if !vector {
		plainApply(q, d, p, e, x, sum)
		return
	}
	n := len(q)
	d, p = d[:n], p[:n]
	e0, e1, e2, e3 := e[0][:n], e[1][:n], e[2][:n], e[3][:n]
	x0, x1, x2, x3 := x[0][:n], x[1][:n], x[2][:n], x[3][:n]
	t := archsimd.LoadFloat64x4(sum)
	for k := 0; k <= n-4; k += 4 {
		s := load(e0, k).Mul(load(x0, k)).Add(load(e1, k).Mul(load(x1, k)))
		s = s.Add(load(e2, k).Mul(load(x2, k)))
		s = s.Add(load(e3, k).Mul(load(x3, k)))
		v := load(p, k)
		w := load(d, k).Mul(v).Sub(s)
		w.Store(at(q, k))
		t = t.Add(v.Mul(w))
	}
	t.Store(sum)
	archsimd.ClearAVXUpperBits()
}

func dotRow(a, b []float64) float64 {
	if !vector {
		return plainDot(a, b)
	}
	n := len(a)
	b = b[:n]
	var s archsimd.Float64x4
	for k := 0; k <= n-4; k += 4 {
		s = s.Add(load(a, k).Mul(load(b, k)))
	}
	return sum(s)
}

// sum adds four numbers as the plain loops do.
func sum(s archsimd.Float64x4) float64 {
	var t [4]float64
	s.Store(&t)
	archsimd.ClearAVXUpperBits()
	return (t[0] + t[2]) + (t[1] + t[3])
}

func directionRow(p, z []float64, beta float64) {
	if !vector {
		plainDirection(p, z, beta)
		return
	}
	n, by := len(p), archsimd.BroadcastFloat64x4(beta)
	z = z[:n]
	for k := 0; k <= n-4; k += 4 {
		load(z, k).Add(by.Mul(load(p, k))).Store(at(p, k))
	}
	archsimd.ClearAVXUpperBits()
}

func stepRow(x, r, p, q []float64, alpha float64) float64 {
	if !vector {
		return plainStep(x, r, p, q, alpha)
	}
	n, by := len(x), archsimd.BroadcastFloat64x4(alpha)
	r, p, q = r[:n], p[:n], q[:n]
	var s archsimd.Float64x4
	for k := 0; k <= n-4; k += 4 {
		load(x, k).Add(by.Mul(load(p, k))).Store(at(x, k))
		v := load(r, k).Sub(by.Mul(load(q, k)))
		v.Store(at(r, k))
		s = s.Add(v.Mul(v))
	}
	return sum(s)
}

func productRow(u, f, inverse []float64) {
	if !vector {
		plainProduct(u, f, inverse)
		return
	}
	n := len(u)
	f, inverse = f[:n], inverse[:n]
	for k := 0; k <= n-4; k += 4 {
		load(f, k).Mul(load(inverse, k)).Store(at(u, k))
	}
	archsimd.ClearAVXUpperBits()
}
