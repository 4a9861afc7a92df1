package sparse

import (
	"context"
	"errors"
	"fmt"
	"math"
)

// Krylov says when a Krylov method stops and where it works. The zero value is sound.
//
// The methods are [CG] for symmetric positive definite matrices, [MINRES] for
// symmetric ones, [GMRES] and [BiCGSTAB] for all others. Each solves A x = b from
// the guess in x, with a Solver m that is near A⁻¹ as preconditioner (nil: none),
// until the plain residual has ‖b − A x‖₂ ≤ Tolerance·‖b‖₂, whatever m is. The
// residual that recurrences carry drifts from the true one: before a method returns
// without error it has computed b − A x itself. Whatever ended it, x is the last
// iterate.
type Krylov struct {
	Tolerance  float64 // relative residual; 0 is 1e-8
	Iterations int     // at most; 0 is 10 000
	Restart    int     // directions that GMRES keeps; 0 is 30

	// Monitor is called after each iteration. Its error ends the method and is
	// returned.
	Monitor func(Convergence) error

	// Work is kept between calls to allocate nothing in the next ones of the same
	// size; nil makes a new one. One goroutine at a time.
	Work *Work
}

// Convergence is how far a Krylov method came.
type Convergence struct {
	Iterations int     // products with A, two of them each in BiCGSTAB
	Initial    float64 // relative residual ‖b − A x‖/‖b‖ of the guess
	Residual   float64 // of the last iterate
}

// Factor is the mean factor by which an iteration has reduced the residual.
func (c Convergence) Factor() float64 {
	if c.Iterations == 0 {
		return 0
	}
	return math.Pow(c.Residual/c.Initial, 1/float64(c.Iterations))
}

// Why a Krylov method ends without a solution; errors.Is tells which.
var (
	ErrNotConverged = errors.New("not converged")
	ErrBreakdown    = errors.New("breakdown")
	ErrIndefinite   = errors.New("not positive definite")
	ErrNonFinite    = errors.New("numbers that are not finite")

	// ErrRounding is an ErrNotConverged: the residual is what rounding leaves of b − A x,
	// about 1e-16·‖A‖‖x‖/‖b‖, and x as good as float64 has it. A tolerance below the
	// condition number times 1e-16 may not be reached.
	ErrRounding = fmt.Errorf("%w: rounding ends here", ErrNotConverged)
)

// Work holds the vectors of an iteration.
type Work struct {
	n       int
	vectors [][]float64
}

// take lends k vectors of n numbers; what they hold is arbitrary.
func (w *Work) take(n, k int) [][]float64 {
	if w.n != n {
		w.n, w.vectors = n, nil
	}
	if more := k - len(w.vectors); more > 0 {
		block := make([]float64, more*n)
		for i := range more {
			w.vectors = append(w.vectors, block[i*n:(i+1)*n:(i+1)*n])
		}
	}
	return w.vectors[:k]
}

// iteration is what all methods keep of a run.
type iteration struct {
	Krylov
	Convergence
	method    string
	ctx       context.Context
	a         Operator
	x, b      []float64
	scale     float64 // ‖b‖
	confirmed float64 // the last relative residual that was computed, not carried
}

// begin checks the input and computes r = b − A x; done is true where x solves already.
func begin(ctx context.Context, method string, a Operator, x, b, r []float64, o Krylov) (it iteration, done bool, err error) {
	it = iteration{Krylov: o, method: method, ctx: ctx, a: a, x: x, b: b}
	if it.Tolerance == 0 {
		it.Tolerance = 1e-8
	}
	if it.Krylov.Iterations == 0 {
		it.Krylov.Iterations = 10_000
	}
	if !(it.Tolerance > 0) || it.Krylov.Iterations < 0 {
		return it, false, fmt.Errorf("sparse: %s: a tolerance of %g in at most %d iterations: both are positive", method, o.Tolerance, o.Iterations)
	}
	if err := sameSize(method, a, x, b); err != nil {
		return it, false, err
	}
	square := inner(b, b)
	it.scale = safeNorm(b, square)
	if square == 0 {
		if i := largest(b); len(b) > 0 && b[i] != 0 {
			return it, false, fmt.Errorf("sparse: %s: the largest number of the right-hand side is %g, whose square is no number: scale it", method, b[i])
		}
		clear(x)
		return it, true, nil
	}
	if math.IsInf(square, 0) || math.IsNaN(square) {
		return it, false, fmt.Errorf("sparse: %s: %w in the right-hand side, or their squares are not: ‖b‖² = %g", method, ErrNonFinite, square)
	}
	it.Initial = it.truth(r)
	it.Residual, it.confirmed = it.Initial, it.Initial
	if math.IsNaN(it.Initial) || math.IsInf(it.Initial, 0) {
		return it, false, fmt.Errorf("sparse: %s: %w in the matrix or in the guess x", method, ErrNonFinite)
	}
	return it, it.Initial <= it.Tolerance, ctx.Err()
}

func sameSize(method string, a Operator, x, b []float64) error {
	if len(x) != len(b) {
		return fmt.Errorf("sparse: %s: %d unknowns and a right-hand side of %d", method, len(x), len(b))
	}
	if c, is := a.(*CSR); is && (c.Rows != len(b) || c.Cols != len(b)) {
		return fmt.Errorf("sparse: %s: a matrix of %d×%d and a right-hand side of %d", method, c.Rows, c.Cols, len(b))
	}
	return nil
}

// truth is r = b − A x and its relative norm.
func (it *iteration) truth(r []float64) float64 {
	it.a.Apply(r, it.x)
	var s float64
	for i, b := range it.b {
		r[i] = b - r[i]
		s += r[i] * r[i]
	}
	return safeNorm(r, s) / it.scale
}

// safeNorm is ‖v‖₂ from ‖v‖₂², made again from scaled numbers where squares are too small
// for all of their digits: a residual must not pass for its square's rounding.
func safeNorm(v []float64, square float64) float64 {
	if square >= 0x1p-900 || math.IsNaN(square) {
		return math.Sqrt(square)
	}
	most := 0.0
	for _, x := range v {
		most = max(most, math.Abs(x))
	}
	if most == 0 {
		return 0
	}
	square = 0
	for _, x := range v {
		square += x / most * (x / most)
	}
	return most * math.Sqrt(square)
}

// step ends an iteration with the residual ‖r‖ that the method carries. It returns
// true where that is small enough, which is to be confirmed.
func (it *iteration) step(norm float64) (small bool, err error) {
	it.Convergence.Iterations++
	it.Residual = norm / it.scale
	if math.IsNaN(norm) || math.IsInf(norm, 0) {
		return false, it.fail(ErrNonFinite, "the matrix or the preconditioner makes them, or they are so large or small that their squares are: scale them")
	}
	if err := it.ctx.Err(); err != nil {
		return false, err
	}
	if it.Monitor != nil {
		if err := it.Monitor(it.Convergence); err != nil {
			return false, err
		}
	}
	if it.Residual <= it.Tolerance {
		return true, nil
	}
	if it.Convergence.Iterations >= it.Krylov.Iterations {
		return false, it.fail(ErrNotConverged, "try a better preconditioner (AMG for elliptic equations), more iterations, or a direct solver")
	}
	return false, nil
}

// confirm computes r = b − A x in the place of what was carried. Where it is not
// small the method begins anew from it, unless that no longer helps.
func (it *iteration) confirm(r []float64) (done bool, err error) {
	it.Residual = it.truth(r)
	if it.Residual <= it.Tolerance {
		return true, nil
	}
	if !(it.Residual < it.confirmed/2) {
		return false, it.fail(ErrRounding, "beginning anew does not reduce the true residual: ask for no less than that")
	}
	it.confirmed = it.Residual
	return false, nil
}

func (it *iteration) fail(why error, advice string) error {
	return fmt.Errorf("sparse: %s: %w after %d iterations: relative residual %.3g, asked for %.3g; %s", it.method, why, it.Convergence.Iterations, it.Residual, it.Tolerance, advice)
}

// precondition is z = M r.
func precondition(m Solver, z, r []float64) {
	if m == nil {
		copy(z, r)
	} else {
		m.Solve(z, r)
	}
}
