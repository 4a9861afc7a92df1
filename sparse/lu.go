package sparse

import (
	"errors"
	"fmt"
	"math"
)

// ErrSingular is a matrix without an inverse. That of a matrix that [Cholesky] or a batch
// of them does not take is ErrIndefinite.
var ErrSingular = errors.New("singular")

// LU is the factor of a square matrix of any kind, with partial pivoting,
//
//	P Aᵀ Q = L U,   L with ones on its diagonal.
//
// Rows of A, in a fill-reducing order Q of the pattern of A + Aᵀ, are eliminated one
// after the other: x = L⁻¹ aᵀ touches only what a depth-first search in the columns of
// L reaches, so the time is that of the operations. The pivot is the diagonal entry
// where it is at least a tenth of the largest, which keeps to the order; else the
// largest.
//
// Reference: J. R. Gilbert and T. Peierls, "Sparse partial pivoting in time
// proportional to arithmetic operations", SIAM J. Sci. Stat. Comput. 9 (1988). Cost:
// that of Cholesky with the same order times two where the diagonal is taken. Not for
// symmetric matrices ([Cholesky], [LDL]) and not for more than some 10⁵ unknowns: use
// GMRES or BiCGSTAB with an incomplete factor.
type LU struct {
	n    int
	q    []int32 // row of A at each step
	pinv []int32 // step at which a column of A was the pivot
	l, u columns // U's diagonal is apart
	over []float64
	w, x []float64

	// Of the elimination.
	state       []int32 // step at which a column was last reached
	reached     []int32
	stack, next []int32
}

// columns are sparse columns that grow.
type columns struct {
	ptr, index []int32
	value      []float64
}

func (c *columns) clear() { c.ptr, c.index, c.value = append(c.ptr[:0], 0), c.index[:0], c.value[:0] }
func (c *columns) add(i int32, v float64) {
	c.index, c.value = append(c.index, i), append(c.value, v)
}
func (c *columns) end() { c.ptr = append(c.ptr, int32(len(c.index))) }
func (c *columns) at(k int) ([]int32, []float64) {
	lo, hi := c.ptr[k], c.ptr[k+1]
	return c.index[lo:hi], c.value[lo:hi]
}

// NewLU factors a. perm is the order in which rows are eliminated; nil is [Order] of
// the pattern of A + Aᵀ.
func NewLU(a *CSR, perm []int32) (*LU, error) {
	if a.Rows != a.Cols {
		return nil, fmt.Errorf("sparse: a matrix of %d×%d cannot be factored: it is not square", a.Rows, a.Cols)
	}
	if perm == nil {
		perm = minimumDegree(symmetrised(a))
	}
	n := a.Rows
	if len(perm) != n {
		return nil, fmt.Errorf("sparse: an ordering of %d for %d rows", len(perm), n)
	}
	seen := make([]bool, n)
	for k, i := range perm {
		if i < 0 || int(i) >= n || seen[i] {
			return nil, fmt.Errorf("sparse: the ordering is no permutation: row %d at place %d", i, k)
		}
		seen[i] = true
	}
	numbers := func() []int32 { return make([]int32, n) }
	f := &LU{n: n, q: perm, pinv: numbers(), over: make([]float64, n), w: make([]float64, n), x: make([]float64, n),
		state: numbers(), reached: numbers(), stack: numbers(), next: numbers()}
	return f, f.Refactor(a)
}

// symmetrised is the pattern of A + Aᵀ.
func symmetrised(a *CSR) *CSR {
	t := a.Transpose()
	s := &CSR{Rows: a.Rows, Cols: a.Cols, Ptr: make([]int32, 1, a.Rows+1), Index: make([]int32, 0, a.NNZ()+a.NNZ()/4)}
	for i := range a.Rows {
		x, y := a.Index[a.Ptr[i]:a.Ptr[i+1]], t.Index[t.Ptr[i]:t.Ptr[i+1]]
		for len(x) > 0 || len(y) > 0 {
			switch {
			case len(y) == 0 || len(x) > 0 && x[0] < y[0]:
				s.Index, x = append(s.Index, x[0]), x[1:]
			case len(x) == 0 || y[0] < x[0]:
				s.Index, y = append(s.Index, y[0]), y[1:]
			default:
				s.Index, x, y = append(s.Index, x[0]), x[1:], y[1:]
			}
		}
		s.Ptr = append(s.Ptr, int32(len(s.Index)))
	}
	return s
}

// Refactor factors another matrix of the same size, with pivots of its own, in the
// same order and memory. After an error there is no factor.
func (f *LU) Refactor(a *CSR) error {
	if a.Rows != f.n || a.Cols != f.n {
		return fmt.Errorf("sparse: a matrix of %d×%d where %d×%d was ordered", a.Rows, a.Cols, f.n, f.n)
	}
	f.l.clear()
	f.u.clear()
	clear(f.x)
	for i := range f.pinv {
		f.pinv[i], f.state[i] = -1, -1
	}
	least, weakest, norm, rest := math.Inf(1), int32(0), 0.0, 0.0
	for k, i := range f.q {
		lo, hi := a.Ptr[i], a.Ptr[i+1]
		top := f.search(int32(k), a.Index[lo:hi])
		var sum, most float64
		for p := lo; p < hi; p++ {
			f.x[a.Index[p]] = a.Value[p]
			sum, most = sum+math.Abs(a.Value[p]), max(most, math.Abs(a.Value[p]))
		}
		if math.IsNaN(sum) || math.IsInf(sum, 0) {
			return fmt.Errorf("sparse: row %d of the matrix is not finite", i)
		}
		norm = max(norm, sum)
		pivot := f.eliminate(k, f.reached[top:])
		if pivot == 0 || math.IsNaN(pivot) || len(f.l.index) > math.MaxInt32 || len(f.u.index) > math.MaxInt32 {
			return f.singular(i, pivot)
		}
		if r := math.Abs(pivot) / most; r < least {
			least, weakest, rest = r, i, pivot
		}
	}
	for p, j := range f.l.index {
		f.l.index[p] = f.pinv[j]
	}
	if least < 1e-9 && !(norm*f.inverse(weakest) < 0x1p48) {
		return f.singular(weakest, rest)
	}
	return nil
}

// inverse is a lower bound of ‖A⁻¹‖₂, near it where A is nearly singular at a row:
// ‖A⁻ᵀ u‖ with u the direction of A⁻¹ e.
func (f *LU) inverse(row int32) float64 {
	clear(f.x)
	f.x[row] = 1
	f.Solve(f.x, f.x)
	once := 0.0
	for _, v := range f.x {
		once = math.Hypot(once, v)
	}
	for i := range f.x {
		f.x[i] /= once
	}
	f.SolveT(f.x, f.x)
	twice := 0.0
	for _, v := range f.x {
		twice = math.Hypot(twice, v)
	}
	return twice
}

func (f *LU) singular(row int32, pivot float64) error {
	return fmt.Errorf("sparse: the matrix is %w: row %d has the pivot %.3g after elimination; "+
		"it depends on other rows, as a pure Neumann problem's do: pin a value or take the equation out", ErrSingular, row, pivot)
}

// search finds the columns that the row's entries reach in L, in the order in which
// they are eliminated: reached[top:].
func (f *LU) search(k int32, row []int32) (top int) {
	top = f.n
	for _, j := range row {
		if f.state[j] == k {
			continue
		}
		depth := 0
		f.stack[0], f.next[0], f.state[j] = j, f.start(j), k
		for depth >= 0 {
			j := f.stack[depth]
			deeper := false
			if s := f.pinv[j]; s >= 0 {
				end := f.l.ptr[s+1]
				for p := f.next[depth]; p < end; p++ {
					if i := f.l.index[p]; f.state[i] != k {
						f.next[depth] = p + 1
						depth++
						f.stack[depth], f.next[depth], f.state[i] = i, f.start(i), k
						deeper = true
						break
					}
				}
			}
			if !deeper {
				top--
				f.reached[top] = j
				depth--
			}
		}
	}
	return top
}

func (f *LU) start(j int32) int32 {
	if s := f.pinv[j]; s >= 0 {
		return f.l.ptr[s]
	}
	return 0
}

// eliminate solves for column k of L and U and returns the pivot.
func (f *LU) eliminate(k int, reached []int32) float64 {
	largest, column := 0.0, int32(-1)
	for _, j := range reached {
		s := f.pinv[j]
		if s < 0 {
			if v := math.Abs(f.x[j]); v > largest {
				largest, column = v, j
			}
			continue
		}
		y := f.x[j]
		f.u.add(s, y)
		f.x[j] = 0
		index, value := f.l.at(int(s))
		for p, i := range index {
			f.x[i] -= value[p] * y
		}
	}
	f.u.end()
	if column < 0 {
		return 0
	}
	if d := f.q[k]; f.pinv[d] < 0 && f.state[d] == int32(k) && math.Abs(f.x[d]) >= 0.1*largest {
		column = d
	}
	pivot := f.x[column]
	f.pinv[column] = int32(k)
	f.over[k] = 1 / pivot
	for _, j := range reached {
		if f.pinv[j] < 0 {
			if v := f.x[j]; v != 0 {
				f.l.add(j, v*f.over[k])
			}
		}
		f.x[j] = 0
	}
	f.l.end()
	return pivot
}

// Solve is dst = A⁻¹ b.
func (f *LU) Solve(dst, b []float64) {
	for k, i := range f.q {
		s := b[i]
		index, value := f.u.at(k)
		for p, j := range index {
			s -= value[p] * f.w[j]
		}
		f.w[k] = s * f.over[k]
	}
	for k := f.n - 1; k >= 0; k-- {
		s := f.w[k]
		index, value := f.l.at(k)
		for p, j := range index {
			s -= value[p] * f.w[j]
		}
		f.w[k] = s
	}
	for j, k := range f.pinv {
		dst[j] = f.w[k]
	}
}

// SolveT is dst = A⁻ᵀ b, for adjoints.
func (f *LU) SolveT(dst, b []float64) {
	for j, k := range f.pinv {
		f.w[k] = b[j]
	}
	for k := range f.n {
		y := f.w[k]
		index, value := f.l.at(k)
		for p, j := range index {
			f.w[j] -= value[p] * y
		}
	}
	for k := f.n - 1; k >= 0; k-- {
		y := f.w[k] * f.over[k]
		f.w[k] = y
		index, value := f.u.at(k)
		for p, j := range index {
			f.w[j] -= value[p] * y
		}
	}
	for k, i := range f.q {
		dst[i] = f.w[k]
	}
}

// NNZ is the number of entries of L and U.
func (f *LU) NNZ() int { return len(f.l.index) + len(f.u.index) + 2*f.n }
