package sparse

import (
	"fmt"
	"math"
)

// Cholesky is the factor of a symmetric positive definite matrix,
//
//	P A Pᵀ = L Lᵀ.
//
// Reference: A. George and J. W. Liu, "Computer Solution of Large Sparse Positive
// Definite Systems" (Prentice-Hall 1981); how it is computed stands at factor.
// A plane mesh of n points costs O(n^1.5) to factor and O(n log n) to solve with,
// one in space O(n²) and O(n^4/3): beyond some 10⁵ unknowns in space use multigrid.
// Not for matrices with eigenvalues of both signs: use [LDL].
type Cholesky struct {
	f    *factor
	w    []float64
	four [][4]float64
}

// NewCholesky factors a, of which the lower triangle under the ordering of s is read.
// With s nil it orders and analyses a itself.
func NewCholesky(s *Symbolic, a *CSR) (*Cholesky, error) {
	s, err := s.or(a)
	if err != nil {
		return nil, err
	}
	c := &Cholesky{f: newFactor(s), w: make([]float64, s.N)}
	return c, c.Refactor(a)
}

// Refactor factors another matrix of the pattern in the same memory. After an error
// there is no factor.
func (c *Cholesky) Refactor(a *CSR) error {
	s := c.f.s
	if err := s.matches(a); err != nil {
		return err
	}
	var pivot, diagonal float64
	least, weakest := math.Inf(1), 0
	k, ok := c.f.run(a.Value, func(k int, d, a float64) (float64, bool) {
		pivot, diagonal = d, a
		if d < least*a {
			least, weakest = d/a, k
		}
		return d, d > 0 && d <= math.MaxFloat64
	})
	switch {
	case !ok && (math.IsNaN(pivot) || math.IsInf(pivot, 0)):
		return fmt.Errorf("sparse: row %d of the matrix, or one that is eliminated before it, is not finite", s.Perm[k])
	case ok && (least > 1e-9 || c.regular(a.Value, weakest)):
		return nil
	case ok:
		k, pivot, diagonal = weakest, c.f.d[weakest], a.Value[s.LowerFrom[s.LowerPtr[weakest+1]-1]]
	}
	return fmt.Errorf("sparse: the matrix is %w: row %d has the pivot %.3g where A has %.3g on the diagonal; "+
		"a pure Neumann problem fixes no constant: pin a value or add a mass term; for eigenvalues of both signs use LDL", ErrIndefinite, s.Perm[k], pivot, diagonal)
}

// regular tells a small pivot from one that is rounding: x = Â⁻¹ e_k, Â being A
// scaled to a diagonal of ones, has the Rayleigh quotient x_k/‖x‖² near the least
// eigenvalue of Â, which rounding has moved by some 2⁻⁵².
func (c *Cholesky) regular(values []float64, k int) bool {
	s := c.f.s
	root := func(k int) float64 { return math.Sqrt(values[s.LowerFrom[s.LowerPtr[k+1]-1]]) }
	clear(c.w)
	c.w[k] = root(k)
	c.f.solveL(c.w)
	for k, o := range c.f.over {
		c.w[k] *= o
	}
	c.f.solveLT(c.w)
	sum := 0.0
	for k, x := range c.w {
		sum += x * x * root(k) * root(k)
	}
	return c.w[k]*root(k) > 0x1p-48*sum
}

// Copy shares the factor and has work space of its own, for another goroutine to
// solve with. After Refactor of one, all have the new factor.
func (c *Cholesky) Copy() *Cholesky { return &Cholesky{f: c.f, w: make([]float64, c.f.s.N)} }

// Solve is dst = A⁻¹ b.
func (c *Cholesky) Solve(dst, b []float64) { c.f.solve(dst, b, c.w) }

// SolveMany is Solve for len(b)/N right-hand sides, one after the other in b. It
// takes four at a time.
func (c *Cholesky) SolveMany(dst, b []float64) {
	if c.four == nil {
		c.four = make([][4]float64, c.f.s.N)
	}
	c.f.solveMany(dst, b, c.w, c.four)
}

// SolveL is dst = L⁻¹ P b, with P the order of elimination; [Cholesky.SolveLT] of that is
// Solve.
func (c *Cholesky) SolveL(dst, b []float64) {
	for k, i := range c.f.s.Perm {
		c.w[k] = b[i]
	}
	c.f.solveL(c.w)
	for k, d := range c.f.d {
		dst[k] = c.w[k] / math.Sqrt(d)
	}
}

// SolveLT is dst = Pᵀ L⁻ᵀ b: of white noise b it has the covariance A⁻¹.
func (c *Cholesky) SolveLT(dst, b []float64) {
	for k, d := range c.f.d {
		c.w[k] = b[k] / math.Sqrt(d)
	}
	c.f.solveLT(c.w)
	for k, i := range c.f.s.Perm {
		dst[i] = c.w[k]
	}
}

// LogDet is log det A.
func (c *Cholesky) LogDet() float64 {
	sum := 0.0
	for _, d := range c.f.d {
		sum += math.Log(d)
	}
	return sum
}

// Symbolic is the analysis that the factor was made with.
func (c *Cholesky) Symbolic() *Symbolic { return c.f.s }
