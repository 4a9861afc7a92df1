package timestep

// IMEXDerivative is the derivative of a march by [IMEX]. With R = Δt (M + ½Δt K)⁻¹, c = 1
// in the first step and with Euler, else ³⁄₂, and d = ½ where the next step looks back,
// else 0, the tangent is the scheme with N′(uⁿ) vⁿ in place of N, and the adjoint
//
//	zⁿ = R wⁿ⁺¹,   wⁿ = wⁿ⁺¹ − K zⁿ + N′(uⁿ)ᵀ (c zⁿ − d zⁿ⁺¹).
//
// M and K are to be self-adjoint in the inner product of N′ᵀ; those of [NewDiagonal] are
// where l is real.
//
// Costs a step: one evaluation of N and one of N′ v or N′ᵀ w, and twice the products with
// K and solves. One goroutine at a time, and not while the scheme steps.
type IMEXDerivative[T Number] struct {
	scheme            *IMEX[T]
	forward, backward Product[T]
	now, old, rest    []T
}

// Derivative prepares the derivative of marches: forward is N′ v and backward N′ᵀ v of the
// scheme's rate; nil where that direction is not asked for.
func (s *IMEX[T]) Derivative(forward, backward Product[T]) *IMEXDerivative[T] {
	d := &IMEXDerivative[T]{scheme: s, forward: forward, backward: backward}
	for _, p := range []*[]T{&d.now, &d.old, &d.rest} {
		*p = make([]T, len(s.now))
	}
	return d
}

// MarchTangent is that of [Differential].
func (d *IMEXDerivative[T]) MarchTangent(t float64, n int, u, v []T) {
	s, l := d.scheme, d.scheme.linear
	s.Reset()
	for k := range n {
		at := t + float64(k)*l.dt
		d.forward(at, u, v, d.now)
		s.Step(at, u)
		l.system.Stiffness.Apply(d.rest, v)
		for i, x := range d.now {
			if s.explicit == AdamsBashforth && k > 0 {
				x += (x - d.old[i]) * 0.5
			}
			d.rest[i] = l.step * (x - d.rest[i])
		}
		l.solver.Solve(d.rest, d.rest)
		for i, x := range d.rest {
			v[i] += x
		}
		d.now, d.old = d.old, d.now
	}
}

// MarchAdjoint is that of [Differential].
func (d *IMEXDerivative[T]) MarchAdjoint(t float64, n int, u, w []T) {
	s, l := d.scheme, d.scheme.linear
	every := max(n, 1)
	if s.explicit == Euler {
		every = stride(n, len(u))
	}
	clear(d.old)
	reverse[T](s, t, n, every, u, func(t float64, k int, state []T) {
		z := d.now
		for i, x := range w {
			z[i] = l.step * x
		}
		l.solver.Solve(z, z)
		l.system.Stiffness.Apply(d.rest, z)
		for i, x := range d.rest {
			w[i] -= x
		}
		for i, x := range z { // the cotangent of N(uᵏ)
			d.rest[i] = x
			if s.explicit == AdamsBashforth {
				if k > 0 {
					d.rest[i] += x * 0.5
				}
				d.rest[i] -= d.old[i] * 0.5
			}
		}
		d.now, d.old = d.old, d.now
		d.backward(t, state, d.rest, d.now)
		for i, x := range d.now {
			w[i] += x
		}
	})
}
