//go:build goexperiment.simd && amd64

package sparse

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

// wideLanes is the kernels in 512-bit registers, a number of all lanes in each. Blocks are
// of three rows by two columns: with four by two the compiler runs out of registers
// and the factorisation takes 1.6 times as long (1,024 unknowns).
var wideLanes = laneKernels{
	name: "avx512", panel: widePanel, update: wideUpdate, forward: wideForward, backward: wideBackward,
	assemble: wideAssemble, gradient: wideGradient,
}

func wideUpdate(t, a []lane, k, ld, cols int, place []int32) {
	j := 0
	for ; j+2 <= cols; j += 2 {
		b0, b1 := a[j*k:][:k], a[(j+1)*k:][:k]
		c0, c1 := int(place[j]), int(place[j+1])
		i := j
		for ; i+3 <= len(place); i += 3 {
			a0, a1, a2 := a[i*k:][:len(b0)], a[(i+1)*k:][:len(b0)], a[(i+2)*k:][:len(b0)]
			b1 := b1[:len(b0)]
			var s00, s01, s10, s11, s20, s21 archsimd.Float64x8
			for p := range b0 {
				x, y := archsimd.LoadFloat64x8(&b0[p]), archsimd.LoadFloat64x8(&b1[p])
				u := archsimd.LoadFloat64x8(&a0[p])
				s00 = s00.Add(u.Mul(x))
				s01 = s01.Add(u.Mul(y))
				u = archsimd.LoadFloat64x8(&a1[p])
				s10 = s10.Add(u.Mul(x))
				s11 = s11.Add(u.Mul(y))
				u = archsimd.LoadFloat64x8(&a2[p])
				s20 = s20.Add(u.Mul(x))
				s21 = s21.Add(u.Mul(y))
			}
			r := place[i : i+3]
			t0, t1, t2 := t[int(r[0])*ld:], t[int(r[1])*ld:], t[int(r[2])*ld:]
			archsimd.LoadFloat64x8(&t0[c0]).Sub(s00).Store(&t0[c0])
			archsimd.LoadFloat64x8(&t0[c1]).Sub(s01).Store(&t0[c1])
			archsimd.LoadFloat64x8(&t1[c0]).Sub(s10).Store(&t1[c0])
			archsimd.LoadFloat64x8(&t1[c1]).Sub(s11).Store(&t1[c1])
			archsimd.LoadFloat64x8(&t2[c0]).Sub(s20).Store(&t2[c0])
			archsimd.LoadFloat64x8(&t2[c1]).Sub(s21).Store(&t2[c1])
		}
		for ; i < len(place); i++ {
			a0, b1 := a[i*k:][:len(b0)], b1[:len(b0)]
			var s0, s1 archsimd.Float64x8
			for p := range b0 {
				u := archsimd.LoadFloat64x8(&a0[p])
				s0 = s0.Add(u.Mul(archsimd.LoadFloat64x8(&b0[p])))
				s1 = s1.Add(u.Mul(archsimd.LoadFloat64x8(&b1[p])))
			}
			t0 := t[int(place[i])*ld:]
			archsimd.LoadFloat64x8(&t0[c0]).Sub(s0).Store(&t0[c0])
			archsimd.LoadFloat64x8(&t0[c1]).Sub(s1).Store(&t0[c1])
		}
	}
	if j < cols {
		b0 := a[j*k:][:k]
		c0 := int(place[j])
		for i := j; i < len(place); i++ {
			a0 := a[i*k:][:len(b0)]
			var s archsimd.Float64x8
			for p := range b0 {
				s = s.Add(archsimd.LoadFloat64x8(&a0[p]).Mul(archsimd.LoadFloat64x8(&b0[p])))
			}
			to := &t[int(place[i])*ld+c0]
			archsimd.LoadFloat64x8(to).Sub(s).Store(to)
		}
	}
	archsimd.ClearAVXUpperBits()
}

func widePanel(p []lane, k int, inverse []lane) {
	one := archsimd.BroadcastFloat64x8(1)
	rows := len(p) / k
	j := 0
	for ; j+2 <= k; j += 2 {
		b0, b1 := p[j*k:][:j], p[(j+1)*k:][:j]
		var s00, s10, s11 archsimd.Float64x8
		for q := range b0 {
			x, y := archsimd.LoadFloat64x8(&b0[q]), archsimd.LoadFloat64x8(&b1[q])
			s00 = s00.Add(x.Mul(x))
			s10 = s10.Add(x.Mul(y))
			s11 = s11.Add(y.Mul(y))
		}
		e, g := &p[(j+1)*k+j], &p[(j+1)*k+j+1]
		d0 := one.Div(archsimd.LoadFloat64x8(&p[j*k+j]).Sub(s00).Sqrt())
		f := archsimd.LoadFloat64x8(e).Sub(s10).Mul(d0)
		f.Store(e)
		d1 := one.Div(archsimd.LoadFloat64x8(g).Sub(s11.Add(f.Mul(f))).Sqrt())
		d0.Store(&inverse[j])
		d1.Store(&inverse[j+1])
		i := j + 2
		for ; i+3 <= rows; i += 3 {
			a0, a1, a2 := p[i*k:][:j+2], p[(i+1)*k:][:j+2], p[(i+2)*k:][:j+2]
			var s00, s01, s10, s11, s20, s21 archsimd.Float64x8
			for q := range b0 {
				x, y := archsimd.LoadFloat64x8(&b0[q]), archsimd.LoadFloat64x8(&b1[q])
				u := archsimd.LoadFloat64x8(&a0[q])
				s00 = s00.Add(u.Mul(x))
				s01 = s01.Add(u.Mul(y))
				u = archsimd.LoadFloat64x8(&a1[q])
				s10 = s10.Add(u.Mul(x))
				s11 = s11.Add(u.Mul(y))
				u = archsimd.LoadFloat64x8(&a2[q])
				s20 = s20.Add(u.Mul(x))
				s21 = s21.Add(u.Mul(y))
			}
			z := archsimd.LoadFloat64x8(&a0[j]).Sub(s00).Mul(d0)
			z.Store(&a0[j])
			archsimd.LoadFloat64x8(&a0[j+1]).Sub(s01.Add(z.Mul(f))).Mul(d1).Store(&a0[j+1])
			z = archsimd.LoadFloat64x8(&a1[j]).Sub(s10).Mul(d0)
			z.Store(&a1[j])
			archsimd.LoadFloat64x8(&a1[j+1]).Sub(s11.Add(z.Mul(f))).Mul(d1).Store(&a1[j+1])
			z = archsimd.LoadFloat64x8(&a2[j]).Sub(s20).Mul(d0)
			z.Store(&a2[j])
			archsimd.LoadFloat64x8(&a2[j+1]).Sub(s21.Add(z.Mul(f))).Mul(d1).Store(&a2[j+1])
		}
		for ; i < rows; i++ {
			a0 := p[i*k:][:j+2]
			var s0, s1 archsimd.Float64x8
			for q := range b0 {
				u := archsimd.LoadFloat64x8(&a0[q])
				s0 = s0.Add(u.Mul(archsimd.LoadFloat64x8(&b0[q])))
				s1 = s1.Add(u.Mul(archsimd.LoadFloat64x8(&b1[q])))
			}
			z := archsimd.LoadFloat64x8(&a0[j]).Sub(s0).Mul(d0)
			z.Store(&a0[j])
			archsimd.LoadFloat64x8(&a0[j+1]).Sub(s1.Add(z.Mul(f))).Mul(d1).Store(&a0[j+1])
		}
	}
	if j < k {
		b0 := p[j*k:][:j]
		var s archsimd.Float64x8
		for q := range b0 {
			x := archsimd.LoadFloat64x8(&b0[q])
			s = s.Add(x.Mul(x))
		}
		d0 := one.Div(archsimd.LoadFloat64x8(&p[j*k+j]).Sub(s).Sqrt())
		d0.Store(&inverse[j])
		for i := j + 1; i < rows; i++ {
			a0 := p[i*k:][:j+1]
			var s archsimd.Float64x8
			for q := range b0 {
				s = s.Add(archsimd.LoadFloat64x8(&a0[q]).Mul(archsimd.LoadFloat64x8(&b0[q])))
			}
			archsimd.LoadFloat64x8(&a0[j]).Sub(s).Mul(d0).Store(&a0[j])
		}
	}
	archsimd.ClearAVXUpperBits()
}

func wideForward(p []lane, k int, inverse, x, all []lane, below []int32) {
	for j := range k {
		row := p[j*k:][:j]
		x := x[:len(row)+1]
		var s archsimd.Float64x8
		for q := range row {
			s = s.Add(archsimd.LoadFloat64x8(&row[q]).Mul(archsimd.LoadFloat64x8(&x[q])))
		}
		archsimd.LoadFloat64x8(&x[j]).Sub(s).Mul(archsimd.LoadFloat64x8(&inverse[j])).Store(&x[j])
	}
	x = x[:k]
	p = p[k*k:]
	i := 0
	for ; i+4 <= len(below); i += 4 {
		p0, p1, p2, p3 := p[i*k:][:len(x)], p[(i+1)*k:][:len(x)], p[(i+2)*k:][:len(x)], p[(i+3)*k:][:len(x)]
		var s0, s1, s2, s3 archsimd.Float64x8
		for q := range x {
			u := archsimd.LoadFloat64x8(&x[q])
			s0 = s0.Add(archsimd.LoadFloat64x8(&p0[q]).Mul(u))
			s1 = s1.Add(archsimd.LoadFloat64x8(&p1[q]).Mul(u))
			s2 = s2.Add(archsimd.LoadFloat64x8(&p2[q]).Mul(u))
			s3 = s3.Add(archsimd.LoadFloat64x8(&p3[q]).Mul(u))
		}
		r := below[i : i+4]
		t0, t1, t2, t3 := &all[r[0]], &all[r[1]], &all[r[2]], &all[r[3]]
		archsimd.LoadFloat64x8(t0).Sub(s0).Store(t0)
		archsimd.LoadFloat64x8(t1).Sub(s1).Store(t1)
		archsimd.LoadFloat64x8(t2).Sub(s2).Store(t2)
		archsimd.LoadFloat64x8(t3).Sub(s3).Store(t3)
	}
	for ; i < len(below); i++ {
		row := p[i*k:][:len(x)]
		var s archsimd.Float64x8
		for q := range x {
			s = s.Add(archsimd.LoadFloat64x8(&row[q]).Mul(archsimd.LoadFloat64x8(&x[q])))
		}
		to := &all[below[i]]
		archsimd.LoadFloat64x8(to).Sub(s).Store(to)
	}
	archsimd.ClearAVXUpperBits()
}

func wideBackward(p []lane, k int, inverse, x, all []lane, below []int32) {
	x = x[:k]
	tail := p[k*k:]
	i := 0
	for ; i+4 <= len(below); i += 4 {
		p0, p1, p2, p3 := tail[i*k:][:len(x)], tail[(i+1)*k:][:len(x)], tail[(i+2)*k:][:len(x)], tail[(i+3)*k:][:len(x)]
		r := below[i : i+4]
		z0, z1 := archsimd.LoadFloat64x8(&all[r[0]]), archsimd.LoadFloat64x8(&all[r[1]])
		z2, z3 := archsimd.LoadFloat64x8(&all[r[2]]), archsimd.LoadFloat64x8(&all[r[3]])
		for q := range x {
			u := archsimd.LoadFloat64x8(&x[q])
			u = u.Sub(archsimd.LoadFloat64x8(&p0[q]).Mul(z0))
			u = u.Sub(archsimd.LoadFloat64x8(&p1[q]).Mul(z1))
			u = u.Sub(archsimd.LoadFloat64x8(&p2[q]).Mul(z2))
			u = u.Sub(archsimd.LoadFloat64x8(&p3[q]).Mul(z3))
			u.Store(&x[q])
		}
	}
	for ; i < len(below); i++ {
		row := tail[i*k:][:len(x)]
		z := archsimd.LoadFloat64x8(&all[below[i]])
		for q := range x {
			archsimd.LoadFloat64x8(&x[q]).Sub(archsimd.LoadFloat64x8(&row[q]).Mul(z)).Store(&x[q])
		}
	}
	for j := k - 1; j >= 0; j-- {
		z := archsimd.LoadFloat64x8(&x[j]).Mul(archsimd.LoadFloat64x8(&inverse[j]))
		z.Store(&x[j])
		row := p[j*k:][:j]
		x := x[:len(row)]
		for q := range row {
			archsimd.LoadFloat64x8(&x[q]).Sub(archsimd.LoadFloat64x8(&row[q]).Mul(z)).Store(&x[q])
		}
	}
	archsimd.ClearAVXUpperBits()
}

func wideAssemble(values []lane, scatter []int32, unit []float64, a []lane) {
	size := len(scatter) / len(a)
	for c := range a {
		v := archsimd.LoadFloat64x8(&a[c])
		to := scatter[c*size:][:size]
		k := unit[c*size:][:len(to)]
		for e, at := range to {
			if at >= 0 {
				q := &values[at]
				archsimd.LoadFloat64x8(q).Add(v.Mul(archsimd.BroadcastFloat64x8(k[e]))).Store(q)
			}
		}
	}
	archsimd.ClearAVXUpperBits()
}

func wideGradient(dst []lane, dofs []int32, unit []float64, lambda, u []lane) {
	k := len(dofs) / len(dst)
	for c := range dst {
		cell, m := dofs[c*k:][:k], unit[c*k*k:][:k*k]
		var sum archsimd.Float64x8
		for i, r := range cell {
			if r < 0 {
				continue
			}
			var s archsimd.Float64x8
			row := m[i*k:][:len(cell)]
			for j, q := range cell {
				if q >= 0 {
					s = s.Add(archsimd.BroadcastFloat64x8(row[j]).Mul(archsimd.LoadFloat64x8(&u[q])))
				}
			}
			sum = sum.Sub(archsimd.LoadFloat64x8(&lambda[r]).Mul(s))
		}
		sum.Store(&dst[c])
	}
	archsimd.ClearAVXUpperBits()
}
