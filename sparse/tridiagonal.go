package sparse

import "fmt"

// Tridiagonal is a matrix with three diagonals: row i is Lower[i], Diagonal[i],
// Upper[i] in the columns i−1, i, i+1. Lower[0] and the last of Upper stand outside the
// matrix and are not read.
type Tridiagonal struct{ Lower, Diagonal, Upper []float64 }

var _ Operator = Tridiagonal{}

// NewTridiagonal makes room for n rows.
func NewTridiagonal(n int) Tridiagonal {
	return Tridiagonal{make([]float64, n), make([]float64, n), make([]float64, n)}
}

// Apply is dst = A x.
func (a Tridiagonal) Apply(dst, x []float64) {
	n := len(a.Diagonal)
	if n == 0 {
		return
	}
	lower, diagonal, upper, dst, x := a.Lower[:n], a.Diagonal, a.Upper[:n], dst[:n], x[:n]
	var before float64
	now := x[0]
	for i := range n - 1 {
		next := x[i+1]
		dst[i] = diagonal[i]*now + upper[i]*next
		if i > 0 {
			dst[i] += lower[i] * before
		}
		before, now = now, next
	}
	dst[n-1] = diagonal[n-1] * now
	if n > 1 {
		dst[n-1] += lower[n-1] * before
	}
}

// TridiagonalFactor is the LU factor of a [Tridiagonal] by elimination without
// pivoting (L. H. Thomas 1949): 5 n operations a solution, stable where the diagonal
// dominates its row or the matrix is symmetric positive definite.
type TridiagonalFactor struct{ lower, inverse, upper []float64 }

var _ Solver = (*TridiagonalFactor)(nil)

// Factor makes the factor, and fails at a pivot that is zero.
func (a Tridiagonal) Factor() (*TridiagonalFactor, error) {
	f := &TridiagonalFactor{inverse: make([]float64, len(a.Diagonal)), lower: make([]float64, len(a.Diagonal)), upper: make([]float64, len(a.Diagonal))}
	return f, f.Refactor(a)
}

// Refactor replaces the factor by that of another matrix of the same size.
func (f *TridiagonalFactor) Refactor(a Tridiagonal) error {
	for i, d := range a.Diagonal {
		if i > 0 {
			f.lower[i] = a.Lower[i] * f.inverse[i-1]
			d -= f.lower[i] * a.Upper[i-1]
		}
		if d == 0 || d != d {
			return fmt.Errorf("sparse: pivot %d of a tridiagonal matrix is %g: it has no factor without pivoting", i, d)
		}
		f.inverse[i], f.upper[i] = 1/d, a.Upper[i]/d
	}
	return nil
}

// Solve is dst = A⁻¹ b, where dst may be b.
func (f *TridiagonalFactor) Solve(dst, b []float64) {
	n := len(f.inverse)
	if n == 0 {
		return
	}
	// Each number waits for its neighbour by one product and one difference.
	dst, b, lower, inverse, upper := dst[:n], b[:n], f.lower[:n], f.inverse[:n], f.upper[:n]
	last := b[0]
	dst[0] = last * inverse[0]
	for i := 1; i < n; i++ {
		last = b[i] - lower[i]*last
		dst[i] = last * inverse[i]
	}
	last = dst[n-1]
	for i := n - 2; i >= 0; i-- {
		last = dst[i] - upper[i]*last
		dst[i] = last
	}
}
