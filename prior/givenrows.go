package prior

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// dependent is the share of the largest singular value below which rows depend on each
// other.
const dependent = 1e-10

// independentRows are orthonormal rows R u = z that ask the same as H x = y.
func independentRows(h *mat.Dense, y []float64, at Coordinates) (rows *mat.Dense, z []float64, err error) {
	m, d := h.Dims()
	a, b := mat.NewDense(m, d, nil), make([]float64, m)
	for i := range m {
		b[i] = y[i]
		for j := range d {
			a.Set(i, j, h.At(i, j)*at.Scale[j])
			b[i] -= h.At(i, j) * at.Shift[j]
		}
		norm := mat.Norm(a.RowView(i), 2)
		if norm == 0 {
			if math.Abs(b[i]) > 0 {
				return nil, nil, fmt.Errorf("prior: given: row %d of H is 0 and should be %g", i, y[i])
			}
			continue
		}
		for j := range d {
			a.Set(i, j, a.At(i, j)/norm)
		}
		b[i] /= norm
	}
	var svd mat.SVD
	if !svd.Factorize(a, mat.SVDThin) {
		return nil, nil, fmt.Errorf("prior: given: no singular values of %d rows were found", m)
	}
	var u, v mat.Dense
	svd.UTo(&u)
	svd.VTo(&v)
	sigma := svd.Values(nil)
	rank := 0
	for rank < len(sigma) && sigma[rank] > dependent*sigma[0] {
		rank++
	}
	if rank == 0 {
		return nil, nil, fmt.Errorf("prior: given: no equation that says anything among %d", m)
	}
	z = make([]float64, rank)
	left := append([]float64(nil), b...)
	for k := range z {
		for i := range m {
			z[k] += u.At(i, k) * b[i]
		}
		for i := range m {
			left[i] -= u.At(i, k) * z[k]
		}
		z[k] /= sigma[k]
	}
	for i, r := range left {
		if math.Abs(r) > 1e-9*(1+mat.Norm(mat.NewVecDense(m, b), math.Inf(1))) {
			return nil, nil, fmt.Errorf("prior: given: row %d contradicts the others: off by %.3g standard deviations", i, r)
		}
	}
	return mat.DenseCopyOf(v.Slice(0, d, 0, rank).T()), z, nil
}
