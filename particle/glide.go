package particle

import (
	"math"

	"abide/internal/keyed"
)

// glancer reads a glance; see [measured] for its kernels. With κ = γ²/v, ρ =
// v/(v + γ²λ), the product ⟨a, b⟩ = aᵀ(I − N + ρN)b = ρ aᵀb + (1−ρ)(Qa)·(Qb), T = ⟨F, F⟩,
// e = z′ − (1−γ)z − γD and s = ⟨F, e⟩, Woodbury's identity leaves of the densities
//
//	log p − log q = −½[ 2γ c*·s − γ² c*ᵀTc* − κ sᵀ(I+κT)⁻¹s + κ tᵀ(W+κT)⁻¹t ]/v
//	                −½ log det(I+κT) det W / det(W+κT),    t = s − γTc*.
type glancer struct {
	*glance
	stream *keyed.Stream
	doubt  *doubt

	gamma, v, kappa float64

	lo   int
	own  *glance // the rows of the points from lo on, where they are not kept
	i    int
	mean []float64
	f    []float64 // F of the point
	rest float64   // λ
	seen []float64 // Q Fᵀ
	rho  float64

	w, c          []float64 // factor of W, c*
	half          float64   // ½ log det W
	t, p, q       []float64 // T, factors of I+κT and of W+κT
	pHalf, qHalf  float64
	s, a, b, draw []float64
	noise, qe     []float64
}

func (g *glance) open(lo, hi int, purpose string, chunk int) (eye, error) {
	e := &glancer{glance: g, lo: lo}
	next := g.sigma[g.level+1]
	ratio := next / g.sigma[g.level]
	e.gamma = 1 - ratio*ratio
	e.v = next * next * e.gamma
	if purpose == "" {
		return e, nil // for factors alone
	}
	e.kappa = e.gamma * e.gamma / e.v
	e.stream = keyed.New(g.Seed, purpose, chunk, g.level)
	k := g.k
	for _, x := range []*[]float64{&e.w, &e.t, &e.p, &e.q} {
		*x = make([]float64, k*k)
	}
	for _, x := range []*[]float64{&e.c, &e.s, &e.a, &e.b, &e.draw} {
		*x = make([]float64, k)
	}
	e.doubt = g.newDoubt(g.sigma[g.level])
	e.noise, e.qe = make([]float64, g.d), make([]float64, len(g.data))
	if g.null != nil {
		e.seen = make([]float64, len(g.data)*k)
	}
	if g.f == nil {
		e.own = g.newGlance(g.level, hi-lo, true)
		for at := lo; at < hi; at += g.batch {
			if err := g.fill(e.own, g.z[at*g.d:min(at+g.batch, hi)*g.d], at-lo); err != nil {
				return nil, err
			}
		}
	}
	return e, nil
}

func (e *glancer) factors(i int) (soft, hard float64) { return e.glance.psi[i], 0 }

func (e *glancer) psi(i int, _ float64) float64 {
	d, k, m := e.d, e.k, len(e.data)
	e.i, e.mean = i, e.glance.mean[i*d:(i+1)*d]
	if e.own != nil {
		e.f = e.own.f[(i-e.lo)*k*d : (i-e.lo+1)*k*d]
	} else {
		e.f = e.glance.f[i*k*d : (i+1)*k*d]
	}
	if e.rho, e.rest = 1, e.glance.rest[i]; e.rest > 0 {
		e.rho = e.v / (e.v + e.gamma*e.gamma*e.rest)
		e.null.seen(e.seen, e.m[i*m*k:(i+1)*m*k], k)
	}
	r, mm := e.doubt.whiten(e.r[i*m:(i+1)*m], e.m[i*m*k:(i+1)*m*k], k)
	e.half = gain(e.w, e.c, r, mm, k)
	return e.glance.psi[i]
}

// kernels prepares T and the factors of I+κT and W+κT.
func (e *glancer) kernels() {
	k, d := e.k, e.d
	for i := range k {
		for j := range i + 1 {
			v := e.rho * dot(e.f[i*d:(i+1)*d], e.f[j*d:(j+1)*d])
			if e.rest > 0 {
				for r := range e.qe {
					v += (1 - e.rho) * e.seen[r*k+i] * e.seen[r*k+j]
				}
			}
			e.t[i*k+j], e.t[j*k+i] = v, v
		}
	}
	if e.DDPM {
		return
	}
	for i := range k {
		for j := range i + 1 {
			v := e.kappa * e.t[i*k+j]
			e.p[i*k+j] = v
			e.q[i*k+j] = v + dot(e.w[i*k:i*k+j+1], e.w[j*k:j*k+j+1])
		}
		e.p[i*k+i]++
	}
	cholesky(e.p, k)
	cholesky(e.q, k)
	e.pHalf, e.qHalf = logDet(e.p, k), logDet(e.q, k)
}

func (e *glancer) propose(next, z []float64) float64 {
	e.coefficients(!e.DDPM)
	e.stream.Normal(e.noise)
	e.spread(math.Sqrt(e.v), math.Sqrt(e.v+e.gamma*e.gamma*e.rest))
	for j := range next {
		next[j] = (1-e.gamma)*z[j] + e.gamma*e.mean[j] + e.noise[j]
	}
	for i, c := range e.draw {
		axpy(next, e.gamma*c, e.f[i*e.d:(i+1)*e.d])
	}
	return e.ratio(next, z)
}

// spread scales the noise, by a where the measurement sees and by b where it does not.
func (e *glancer) spread(a, b float64) {
	if a != b {
		for i := range e.qe {
			e.qe[i] = (a - b) * dot(e.null.q[i*e.d:(i+1)*e.d], e.noise)
		}
	}
	for j := range e.noise {
		e.noise[j] *= b
	}
	if a != b {
		for i, c := range e.qe {
			axpy(e.noise, c, e.null.q[i*e.d:(i+1)*e.d])
		}
	}
}

// coefficients draws c from N(c*, W⁻¹), or takes c*; a share ε of them comes from
// N(0, I), or is 0.
func (e *glancer) coefficients(random bool) {
	prior := e.twist.defensive > 0 && e.stream.Uniform() < e.twist.defensive
	clear(e.a)
	if random {
		e.stream.Normal(e.a)
		if !prior {
			backward(e.w, e.a, e.k)
		}
	}
	copy(e.draw, e.a)
	if !prior {
		axpy(e.draw, 1, e.c)
	}
}

func (e *glancer) ratio(next, z []float64) float64 {
	e.kernels()
	for j := range next {
		e.noise[j] = next[j] - (1-e.gamma)*z[j] - e.gamma*e.mean[j]
	}
	k := e.k
	for i := range k {
		e.s[i] = e.rho * dot(e.f[i*e.d:(i+1)*e.d], e.noise)
	}
	if e.rest > 0 {
		for r := range e.qe {
			axpy(e.s, (1-e.rho)*dot(e.null.q[r*e.d:(r+1)*e.d], e.noise), e.seen[r*k:(r+1)*k])
		}
	}
	symv(e.t, e.c, e.a, k) // T c*
	quad := 2*e.gamma*dot(e.c, e.s) - e.gamma*e.gamma*dot(e.c, e.a)
	if e.DDPM {
		return e.defended(-0.5 * quad / e.v)
	}
	for i := range k {
		e.b[i] = e.s[i] - e.gamma*e.a[i]
	}
	forward(e.p, e.s, k)
	forward(e.q, e.b, k)
	quad += e.kappa * (dot(e.b, e.b) - dot(e.s, e.s))
	return e.defended(-0.5*quad/e.v - (e.pHalf + e.half - e.qHalf))
}

// defended is log p/q for the proposal (1−ε)q + εp, from that for q.
func (e *glancer) defended(ratio float64) float64 {
	if e.twist.defensive == 0 {
		return ratio
	}
	return -logAdd(math.Log1p(-e.twist.defensive)-ratio, math.Log(e.twist.defensive))
}

// end draws the clean point D + Fᵀc, c from its law given y, with what is left of
// the covariance.
func (e *glancer) end(u []float64) (logw, moved float64) {
	e.coefficients(true)
	copy(u, e.mean)
	if e.rest > 0 {
		e.stream.Normal(e.noise)
		e.spread(0, math.Sqrt(e.rest))
		axpy(u, 1, e.noise)
	}
	for i, c := range e.draw {
		axpy(u, c, e.f[i*e.d:(i+1)*e.d])
	}
	return e.clean(u), 0
}

// clean is log p(c) − log q(c) − E(u) for the coefficients in draw.
func (e *glancer) clean(u []float64) float64 {
	k := e.k
	for i, c := range e.draw {
		e.a[i] = c - e.c[i]
	}
	// (c−c*)ᵀW(c−c*) by the factor of W.
	var q float64
	for j := range k {
		var t float64
		for i := j; i < k; i++ {
			t += e.w[i*k+j] * e.a[i]
		}
		q += t * t
	}
	x := make([]float64, len(u))
	e.problem.Prior.Coordinates.ToX(x, u)
	return e.defended(0.5*(q-dot(e.draw, e.draw))-e.half) - e.problem.Energy(x)
}

// reach finds the coefficients of a given u: those that explain it, F c = u − D,
// where F is a factor of all of C, or the measured values, M c = A(u) − A(D), where
// it is not; the rest of u has the same law under p and q.
func (e *glancer) reach(u []float64) float64 {
	d, k, m := e.d, e.k, len(e.data)
	at := func(i, j int) float64 { return e.m[(e.i*m+i)*k+j] }
	if e.full {
		for j := range d {
			e.draw[j] = u[j] - e.mean[j]
		}
		at = func(i, j int) float64 { return e.f[j*d+i] }
	} else {
		e.residual(e.draw, u)
		for i := range m {
			e.draw[i] = e.r[e.i*m+i] - e.draw[i]
		}
	}
	for i := range k {
		diag := at(i, i)
		if diag == 0 {
			e.draw[i] = 0
			continue
		}
		for j := range i {
			e.draw[i] -= at(i, j) * e.draw[j]
		}
		e.draw[i] /= diag
	}
	return e.clean(u)
}

// residual is y − A(u), whitened.
func (f *measured) residual(r, u []float64) {
	if f.a != nil {
		for i := range r {
			r[i] = f.data[i] - dot(f.a[i*f.d:(i+1)*f.d], u)
		}
		return
	}
	f.y.Op.ApplyAt(r, u)
	for i, y := range f.y.Y {
		r[i] = y - r[i]
	}
	noise, _ := f.y.Gaussian()
	noise.WhitenAt(r)
}
