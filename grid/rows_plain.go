package grid

// The loops over a row of one colour in plain Go, or over whole arrays; numbers are a
// multiple of four. x are the values of the other colour, e the conductances.

// cut is a row's part of an array.
func cut(x []float64, at, n int) []float64 { return x[at : at+n : at+n] }

// plainRelax is u = (f + Σ e x)·inverse.
func plainRelax(u, f, inverse, x []float64, e *[4][]float64, p *places) {
	n := p.n
	u, f, inverse = cut(u, p.at, n), cut(f, p.at, n), cut(inverse, p.at, n)
	e0, e1, e2, e3 := cut(e[0], p.edge[0], n), cut(e[1], p.edge[1], n), cut(e[2], p.edge[2], n), cut(e[3], p.edge[3], n)
	x0, x1, x2, x3 := cut(x, p.near[0], n), cut(x, p.near[1], n), cut(x, p.near[2], n), cut(x, p.near[3], n)
	for k := range u {
		u[k] = (f[k] + e0[k]*x0[k] + e1[k]*x1[k] + e2[k]*x2[k] + e3[k]*x3[k]) * inverse[k]
	}
}

// plainFlow is r = Σ e x.
func plainFlow(r, x []float64, e *[4][]float64, p *places) {
	n := p.n
	r = cut(r, p.at, n)
	e0, e1, e2, e3 := cut(e[0], p.edge[0], n), cut(e[1], p.edge[1], n), cut(e[2], p.edge[2], n), cut(e[3], p.edge[3], n)
	x0, x1, x2, x3 := cut(x, p.near[0], n), cut(x, p.near[1], n), cut(x, p.near[2], n), cut(x, p.near[3], n)
	for k := range r {
		r[k] = e0[k]*x0[k] + e1[k]*x1[k] + e2[k]*x2[k] + e3[k]*x3[k]
	}
}

// plainApply is q = d u − Σ e x; the products u q are added to four sums in turn.
func plainApply(q, d, u, x []float64, e *[4][]float64, p *places, sum *[4]float64) {
	n := p.n
	q, d, u = cut(q, p.at, n), cut(d, p.at, n), cut(u, p.at, n)
	e0, e1, e2, e3 := cut(e[0], p.edge[0], n), cut(e[1], p.edge[1], n), cut(e[2], p.edge[2], n), cut(e[3], p.edge[3], n)
	x0, x1, x2, x3 := cut(x, p.near[0], n), cut(x, p.near[1], n), cut(x, p.near[2], n), cut(x, p.near[3], n)
	for k := range q {
		q[k] = d[k]*u[k] - (e0[k]*x0[k] + e1[k]*x1[k] + e2[k]*x2[k] + e3[k]*x3[k])
	}
	s0, s1, s2, s3 := sum[0], sum[1], sum[2], sum[3]
	for k := 0; k <= n-4; k += 4 {
		u, q := u[k:k+4:k+4], q[k:k+4:k+4]
		s0 += u[0] * q[0]
		s1 += u[1] * q[1]
		s2 += u[2] * q[2]
		s3 += u[3] * q[3]
	}
	*sum = [4]float64{s0, s1, s2, s3}
}

// plainDot is Σ a b in four sums.
func plainDot(a, b []float64) float64 {
	var s0, s1, s2, s3 float64
	for k := 0; k <= len(a)-4; k += 4 {
		a, b := a[k:k+4:k+4], b[k:k+4:k+4]
		s0 += a[0] * b[0]
		s1 += a[1] * b[1]
		s2 += a[2] * b[2]
		s3 += a[3] * b[3]
	}
	return (s0 + s2) + (s1 + s3)
}

// plainDirection is p = z + β p.
func plainDirection(p, z []float64, beta float64) {
	z = z[:len(p)]
	for k := range p {
		p[k] = z[k] + beta*p[k]
	}
}

// plainStep is x += α p, r −= α q; Σ r², in four sums, is returned.
func plainStep(x, r, p, q []float64, alpha float64) float64 {
	n := len(x)
	r, p, q = r[:n], p[:n], q[:n]
	for k := range x {
		x[k] += alpha * p[k]
		r[k] -= alpha * q[k]
	}
	return plainDot(r, r)
}

// plainProduct is u = f·inverse.
func plainProduct(u, f, inverse []float64) {
	f, inverse = f[:len(u)], inverse[:len(u)]
	for k := range u {
		u[k] = f[k] * inverse[k]
	}
}
