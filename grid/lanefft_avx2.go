//go:build goexperiment.simd && amd64

package grid

import "simd/archsimd"

// halfLanes is the kernels in 256-bit registers: four lanes, then the other four.
var halfLanes = laneKernels{
	name: "avx2", first: halfFirst, middle: halfMiddle, last: halfLast, two: halfTwo,
	scale: halfScale, separate: halfSeparate, join: halfJoin, products: halfProducts,
}

func half(x *[8]float64, h int) archsimd.Float64x4 {
	return archsimd.LoadFloat64x4((*[4]float64)(x[h&4:]))
}

func putHalf(y *[8]float64, h int, v archsimd.Float64x4) { v.Store((*[4]float64)(y[h&4:])) }

func halfFirst(y, x []Complex8, xs int, roots []root, inverse bool) {
	n := len(roots)
	for p := range roots {
		out := (*[4]Complex8)(y[4*p:])
		y1, y3, w := &out[1], &out[3], roots[p]
		if inverse {
			y1, y3 = y3, y1
			w[0], w[1], w[4], w[5] = w[4], w[5], w[0], w[1]
		}
		halfFour(&out[0], y1, &out[2], y3, &x[p*xs], &x[(p+n)*xs], &x[(p+2*n)*xs], &x[(p+3*n)*xs], &w)
	}
	archsimd.ClearAVXUpperBits()
}

func halfMiddle(y, x []Complex8, s int, roots []root, inverse bool) {
	n := s * len(roots)
	for p := range roots {
		a, b, c, d := x[s*p:][:s], x[s*p+n:][:s], x[s*p+2*n:][:s], x[s*p+3*n:][:s]
		y0, y1, y2, y3 := y[4*s*p:][:s], y[4*s*p+s:][:s], y[4*s*p+2*s:][:s], y[4*s*p+3*s:][:s]
		w := roots[p]
		if inverse {
			y1, y3 = y3, y1
			w[0], w[1], w[4], w[5] = w[4], w[5], w[0], w[1]
		}
		for q := range s {
			halfFour(&y0[q], &y1[q], &y2[q], &y3[q], &a[q], &b[q], &c[q], &d[q], &w)
		}
	}
	archsimd.ClearAVXUpperBits()
}

func halfFour(y0, y1, y2, y3, a, b, c, d *Complex8, w *root) {
	for h := 0; h < 8; h += 4 {
		ar, ai, cr, ci := half(&a[0], h), half(&a[1], h), half(&c[0], h), half(&c[1], h)
		sr, si, dr, di := ar.Add(cr), ai.Add(ci), ar.Sub(cr), ai.Sub(ci)
		br, bi, fr, fi := half(&b[0], h), half(&b[1], h), half(&d[0], h), half(&d[1], h)
		tr, ti, er, ei := br.Add(fr), bi.Add(fi), br.Sub(fr), bi.Sub(fi)
		putHalf(&y0[0], h, sr.Add(tr))
		putHalf(&y0[1], h, si.Add(ti))
		halfTimes(y2, h, sr.Sub(tr), si.Sub(ti), w[2], w[3])
		halfTimes(y1, h, dr.Add(ei), di.Sub(er), w[0], w[1])
		halfTimes(y3, h, dr.Sub(ei), di.Add(er), w[4], w[5])
	}
}

// halfTimes is *y = (r + i·m)(u + iv) in four lanes.
func halfTimes(y *Complex8, h int, r, m archsimd.Float64x4, u, v float64) {
	x, z := archsimd.BroadcastFloat64x4(u), archsimd.BroadcastFloat64x4(v)
	putHalf(&y[0], h, r.Mul(x).Sub(m.Mul(z)))
	putHalf(&y[1], h, r.Mul(z).Add(m.Mul(x)))
}

func halfLast(y []Complex8, ys int, x []Complex8, xs, s int, inverse bool) {
	n := s * xs
	i1, i3 := s*ys, 3*s*ys
	if inverse {
		i1, i3 = i3, i1
	}
	for q := range s {
		a, b, c, d := &x[q*xs], &x[q*xs+n], &x[q*xs+2*n], &x[q*xs+3*n]
		y0, y1, y2, y3 := &y[q*ys], &y[q*ys+i1], &y[(q+2*s)*ys], &y[q*ys+i3]
		for h := 0; h < 8; h += 4 {
			ar, ai, cr, ci := half(&a[0], h), half(&a[1], h), half(&c[0], h), half(&c[1], h)
			sr, si, dr, di := ar.Add(cr), ai.Add(ci), ar.Sub(cr), ai.Sub(ci)
			br, bi, fr, fi := half(&b[0], h), half(&b[1], h), half(&d[0], h), half(&d[1], h)
			tr, ti, er, ei := br.Add(fr), bi.Add(fi), br.Sub(fr), bi.Sub(fi)
			putHalf(&y0[0], h, sr.Add(tr))
			putHalf(&y0[1], h, si.Add(ti))
			putHalf(&y1[0], h, dr.Add(ei))
			putHalf(&y1[1], h, di.Sub(er))
			putHalf(&y2[0], h, sr.Sub(tr))
			putHalf(&y2[1], h, si.Sub(ti))
			putHalf(&y3[0], h, dr.Sub(ei))
			putHalf(&y3[1], h, di.Add(er))
		}
	}
	archsimd.ClearAVXUpperBits()
}

func halfTwo(y []Complex8, ys int, x []Complex8, xs, s int) {
	for q := range s {
		a, b := &x[q*xs], &x[(q+s)*xs]
		y0, y1 := &y[q*ys], &y[(q+s)*ys]
		for h := 0; h < 8; h += 4 {
			ar, ai, br, bi := half(&a[0], h), half(&a[1], h), half(&b[0], h), half(&b[1], h)
			putHalf(&y0[0], h, ar.Add(br))
			putHalf(&y0[1], h, ai.Add(bi))
			putHalf(&y1[0], h, ar.Sub(br))
			putHalf(&y1[1], h, ai.Sub(bi))
		}
	}
	archsimd.ClearAVXUpperBits()
}

func halfScale(x []Complex8, by float64) {
	v := archsimd.BroadcastFloat64x4(by)
	for k := range x {
		for h := 0; h < 8; h += 4 {
			putHalf(&x[k][0], h, half(&x[k][0], h).Mul(v))
			putHalf(&x[k][1], h, half(&x[k][1], h).Mul(v))
		}
	}
	archsimd.ClearAVXUpperBits()
}

func halfSeparate(a, b, z []Complex8, minus []int32) {
	a, b, minus = a[:len(z)], b[:len(z)], minus[:len(z)]
	by := archsimd.BroadcastFloat64x4(.5)
	for k := range z {
		u, v := &z[k], &z[minus[k]]
		for h := 0; h < 8; h += 4 {
			ur, ui, vr, vi := half(&u[0], h), half(&u[1], h), half(&v[0], h), half(&v[1], h)
			putHalf(&a[k][0], h, ur.Add(vr).Mul(by))
			putHalf(&a[k][1], h, ui.Sub(vi).Mul(by))
			putHalf(&b[k][0], h, ui.Add(vi).Mul(by))
			putHalf(&b[k][1], h, vr.Sub(ur).Mul(by))
		}
	}
	archsimd.ClearAVXUpperBits()
}

func halfJoin(z, a, b []Complex8) {
	a, b = a[:len(z)], b[:len(z)]
	for k := range z {
		for h := 0; h < 8; h += 4 {
			ar, ai, br, bi := half(&a[k][0], h), half(&a[k][1], h), half(&b[k][0], h), half(&b[k][1], h)
			putHalf(&z[k][0], h, ar.Sub(bi))
			putHalf(&z[k][1], h, ai.Add(br))
		}
	}
	archsimd.ClearAVXUpperBits()
}
