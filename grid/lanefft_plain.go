package grid

// plainLanes is the kernels in Go alone. The conversions float64(x*y) keep compilers
// from fusing: the vector kernels round the same way.
var plainLanes = laneKernels{
	name: "plain", first: plainFirst, middle: plainMiddle, last: plainLast, two: plainTwo,
	scale: plainScale, separate: plainSeparate, join: plainJoin, products: plainProducts,
}

func plainFirst(y, x []Complex8, xs int, roots []root, inverse bool) {
	n := len(roots)
	for p := range roots {
		out := (*[4]Complex8)(y[4*p:])
		y1, y3 := &out[1], &out[3]
		r := &roots[p]
		w := *r
		if inverse {
			y1, y3 = y3, y1
			w[0], w[1], w[4], w[5] = w[4], w[5], w[0], w[1]
		}
		plainFour(&out[0], y1, &out[2], y3, &x[p*xs], &x[(p+n)*xs], &x[(p+2*n)*xs], &x[(p+3*n)*xs], &w)
	}
}

func plainMiddle(y, x []Complex8, s int, roots []root, inverse bool) {
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
			plainFour(&y0[q], &y1[q], &y2[q], &y3[q], &a[q], &b[q], &c[q], &d[q], &w)
		}
	}
}

// plainFour is the butterfly of radix 4, forward: the inverse has y1 and y3 exchanged
// and their factors with them.
func plainFour(y0, y1, y2, y3, a, b, c, d *Complex8, w *root) {
	for l := range 8 {
		sr, si := a[0][l]+c[0][l], a[1][l]+c[1][l]
		dr, di := a[0][l]-c[0][l], a[1][l]-c[1][l]
		tr, ti := b[0][l]+d[0][l], b[1][l]+d[1][l]
		er, ei := b[0][l]-d[0][l], b[1][l]-d[1][l]
		y0[0][l], y0[1][l] = sr+tr, si+ti
		ur, ui := dr+ei, di-er
		y1[0][l], y1[1][l] = float64(ur*w[0])-float64(ui*w[1]), float64(ur*w[1])+float64(ui*w[0])
		ur, ui = sr-tr, si-ti
		y2[0][l], y2[1][l] = float64(ur*w[2])-float64(ui*w[3]), float64(ur*w[3])+float64(ui*w[2])
		ur, ui = dr-ei, di+er
		y3[0][l], y3[1][l] = float64(ur*w[4])-float64(ui*w[5]), float64(ur*w[5])+float64(ui*w[4])
	}
}

func plainLast(y []Complex8, ys int, x []Complex8, xs, s int, inverse bool) {
	n := s * xs
	i1, i3 := s*ys, 3*s*ys
	if inverse {
		i1, i3 = i3, i1
	}
	for q := range s {
		a, b, c, d := &x[q*xs], &x[q*xs+n], &x[q*xs+2*n], &x[q*xs+3*n]
		y0, y1, y2, y3 := &y[q*ys], &y[q*ys+i1], &y[(q+2*s)*ys], &y[q*ys+i3]
		for l := range 8 {
			sr, si := a[0][l]+c[0][l], a[1][l]+c[1][l]
			dr, di := a[0][l]-c[0][l], a[1][l]-c[1][l]
			tr, ti := b[0][l]+d[0][l], b[1][l]+d[1][l]
			er, ei := b[0][l]-d[0][l], b[1][l]-d[1][l]
			y0[0][l], y0[1][l] = sr+tr, si+ti
			y1[0][l], y1[1][l] = dr+ei, di-er
			y2[0][l], y2[1][l] = sr-tr, si-ti
			y3[0][l], y3[1][l] = dr-ei, di+er
		}
	}
}

func plainTwo(y []Complex8, ys int, x []Complex8, xs, s int) {
	for q := range s {
		a, b := &x[q*xs], &x[(q+s)*xs]
		y0, y1 := &y[q*ys], &y[(q+s)*ys]
		for l := range 8 {
			sr, si, dr, di := a[0][l]+b[0][l], a[1][l]+b[1][l], a[0][l]-b[0][l], a[1][l]-b[1][l]
			y0[0][l], y0[1][l], y1[0][l], y1[1][l] = sr, si, dr, di
		}
	}
}

func plainScale(x []Complex8, by float64) {
	for k := range x {
		for l := range 8 {
			x[k][0][l] *= by
			x[k][1][l] *= by
		}
	}
}

func plainSeparate(a, b, z []Complex8, minus []int32) {
	a, b, minus = a[:len(z)], b[:len(z)], minus[:len(z)]
	for k := range z {
		u, v, p, q := &z[k], &z[minus[k]], &a[k], &b[k]
		for l := range 8 {
			p[0][l], p[1][l] = (u[0][l]+v[0][l])/2, (u[1][l]-v[1][l])/2
			q[0][l], q[1][l] = (u[1][l]+v[1][l])/2, (v[0][l]-u[0][l])/2
		}
	}
}

func plainJoin(z, a, b []Complex8) {
	a, b = a[:len(z)], b[:len(z)]
	for k := range z {
		p, q, u := &a[k], &b[k], &z[k]
		for l := range 8 {
			u[0][l], u[1][l] = p[0][l]-q[1][l], p[1][l]+q[0][l]
		}
	}
}
