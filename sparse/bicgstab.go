package sparse

import (
	"context"
	"math"
)

// BiCGSTAB solves with any A in short recurrences, preconditioned on the right:
//
//	ρ = r̂ᵀr,  p ← r + (ρ/ρ⁻)(α/ω)(p − ω v),  v = A M p,  α = ρ / r̂ᵀv
//	s = r − αv,  t = A M s,  ω = tᵀs/tᵀt,  x ← x + αM p + ωM s,  r ← s − ωt
//
// H. A. van der Vorst, "Bi-CGSTAB: A Fast and Smoothly Converging Variant of Bi-CG",
// SIAM J. Sci. Stat. Comput. 13 (1992). Two products and two M an iteration, eight
// vectors whatever the number of iterations, which is when it is to be preferred to
// GMRES; its residual is not monotone. Where ρ or ω vanishes it begins anew with
// r̂ = r; where it then vanishes at once, it has broken down. Not for eigenvalues near
// the imaginary axis (ω is real): use GMRES there.
func BiCGSTAB(ctx context.Context, a Operator, m Solver, x, b []float64, o Krylov) (Convergence, error) {
	if o.Work == nil {
		o.Work = new(Work)
	}
	f := o.Work.take(len(b), 8)
	it, done, err := begin(ctx, "BiCGSTAB", a, x, b, f[0], o)
	for !done && err == nil {
		done, err = it.bicgstab(m, f)
	}
	return it.Convergence, err
}

// tiny is where an inner product of two vectors is rounding, in their lengths.
const tiny = 1e-15

// bicgstab runs from the true residual in f[0] until the residual is small or the
// recurrence has lost its direction.
func (it *iteration) bicgstab(m Solver, f [][]float64) (done bool, err error) {
	r, shadow, p, v, s, t, mp, ms := f[0], f[1], f[2], f[3], f[4], f[5], f[6], f[7]
	for i := range r { // in units of ‖b‖: of a small or large b, products of inner products would be no numbers
		r[i] /= it.scale
	}
	copy(shadow, r)
	copy(p, r)
	norm := length(r)
	first := norm
	rho := norm * norm
	for step := 0; ; step++ {
		precondition(m, mp, p)
		it.a.Apply(v, mp)
		across := inner(shadow, v)
		if math.Abs(across) <= tiny*first*length(v) {
			return it.lost(r, step)
		}
		alpha := rho / across
		for i := range s {
			s[i] = r[i] - alpha*v[i]
		}
		precondition(m, ms, s)
		it.a.Apply(t, ms)
		ts, tt := inner(t, s), inner(t, t)
		var omega float64
		if tt > 0 {
			omega = ts / tt
		}
		for i := range r {
			it.x[i] += it.scale * (alpha*mp[i] + omega*ms[i])
			r[i] = s[i] - omega*t[i]
		}
		norm = length(r)
		small, err := it.step(norm * it.scale)
		if err != nil {
			return false, err
		}
		if small {
			return it.confirm(r)
		}
		next := inner(shadow, r)
		if math.Abs(next) <= tiny*first*norm || math.Abs(ts) <= tiny*length(s)*math.Sqrt(tt) {
			return it.lost(r, step+1)
		}
		beta := next / rho * (alpha / omega)
		rho = next
		for i, e := range r {
			p[i] = e + beta*(p[i]-omega*v[i])
		}
	}
}

// lost begins anew where steps have been made, and gives up where that is of no use.
func (it *iteration) lost(r []float64, steps int) (done bool, err error) {
	it.Residual = it.truth(r)
	if steps <= 1 && it.Residual >= it.confirmed {
		return false, it.fail(ErrBreakdown, "its inner products vanish: use GMRES, or scale a matrix of numbers far from 1")
	}
	it.confirmed = it.Residual
	return it.Residual <= it.Tolerance, nil
}
