package sparse

import (
	"context"
	"math"
)

// GMRES minimises ‖b − A x‖₂ over x₀ + span{z₁ … z_k}, z_j = M v_j, for any A:
// Arnoldi's process A Z_k = V_{k+1} H_k makes it a least-squares problem in k numbers,
// min ‖βe₁ − H_k y‖, solved by plane rotations; x = x₀ + Z_k y. After Restart
// directions it begins anew. M preconditions on the right, so the residual is the
// plain one, and its directions are kept, so M may change from step to step (another
// iteration, say).
//
// Y. Saad and M. H. Schultz, SIAM J. Sci. Stat. Comput. 7 (1986); flexible as Y. Saad,
// "A Flexible Inner-Outer Preconditioned GMRES Algorithm", SIAM J. Sci. Comput. 14
// (1993), algorithm 2.2. Modified Gram–Schmidt, twice where the first leaves less than
// a tenth (cancellation). One product, one M and 4kn FLOPs in step k; Restart + 1
// vectors, twice that with M. Where A is symmetric, CG and MINRES need no growing
// memory; where Restart is too small it may stand still, which it says.
func GMRES(ctx context.Context, a Operator, m Solver, x, b []float64, o Krylov) (Convergence, error) {
	if o.Work == nil {
		o.Work = new(Work)
	}
	k := o.Restart
	if k <= 0 {
		k = 30
	}
	k = min(k, max(1, len(b)))
	vectors := k + 1
	if m != nil {
		vectors += k
	}
	v := o.Work.take(len(b), vectors)
	g := newArnoldi(k, v[:k+1], v[k+1:])
	it, done, err := begin(ctx, "GMRES", a, x, b, v[0], o)
	for !done && err == nil {
		done, err = g.cycle(&it, m)
	}
	return it.Convergence, err
}

// arnoldi is a GMRES cycle: bases V and Z, R of H = QR by columns of packed upper
// triangle, the rotations, and Qᵀβe₁.
type arnoldi struct {
	k       int
	v, z    [][]float64 // z empty where there is no preconditioner
	r       []float64   // R[i, j] at r[j(j+1)/2 + i]
	column  []float64   // of H
	c, s, g []float64
}

func newArnoldi(k int, v, z [][]float64) *arnoldi {
	all := make([]float64, k*(k+1)/2+4*(k+1))
	lend := func(n int) []float64 { part := all[:n:n]; all = all[n:]; return part }
	return &arnoldi{k: k, v: v, z: z, r: lend(k * (k + 1) / 2), column: lend(k + 1), c: lend(k + 1), s: lend(k + 1), g: lend(k + 1)}
}

// cycle runs from the true residual in v[0] until it is small or k directions are used.
func (a *arnoldi) cycle(it *iteration, m Solver) (done bool, err error) {
	beta := length(a.v[0])
	scaleTo(a.v[0], 1/beta, a.v[0])
	a.g[0] = beta
	var small bool
	j := 0
	for ; j < a.k && !small; j++ {
		z := a.v[j]
		if m != nil {
			z = a.z[j]
			m.Solve(z, a.v[j])
		}
		it.a.Apply(a.v[j+1], z)
		next := a.orthogonalise(j)
		if !a.rotate(j, next) {
			a.update(it.x, j)
			if it.Residual = it.truth(a.v[0]); it.Residual <= it.Tolerance {
				return true, nil
			}
			return false, it.fail(ErrBreakdown, "A M maps a direction to what is there already: the matrix or the preconditioner is singular")
		}
		small, err = it.step(math.Abs(a.g[j+1]))
		if err != nil {
			a.update(it.x, j+1)
			return false, err
		}
		if next > 0 {
			scaleTo(a.v[j+1], 1/next, a.v[j+1])
		}
	}
	a.update(it.x, j)
	if small {
		return it.confirm(a.v[0])
	}
	before, carried := it.confirmed, it.Residual
	it.Residual = it.truth(a.v[0])
	it.confirmed = it.Residual
	if it.Residual > before*(1-1e-12) {
		if carried < it.Residual/2 {
			return false, it.fail(ErrRounding, "a whole cycle does not reduce the true residual: ask for no less than that")
		}
		return false, it.fail(ErrNotConverged, "a whole cycle has not reduced the residual: use a larger Restart or a better preconditioner")
	}
	return it.Residual <= it.Tolerance, nil
}

// orthogonalise makes v[j+1] orthogonal to the basis, its coefficients column[:j+1];
// it returns the length that is left, column[j+1].
func (a *arnoldi) orthogonalise(j int) float64 {
	w := a.v[j+1]
	before := length(w)
	clear(a.column[:j+1])
	for range 2 {
		for i, v := range a.v[:j+1] {
			h := inner(v, w)
			a.column[i] += h
			addTo(w, -h, v)
		}
		after := length(w)
		a.column[j+1] = after
		if after > before/10 {
			return after
		}
	}
	if after := a.column[j+1]; after > 1e-14*before || before != before {
		return after
	}
	a.column[j+1] = 0 // nothing but rounding: the space is invariant
	return 0
}

// rotate brings column j of H to upper triangular form; false where R is singular.
func (a *arnoldi) rotate(j int, next float64) bool {
	h := a.column
	size := length(h[:j+2])
	for i := range j {
		h[i], h[i+1] = a.c[i]*h[i]+a.s[i]*h[i+1], a.c[i]*h[i+1]-a.s[i]*h[i]
	}
	rho := math.Hypot(h[j], next)
	if rho <= 1e-14*size {
		return false
	}
	a.c[j], a.s[j] = h[j]/rho, next/rho
	h[j] = rho
	copy(a.r[j*(j+1)/2:], h[:j+1])
	a.g[j], a.g[j+1] = a.c[j]*a.g[j], -a.s[j]*a.g[j]
	return true
}

// update is x += Z_k R⁻¹ g.
func (a *arnoldi) update(x []float64, k int) {
	z := a.z
	if len(z) == 0 {
		z = a.v
	}
	y := a.column[:k]
	copy(y, a.g[:k])
	for j := k - 1; j >= 0; j-- {
		column := a.r[j*(j+1)/2:]
		y[j] /= column[j]
		for i := range j {
			y[i] -= column[i] * y[j]
		}
		addTo(x, y[j], z[j])
	}
}
