package sparse

import (
	"fmt"
	"math"
	"slices"
)

// Assembly sums the small dense matrices of cells into one sparse matrix,
//
//	A = Σ_c R_cᵀ A_c C_c,   R_c, C_c: rows of the identity that the cell touches.
//
// The pattern and, for every entry of every cell, its place in it are found once;
// afterwards assembly is one loop without search. Rows and columns may be numbered
// differently (test and trial spaces). Reference: the scatter map of T. A. Davis'
// symbolic/numeric split, "Direct Methods for Sparse Linear Systems" (SIAM 2006),
// §2.4, with the cells in place of triplets.
//
// Cost: two visits of each entry of each cell to make it, 4 bytes an entry to keep
// it, one addition an entry to use it. Not for matrices that are made once from
// numbers that are there already: use [FromTriplets].
type Assembly struct {
	Pattern *CSR    // its values are zero; [CSR.Like] makes matrices of it
	Scatter []int32 // [cells × rowPerCell × colPerCell] places in Pattern.Value, −1: dropped
	perCell int
}

// NewAssembly finds the pattern of rows×cols for cells that touch the rows rowDofs
// (rowPerCell numbers a cell) and the columns colDofs (colPerCell a cell). What has
// a negative number is dropped. The numbers may repeat within a cell.
func NewAssembly(rows, cols int, rowDofs []int32, rowPerCell int, colDofs []int32, colPerCell int) (*Assembly, error) {
	if rows < 0 || cols < 0 || rows > math.MaxInt32 || cols > math.MaxInt32 {
		return nil, fmt.Errorf("sparse: assembly of %d×%d: sizes are from 0 to 2³¹−1", rows, cols)
	}
	if rowPerCell < 1 || colPerCell < 1 || len(rowDofs)%rowPerCell != 0 || len(colDofs)%colPerCell != 0 || len(rowDofs)/rowPerCell != len(colDofs)/colPerCell {
		return nil, fmt.Errorf("sparse: assembly of %d rows in cells of %d and %d columns in cells of %d: both are as many whole cells",
			len(rowDofs), rowPerCell, len(colDofs), colPerCell)
	}
	if err := below(rowDofs, rowPerCell, rows, "row"); err != nil {
		return nil, err
	}
	if err := below(colDofs, colPerCell, cols, "column"); err != nil {
		return nil, err
	}
	first, touch := incidence(rows, rowDofs)
	size := rowPerCell * colPerCell
	s := &Assembly{perCell: size, Scatter: make([]int32, len(rowDofs)/rowPerCell*size)}
	ptr, index := make([]int32, rows+1), make([]int32, 0, len(touch)+rows)
	place := make([]int32, cols) // of a column in the row at hand; below the row's first: not seen in it
	for j := range place {
		place[j] = -1
	}
	for r := range rows {
		start := int32(len(index))
		for _, t := range touch[first[r]:first[r+1]] {
			c := int(t) / rowPerCell
			for _, j := range colDofs[c*colPerCell : (c+1)*colPerCell] {
				if j >= 0 && place[j] < start {
					place[j] = start
					index = append(index, j)
				}
			}
		}
		if len(index) > math.MaxInt32 {
			return nil, fmt.Errorf("sparse: assembly of %d×%d has more than 2³¹−1 entries at row %d", rows, cols, r)
		}
		sortRow(index[start:])
		for k, j := range index[start:] {
			place[j] = start + int32(k)
		}
		for _, t := range touch[first[r]:first[r+1]] {
			c := int(t) / rowPerCell
			out := s.Scatter[int(t)*colPerCell : (int(t)+1)*colPerCell]
			for k, j := range colDofs[c*colPerCell : (c+1)*colPerCell] {
				if j >= 0 {
					out[k] = place[j]
				} else {
					out[k] = -1
				}
			}
		}
		ptr[r+1] = int32(len(index))
	}
	for t, r := range rowDofs {
		if r < 0 {
			out := s.Scatter[t*colPerCell : (t+1)*colPerCell]
			for k := range out {
				out[k] = -1
			}
		}
	}
	s.Pattern = &CSR{Rows: rows, Cols: cols, Ptr: ptr, Index: index, Value: make([]float64, len(index))}
	return s, nil
}

// Add adds the matrix of a cell, row by row, to the values of the pattern.
func (s *Assembly) Add(values []float64, cell int, local []float64) {
	to := s.Scatter[cell*s.perCell : (cell+1)*s.perCell]
	local = local[:len(to)]
	for k, p := range to {
		if p >= 0 {
			values[p] += local[k]
		}
	}
}

// AddAll adds the matrices of all cells, one after the other in local.
func (s *Assembly) AddAll(values, local []float64) {
	local = local[:len(s.Scatter)]
	for k, p := range s.Scatter {
		if p >= 0 {
			values[p] += local[k]
		}
	}
}

func below(dofs []int32, perCell, n int, what string) error {
	for t, i := range dofs {
		if int(i) >= n {
			return fmt.Errorf("sparse: cell %d has %s %d, but there are %d", t/perCell, what, i, n)
		}
	}
	return nil
}

// incidence lists, row by row, the places at which dofs has that row.
func incidence(rows int, dofs []int32) (first, places []int32) {
	first = make([]int32, rows+1)
	for _, r := range dofs {
		if r >= 0 {
			first[r+1]++
		}
	}
	for r := range rows {
		first[r+1] += first[r]
	}
	places = make([]int32, first[rows])
	next := slices.Clone(first[:rows])
	for t, r := range dofs {
		if r >= 0 {
			places[next[r]] = int32(t)
			next[r]++
		}
	}
	return first, places
}

// sortRow sorts the columns of a row, of which there are few.
func sortRow(row []int32) {
	if len(row) > 32 {
		slices.Sort(row)
		return
	}
	for i, x := range row {
		j := i
		for ; j > 0 && row[j-1] > x; j-- {
			row[j] = row[j-1]
		}
		row[j] = x
	}
}

// FromTriplets is the matrix with value[k] added at (row[k], col[k]), k ascending.
// Two stable counting sorts, by column and then by row: no comparison is made.
func FromTriplets(rows, cols int, row, col []int32, value []float64) (*CSR, error) {
	if rows < 0 || cols < 0 || len(row) != len(col) || len(row) != len(value) || len(row) > math.MaxInt32 {
		return nil, fmt.Errorf("sparse: %d rows, %d columns and %d values for triplets of %d×%d: as many of each, below 2³¹", len(row), len(col), len(value), rows, cols)
	}
	for k := range row {
		if i, j := row[k], col[k]; i < 0 || j < 0 || int(i) >= rows || int(j) >= cols {
			return nil, fmt.Errorf("sparse: triplet %d is at (%d, %d) of a matrix of %d×%d", k, i, j, rows, cols)
		}
	}
	_, byColumn := incidence(cols, col)
	a := &CSR{Rows: rows, Cols: cols, Ptr: make([]int32, rows+1)}
	for _, i := range row {
		a.Ptr[i+1]++
	}
	for i := range rows {
		a.Ptr[i+1] += a.Ptr[i]
	}
	order, next := make([]int32, len(row)), slices.Clone(a.Ptr[:rows])
	for _, k := range byColumn {
		order[next[row[k]]] = k
		next[row[k]]++
	}
	a.Index, a.Value = make([]int32, 0, len(row)), make([]float64, 0, len(row))
	from := int32(0)
	for i := range rows {
		to, start := a.Ptr[i+1], len(a.Index)
		for _, k := range order[from:to] {
			if n := len(a.Index); n > start && a.Index[n-1] == col[k] {
				a.Value[n-1] += value[k]
			} else {
				a.Index, a.Value = append(a.Index, col[k]), append(a.Value, value[k])
			}
		}
		from, a.Ptr[i+1] = to, int32(len(a.Index))
	}
	return a, nil
}
