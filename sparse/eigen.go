package sparse

import (
	"context"
	"fmt"
	"math"
)

// Lanczos says how eigenpairs of symmetric problems A x = λ M x, M positive definite,
// are found: with C = M⁻¹A, or (A − σM)⁻¹M, which is symmetric in ⟨x, y⟩ = xᵀM y, an
// orthonormal basis V of the Krylov space of C and the eigenpairs θ, s of T = ⟨V, C V⟩
// give x = V s with the residual ‖C x − θx‖ = β|s_m|, within which of θ there is an
// eigenvalue of C. When the basis is full, it begins anew from the best of them and
// the residual's direction (thick restart).
//
// C. Lanczos, J. Res. Nat. Bur. Standards 45 (1950); K. Wu and H. Simon,
// "Thick-Restart Lanczos Method for Large Symmetric Eigenvalue Problems", SIAM J.
// Matrix Anal. Appl. 22 (2000), with full reorthogonalisation, so that no eigenvalue
// appears twice that is not double. One vector sees one direction of each eigenspace:
// when all are found, a sweep from a random vector orthogonal to them looks for more,
// and what it finds enters. A step is one product with C, three with M and 4·Basis·n
// FLOPs. Inner eigenvalues, and small ones of badly conditioned A, need
// [EigenNearest]; for all of them use a dense method.
//
// The zero value is sound.
type Lanczos struct {
	Mass       Operator // M; nil is the identity
	MassSolver Solver   // M⁻¹, for EigenLargest and EigenSmallest where there is a Mass

	Tolerance float64 // of a residual, relative to its |θ|; 0 is 1e-10
	Basis     int     // vectors that are kept; 0 is 2k + 20
	Products  int     // with C, at most; 0 is 10 000
}

// Eigenpairs are eigenvalues and vectors, orthonormal in ⟨x, y⟩ = xᵀM y.
type Eigenpairs struct {
	Values   []float64
	Vectors  [][]float64
	Bounds   []float64 // there is an eigenvalue within Bounds[i] of Values[i]
	Products int
}

// EigenLargest finds the k largest eigenvalues of A x = λ M x, the largest first, A of n
// rows.
func EigenLargest(ctx context.Context, a Operator, n, k int, o Lanczos) (Eigenpairs, error) {
	return o.direct(ctx, a, n, k, func(p, q float64) bool { return p > q })
}

// EigenSmallest finds the k smallest, in the sense of signed numbers, the smallest first.
func EigenSmallest(ctx context.Context, a Operator, n, k int, o Lanczos) (Eigenpairs, error) {
	return o.direct(ctx, a, n, k, func(p, q float64) bool { return p < q })
}

// EigenNearest finds the k eigenvalues nearest to a number σ, the nearest first, with a
// Solver for A − σM: few steps, whatever the spectrum. With σ = 0 they are the smallest
// of a definite A, whose factor is the Solver; it must be exact to the tolerance.
func EigenNearest(ctx context.Context, inverse Solver, sigma float64, n, k int, o Lanczos) (Eigenpairs, error) {
	w := make([]float64, n)
	e, err := o.run(ctx, n, k, func(p, q float64) bool { return math.Abs(p) > math.Abs(q) }, func(dst, x []float64) {
		if o.Mass == nil {
			inverse.Solve(dst, x)
			return
		}
		o.Mass.Apply(w, x)
		inverse.Solve(dst, w)
	})
	for i, theta := range e.Values {
		e.Values[i] = sigma + 1/theta
		// |1/θ − 1/θ′| for all θ′ within the bound of θ.
		r := e.Bounds[i]
		e.Bounds[i] = r / (math.Abs(theta) * max(math.Abs(theta)-r, 0))
	}
	return e, err
}

// Condition estimates the condition number max|λ| / min|λ| of a symmetric matrix of n
// rows from below, by Lanczos' process with A and with a Solver for it, to three
// digits. Without a Solver (nil) both ends are sought with A alone, which takes many
// products where the number is large, and A is definite.
func Condition(ctx context.Context, a Operator, inverse Solver, n int) (float64, error) {
	o := Lanczos{Tolerance: 1e-4}
	large, err := o.run(ctx, n, 1, func(p, q float64) bool { return math.Abs(p) > math.Abs(q) }, a.Apply)
	if err != nil {
		return 0, err
	}
	if inverse != nil {
		small, err := EigenNearest(ctx, inverse, 0, n, 1, o)
		if err != nil {
			return 0, err
		}
		return math.Abs(large.Values[0] / small.Values[0]), nil
	}
	small, err := EigenSmallest(ctx, a, n, 1, o)
	if err != nil {
		return 0, err
	}
	if !(small.Values[0] > 0) {
		return math.Inf(1), fmt.Errorf("sparse: condition: %w: the smallest eigenvalue is %.3g: give a Solver for the matrix", ErrIndefinite, small.Values[0])
	}
	return large.Values[0] / small.Values[0], nil
}

func (o Lanczos) direct(ctx context.Context, a Operator, n, k int, before func(p, q float64) bool) (Eigenpairs, error) {
	if o.Mass != nil && o.MassSolver == nil {
		return Eigenpairs{}, fmt.Errorf("sparse: Lanczos: A x = λ M x with M as a product only: give a Solver for M too, or use EigenNearest")
	}
	if c, is := a.(*CSR); is && (c.Rows != n || c.Cols != n) {
		return Eigenpairs{}, fmt.Errorf("sparse: Lanczos: a matrix of %d×%d for %d rows", c.Rows, c.Cols, n)
	}
	return o.run(ctx, n, k, before, func(dst, x []float64) {
		a.Apply(dst, x)
		if o.Mass != nil {
			o.MassSolver.Solve(dst, dst)
		}
	})
}
