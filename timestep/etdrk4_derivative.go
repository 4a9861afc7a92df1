package timestep

// ETDRK4Derivative is the derivative of the map Φ: u(t) ↦ u(t + Δt) of a step of [ETDRK4]:
// of the scheme with its Δt, not of the equation. With those of the rate at the stages,
// the tangent v ↦ Φ′(u) v is
//
//	a′ = F v + Q N′(u) v,   b′ = F v + Q N′(a) a′,   c′ = F a′ + Q (2 N′(b) b′ − N′(u) v),
//	v ← E v + f₁ N′(u) v + 2 f₂ (N′(a) a′ + N′(b) b′) + f₃ N′(c) c′,
//
// and the adjoint w ↦ Φ′(u)ᵀ w is the same from its end to its beginning,
//
//	c* = N′(c)ᵀ f₃ w,   b* = N′(b)ᵀ (2 f₂ w + 2 Q c*),
//	a* = F c* + N′(a)ᵀ (2 f₂ w + Q b*),
//	w ← E w + F (a* + b*) + N′(u)ᵀ (f₁ w + Q (a* − c*)).
//
// A. Griewank and A. Walther, "Evaluating Derivatives", 2nd ed. 2008, sections 3.1 and 3.2,
// applied to the equations of [ETDRK4].
//
// Costs: Tangent four evaluations of N and of N′ v, Adjoint three of N and four of N′ᵀ w;
// stages are computed again. MarchAdjoint takes the step itself besides. One goroutine at a time, and
// not while the scheme steps.
type ETDRK4Derivative[T Number] struct {
	scheme            *ETDRK4[T]
	forward, backward Product[T]
	adjoint           *ETDRK4[T] // conjugates of the coefficients
	a, b, c           []T        // stages
	nu, na, nb        []T        // N there
	va, du, da, db    []T        // of tangents: a stage, and N′ v at three
}

// Derivative prepares the derivative of steps: forward is N′ v and backward N′ᵀ v of the
// scheme's rate; nil where that direction is not asked for.
func (s *ETDRK4[T]) Derivative(forward, backward Product[T]) *ETDRK4Derivative[T] {
	d := &ETDRK4Derivative[T]{scheme: s, forward: forward, backward: backward, adjoint: &ETDRK4[T]{}}
	n := len(s.whole)
	for _, p := range []*[]T{&d.a, &d.b, &d.c, &d.nu, &d.na, &d.nb, &d.va, &d.du, &d.da, &d.db} {
		*p = make([]T, n)
	}
	d.adjoint.whole, d.adjoint.half, d.adjoint.q = conjugates(s.whole), conjugates(s.half), conjugates(s.q)
	d.adjoint.f1, d.adjoint.f2, d.adjoint.f3 = conjugates(s.f1), conjugates(s.f2), conjugates(s.f3)
	return d
}

// conjugates are those of complex numbers; real ones are theirs.
func conjugates[T Number](x []T) []T {
	z, ok := any(x).([]complex128)
	if !ok {
		return x
	}
	c := make([]complex128, len(z))
	for i, v := range z {
		c[i] = complex(real(v), -imag(v))
	}
	return any(c).([]T)
}

// inner is dst = F u + Q n, the stages a and b.
func (s *ETDRK4[T]) inner(dst, u, n []T) {
	for i, v := range u {
		dst[i] = s.half[i]*v + s.q[i]*n[i]
	}
}

// outer is dst = F a + Q (2 nb − nu), the stage c.
func (s *ETDRK4[T]) outer(dst, a, nb, nu []T) {
	for i, v := range a {
		dst[i] = s.half[i]*v + s.q[i]*(nb[i]+nb[i]-nu[i])
	}
}

// Tangent replaces u by Φ(u), as Step does, and v by Φ′(u) v.
func (d *ETDRK4Derivative[T]) Tangent(t float64, u, v []T) {
	s, middle := d.scheme, t+d.scheme.dt/2
	s.rate(t, u, d.nu)
	d.forward(t, u, v, d.du)
	s.inner(d.a, u, d.nu)
	s.inner(d.va, v, d.du)
	s.rate(middle, d.a, d.na)
	d.forward(middle, d.a, d.va, d.da)
	s.inner(d.b, u, d.na)
	s.inner(d.c, v, d.da) // b′
	s.rate(middle, d.b, d.nb)
	d.forward(middle, d.b, d.c, d.db)
	s.outer(d.c, d.a, d.nb, d.nu)
	s.outer(d.b, d.va, d.db, d.du) // c′
	s.rate(t+s.dt, d.c, d.a)
	d.forward(t+s.dt, d.c, d.b, d.va)
	for i, x := range u {
		u[i] = s.whole[i]*x + s.f1[i]*d.nu[i] + s.f2[i]*(d.na[i]+d.nb[i]) + s.f3[i]*d.a[i]
	}
	for i, x := range v {
		v[i] = s.whole[i]*x + s.f1[i]*d.du[i] + s.f2[i]*(d.da[i]+d.db[i]) + s.f3[i]*d.va[i]
	}
}

// Adjoint replaces w by Φ′(u)ᵀ w for the step from u(t), which is left as it is.
func (d *ETDRK4Derivative[T]) Adjoint(t float64, u, w []T) {
	s, k, middle := d.scheme, d.adjoint, t+d.scheme.dt/2
	s.rate(t, u, d.nu)
	s.inner(d.a, u, d.nu)
	s.rate(middle, d.a, d.na)
	s.inner(d.b, u, d.na)
	s.rate(middle, d.b, d.nb)
	s.outer(d.c, d.a, d.nb, d.nu)
	n, before := d.nu, d.na // cotangents of a value of N, and of what it was taken at
	for i, x := range w {
		n[i] = k.f3[i] * x
	}
	after := d.db // c*
	d.backward(t+s.dt, d.c, n, after)
	for i, x := range w {
		n[i] = k.f2[i]*x + k.q[i]*(after[i]+after[i])
	}
	b := d.nb // b*
	d.backward(middle, d.b, n, b)
	for i, x := range w {
		n[i] = k.f2[i]*x + k.q[i]*b[i]
	}
	d.backward(middle, d.a, n, before)
	for i, x := range w {
		a := before[i] + k.half[i]*after[i] // a*
		n[i] = k.f1[i]*x + k.q[i]*(a-after[i])
		b[i] = k.whole[i]*x + k.half[i]*(a+b[i])
	}
	d.backward(t, u, n, before)
	for i := range w {
		w[i] = b[i] + before[i]
	}
}

// MarchTangent is that of [Differential].
func (d *ETDRK4Derivative[T]) MarchTangent(t float64, n int, u, v []T) {
	for k := range n {
		d.Tangent(t+float64(k)*d.scheme.dt, u, v)
	}
}

// MarchAdjoint is that of [Differential].
func (d *ETDRK4Derivative[T]) MarchAdjoint(t float64, n int, u, w []T) {
	reverse[T](d.scheme, t, n, stride(n, len(u)), u, func(t float64, _ int, state []T) { d.Adjoint(t, state, w) })
}
