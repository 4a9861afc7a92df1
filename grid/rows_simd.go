//go:build goexperiment.simd && amd64

package grid

import (
	"simd/archsimd"
	"unsafe"
)

// vector says that the processor has 256-bit registers. Products are rounded before
// they are added, in the order of the plain loops: the bits are the same.
var vector = archsimd.X86.AVX2()

// first is the first number of a row's part of an array.
func first(x []float64, at, n int) *float64 { return unsafe.SliceData(x[at : at+n : at+n]) }

// get and put are four numbers, k after a first one: loops keep to the n that first
// has seen.
func get(x *float64, k int) archsimd.Float64x4 {
	return archsimd.LoadFloat64x4((*[4]float64)(unsafe.Add(unsafe.Pointer(x), 8*k)))
}

func put(x *float64, k int, v archsimd.Float64x4) {
	v.Store((*[4]float64)(unsafe.Add(unsafe.Pointer(x), 8*k)))
}

func relaxRow(u, f, inverse, x []float64, e *[4][]float64, p *places) {
	if !vector {
		plainRelax(u, f, inverse, x, e, p)
		return
	}
	n := p.n
	a, b, c := first(u, p.at, n), first(f, p.at, n), first(inverse, p.at, n)
	e0, e1, e2, e3 := first(e[0], p.edge[0], n), first(e[1], p.edge[1], n), first(e[2], p.edge[2], n), first(e[3], p.edge[3], n)
	x0, x1, x2, x3 := first(x, p.near[0], n), first(x, p.near[1], n), first(x, p.near[2], n), first(x, p.near[3], n)
	for k := 0; k <= n-4; k += 4 {
		s := get(b, k).Add(get(e0, k).Mul(get(x0, k)))
		s = s.Add(get(e1, k).Mul(get(x1, k)))
		s = s.Add(get(e2, k).Mul(get(x2, k)))
		s = s.Add(get(e3, k).Mul(get(x3, k)))
		put(a, k, s.Mul(get(c, k)))
	}
	archsimd.ClearAVXUpperBits()
}

func flowRow(r, x []float64, e *[4][]float64, p *places) {
	if !vector {
		plainFlow(r, x, e, p)
		return
	}
	n := p.n
	a := first(r, p.at, n)
	e0, e1, e2, e3 := first(e[0], p.edge[0], n), first(e[1], p.edge[1], n), first(e[2], p.edge[2], n), first(e[3], p.edge[3], n)
	x0, x1, x2, x3 := first(x, p.near[0], n), first(x, p.near[1], n), first(x, p.near[2], n), first(x, p.near[3], n)
	for k := 0; k <= n-4; k += 4 {
		s := get(e0, k).Mul(get(x0, k)).Add(get(e1, k).Mul(get(x1, k)))
		s = s.Add(get(e2, k).Mul(get(x2, k)))
		put(a, k, s.Add(get(e3, k).Mul(get(x3, k))))
	}
	archsimd.ClearAVXUpperBits()
}

func applyRow(q, d, u, x []float64, e *[4][]float64, p *places, sum *[4]float64) {
	if !vector {
		plainApply(q, d, u, x, e, p, sum)
		return
	}
	n := p.n
	a, b, c := first(q, p.at, n), first(d, p.at, n), first(u, p.at, n)
	e0, e1, e2, e3 := first(e[0], p.edge[0], n), first(e[1], p.edge[1], n), first(e[2], p.edge[2], n), first(e[3], p.edge[3], n)
	x0, x1, x2, x3 := first(x, p.near[0], n), first(x, p.near[1], n), first(x, p.near[2], n), first(x, p.near[3], n)
	t := archsimd.LoadFloat64x4(sum)
	for k := 0; k <= n-4; k += 4 {
		s := get(e0, k).Mul(get(x0, k)).Add(get(e1, k).Mul(get(x1, k)))
		s = s.Add(get(e2, k).Mul(get(x2, k)))
		s = s.Add(get(e3, k).Mul(get(x3, k)))
		v := get(c, k)
		w := get(b, k).Mul(v).Sub(s)
		put(a, k, w)
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
	p, q := first(a, 0, n), first(b, 0, n)
	var s archsimd.Float64x4
	for k := 0; k <= n-4; k += 4 {
		s = s.Add(get(p, k).Mul(get(q, k)))
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
	a, b := first(p, 0, n), first(z, 0, n)
	for k := 0; k <= n-4; k += 4 {
		put(a, k, get(b, k).Add(by.Mul(get(a, k))))
	}
	archsimd.ClearAVXUpperBits()
}

func stepRow(x, r, p, q []float64, alpha float64) float64 {
	if !vector {
		return plainStep(x, r, p, q, alpha)
	}
	n, by := len(x), archsimd.BroadcastFloat64x4(alpha)
	a, b, c, d := first(x, 0, n), first(r, 0, n), first(p, 0, n), first(q, 0, n)
	var s archsimd.Float64x4
	for k := 0; k <= n-4; k += 4 {
		put(a, k, get(a, k).Add(by.Mul(get(c, k))))
		v := get(b, k).Sub(by.Mul(get(d, k)))
		put(b, k, v)
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
	a, b, c := first(u, 0, n), first(f, 0, n), first(inverse, 0, n)
	for k := 0; k <= n-4; k += 4 {
		put(a, k, get(b, k).Mul(get(c, k)))
	}
	archsimd.ClearAVXUpperBits()
}
