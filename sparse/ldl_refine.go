package sparse

import (
	"fmt"
	"math"
)

// SolveChecked is dst = A⁻¹ b with a backward error of at most 10⁻¹². The solution of
// the regularised system is refined, x += (A + E)⁻¹ (b − A x), as long as that halves
// the error of the worst row beside its own terms,
//
//	ω = max_i |b − A x|_i / (|A||x| + |b|)_i,
//
// which sees small unknowns beside large ones, velocities beside pressures (M. Arioli,
// J. W. Demmel and I. S. Duff, "Solving sparse linear systems with sparse backward
// error", SIAM J. Matrix Anal. Appl. 10 (1989)). One step gains about eight digits, as
// E is 10⁻⁸ of A.
func (l *LDL) SolveChecked(dst, b []float64) error {
	copy(l.b, b)
	l.f.solve(l.x, l.b, l.w)
	l.residual, l.worst = math.Inf(1), math.Inf(1)
	for l.keep(dst) {
		l.f.solve(l.r, l.r, l.w)
		for i, r := range l.r {
			l.x[i] += r
		}
	}
	if l.residual <= 1e-12 {
		return nil
	}
	return fmt.Errorf("sparse: a solution with LDL has the relative residual %.2g after refinement, above 1e-12: the matrix is %w and b not in its range, "+
		"or too badly conditioned (%d of %d pivots were replaced): pin what no equation fixes, give the signs of the pivots, or use LU", l.residual, ErrSingular, l.replaced, l.f.s.N)
}

// keep takes x as the solution where it is better than what there is, and tells
// whether another step is worth while: r is b − A x then.
func (l *LDL) keep(dst []float64) bool {
	var rest, size, right, worst float64
	for i, b := range l.b {
		lo, hi := l.a.Ptr[i], l.a.Ptr[i+1]
		value := l.a.Value[lo:hi]
		r, terms := b, math.Abs(b)
		for p, j := range l.a.Index[lo:hi] {
			t := value[p] * l.x[j]
			r -= t
			terms += math.Abs(t)
		}
		l.r[i] = r
		rest, size, right = max(rest, math.Abs(r)), max(size, math.Abs(l.x[i])), max(right, math.Abs(b))
		if r != 0 { // not a number is not 0 either
			worst = max(worst, math.Abs(r)/terms)
		}
	}
	more := worst <= l.worst/2 && worst > 0x1p-53
	if worst < l.worst || math.IsInf(l.residual, 1) {
		l.worst, l.residual = worst, 0
		if rest != 0 {
			l.residual = rest / (l.norm*size + right)
		}
		copy(dst, l.x)
	}
	return more
}
