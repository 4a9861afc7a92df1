package sparse

import "slices"

// galerkin is PᵀA P, t = Pᵀ, row by row (F. G. Gustavson, "Two Fast Algorithms
// for Sparse Matrices", ACM Trans. Math. Softw. 4 (1978)): first A P, then for each
// coarse row the rows of A P that it collects. About 2·nnz(A)·nnz(P)/n FLOPs each.
func galerkin(a, p, t *CSR) *CSR {
	ap := product(a, p)
	c := newRows(p.Cols, p.Cols)
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
		to, value := c.room(i, len(columns))
		copy(to, columns)
		for k, j := range columns {
			value[k] = sum[j]
		}
		c.end(i, len(columns))
	}
	return c
}

// product is A P; the columns of a row are in no order.
func product(a, p *CSR) *CSR {
	c := newRows(a.Rows, p.Cols)
	mark := unmarked(p.Cols)
	lo := a.Ptr[0]
	for i, hi := range a.Ptr[1:] {
		index, value := a.Index[lo:hi], a.Value[lo:hi]
		value = value[:len(index)]
		lo = hi
		bound := 0
		for _, j := range index {
			bound += int(p.Ptr[j+1] - p.Ptr[j])
		}
		to, sum := c.room(i, bound)
		start := int32(len(c.Index))
		n := int32(0)
		for k, j := range index {
			w := value[k]
			from, till := p.Ptr[j], p.Ptr[j+1]
			columns, weight := p.Index[from:till], p.Value[from:till]
			weight = weight[:len(columns)]
			for e, column := range columns {
				if at := mark[column] - start; at >= 0 {
					sum[at] += w * weight[e]
				} else {
					mark[column] = start + n
					to[n], sum[n] = column, w*weight[e]
					n++
				}
			}
		}
		c.end(i, int(n))
	}
	return c
}

// newRows is a matrix to be filled row by row.
func newRows(rows, cols int) *CSR {
	return &CSR{Rows: rows, Cols: cols, Ptr: make([]int32, rows+1)}
}

// room is where row i may write up to bound entries. Where memory is short, it is made
// for all rows, as many to each as the rows so far have had and a little more.
func (a *CSR) room(i, bound int) ([]int32, []float64) {
	n := len(a.Index)
	if need := n + bound; need > cap(a.Index) {
		if i == 0 {
			need = bound * (1 + a.Rows/32)
		} else {
			need += int(1.03 * float64(n) / float64(i) * float64(a.Rows-i))
		}
		index, value := make([]int32, n, need), make([]float64, n, need)
		copy(index, a.Index)
		copy(value, a.Value)
		a.Index, a.Value = index, value
	}
	return a.Index[n : n+bound], a.Value[n : n+bound]
}

// end ends row i with n entries of its room.
func (a *CSR) end(i, n int) {
	a.Index, a.Value = a.Index[:len(a.Index)+n], a.Value[:len(a.Value)+n]
	a.Ptr[i+1] = int32(len(a.Index))
}
