package sparse

import (
	"context"
	"fmt"
	"math"
)

// CG is the method of conjugate gradients for symmetric positive definite A, with a
// symmetric positive definite preconditioner M ≈ A⁻¹:
//
//	α = rᵀz / pᵀA p,  x ← x + αp,  r ← r − αA p,  z = M r,  p ← z + (r′ᵀz′ / rᵀz) p
//
// M. R. Hestenes and E. Stiefel, "Methods of Conjugate Gradients for Solving Linear
// Systems", J. Res. Nat. Bur. Standards 49 (1952), with preconditioner Y. Saad,
// "Iterative Methods for Sparse Linear Systems" (2003), algorithm 9.1. It minimises
// the error's energy over the Krylov space; singular A does where b lies in its range.
// One product and one M an iteration, four vectors in all. Not for indefinite
// matrices, which it finds out and names.
func CG(ctx context.Context, a Operator, m Solver, x, b []float64, o Krylov) (Convergence, error) {
	if o.Work == nil {
		o.Work = new(Work)
	}
	v := o.Work.take(len(b), 4)
	r, z, p, q := v[0], v[1], v[2], v[3]
	it, done, err := begin(ctx, "CG", a, x, b, r, o)
	for rho := 0.0; !done && err == nil; {
		s := r
		if m != nil {
			s = z
			m.Solve(z, r)
		}
		old := rho
		rho = inner(r, s)
		if !(rho > 0) && !math.IsNaN(rho) {
			err = it.fail(ErrIndefinite, fmt.Sprintf("the preconditioner M has rᵀM r = %.3g: use a symmetric positive definite one", rho))
			break
		}
		if old == 0 {
			copy(p, s)
		} else {
			beta := rho / old
			for i, v := range s {
				p[i] = v + beta*p[i]
			}
		}
		a.Apply(q, p)
		curvature := inner(p, q)
		if curvature <= 0 || math.IsInf(curvature, 0) {
			length := inner(p, p)
			if curvature == 0 && length < 0x1p-900 || math.IsInf(curvature, 0) {
				err = it.fail(ErrNonFinite, fmt.Sprintf("pᵀA p = %.3g at ‖p‖² = %.3g is beyond what float64 holds: scale the equations", curvature, length))
			} else {
				err = it.fail(ErrIndefinite, fmt.Sprintf("the matrix has pᵀA p = %.3g at ‖p‖² = %.3g: use MINRES", curvature, length))
			}
			break
		}
		var small bool
		small, err = it.step(math.Sqrt(descend(x, r, p, q, rho/curvature)))
		if small {
			rho = 0
			done, err = it.confirm(r)
		}
	}
	return it.Convergence, err
}

// descend is x += αp, r −= αq and then rᵀr, in one pass.
func descend(x, r, p, q []float64, alpha float64) float64 {
	n := len(x)
	r, p, q = r[:n], p[:n], q[:n]
	var even, odd float64
	i := 0
	for ; i+2 <= n; i += 2 {
		x2, r2, p2, q2 := x[i:i+2:i+2], r[i:i+2:i+2], p[i:i+2:i+2], q[i:i+2:i+2]
		x2[0] += alpha * p2[0]
		x2[1] += alpha * p2[1]
		a, b := r2[0]-alpha*q2[0], r2[1]-alpha*q2[1]
		r2[0], r2[1] = a, b
		even += a * a
		odd += b * b
	}
	if i < n {
		x[i] += alpha * p[i]
		r[i] -= alpha * q[i]
		even += r[i] * r[i]
	}
	return even + odd
}
