package sparse

import "math"

// plainLanes is the kernels in Go alone. The conversions float64(x*y) keep compilers
// from fusing: the vector kernels round the same way, in the same order.
var plainLanes = laneKernels{
	name: "plain", panel: plainPanel, update: plainUpdate, forward: plainForward, backward: plainBackward,
	assemble: plainAssemble, gradient: plainGradient,
}

func plainUpdate(t, a []lane, k, ld, cols int, place []int32) {
	j := 0
	for ; j+2 <= cols; j += 2 {
		b0, b1 := a[j*k:][:k], a[(j+1)*k:][:k]
		c0, c1 := int(place[j]), int(place[j+1])
		i := j
		for ; i+4 <= len(place); i += 4 {
			a0, a1, a2, a3 := a[i*k:][:k], a[(i+1)*k:][:k], a[(i+2)*k:][:k], a[(i+3)*k:][:k]
			r := place[i : i+4]
			t0, t1, t2, t3 := t[int(r[0])*ld:], t[int(r[1])*ld:], t[int(r[2])*ld:], t[int(r[3])*ld:]
			t00, t01, t10, t11 := &t0[c0], &t0[c1], &t1[c0], &t1[c1]
			t20, t21, t30, t31 := &t2[c0], &t2[c1], &t3[c0], &t3[c1]
			for l := range Lanes {
				var s00, s01, s10, s11, s20, s21, s30, s31 float64
				for p := range b0 {
					x, y := b0[p][l], b1[p][l]
					u := a0[p][l]
					s00 += float64(u * x)
					s01 += float64(u * y)
					u = a1[p][l]
					s10 += float64(u * x)
					s11 += float64(u * y)
					u = a2[p][l]
					s20 += float64(u * x)
					s21 += float64(u * y)
					u = a3[p][l]
					s30 += float64(u * x)
					s31 += float64(u * y)
				}
				t00[l] -= s00
				t01[l] -= s01
				t10[l] -= s10
				t11[l] -= s11
				t20[l] -= s20
				t21[l] -= s21
				t30[l] -= s30
				t31[l] -= s31
			}
		}
		for ; i < len(place); i++ {
			a0 := a[i*k:][:k]
			t0 := t[int(place[i])*ld:]
			t00, t01 := &t0[c0], &t0[c1]
			for l := range Lanes {
				var s0, s1 float64
				for p := range b0 {
					u := a0[p][l]
					s0 += float64(u * b0[p][l])
					s1 += float64(u * b1[p][l])
				}
				t00[l] -= s0
				t01[l] -= s1
			}
		}
	}
	if j < cols {
		b0 := a[j*k:][:k]
		c0 := int(place[j])
		for i := j; i < len(place); i++ {
			a0 := a[i*k:][:k]
			t0 := &t[int(place[i])*ld+c0]
			for l := range Lanes {
				var s float64
				for p := range b0 {
					s += float64(a0[p][l] * b0[p][l])
				}
				t0[l] -= s
			}
		}
	}
}

// plainPanel takes two columns at a time: a square of two by two at the diagonal,
// then four rows at a time below.
func plainPanel(p []lane, k int, inverse []lane) {
	rows := len(p) / k
	j := 0
	for ; j+2 <= k; j += 2 {
		b0, b1 := p[j*k:][:j], p[(j+1)*k:][:j]
		d0, d1 := &inverse[j], &inverse[j+1]
		e, f, g := &p[j*k+j], &p[(j+1)*k+j], &p[(j+1)*k+j+1]
		for l := range Lanes {
			var s00, s10, s11 float64
			for q := range b0 {
				x, y := b0[q][l], b1[q][l]
				s00 += float64(x * x)
				s10 += float64(x * y)
				s11 += float64(y * y)
			}
			d0[l] = 1 / math.Sqrt(e[l]-s00)
			f[l] = (f[l] - s10) * d0[l]
			s11 += float64(f[l] * f[l])
			d1[l] = 1 / math.Sqrt(g[l]-s11)
		}
		i := j + 2
		for ; i+4 <= rows; i += 4 {
			a0, a1, a2, a3 := p[i*k:][:j+2], p[(i+1)*k:][:j+2], p[(i+2)*k:][:j+2], p[(i+3)*k:][:j+2]
			for l := range Lanes {
				var s00, s01, s10, s11, s20, s21, s30, s31 float64
				for q := range b0 {
					x, y := b0[q][l], b1[q][l]
					u := a0[q][l]
					s00 += float64(u * x)
					s01 += float64(u * y)
					u = a1[q][l]
					s10 += float64(u * x)
					s11 += float64(u * y)
					u = a2[q][l]
					s20 += float64(u * x)
					s21 += float64(u * y)
					u = a3[q][l]
					s30 += float64(u * x)
					s31 += float64(u * y)
				}
				z := (a0[j][l] - s00) * d0[l]
				a0[j][l] = z
				a0[j+1][l] = (a0[j+1][l] - (s01 + float64(z*f[l]))) * d1[l]
				z = (a1[j][l] - s10) * d0[l]
				a1[j][l] = z
				a1[j+1][l] = (a1[j+1][l] - (s11 + float64(z*f[l]))) * d1[l]
				z = (a2[j][l] - s20) * d0[l]
				a2[j][l] = z
				a2[j+1][l] = (a2[j+1][l] - (s21 + float64(z*f[l]))) * d1[l]
				z = (a3[j][l] - s30) * d0[l]
				a3[j][l] = z
				a3[j+1][l] = (a3[j+1][l] - (s31 + float64(z*f[l]))) * d1[l]
			}
		}
		for ; i < rows; i++ {
			a0 := p[i*k:][:j+2]
			for l := range Lanes {
				var s0, s1 float64
				for q := range b0 {
					u := a0[q][l]
					s0 += float64(u * b0[q][l])
					s1 += float64(u * b1[q][l])
				}
				z := (a0[j][l] - s0) * d0[l]
				a0[j][l] = z
				a0[j+1][l] = (a0[j+1][l] - (s1 + float64(z*f[l]))) * d1[l]
			}
		}
	}
	if j < k {
		b0 := p[j*k:][:j]
		d0, e := &inverse[j], &p[j*k+j]
		for l := range Lanes {
			var s float64
			for q := range b0 {
				s += float64(b0[q][l] * b0[q][l])
			}
			d0[l] = 1 / math.Sqrt(e[l]-s)
		}
		for i := j + 1; i < rows; i++ {
			a0 := p[i*k:][:j+1]
			for l := range Lanes {
				var s float64
				for q := range b0 {
					s += float64(a0[q][l] * b0[q][l])
				}
				a0[j][l] = (a0[j][l] - s) * d0[l]
			}
		}
	}
}

func plainForward(p []lane, k int, inverse, x, all []lane, below []int32) {
	for j := range k {
		row := p[j*k:][:j]
		for l := range Lanes {
			var s float64
			for q := range row {
				s += float64(row[q][l] * x[q][l])
			}
			x[j][l] = (x[j][l] - s) * inverse[j][l]
		}
	}
	x = x[:k]
	p = p[k*k:]
	i := 0
	for ; i+4 <= len(below); i += 4 {
		p0, p1, p2, p3 := p[i*k:][:len(x)], p[(i+1)*k:][:len(x)], p[(i+2)*k:][:len(x)], p[(i+3)*k:][:len(x)]
		r := below[i : i+4]
		t0, t1, t2, t3 := &all[r[0]], &all[r[1]], &all[r[2]], &all[r[3]]
		for l := range Lanes {
			var s0, s1, s2, s3 float64
			for q := range x {
				u := x[q][l]
				s0 += float64(p0[q][l] * u)
				s1 += float64(p1[q][l] * u)
				s2 += float64(p2[q][l] * u)
				s3 += float64(p3[q][l] * u)
			}
			t0[l] -= s0
			t1[l] -= s1
			t2[l] -= s2
			t3[l] -= s3
		}
	}
	for ; i < len(below); i++ {
		row, to := p[i*k:][:len(x)], &all[below[i]]
		for l := range Lanes {
			var s float64
			for q := range x {
				s += float64(row[q][l] * x[q][l])
			}
			to[l] -= s
		}
	}
}

func plainBackward(p []lane, k int, inverse, x, all []lane, below []int32) {
	x = x[:k]
	tail := p[k*k:]
	i := 0
	for ; i+4 <= len(below); i += 4 {
		p0, p1, p2, p3 := tail[i*k:][:len(x)], tail[(i+1)*k:][:len(x)], tail[(i+2)*k:][:len(x)], tail[(i+3)*k:][:len(x)]
		r := below[i : i+4]
		for l := range Lanes {
			z0, z1, z2, z3 := all[r[0]][l], all[r[1]][l], all[r[2]][l], all[r[3]][l]
			for q := range x {
				u := x[q][l] - float64(p0[q][l]*z0)
				u -= float64(p1[q][l] * z1)
				u -= float64(p2[q][l] * z2)
				u -= float64(p3[q][l] * z3)
				x[q][l] = u
			}
		}
	}
	for ; i < len(below); i++ {
		row, z := tail[i*k:][:len(x)], &all[below[i]]
		for q := range x {
			u, v := &x[q], &row[q]
			for l := range Lanes {
				u[l] -= float64(v[l] * z[l])
			}
		}
	}
	for j := k - 1; j >= 0; j-- {
		z := &x[j]
		for l := range Lanes {
			z[l] *= inverse[j][l]
		}
		row := p[j*k:][:j]
		for q := range row {
			u, v := &x[q], &row[q]
			for l := range Lanes {
				u[l] -= float64(v[l] * z[l])
			}
		}
	}
}
