package field

import (
	"slices"

	"abide/sparse"
)

// PrecisionMatrix is Q as a sparse matrix: of points joined by at most α edges, some
// 7, 19, 37 and 61 numbers a row in the plane. [SPDE.Precision] applies it without.
func (f *SPDE) PrecisionMatrix() *sparse.CSR {
	inverse := make([]float64, len(f.mass))
	for i, m := range f.mass {
		inverse[i] = 1 / m
	}
	q := f.k
	for range f.alpha - 1 {
		q = between(f.k, inverse, q)
	}
	if f.alpha == 1 {
		copied := q.Like()
		copy(copied.Value, q.Value)
		q = copied
	}
	for i := range q.Rows {
		for p := q.Ptr[i]; p < q.Ptr[i+1]; p++ {
			q.Value[p] *= f.tau / f.scale[i] * f.tau / f.scale[q.Index[p]]
		}
	}
	return q
}

// between is A diag(d) B, row by row: F. G. Gustavson, ACM TOMS 4 (1978).
func between(a *sparse.CSR, d []float64, b *sparse.CSR) *sparse.CSR {
	c := &sparse.CSR{Rows: a.Rows, Cols: b.Cols, Ptr: make([]int32, a.Rows+1)}
	sum, seen := make([]float64, b.Cols), make([]int32, b.Cols) // row in which a column was last met, from 1
	for i := range a.Rows {
		first := len(c.Index)
		for p := a.Ptr[i]; p < a.Ptr[i+1]; p++ {
			k := a.Index[p]
			v := a.Value[p] * d[k]
			for q := b.Ptr[k]; q < b.Ptr[k+1]; q++ {
				j := b.Index[q]
				if seen[j] != int32(i+1) {
					seen[j], sum[j] = int32(i+1), 0
					c.Index = append(c.Index, j)
				}
				sum[j] += v * b.Value[q]
			}
		}
		row := c.Index[first:]
		slices.Sort(row)
		for _, j := range row {
			c.Value = append(c.Value, sum[j])
		}
		c.Ptr[i+1] = int32(len(c.Index))
	}
	return c
}
