package sparse

import (
	"fmt"
	"math"
	"slices"
)

// Symbolic is what factorisations of a symmetric pattern share: an ordering, the
// elimination tree and the pattern of L. It is made once and never changes, so
// many goroutines may factor with it.
//
// Reference: J. W. H. Liu, "The role of elimination trees in sparse factorization",
// SIAM J. Matrix Anal. Appl. 11 (1990), §3.2 (columns from those of the children) and
// §5.1 (supernodes). Cost: O(nnz) and the rows of all supernodes, which are far fewer
// than the entries of L.
type Symbolic struct {
	N             int
	Perm, Inverse []int32 // row k of P A Pᵀ is row Perm[k] of A; Inverse[Perm[k]] = k
	Parent        []int32 // elimination tree of P A Pᵀ, −1 at roots

	// L by columns: column j has the rows Row[Col[j]:Col[j+1]], ascending, the
	// diagonal first.
	Col, Row []int32

	// The lower triangle of P A Pᵀ by rows, as places in A.Value: row k has the
	// columns LowerIndex[LowerPtr[k]:LowerPtr[k+1]], ascending, the diagonal last,
	// and its numbers are A.Value[LowerFrom[…]].
	LowerPtr, LowerIndex, LowerFrom []int32

	super           []int32 // first columns of the supernodes, and N
	touchPtr, touch []int32 // supernodes with row k below their triangle, ascending

	nnz int // of the matrix that was analysed
}

// Analyse finds the pattern of L for a square matrix of symmetric pattern under an
// ordering; perm nil is the order as it is. Only the pattern of a is looked at.
func Analyse(a *CSR, perm []int32) (*Symbolic, error) {
	n := a.Rows
	if a.Cols != n {
		return nil, fmt.Errorf("sparse: a matrix of %d×%d cannot be factored: it is not square", n, a.Cols)
	}
	s := &Symbolic{N: n, nnz: a.NNZ(), Perm: perm, Inverse: make([]int32, n), Parent: make([]int32, n)}
	if perm == nil {
		s.Perm = make([]int32, n)
		for i := range s.Perm {
			s.Perm[i] = int32(i)
		}
	}
	if len(s.Perm) != n {
		return nil, fmt.Errorf("sparse: an ordering of %d for %d rows", len(s.Perm), n)
	}
	for i := range s.Inverse {
		s.Inverse[i] = -1
	}
	for k, i := range s.Perm {
		if i < 0 || int(i) >= n || s.Inverse[i] >= 0 {
			return nil, fmt.Errorf("sparse: the ordering is no permutation: row %d at place %d", i, k)
		}
		s.Inverse[i] = int32(k)
	}
	if err := s.lower(a); err != nil {
		return nil, err
	}
	return s, s.structure(a)
}

// or is s, or where it is nil the analysis of a by minimum degree.
func (s *Symbolic) or(a *CSR) (*Symbolic, error) {
	if s != nil {
		return s, nil
	}
	perm, err := Order(a)
	if err != nil {
		return nil, err
	}
	return Analyse(a, perm)
}

// lower collects the lower triangle of P A Pᵀ, column after column, so that rows
// fill in ascending order.
func (s *Symbolic) lower(a *CSR) error {
	mirror, err := mirrors(a)
	if err != nil {
		return err
	}
	s.LowerPtr = make([]int32, s.N+1)
	for i := range a.Rows {
		diagonal, k := false, s.Inverse[i]
		for _, j := range a.Index[a.Ptr[i]:a.Ptr[i+1]] {
			if j := s.Inverse[j]; j <= k {
				s.LowerPtr[k+1]++
				diagonal = diagonal || j == k
			}
		}
		if !diagonal {
			return fmt.Errorf("sparse: row %d has no diagonal entry in its pattern: store one, a zero where need be", i)
		}
	}
	for k := range s.N {
		s.LowerPtr[k+1] += s.LowerPtr[k]
	}
	s.LowerIndex, s.LowerFrom = make([]int32, s.LowerPtr[s.N]), make([]int32, s.LowerPtr[s.N])
	next := slices.Clone(s.LowerPtr[:s.N])
	for j, i := range s.Perm {
		for p := a.Ptr[i]; p < a.Ptr[i+1]; p++ {
			if k := s.Inverse[a.Index[p]]; int(k) >= j {
				s.LowerIndex[next[k]], s.LowerFrom[next[k]] = int32(j), mirror[p]
				next[k]++
			}
		}
	}
	return nil
}

// mirrors finds the place of (j, i) for every entry (i, j). Rows are walked in order,
// so row j has to wait for column i when (i, j) is met.
func mirrors(a *CSR) ([]int32, error) {
	mirror, next := make([]int32, a.NNZ()), slices.Clone(a.Ptr[:a.Rows])
	for i := range a.Rows {
		for p := a.Ptr[i]; p < a.Ptr[i+1]; p++ {
			j := a.Index[p]
			q := next[j]
			if q == a.Ptr[j+1] || int(a.Index[q]) != i {
				row, column := i, int(j)
				if q < a.Ptr[j+1] && int(a.Index[q]) < i {
					row, column = int(j), int(a.Index[q])
				}
				return nil, fmt.Errorf("sparse: the pattern is not symmetric: (%d, %d) is stored and (%d, %d) is not", row, column, column, row)
			}
			mirror[p] = q
			next[j]++
		}
	}
	return mirror, nil
}

// structure finds tree, columns and supernodes of L at once: below its diagonal,
// column j has the rows of A and those of its children in the tree, and its parent is
// the first of them. Supernodes are runs of columns of which each has the rows of the
// one before it, but its diagonal: dense trapezes, whose rows are looked for once.
func (s *Symbolic) structure(a *CSR) error {
	n := int32(s.N)
	s.super = make([]int32, 0, n/2+1)
	rows, start := make([]int32, 0, a.NNZ()), []int32{} // below the supernodes, one after the other
	mark := make([]int32, n)                            // 1 + the supernode that has row k
	child, sibling := make([]int32, n), make([]int32, n)
	for j := range child {
		child[j] = -1
	}
	entries := 0
	for j := range n {
		c := int32(len(s.super)) - 1
		if c >= 0 && len(rows) > int(start[c]) {
			p := rows[start[c]]
			if p == j && s.continues(a, j, c+1, mark, child, sibling, rows, start) {
				// Row j moves from below the supernode into it.
				copy(rows[start[c]:], rows[start[c]+1:])
				rows = rows[:len(rows)-1]
				entries += len(rows) - int(start[c]) + 1
				continue
			}
			sibling[c], child[p] = child[p], c
		}
		s.super, start = append(s.super, j), append(start, int32(len(rows)))
		first, stamp := len(rows), c+2
		mark[j] = stamp
		i := s.Perm[j]
		for _, k := range a.Index[a.Ptr[i]:a.Ptr[i+1]] {
			if k := s.Inverse[k]; k > j && mark[k] != stamp {
				mark[k] = stamp
				rows = append(rows, k)
			}
		}
		for b := child[j]; b >= 0; b = sibling[b] {
			for _, k := range rows[start[b]:start[b+1]] {
				if mark[k] != stamp {
					mark[k] = stamp
					rows = append(rows, k)
				}
			}
		}
		sortRow(rows[first:])
		entries += len(rows) - first + 1
	}
	if entries > math.MaxInt32 {
		return fmt.Errorf("sparse: the factor of %d rows has %d entries, more than 2³¹−1: use another ordering or an iterative method", s.N, entries)
	}
	s.super, start = append(s.super, n), append(start, int32(len(rows)))
	s.fill(rows, start, entries)
	return nil
}

// continues tells whether column j has the rows that are marked, those of the column
// before it.
func (s *Symbolic) continues(a *CSR, j, stamp int32, mark, child, sibling, rows, start []int32) bool {
	i := s.Perm[j]
	for _, k := range a.Index[a.Ptr[i]:a.Ptr[i+1]] {
		if k := s.Inverse[k]; k > j && mark[k] != stamp {
			return false
		}
	}
	for b := child[j]; b >= 0; b = sibling[b] {
		for _, k := range rows[start[b]:start[b+1]] {
			if mark[k] != stamp {
				return false
			}
		}
	}
	return true
}

// fill writes out the columns, and the supernodes that every row is below of.
func (s *Symbolic) fill(rows, start []int32, entries int) {
	s.Col, s.Row = make([]int32, s.N+1), make([]int32, entries)
	s.touchPtr = make([]int32, s.N+1)
	at := 0
	for c := range len(s.super) - 1 {
		first, end, below := s.super[c], s.super[c+1], rows[start[c]:start[c+1]]
		for j := first; j < end; j++ {
			s.Parent[j] = j + 1
			for k := j; k < end; k++ {
				s.Row[at] = k
				at++
			}
			at += copy(s.Row[at:], below)
			s.Col[j+1] = int32(at)
		}
		s.Parent[end-1] = -1
		if len(below) > 0 {
			s.Parent[end-1] = below[0]
		}
		for _, k := range below {
			s.touchPtr[k+1]++
		}
	}
	for k := range s.N {
		s.touchPtr[k+1] += s.touchPtr[k]
	}
	s.touch = make([]int32, len(rows))
	next := slices.Clone(s.touchPtr[:s.N])
	for c := range len(s.super) - 1 {
		for _, k := range rows[start[c]:start[c+1]] {
			s.touch[next[k]] = int32(c)
			next[k]++
		}
	}
}

// below is the rows of supernode c under its triangle.
func (s *Symbolic) below(c int) []int32 {
	last := s.super[c+1] - 1
	return s.Row[s.Col[last]+1 : s.Col[last+1]]
}

// Matches tells whether a has as many rows and entries as the matrix that was analysed.
func (s *Symbolic) Matches(a *CSR) bool { return a.Rows == s.N && a.Cols == s.N && a.NNZ() == s.nnz }

func (s *Symbolic) matches(a *CSR) error {
	if !s.Matches(a) {
		return fmt.Errorf("sparse: a matrix of %d×%d with %d entries does not have the pattern that was analysed, %d×%d with %d",
			a.Rows, a.Cols, a.NNZ(), s.N, s.N, s.nnz)
	}
	return nil
}

// NNZ is the number of entries of L.
func (s *Symbolic) NNZ() int { return len(s.Row) }
