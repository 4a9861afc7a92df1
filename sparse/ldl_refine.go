package sparse

import (
	"fmt"
	"math"
)

// SolveChecked is dst = A⁻¹ b with a backward error of at most 10⁻¹². The solution of
// the regularised system is refined, x += (A + E)⁻¹ (b − A x), as long as that halves
// the error: one step gains about eight digits, as E is 10⁻⁸ of A.
func (l *LDL) SolveChecked(dst, b []float64) error {
	copy(l.b, b)
	l.f.solve(l.x, l.b, l.w)
	l.residual = math.Inf(1)
	for l.keep(dst) {
		l.f.solve(l.r, l.r, l.w)
		for i, r := range l.r {
			l.x[i] += r
		}
	}
	if l.residual <= 1e-12 {
		return nil
	}
	return fmt.Errorf("sparse: a solution with LDL has the relative residual %.2g after refinement, above 1e-12: the matrix is singular and b not in its range, "+
		"or too badly conditioned (%d of %d pivots were replaced): pin what no equation fixes, give the signs of the pivots, or use LU", l.residual, l.replaced, l.f.s.N)
}

// keep takes x as the solution where it is better than what there is, and tells
// whether another step is worth while: r is b − A x then.
func (l *LDL) keep(dst []float64) bool {
	l.a.Apply(l.r, l.x)
	var rest, size, right float64
	for i, b := range l.b {
		l.r[i] = b - l.r[i]
		rest, size, right = max(rest, math.Abs(l.r[i])), max(size, math.Abs(l.x[i])), max(right, math.Abs(b))
	}
	e := 0.0
	if rest != 0 { // not a number is not 0 either
		e = rest / (l.norm*size + right)
	}
	more := e <= l.residual/2 && e > 0x1p-53
	if e < l.residual || math.IsInf(l.residual, 1) {
		l.residual = e
		copy(dst, l.x)
	}
	return more
}
