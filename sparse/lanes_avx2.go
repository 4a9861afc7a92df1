//go:build goexperiment.simd && amd64

package sparse

import "simd/archsimd"

// halfLanes is the kernels in 256-bit registers: a number of all lanes in two. Blocks are
// of three rows by one column.
var halfLanes = laneKernels{
	name: "avx2", panel: halfPanel, update: halfUpdate, forward: halfForward, backward: halfBackward,
	assemble: halfAssemble, gradient: halfGradient,
}

func lowHalf(x *lane) archsimd.Float64x4  { return archsimd.LoadFloat64x4((*[4]float64)(x[:4])) }
func highHalf(x *lane) archsimd.Float64x4 { return archsimd.LoadFloat64x4((*[4]float64)(x[4:])) }

func putHalves(x *lane, l, h archsimd.Float64x4) {
	l.Store((*[4]float64)(x[:4]))
	h.Store((*[4]float64)(x[4:]))
}

func halfUpdate(t, a []lane, k, ld, cols int, place []int32) {
	for j := range cols {
		b := a[j*k:][:k]
		c := int(place[j])
		i := j
		for ; i+3 <= len(place); i += 3 {
			a0, a1, a2 := a[i*k:][:len(b)], a[(i+1)*k:][:len(b)], a[(i+2)*k:][:len(b)]
			var l0, h0, l1, h1, l2, h2 archsimd.Float64x4
			for p := range b {
				x, y := lowHalf(&b[p]), highHalf(&b[p])
				l0 = l0.Add(lowHalf(&a0[p]).Mul(x))
				h0 = h0.Add(highHalf(&a0[p]).Mul(y))
				l1 = l1.Add(lowHalf(&a1[p]).Mul(x))
				h1 = h1.Add(highHalf(&a1[p]).Mul(y))
				l2 = l2.Add(lowHalf(&a2[p]).Mul(x))
				h2 = h2.Add(highHalf(&a2[p]).Mul(y))
			}
			r := place[i : i+3]
			t0, t1, t2 := &t[int(r[0])*ld+c], &t[int(r[1])*ld+c], &t[int(r[2])*ld+c]
			putHalves(t0, lowHalf(t0).Sub(l0), highHalf(t0).Sub(h0))
			putHalves(t1, lowHalf(t1).Sub(l1), highHalf(t1).Sub(h1))
			putHalves(t2, lowHalf(t2).Sub(l2), highHalf(t2).Sub(h2))
		}
		for ; i < len(place); i++ {
			l, h := halfDot(a[i*k:][:len(b)], b)
			to := &t[int(place[i])*ld+c]
			putHalves(to, lowHalf(to).Sub(l), highHalf(to).Sub(h))
		}
	}
	archsimd.ClearAVXUpperBits()
}

// halfDot is Σ aₚ bₚ in each lane.
func halfDot(a, b []lane) (l, h archsimd.Float64x4) {
	b = b[:len(a)]
	for p := range a {
		l = l.Add(lowHalf(&a[p]).Mul(lowHalf(&b[p])))
		h = h.Add(highHalf(&a[p]).Mul(highHalf(&b[p])))
	}
	return l, h
}

func halfPanel(p []lane, k int, inverse []lane) {
	one := archsimd.BroadcastFloat64x4(1)
	rows := len(p) / k
	for j := range k {
		b := p[j*k:][:j]
		l, h := halfDot(b, b)
		d := &p[j*k+j]
		x, y := one.Div(lowHalf(d).Sub(l).Sqrt()), one.Div(highHalf(d).Sub(h).Sqrt())
		putHalves(&inverse[j], x, y)
		i := j + 1
		for ; i+3 <= rows; i += 3 {
			a0, a1, a2 := p[i*k:][:len(b)+1], p[(i+1)*k:][:len(b)+1], p[(i+2)*k:][:len(b)+1]
			var l0, h0, l1, h1, l2, h2 archsimd.Float64x4
			for q := range b {
				x, y := lowHalf(&b[q]), highHalf(&b[q])
				l0 = l0.Add(lowHalf(&a0[q]).Mul(x))
				h0 = h0.Add(highHalf(&a0[q]).Mul(y))
				l1 = l1.Add(lowHalf(&a1[q]).Mul(x))
				h1 = h1.Add(highHalf(&a1[q]).Mul(y))
				l2 = l2.Add(lowHalf(&a2[q]).Mul(x))
				h2 = h2.Add(highHalf(&a2[q]).Mul(y))
			}
			t0, t1, t2 := &a0[j], &a1[j], &a2[j]
			putHalves(t0, lowHalf(t0).Sub(l0).Mul(x), highHalf(t0).Sub(h0).Mul(y))
			putHalves(t1, lowHalf(t1).Sub(l1).Mul(x), highHalf(t1).Sub(h1).Mul(y))
			putHalves(t2, lowHalf(t2).Sub(l2).Mul(x), highHalf(t2).Sub(h2).Mul(y))
		}
		for ; i < rows; i++ {
			l, h := halfDot(p[i*k:][:len(b)], b)
			to := &p[i*k+j]
			putHalves(to, lowHalf(to).Sub(l).Mul(x), highHalf(to).Sub(h).Mul(y))
		}
	}
	archsimd.ClearAVXUpperBits()
}

func halfForward(p []lane, k int, inverse, x, all []lane, below []int32) {
	x = x[:k]
	for j := range x {
		l, h := halfDot(p[j*k:][:j], x)
		to, d := &x[j], &inverse[j]
		putHalves(to, lowHalf(to).Sub(l).Mul(lowHalf(d)), highHalf(to).Sub(h).Mul(highHalf(d)))
	}
	p = p[k*k:]
	i := 0
	for ; i+3 <= len(below); i += 3 {
		p0, p1, p2 := p[i*k:][:len(x)], p[(i+1)*k:][:len(x)], p[(i+2)*k:][:len(x)]
		var l0, h0, l1, h1, l2, h2 archsimd.Float64x4
		for q := range x {
			u, v := lowHalf(&x[q]), highHalf(&x[q])
			l0 = l0.Add(lowHalf(&p0[q]).Mul(u))
			h0 = h0.Add(highHalf(&p0[q]).Mul(v))
			l1 = l1.Add(lowHalf(&p1[q]).Mul(u))
			h1 = h1.Add(highHalf(&p1[q]).Mul(v))
			l2 = l2.Add(lowHalf(&p2[q]).Mul(u))
			h2 = h2.Add(highHalf(&p2[q]).Mul(v))
		}
		r := below[i : i+3]
		t0, t1, t2 := &all[r[0]], &all[r[1]], &all[r[2]]
		putHalves(t0, lowHalf(t0).Sub(l0), highHalf(t0).Sub(h0))
		putHalves(t1, lowHalf(t1).Sub(l1), highHalf(t1).Sub(h1))
		putHalves(t2, lowHalf(t2).Sub(l2), highHalf(t2).Sub(h2))
	}
	for ; i < len(below); i++ {
		l, h := halfDot(p[i*k:][:len(x)], x)
		to := &all[below[i]]
		putHalves(to, lowHalf(to).Sub(l), highHalf(to).Sub(h))
	}
	archsimd.ClearAVXUpperBits()
}

func halfBackward(p []lane, k int, inverse, x, all []lane, below []int32) {
	x = x[:k]
	tail := p[k*k:]
	i := 0
	for ; i+2 <= len(below); i += 2 {
		p0, p1 := tail[i*k:][:len(x)], tail[(i+1)*k:][:len(x)]
		z0, z1 := &all[below[i]], &all[below[i+1]]
		l0, h0, l1, h1 := lowHalf(z0), highHalf(z0), lowHalf(z1), highHalf(z1)
		for q := range x {
			u, v := lowHalf(&x[q]), highHalf(&x[q])
			u, v = u.Sub(lowHalf(&p0[q]).Mul(l0)), v.Sub(highHalf(&p0[q]).Mul(h0))
			u, v = u.Sub(lowHalf(&p1[q]).Mul(l1)), v.Sub(highHalf(&p1[q]).Mul(h1))
			putHalves(&x[q], u, v)
		}
	}
	if i < len(below) {
		z := &all[below[i]]
		halfMinus(x, tail[i*k:], lowHalf(z), highHalf(z))
	}
	for j := k - 1; j >= 0; j-- {
		to, d := &x[j], &inverse[j]
		l, h := lowHalf(to).Mul(lowHalf(d)), highHalf(to).Mul(highHalf(d))
		putHalves(to, l, h)
		halfMinus(x[:j], p[j*k:], l, h)
	}
	archsimd.ClearAVXUpperBits()
}

// halfMinus is x −= row·z.
func halfMinus(x, row []lane, l, h archsimd.Float64x4) {
	row = row[:len(x)]
	for q := range x {
		putHalves(&x[q], lowHalf(&x[q]).Sub(lowHalf(&row[q]).Mul(l)), highHalf(&x[q]).Sub(highHalf(&row[q]).Mul(h)))
	}
}

func halfAssemble(values []lane, scatter []int32, unit []float64, a []lane) {
	size := len(scatter) / len(a)
	for c := range a {
		l, h := lowHalf(&a[c]), highHalf(&a[c])
		to := scatter[c*size:][:size]
		k := unit[c*size:][:len(to)]
		for e, at := range to {
			if at >= 0 {
				q, w := &values[at], archsimd.BroadcastFloat64x4(k[e])
				putHalves(q, lowHalf(q).Add(l.Mul(w)), highHalf(q).Add(h.Mul(w)))
			}
		}
	}
	archsimd.ClearAVXUpperBits()
}

func halfGradient(dst []lane, dofs []int32, unit []float64, lambda, u []lane) {
	k := len(dofs) / len(dst)
	for c := range dst {
		cell, m := dofs[c*k:][:k], unit[c*k*k:][:k*k]
		var l, h archsimd.Float64x4
		for i, r := range cell {
			if r < 0 {
				continue
			}
			var s, t archsimd.Float64x4
			row := m[i*k:][:len(cell)]
			for j, q := range cell {
				if q >= 0 {
					w := archsimd.BroadcastFloat64x4(row[j])
					s, t = s.Add(w.Mul(lowHalf(&u[q]))), t.Add(w.Mul(highHalf(&u[q])))
				}
			}
			l, h = l.Sub(lowHalf(&lambda[r]).Mul(s)), h.Sub(highHalf(&lambda[r]).Mul(t))
		}
		putHalves(&dst[c], l, h)
	}
	archsimd.ClearAVXUpperBits()
}
