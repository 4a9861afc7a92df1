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
// The tree and the row patterns are those of J. W. H. Liu, "The role of
// elimination trees in sparse factorization", SIAM J. Matrix Anal. Appl. 11
// (1990), in the form of T. A. Davis, "Direct Methods for Sparse Linear Systems"
// (SIAM 2006), chapter 4.
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
	s.tree()
	if err := s.pattern(); err != nil {
		return nil, err
	}
	s.supernodes()
	return s, nil
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

// tree is the elimination tree, with shortened paths to the roots.
func (s *Symbolic) tree() {
	ancestor := make([]int32, s.N)
	for k := range s.N {
		s.Parent[k], ancestor[k] = -1, -1
		for _, j := range s.LowerIndex[s.LowerPtr[k]:s.LowerPtr[k+1]] {
			for j != -1 && int(j) < k {
				next := ancestor[j]
				ancestor[j] = int32(k)
				if next == -1 {
					s.Parent[j] = int32(k)
				}
				j = next
			}
		}
	}
}

// pattern finds the rows of every column of L: row k of L is what the tree's paths
// from the entries of row k of A to k pass.
func (s *Symbolic) pattern() error {
	mark := make([]int32, s.N)
	s.Col = make([]int32, s.N+1)
	total := s.N
	for k := range int32(s.N) {
		mark[k] = k
		for _, j := range s.LowerIndex[s.LowerPtr[k]:s.LowerPtr[k+1]] {
			for mark[j] != k {
				mark[j] = k
				s.Col[j+1]++
				total++
				j = s.Parent[j]
			}
		}
	}
	if total > math.MaxInt32 {
		return fmt.Errorf("sparse: the factor of %d rows has %d entries, more than 2³¹−1: use another ordering or an iterative method", s.N, total)
	}
	for j := range s.N {
		s.Col[j+1] += s.Col[j] + 1
	}
	s.Row = make([]int32, total)
	next := slices.Clone(s.Col[:s.N])
	for k := range int32(s.N) {
		// Column k is met after all rows above it and before any below: its diagonal is first.
		s.Row[next[k]] = k
		next[k]++
		mark[k] = ^k
		for _, j := range s.LowerIndex[s.LowerPtr[k]:s.LowerPtr[k+1]] {
			for mark[j] != ^k {
				mark[j] = ^k
				s.Row[next[j]] = k
				next[j]++
				j = s.Parent[j]
			}
		}
	}
	return nil
}

// supernodes are runs of columns j, j+1, … of L of which each has the rows of the
// one before it, but its diagonal: dense trapezes. Row k of L is whole supernodes,
// listed for every row, and the part before k of its own.
func (s *Symbolic) supernodes() {
	s.super = append(make([]int32, 0, s.N/2+1), 0)
	for j := int32(1); int(j) <= s.N; j++ {
		if int(j) < s.N && s.Parent[j-1] == j && s.Col[j]-s.Col[j-1] == s.Col[j+1]-s.Col[j]+1 {
			continue
		}
		s.super = append(s.super, j)
	}
	if s.N == 0 {
		s.super = s.super[:1]
	}
	s.touchPtr = make([]int32, s.N+1)
	for c := range len(s.super) - 1 {
		for _, k := range s.below(c) {
			s.touchPtr[k+1]++
		}
	}
	for k := range s.N {
		s.touchPtr[k+1] += s.touchPtr[k]
	}
	s.touch = make([]int32, s.touchPtr[s.N])
	next := slices.Clone(s.touchPtr[:s.N])
	for c := range len(s.super) - 1 {
		for _, k := range s.below(c) {
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
