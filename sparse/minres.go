package sparse

import (
	"context"
	"fmt"
	"math"
)

// MINRES is the method of minimal residuals for symmetric A, definite or not, with a
// symmetric positive definite preconditioner M: with Lanczos' process
//
//	γ′v′ = A M v − δ v − γ v⁻,   V orthonormal in ⟨u, w⟩ = uᵀM w,
//
// T = QR by plane rotations (c, s), it adds cη (the new column of M V R⁻¹) to x, so
// that rᵀM r is least over the Krylov space and never grows. The residual itself is
// carried along, r ← s²r + cη v′, since only its M-norm |η| comes for nothing.
//
// C. C. Paige and M. A. Saunders, "Solution of Sparse Indefinite Systems of Linear
// Equations", SIAM J. Numer. Anal. 12 (1975); preconditioned as H. Elman, D. Silvester
// and A. Wathen, "Finite Elements and Fast Iterative Solvers" (2nd ed. 2014), algorithm
// 4.1. One product and one M an iteration, eight vectors. For definite matrices CG
// does with fewer; A that is not symmetric needs GMRES.
func MINRES(ctx context.Context, a Operator, m Solver, x, b []float64, o Krylov) (Convergence, error) {
	if o.Work == nil {
		o.Work = new(Work)
	}
	f := o.Work.take(len(b), 8)
	r := f[0]
	it, done, err := begin(ctx, "MINRES", a, x, b, r, o)
	for !done && err == nil {
		done, err = it.minres(m, r, f[1:])
	}
	return it.Convergence, err
}

// minres runs from the true residual in r until what it carries there is small.
func (it *iteration) minres(m Solver, r []float64, f [][]float64) (done bool, err error) {
	v0, v, q, z, w0, w, w1 := f[0], f[1], f[2], f[3], f[4], f[5], f[6]
	for _, s := range [][]float64{v0, w0, w} {
		clear(s)
	}
	copy(v, r)
	eta, err := it.normalise(m, z, v)
	if err != nil {
		return false, err
	}
	last := 0.0 // γ of the step before
	most := 0.0 // largest entry of T, near ‖A‖
	c0, c, s0, s := 1.0, 1.0, 0.0, 0.0
	for {
		it.a.Apply(q, z)
		delta := inner(q, z)
		for i := range q {
			q[i] -= delta*v[i] + last*v0[i]
		}
		v0, v, q = v, q, v0
		q, z = z, q // the old z is still needed for the new column of M V R⁻¹
		next, err := it.normalise(m, z, v)
		if err != nil {
			return false, err
		}
		r0 := c*delta - c0*s*last
		r1 := math.Hypot(r0, next)
		r2 := s*delta + c0*c*last
		r3 := s0 * last
		most = max(most, math.Abs(delta), next)
		if r1 <= 0x1p-52*most {
			return false, it.fail(ErrBreakdown, "the matrix is singular and the right-hand side not in its range")
		}
		c0, c = c, r0/r1
		s0, s = s, next/r1
		step := c * eta
		eta *= -s
		var rr float64
		for i, p := range q {
			p = (p - r3*w0[i] - r2*w[i]) / r1
			w1[i] = p
			it.x[i] += step * p
			e := s*s*r[i] + c*eta*v[i]
			r[i] = e
			rr += e * e
		}
		w0, w, w1 = w, w1, w0
		last = next
		small, err := it.step(math.Sqrt(rr))
		if err != nil {
			return false, err
		}
		if small || next == 0 {
			return it.confirm(r)
		}
	}
}

// normalise is z = M v, and then both over γ = √(vᵀM v).
func (it *iteration) normalise(m Solver, z, v []float64) (gamma float64, err error) {
	precondition(m, z, v)
	square := inner(z, v)
	if square < 0 {
		return 0, it.fail(ErrIndefinite, fmt.Sprintf("the preconditioner M has vᵀM v = %.3g: use a symmetric positive definite one", square))
	}
	if gamma = math.Sqrt(square); gamma > 0 {
		for i := range v {
			v[i] /= gamma
			z[i] /= gamma
		}
	}
	return gamma, nil
}
