package particle

import "abide/internal/engine"

// glance is what the form [measured] saw from the points of one level.
type glance struct {
	*measured
	level int
	z     []float64
	mean  []float64 // [n, d] D
	r     []float64 // [n, m] whitened y − A(D)
	m     []float64 // [n, m, k] M
	f     []float64 // [n, k, d] F; nil where it is not kept
	rest  []float64 // [n] λ
	psi   []float64 // [n] log ψ
}

func (f *measured) newGlance(level, n int, keep bool) *glance {
	m := len(f.data)
	g := &glance{measured: f, level: level, mean: make([]float64, n*f.d), r: make([]float64, n*m), m: make([]float64, n*m*f.k), rest: make([]float64, n), psi: make([]float64, n)}
	if keep {
		g.f = make([]float64, n*f.k*f.d)
	}
	return g
}

func (g *glance) gather(index []int) view {
	d, m := g.d, len(g.data)
	out := &glance{measured: g.measured, level: g.level, z: gather(g.z, index, d), mean: gather(g.mean, index, d), r: gather(g.r, index, m), m: gather(g.m, index, m*g.k), rest: gather(g.rest, index, 1), psi: gather(g.psi, index, 1)}
	if g.f != nil {
		out.f = gather(g.f, index, g.k*d)
	}
	return out
}

// factoriser turns rows of the Jacobian into F and M; scratch of one goroutine.
type factoriser struct {
	*measured
	sigma, tiny float64
	f, b, q     []float64
	w, c        []float64
	doubt       *doubt
}

func (f *measured) newFactoriser(sigma float64) *factoriser {
	k, d := f.k, f.d
	o := &factoriser{measured: f, sigma: sigma, tiny: 1e-13, f: make([]float64, k*d), w: make([]float64, k*k), c: make([]float64, k)}
	if f.problem.Prior.DType == engine.Float32 {
		o.tiny = 1e-6
	}
	o.doubt = f.newDoubt(sigma)
	if f.full {
		o.b, o.q = make([]float64, d*d), make([]float64, d*d)
	} else {
		o.b = make([]float64, k*k)
	}
	return o
}

// point fills place i of g from D, the Jacobian's rows, A(D) and H of a nonlinear
// operator, and the product eᵀ(∂D/∂u)e with the probe of the null space.
func (o *factoriser) point(g *glance, i int, mean, rows, value, h []float64, along float64) {
	d, k, m := o.d, o.k, len(o.data)
	copy(g.mean[i*d:(i+1)*d], mean)
	if h == nil {
		h = o.a
	}
	r, mm, f := g.r[i*m:(i+1)*m], g.m[i*m*k:(i+1)*m*k], o.f
	if g.f != nil {
		f = g.f[i*k*d : (i+1)*k*d]
	}
	for j := range r {
		if value != nil {
			r[j] = o.data[j] - value[j]
		} else {
			r[j] = o.data[j] - dot(h[j*d:(j+1)*d], mean)
		}
	}
	if o.full {
		o.wholly(f, mm, rows, h)
	} else {
		o.byRows(f, mm, rows, h)
	}
	if o.null != nil {
		g.rest[i] = o.null.rest(o.sigma, along, f)
	}
	g.psi[i] = o.conditioned(r, mm)
}

// doubt is what a network's posterior is believed to miss, as noise: κ²σ²/(1+σ²) HHᵀ
// beside the measurement's, κ that of [Twist]. A network that is sure of a wrong
// value would give single particles all the weight; p is not touched. Exact denoisers
// and nonlinear operators, whose H moves, have none.
type doubt struct {
	l    []float64 // factor of I + κ²σ²/(1+σ²) HHᵀ
	r, m []float64 // r and M, whitened by it
}

func (f *measured) newDoubt(sigma float64) *doubt {
	if f.twist.modelError == 0 || f.a == nil {
		return nil
	}
	d, m := f.d, len(f.data)
	e := f.twist.modelError * f.twist.modelError * sigma * sigma / (1 + sigma*sigma)
	o := &doubt{make([]float64, m*m), make([]float64, m), make([]float64, m*f.k)}
	for i := range m {
		for j := range i + 1 {
			o.l[i*m+j] = e * dot(f.a[i*d:(i+1)*d], f.a[j*d:(j+1)*d])
		}
		o.l[i*m+i]++
	}
	cholesky(o.l, m)
	return o
}

// whiten is r and M as the look-ahead believes them.
func (o *doubt) whiten(r, mm []float64, k int) (believedR, believedM []float64) {
	if o == nil {
		return r, mm
	}
	copy(o.r, r)
	copy(o.m, mm)
	n := len(r)
	forward(o.l, o.r, n)
	for i := range n {
		row := o.m[i*k : (i+1)*k]
		for j := range i {
			axpy(row, -o.l[i*n+j], o.m[j*k:(j+1)*k])
		}
		for j := range row {
			row[j] /= o.l[i*n+i]
		}
	}
	return o.r, o.m
}

// wholly makes F = Lᵀ with C = L Lᵀ, and M = H L.
func (o *factoriser) wholly(f, mm, jac, h []float64) {
	d := o.d
	covariance(f, jac, o.sigma, o.b, o.q, d)
	semicholesky(f, d, o.tiny)
	for i := range d { // L to its transpose
		for j := range i {
			f[j*d+i], f[i*d+j] = f[i*d+j], 0
		}
	}
	for i := range len(o.data) {
		for j := range d {
			mm[i*d+j] = dot(f[j*d+j:(j+1)*d], h[i*d+j:(i+1)*d])
		}
	}
}

// byRows makes F = L⁻¹ B with B = H C and H C Hᵀ = L Lᵀ, and M = L.
func (o *factoriser) byRows(f, mm, rows, h []float64) {
	d, m := o.d, o.k
	s2 := o.sigma * o.sigma
	for i, v := range rows {
		f[i] = s2 * v
	}
	for i := range m {
		for j := range i + 1 {
			v := dot(f[i*d:(i+1)*d], h[j*d:(j+1)*d])
			if j < i {
				v = 0.5 * (v + dot(f[j*d:(j+1)*d], h[i*d:(i+1)*d]))
			}
			mm[i*m+j], mm[j*m+i] = v, 0
			if i == j {
				mm[i*m+j] = v
			}
		}
	}
	semicholesky(mm, m, o.tiny)
	for i := range m {
		row, diag := f[i*d:(i+1)*d], mm[i*m+i]
		if diag == 0 {
			clear(row)
			continue
		}
		for j := range i {
			if l := mm[i*m+j]; l != 0 {
				axpy(row, -l, f[j*d:(j+1)*d])
			}
		}
		for j := range row {
			row[j] /= diag
		}
	}
}

// conditioned is log N(r; 0, I + M Mᵀ) without its constant,
//
//	−½( |r − M c*|² + |c*|² + log det W ),
//
// which has no cancellation.
func (o *factoriser) conditioned(r, mm []float64) float64 {
	r, mm = o.doubt.whiten(r, mm, o.k)
	half := gain(o.w, o.c, r, mm, o.k)
	quad := dot(o.c, o.c)
	for i := range r {
		e := r[i] - dot(mm[i*o.k:(i+1)*o.k], o.c)
		quad += e * e
	}
	return -0.5*quad - half
}

// gain factorises W = I + MᵀM in w and writes c* = W⁻¹Mᵀr to c; it returns half the
// log-determinant of W.
func gain(w, c, r, mm []float64, k int) (half float64) {
	clear(w)
	clear(c)
	for i, ri := range r {
		row := mm[i*k : (i+1)*k]
		for a, v := range row {
			if v == 0 {
				continue
			}
			c[a] += v * ri
			axpy(w[a*k:a*k+a+1], v, row[:a+1])
		}
	}
	for a := range k {
		w[a*k+a]++
	}
	cholesky(w, k)
	forward(w, c, k)
	backward(w, c, k)
	return logDet(w, k)
}

func axpy(y []float64, a float64, x []float64) {
	for i, v := range x {
		y[i] += a * v
	}
}

// backward solves Lᵀ y = r in place.
func backward(l, r []float64, d int) {
	for i := d - 1; i >= 0; i-- {
		r[i] /= l[i*d+i]
		for j := range i {
			r[j] -= l[i*d+j] * r[i]
		}
	}
}
