package sparse

import "math"

// semidefinite is a dense Cholesky factor A = L Lᵀ of a symmetric positive
// semidefinite matrix. Where elimination leaves nothing of a diagonal entry, that
// unknown is set to zero: the inverse is then a symmetric one on the range of A.
// n³/3 FLOPs, 2n² each Solve: for a few hundred rows.
type semidefinite struct {
	n int
	l []float64 // lower triangle by rows; the diagonal holds 1/L_ii, or 0
	x []float64
}

func newSemidefinite(a *CSR) *semidefinite {
	n := a.Rows
	f := &semidefinite{n: n, l: make([]float64, n*(n+1)/2), x: make([]float64, n)}
	for i := range n {
		row := f.row(i)
		for k := a.Ptr[i]; k < a.Ptr[i+1] && int(a.Index[k]) <= i; k++ {
			row[a.Index[k]] = a.Value[k]
		}
		whole := row[i]
		for j := range i {
			r := f.row(j)
			row[j] = (row[j] - inner(r[:j], row[:j])) * r[j]
		}
		left := whole - inner(row[:i], row[:i])
		row[i] = 0
		if left > 1e-12*whole {
			row[i] = 1 / math.Sqrt(left)
		}
	}
	return f
}

func (f *semidefinite) row(i int) []float64 { return f.l[i*(i+1)/2 : (i+1)*(i+2)/2] }

// Solve is x = L⁻ᵀ L⁻¹ b.
func (f *semidefinite) Solve(dst, b []float64) {
	x := f.x
	for i := range x {
		row := f.row(i)
		x[i] = (b[i] - inner(row[:i], x[:i])) * row[i]
	}
	for i := f.n - 1; i >= 0; i-- {
		row := f.row(i)
		x[i] *= row[i]
		addTo(x[:i], -x[i], row[:i])
	}
	copy(dst, x)
}
