package operator

import (
	"fmt"

	"gonum.org/v1/gonum/mat"
)

// SVD is A = U diag(s) Vᵀ with r = len(S) singular values > 0, in any order; U and
// V have r orthonormal columns.
type SVD struct {
	S    []float64
	U, V Basis
}

// Diagonal tells whether U is the unit vectors: every value then sees one direction of
// V and no other does, so that noise of its own for each value changes S alone.
func (f SVD) Diagonal() bool { _, ok := f.U.(identity); return ok }

// Basis is r orthonormal columns of length n: B (n×r).
type Basis interface {
	Coefficients(c, x []float64) // c = Bᵀ x, length r
	Combine(x, c []float64)      // x = B c, length n
}

// Spectral is a linear operator that knows its decomposition.
type Spectral interface {
	Linear
	SVD() SVD
}

// MaxDense bounds the numbers of a matrix that is decomposed in full: 1,024×1,024.
const MaxDense = 1 << 20

// Decompose is the SVD of a linear operator: its own, or that of its matrix where
// it has at most 2²⁰ numbers. Singular values below 1e-12 of the largest are
// taken for zero.
func Decompose(a Linear) (SVD, error) {
	if s, ok := a.(Spectral); ok {
		return s.SVD(), nil
	}
	d, m := a.Dims()
	if d*m > MaxDense {
		return SVD{}, fmt.Errorf("operator: the singular values of a %d×%d operator without a spectral form are not computed: at most %d numbers", m, d, MaxDense)
	}
	var f mat.SVD
	if !f.Factorize(mat.NewDense(m, d, append([]float64(nil), Dense(a)...)), mat.SVDThin) {
		return SVD{}, fmt.Errorf("operator: the singular values of the %d×%d operator did not converge: are its numbers finite?", m, d)
	}
	s := f.Values(nil)
	r := 0
	for r < len(s) && s[r] > 1e-12*s[0] {
		r++
	}
	if r == 0 {
		return SVD{}, fmt.Errorf("operator: the %d×%d operator is zero and measures nothing", m, d)
	}
	var u, v mat.Dense
	f.UTo(&u)
	f.VTo(&v)
	return SVD{S: s[:r], U: columns{u.Slice(0, m, 0, r)}, V: columns{v.Slice(0, d, 0, r)}}, nil
}

// columns is a basis that is written out.
type columns struct{ b mat.Matrix }

func (b columns) Coefficients(c, x []float64) {
	mat.NewVecDense(len(c), c).MulVec(b.b.T(), mat.NewVecDense(len(x), x))
}

func (b columns) Combine(x, c []float64) {
	mat.NewVecDense(len(x), x).MulVec(b.b, mat.NewVecDense(len(c), c))
}

// identity is the basis of unit vectors.
type identity int

func (identity) Coefficients(c, x []float64) { copy(c, x) }
func (identity) Combine(x, c []float64)      { copy(x, c) }

// factors are a small SVD written out: u and v hold the vectors as rows.
type factors struct {
	s    []float64
	u, v [][]float64
}

// small decomposes a matrix along an axis.
func small(rows [][]float64) (factors, error) {
	m, d := len(rows), len(rows[0])
	a := mat.NewDense(m, d, nil)
	for i, row := range rows {
		a.SetRow(i, row)
	}
	var f mat.SVD
	if !f.Factorize(a, mat.SVDThin) {
		return factors{}, fmt.Errorf("operator: the singular values of a %d×%d matrix did not converge: are its numbers finite?", m, d)
	}
	var u, v mat.Dense
	f.UTo(&u)
	f.VTo(&v)
	out := factors{s: f.Values(nil)}
	if !(out.s[0] > 0) {
		return factors{}, fmt.Errorf("operator: the %d×%d matrix along an axis is zero and measures nothing", m, d)
	}
	for j := range out.s {
		out.u = append(out.u, mat.Col(nil, j, &u))
		out.v = append(out.v, mat.Col(nil, j, &v))
	}
	return out, nil
}
