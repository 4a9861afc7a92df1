package sparse

import (
	"fmt"
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
	s.pattern()
	return s, nil
}

// lower collects the lower triangle of P A Pᵀ.
func (s *Symbolic) lower(a *CSR) error {
	s.LowerPtr = make([]int32, s.N+1)
	type entry struct{ column, from int32 }
	var row []entry
	s.LowerIndex = make([]int32, 0, (a.NNZ()+s.N)/2)
	s.LowerFrom = make([]int32, 0, (a.NNZ()+s.N)/2)
	for k := range s.N {
		i := s.Perm[k]
		row = row[:0]
		diagonal := false
		for p := a.Ptr[i]; p < a.Ptr[i+1]; p++ {
			if j := s.Inverse[a.Index[p]]; int(j) <= k {
				row = append(row, entry{j, p})
				diagonal = diagonal || int(j) == k
			}
		}
		if !diagonal {
			return fmt.Errorf("sparse: row %d has no diagonal entry in its pattern: store one, a zero where need be", i)
		}
		slices.SortFunc(row, func(a, b entry) int { return int(a.column) - int(b.column) })
		for _, e := range row {
			s.LowerIndex, s.LowerFrom = append(s.LowerIndex, e.column), append(s.LowerFrom, e.from)
		}
		s.LowerPtr[k+1] = int32(len(s.LowerIndex))
	}
	if upper := a.NNZ() - len(s.LowerIndex); upper != len(s.LowerIndex)-s.N {
		return fmt.Errorf("sparse: the pattern is not symmetric: %d entries below the diagonal and %d above", len(s.LowerIndex)-s.N, upper)
	}
	return nil
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
func (s *Symbolic) pattern() {
	count := make([]int32, s.N+1)
	s.reach(func(j, _ int32) { count[j+1]++ })
	for j := range s.N {
		count[j+1] += count[j] + 1
	}
	s.Col = count
	s.Row = make([]int32, count[s.N])
	next := slices.Clone(count[:s.N])
	for j := range next {
		s.Row[next[j]] = int32(j)
		next[j]++
	}
	s.reach(func(j, k int32) {
		s.Row[next[j]] = k
		next[j]++
	})
}

// reach calls visit(j, k) for every entry L[k, j] with j < k, k ascending.
func (s *Symbolic) reach(visit func(j, k int32)) {
	mark := make([]int32, s.N)
	for k := range mark {
		mark[k] = -1
	}
	for k := range int32(s.N) {
		mark[k] = k
		for _, j := range s.LowerIndex[s.LowerPtr[k]:s.LowerPtr[k+1]] {
			for mark[j] != k {
				mark[j] = k
				visit(j, k)
				j = s.Parent[j]
			}
		}
	}
}

// Matches tells whether a has as many rows and entries as the matrix that was analysed.
func (s *Symbolic) Matches(a *CSR) bool { return a.Rows == s.N && a.Cols == s.N && a.NNZ() == s.nnz }

// NNZ is the number of entries of L.
func (s *Symbolic) NNZ() int { return len(s.Row) }
