package sparse

import "slices"

// galerkin is PᵀA P for symmetric A, row by row (F. G. Gustavson, "Two Fast Algorithms
// for Sparse Matrices", ACM Trans. Math. Softw. 4 (1978)): first A P, then for each
// coarse row the rows of A P that it collects. About 2·nnz(A)·nnz(P)/n FLOPs each.
func galerkin(a, p *CSR) *CSR {
	ap := product(a, p)
	t := p.Transpose()
	c := &CSR{Rows: p.Cols, Cols: p.Cols, Ptr: make([]int32, p.Cols+1)}
	sum := make([]float64, p.Cols)
	mark := unmarked(p.Cols)
	var columns []int32
	for i := range p.Cols {
		columns = columns[:0]
		for k := t.Ptr[i]; k < t.Ptr[i+1]; k++ {
			r, w := t.Index[k], t.Value[k]
			lo, hi := ap.Ptr[r], ap.Ptr[r+1]
			index, value := ap.Index[lo:hi], ap.Value[lo:hi]
			value = value[:len(index)]
			for e, j := range index {
				if mark[j] != int32(i) {
					mark[j] = int32(i)
					sum[j] = 0
					columns = append(columns, j)
				}
				sum[j] += w * value[e]
			}
		}
		if len(columns) == 0 { // a dead row
			columns = append(columns, int32(i))
			sum[i] = 0
		}
		slices.Sort(columns)
		c.Index = append(c.Index, columns...)
		for _, j := range columns {
			c.Value = append(c.Value, sum[j])
		}
		c.Ptr[i+1] = int32(len(c.Index))
	}
	return c
}

// product is A P; the columns of a row are in no order.
func product(a, p *CSR) *CSR {
	c := &CSR{Rows: a.Rows, Cols: p.Cols, Ptr: make([]int32, a.Rows+1)}
	c.Index = make([]int32, 0, 2*len(p.Index))
	c.Value = make([]float64, 0, 2*len(p.Index))
	mark := unmarked(p.Cols)
	for i := range a.Rows {
		start := int32(len(c.Index))
		for k := a.Ptr[i]; k < a.Ptr[i+1]; k++ {
			j, w := a.Index[k], a.Value[k]
			lo, hi := p.Ptr[j], p.Ptr[j+1]
			value := p.Value[lo:hi]
			for e, to := range p.Index[lo:hi] {
				if at := mark[to]; at >= start {
					c.Value[at] += w * value[e]
				} else {
					mark[to] = int32(len(c.Index))
					c.Index, c.Value = append(c.Index, to), append(c.Value, w*value[e])
				}
			}
		}
		c.Ptr[i+1] = int32(len(c.Index))
	}
	return c
}
