package sparse

import (
	"fmt"
	"math"
)

// LDL is the factor of a symmetric matrix with eigenvalues of both signs,
//
//	P (A + E) Pᵀ = L D Lᵀ,   D diagonal, E diagonal and zero but at bad pivots,
//
// with solutions refined until A x = b without E. The order is that of the analysis:
// a pivot that is small beside its row of A is replaced by ±δ, δ = 10⁻⁸ of the row's
// largest entry (static regularisation), so that pattern and memory are known before.
//
// References: X. S. Li and J. W. Demmel, "SuperLU_DIST", ACM TOMS 29 (2003), for
// static pivots; R. J. Vanderbei, "Symmetric quasidefinite matrices", SIAM J. Optim. 5
// (1995), for why signs that are known (minus for Lagrange multipliers) make any order
// stable; how solutions are refined stands at SolveChecked. Cost: that of Cholesky, and
// at least one product with A and one more solve for each solution. Not for positive
// definite matrices, where [Cholesky] is half the work at a solve and tells singular
// ones.
type LDL struct {
	f               *factor
	a               *CSR // a copy of the numbers
	signs           []int8
	norm            float64   // ‖A‖∞
	small           []float64 // δ of each row
	replaced        int
	negative        int
	residual, worst float64 // backward errors of the solution: of norms, and of the worst row
	b, x, r         []float64
	w               []float64
}

// NewLDL factors a, whose values are symmetric. With s nil it orders and analyses a
// itself. signs has the sign of the pivot of
// every row where it is known beforehand, +1 or −1, and 0 where it is not; nil is all
// 0. A pivot that is to be replaced takes its sign from there, else from itself, but
// minus where the diagonal of A is zero, as in the row of a multiplier.
func NewLDL(s *Symbolic, a *CSR, signs []int8) (*LDL, error) {
	s, err := s.or(a)
	if err != nil {
		return nil, err
	}
	if signs != nil && len(signs) != s.N {
		return nil, fmt.Errorf("sparse: %d signs of pivots for %d rows", len(signs), s.N)
	}
	if err := s.matches(a); err != nil {
		return nil, err
	}
	vector := func() []float64 { return make([]float64, s.N) }
	l := &LDL{f: newFactor(s), a: a.Like(), signs: signs, small: vector(), b: vector(), x: vector(), r: vector(), w: vector()}
	return l, l.Refactor(a)
}

// Refactor factors another matrix of the pattern in the same memory.
func (l *LDL) Refactor(a *CSR) error {
	s := l.f.s
	if err := s.matches(a); err != nil {
		return err
	}
	copy(l.a.Value, a.Value)
	l.norm, l.replaced, l.negative = 0, 0, 0
	for i := range s.N {
		var sum, most float64
		for _, v := range a.Value[a.Ptr[i]:a.Ptr[i+1]] {
			sum, most = sum+math.Abs(v), max(most, math.Abs(v))
		}
		if math.IsNaN(sum) || math.IsInf(sum, 0) {
			return fmt.Errorf("sparse: row %d of the matrix is not finite", i)
		}
		if most == 0 {
			return fmt.Errorf("sparse: row %d of the matrix is zero: the matrix is %w", i, ErrSingular)
		}
		l.norm, l.small[i] = max(l.norm, sum), 1e-8*most
	}
	k, ok := l.f.run(a.Value, func(k int, d, a float64) (float64, bool) {
		i := s.Perm[k]
		δ := l.small[i]
		switch {
		case l.signs != nil && l.signs[i] != 0:
			if sign := float64(l.signs[i]); sign*d < δ {
				d = sign * δ
				l.replaced++
			}
		case math.Abs(d) < δ:
			if d < 0 || a == 0 {
				d = -δ
			} else {
				d = δ
			}
			l.replaced++
		}
		if d < 0 {
			l.negative++
		}
		return d, math.Abs(d) <= math.MaxFloat64
	})
	if !ok {
		return fmt.Errorf("sparse: elimination overflows at row %d: scale the matrix, or give the signs of the pivots", s.Perm[k])
	}
	return nil
}

// Inertia is the number of negative pivots, which by Sylvester's law is that of the
// negative eigenvalues where no pivot was replaced, and the number of those that were.
func (l *LDL) Inertia() (negative, replaced int) { return l.negative, l.replaced }

// Residual is the backward error ‖A x − b‖∞/(‖A‖∞‖x‖∞ + ‖b‖∞) of the last solution.
func (l *LDL) Residual() float64 { return l.residual }

// Solve is SolveChecked for those who look at Residual themselves.
func (l *LDL) Solve(dst, b []float64) { _ = l.SolveChecked(dst, b) }
