//go:build goexperiment.simd && amd64

package grid

import "simd/archsimd"

// fastestLanes is the kernels of the widest registers that the processor has.
var fastestLanes = func() laneKernels {
	switch {
	case archsimd.X86.AVX512():
		return wideLanes
	case archsimd.X86.AVX2():
		return halfLanes
	}
	return plainLanes
}()

// wideLanes is the kernels in 512-bit registers, a real or imaginary part of all
// lanes in each.
var wideLanes = laneKernels{
	name: "avx512", first: wideFirst, middle: wideMiddle, last: wideLast, two: wideTwo,
	scale: wideScale, separate: wideSeparate, join: wideJoin, products: wideProducts,
}

func wideFirst(y, x []Complex8, xs int, roots []root, inverse bool) {
	n := len(roots)
	i1, w1 := 1, 0
	if inverse {
		i1, w1 = 3, 4
	}
	i3, w3 := 4-i1, 4-w1
	for p := range roots {
		w, out := &roots[p], y[4*p:][:4]
		a, c := &x[p*xs], &x[(p+2*n)*xs]
		ar, ai, cr, ci := archsimd.LoadFloat64x8(&a[0]), archsimd.LoadFloat64x8(&a[1]), archsimd.LoadFloat64x8(&c[0]), archsimd.LoadFloat64x8(&c[1])
		sr, si, dr, di := ar.Add(cr), ai.Add(ci), ar.Sub(cr), ai.Sub(ci)
		b, d := &x[(p+n)*xs], &x[(p+3*n)*xs]
		br, bi, fr, fi := archsimd.LoadFloat64x8(&b[0]), archsimd.LoadFloat64x8(&b[1]), archsimd.LoadFloat64x8(&d[0]), archsimd.LoadFloat64x8(&d[1])
		tr, ti, er, ei := br.Add(fr), bi.Add(fi), br.Sub(fr), bi.Sub(fi)
		sr.Add(tr).Store(&out[0][0])
		si.Add(ti).Store(&out[0][1])
		wideTimes(&out[2], sr.Sub(tr), si.Sub(ti), w[2], w[3])
		wideTimes(&out[i1], dr.Add(ei), di.Sub(er), w[w1], w[w1+1])
		wideTimes(&out[i3], dr.Sub(ei), di.Add(er), w[w3], w[w3+1])
	}
	archsimd.ClearAVXUpperBits()
}

// wideTimes is *y = (r + i·m)(u + iv).
func wideTimes(y *Complex8, r, m archsimd.Float64x8, u, v float64) {
	x, z := archsimd.BroadcastFloat64x8(u), archsimd.BroadcastFloat64x8(v)
	r.Mul(x).Sub(m.Mul(z)).Store(&y[0])
	r.Mul(z).Add(m.Mul(x)).Store(&y[1])
}

func wideMiddle(y, x []Complex8, s int, roots []root, inverse bool) {
	n := s * len(roots)
	for p := range roots {
		x0, x1, x2, x3 := x[s*p:][:s], x[s*p+n:][:s], x[s*p+2*n:][:s], x[s*p+3*n:][:s]
		y0, y1, y2, y3 := y[4*s*p:][:s], y[4*s*p+s:][:s], y[4*s*p+2*s:][:s], y[4*s*p+3*s:][:s]
		w := roots[p]
		if inverse {
			y1, y3 = y3, y1
			w[0], w[1], w[4], w[5] = w[4], w[5], w[0], w[1]
		}
		for q := range s {
			a, c := &x0[q], &x2[q]
			ar, ai, cr, ci := archsimd.LoadFloat64x8(&a[0]), archsimd.LoadFloat64x8(&a[1]), archsimd.LoadFloat64x8(&c[0]), archsimd.LoadFloat64x8(&c[1])
			sr, si, dr, di := ar.Add(cr), ai.Add(ci), ar.Sub(cr), ai.Sub(ci)
			b, d := &x1[q], &x3[q]
			br, bi, fr, fi := archsimd.LoadFloat64x8(&b[0]), archsimd.LoadFloat64x8(&b[1]), archsimd.LoadFloat64x8(&d[0]), archsimd.LoadFloat64x8(&d[1])
			tr, ti, er, ei := br.Add(fr), bi.Add(fi), br.Sub(fr), bi.Sub(fi)
			sr.Add(tr).Store(&y0[q][0])
			si.Add(ti).Store(&y0[q][1])
			wideTimes(&y2[q], sr.Sub(tr), si.Sub(ti), w[2], w[3])
			wideTimes(&y1[q], dr.Add(ei), di.Sub(er), w[0], w[1])
			wideTimes(&y3[q], dr.Sub(ei), di.Add(er), w[4], w[5])
		}
	}
	archsimd.ClearAVXUpperBits()
}

func wideLast(y []Complex8, ys int, x []Complex8, xs, s int, inverse bool) {
	n := s * xs
	i1, i3 := s*ys, 3*s*ys
	if inverse {
		i1, i3 = i3, i1
	}
	for q := range s {
		a, c := &x[q*xs], &x[q*xs+2*n]
		ar, ai, cr, ci := archsimd.LoadFloat64x8(&a[0]), archsimd.LoadFloat64x8(&a[1]), archsimd.LoadFloat64x8(&c[0]), archsimd.LoadFloat64x8(&c[1])
		sr, si, dr, di := ar.Add(cr), ai.Add(ci), ar.Sub(cr), ai.Sub(ci)
		b, d := &x[q*xs+n], &x[q*xs+3*n]
		br, bi, fr, fi := archsimd.LoadFloat64x8(&b[0]), archsimd.LoadFloat64x8(&b[1]), archsimd.LoadFloat64x8(&d[0]), archsimd.LoadFloat64x8(&d[1])
		tr, ti, er, ei := br.Add(fr), bi.Add(fi), br.Sub(fr), bi.Sub(fi)
		y0, y1, y2, y3 := &y[q*ys], &y[q*ys+i1], &y[(q+2*s)*ys], &y[q*ys+i3]
		sr.Add(tr).Store(&y0[0])
		si.Add(ti).Store(&y0[1])
		dr.Add(ei).Store(&y1[0])
		di.Sub(er).Store(&y1[1])
		sr.Sub(tr).Store(&y2[0])
		si.Sub(ti).Store(&y2[1])
		dr.Sub(ei).Store(&y3[0])
		di.Add(er).Store(&y3[1])
	}
	archsimd.ClearAVXUpperBits()
}

func wideTwo(y []Complex8, ys int, x []Complex8, xs, s int) {
	for q := range s {
		a, b := &x[q*xs], &x[(q+s)*xs]
		ar, ai, br, bi := archsimd.LoadFloat64x8(&a[0]), archsimd.LoadFloat64x8(&a[1]), archsimd.LoadFloat64x8(&b[0]), archsimd.LoadFloat64x8(&b[1])
		y0, y1 := &y[q*ys], &y[(q+s)*ys]
		ar.Add(br).Store(&y0[0])
		ai.Add(bi).Store(&y0[1])
		ar.Sub(br).Store(&y1[0])
		ai.Sub(bi).Store(&y1[1])
	}
	archsimd.ClearAVXUpperBits()
}

func wideScale(x []Complex8, by float64) {
	v := archsimd.BroadcastFloat64x8(by)
	for k := range x {
		archsimd.LoadFloat64x8(&x[k][0]).Mul(v).Store(&x[k][0])
		archsimd.LoadFloat64x8(&x[k][1]).Mul(v).Store(&x[k][1])
	}
	archsimd.ClearAVXUpperBits()
}

func wideSeparate(a, b, z []Complex8, minus []int32) {
	a, b, minus = a[:len(z)], b[:len(z)], minus[:len(z)]
	half := archsimd.BroadcastFloat64x8(.5)
	for k := range z {
		u, v := &z[k], &z[minus[k]]
		ur, ui, vr, vi := archsimd.LoadFloat64x8(&u[0]), archsimd.LoadFloat64x8(&u[1]), archsimd.LoadFloat64x8(&v[0]), archsimd.LoadFloat64x8(&v[1])
		ur.Add(vr).Mul(half).Store(&a[k][0])
		ui.Sub(vi).Mul(half).Store(&a[k][1])
		ui.Add(vi).Mul(half).Store(&b[k][0])
		vr.Sub(ur).Mul(half).Store(&b[k][1])
	}
	archsimd.ClearAVXUpperBits()
}

func wideJoin(z, a, b []Complex8) {
	a, b = a[:len(z)], b[:len(z)]
	for k := range z {
		ar, ai, br, bi := archsimd.LoadFloat64x8(&a[k][0]), archsimd.LoadFloat64x8(&a[k][1]), archsimd.LoadFloat64x8(&b[k][0]), archsimd.LoadFloat64x8(&b[k][1])
		ar.Sub(bi).Store(&z[k][0])
		ai.Add(br).Store(&z[k][1])
	}
	archsimd.ClearAVXUpperBits()
}
