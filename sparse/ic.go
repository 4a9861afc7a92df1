package sparse

import (
	"fmt"
	"math"
)

// IC0 is the incomplete Cholesky factor L Lᵀ ≈ A of a symmetric positive definite
// matrix with no entries but those of A's lower triangle: L Lᵀ equals A there and
// nowhere else,
//
//	l_ij = (a_ij − Σ_k l_ik l_jk) / l_jj  (j < i),  l_ii² = a_ii − Σ_k l_ik²
//
// J. A. Meijerink and H. A. van der Vorst, Math. Comp. 31 (1977): it exists for
// M-matrices. Where a square is not positive, it is that of A + αD, D the diagonal of
// A, with α = 10⁻³ and doubled until it exists (T. A. Manteuffel, Math. Comp. 34
// (1980)). The preconditioner of [CG] for moderate sizes; a product with A to solve.
// Its iterations grow as 1/h on meshes, as those of CG alone do, though fewer: for
// more than some 10⁴ unknowns of an elliptic equation see [AMG].
type IC0 struct {
	Shift float64 // α

	ptr, index []int32 // lower triangle by rows without the diagonal
	from       []int32 // their places in the values of the matrix
	diag       []int32
	value      []float64
	inverse    []float64 // 1/l_ii
	rows, nnz  int
}

// NewIC0 factors a, of which it reads the lower triangle.
func NewIC0(a *CSR) (*IC0, error) {
	if a.Rows != a.Cols {
		return nil, fmt.Errorf("sparse: IC(0) of a matrix of %d×%d: it is square", a.Rows, a.Cols)
	}
	n := a.Rows
	f := &IC0{ptr: make([]int32, n+1), diag: make([]int32, n), inverse: make([]float64, n), rows: n, nnz: a.NNZ()}
	for i := range n {
		k := a.Ptr[i]
		for ; k < a.Ptr[i+1] && int(a.Index[k]) < i; k++ {
			f.index, f.from = append(f.index, a.Index[k]), append(f.from, k)
		}
		if k == a.Ptr[i+1] || int(a.Index[k]) != i {
			return nil, fmt.Errorf("sparse: IC(0): row %d stores no diagonal entry", i)
		}
		f.diag[i] = k
		f.ptr[i+1] = int32(len(f.index))
	}
	f.value = make([]float64, len(f.index))
	return f, f.Refactor(a)
}

// Refactor is for a matrix of the same pattern with other values.
func (f *IC0) Refactor(a *CSR) error {
	if a.Rows != f.rows || a.Cols != f.rows || a.NNZ() != f.nnz {
		return fmt.Errorf("sparse: IC(0): a matrix of %d×%d with %d entries, made for %d×%d with %d", a.Rows, a.Cols, a.NNZ(), f.rows, f.rows, f.nnz)
	}
	for i, k := range f.diag {
		if d := a.Value[k]; !(d > 0) || math.IsInf(d, 0) {
			return fmt.Errorf("sparse: IC(0): the diagonal of row %d is %g: it wants a symmetric positive definite matrix; ILU(0) does not", i, d)
		}
	}
	for f.Shift = 0; ; f.Shift = max(1e-3, 2*f.Shift) {
		if f.Shift > 1e3 {
			return fmt.Errorf("sparse: IC(0): no factor of A + %g D: are there numbers that are not finite?", f.Shift/2)
		}
		if f.shifted(a) {
			return nil
		}
	}
}

// shifted factors A + αD; false where that has no factor.
func (f *IC0) shifted(a *CSR) bool {
	dense := make([]float64, f.rows) // row i of L
	for i, d := range f.diag {
		lo, hi := f.ptr[i], f.ptr[i+1]
		whole := a.Value[d] * (1 + f.Shift)
		left := whole
		for k := lo; k < hi; k++ {
			j := f.index[k]
			s := a.Value[f.from[k]]
			for e := f.ptr[j]; e < f.ptr[j+1]; e++ {
				s -= f.value[e] * dense[f.index[e]]
			}
			s *= f.inverse[j]
			f.value[k], dense[j] = s, s
			left -= s * s
		}
		for k := lo; k < hi; k++ {
			dense[f.index[k]] = 0
		}
		if !(left > 1e-14*whole) {
			return false
		}
		f.inverse[i] = 1 / math.Sqrt(left)
	}
	return true
}

// Solve is dst = L⁻ᵀ L⁻¹ b.
func (f *IC0) Solve(dst, b []float64) {
	for i, inverse := range f.inverse {
		lo, hi := f.ptr[i], f.ptr[i+1]
		index, value := f.index[lo:hi], f.value[lo:hi]
		value = value[:len(index)]
		s := b[i]
		for k, j := range index {
			s -= value[k] * dst[j]
		}
		dst[i] = s * inverse
	}
	for i := f.rows - 1; i >= 0; i-- {
		lo, hi := f.ptr[i], f.ptr[i+1]
		index, value := f.index[lo:hi], f.value[lo:hi]
		value = value[:len(index)]
		s := dst[i] * f.inverse[i]
		dst[i] = s
		for k, j := range index {
			dst[j] -= value[k] * s
		}
	}
}
