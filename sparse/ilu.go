package sparse

import (
	"fmt"
	"math"
)

// ILU0 is the incomplete factor L U ≈ A with no entries but those of A's pattern: L U
// equals A there and nowhere else,
//
//	l_ij = (a_ij − Σ_k l_ik u_kj) / u_jj  (j < i),  u_ij = a_ij − Σ_k l_ik u_kj  (j ≥ i).
//
// Y. Saad, "Iterative Methods for Sparse Linear Systems" (2nd ed. 2003), algorithm
// 10.4. The preconditioner of [GMRES] and [BiCGSTAB] where there is no better one:
// advection, moderate sizes. About one product with A to solve. No pivoting, so a
// matrix whose diagonal is weak may have no such factor or a useless one; for
// symmetric positive definite matrices [IC0] costs half, and [AMG] does not slow down
// with the size.
type ILU0 struct {
	pattern *CSR
	value   []float64 // L below the diagonal, whose own is 1; U above
	inverse []float64 // of the diagonal of U
	diag    []int32
}

// NewILU0 factors a.
func NewILU0(a *CSR) (*ILU0, error) {
	if a.Rows != a.Cols {
		return nil, fmt.Errorf("sparse: ILU(0) of a matrix of %d×%d: it is square", a.Rows, a.Cols)
	}
	f := &ILU0{pattern: a, value: make([]float64, a.NNZ()), inverse: make([]float64, a.Rows), diag: make([]int32, a.Rows)}
	for i := range f.diag {
		at := a.Position(i, i)
		if at < 0 {
			return nil, fmt.Errorf("sparse: ILU(0): row %d stores no diagonal entry: store one, a zero where need be", i)
		}
		f.diag[i] = int32(at)
	}
	return f, f.Refactor(a)
}

// Refactor is for a matrix of the same pattern with other values.
func (f *ILU0) Refactor(a *CSR) error {
	p := f.pattern
	if a.Rows != p.Rows || a.Cols != p.Cols || a.NNZ() != p.NNZ() {
		return fmt.Errorf("sparse: ILU(0): a matrix of %d×%d with %d entries, made for %d×%d with %d", a.Rows, a.Cols, a.NNZ(), p.Rows, p.Cols, p.NNZ())
	}
	copy(f.value, a.Value)
	place := unmarked(p.Cols) // of the columns of row i in value
	for i, d := range f.diag {
		lo, hi := p.Ptr[i], p.Ptr[i+1]
		for k := lo; k < hi; k++ {
			place[p.Index[k]] = k
		}
		for k := lo; k < d; k++ {
			j := p.Index[k]
			l := f.value[k] * f.inverse[j]
			f.value[k] = l
			for e := f.diag[j] + 1; e < p.Ptr[j+1]; e++ {
				if at := place[p.Index[e]]; at >= 0 {
					f.value[at] -= l * f.value[e]
				}
			}
		}
		for k := lo; k < hi; k++ {
			place[p.Index[k]] = -1
		}
		u := f.value[d]
		if !(math.Abs(u) > 1e-14*math.Abs(a.Value[d])) || math.IsInf(u, 0) {
			return fmt.Errorf("sparse: ILU(0): the pivot of row %d is %g where the matrix has %g: add to the diagonal, reorder, or use a direct solver", i, u, a.Value[d])
		}
		f.inverse[i] = 1 / u
	}
	return nil
}

// Solve is dst = U⁻¹ L⁻¹ b.
func (f *ILU0) Solve(dst, b []float64) {
	ptr := f.pattern.Ptr
	for i, d := range f.diag {
		index, value := f.pattern.Index[ptr[i]:d], f.value[ptr[i]:d]
		value = value[:len(index)]
		s := b[i]
		for k, j := range index {
			s -= value[k] * dst[j]
		}
		dst[i] = s
	}
	for i := len(f.diag) - 1; i >= 0; i-- {
		d, hi := f.diag[i]+1, ptr[i+1]
		index, value := f.pattern.Index[d:hi], f.value[d:hi]
		value = value[:len(index)]
		s := dst[i]
		for k := len(index) - 1; k >= 0; k-- {
			s -= value[k] * dst[index[k]]
		}
		dst[i] = s * f.inverse[i]
	}
}
