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
	lower, upper, x := a.Lower[:n], a.Upper[:n], x[:n]
	for i, d := range a.Diagonal {
		s := d * x[i]
		if i > 0 {
			s += lower[i] * x[i-1]
		}
		if i+1 < n {
			s += upper[i] * x[i+1]
		}
		dst[i] = s
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
		f.inverse[i], f.upper[i] = 1/d, a.Upper[i]
	}
	return nil
}

// Solve is dst = A⁻¹ b, where dst may be b.
func (f *TridiagonalFactor) Solve(dst, b []float64) {
	n := len(f.inverse)
	if n == 0 {
		return
	}
	dst, b = dst[:n], b[:n]
	last := b[0]
	dst[0] = last
	for i := 1; i < n; i++ {
		last = b[i] - f.lower[i]*last
		dst[i] = last
	}
	last *= f.inverse[n-1]
	dst[n-1] = last
	for i := n - 2; i >= 0; i-- {
		last = (dst[i] - f.upper[i]*last) * f.inverse[i]
		dst[i] = last
	}
}
