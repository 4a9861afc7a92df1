package sparse

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// lanczos is a run: the basis, T and the direction of the residual.
type lanczos struct {
	Lanczos
	n, m     int
	op       func(dst, x []float64) // C
	v        [][]float64            // m + 1
	t        []float64              // m×m, the upper triangle
	w, mw    []float64
	beta     float64 // length of what C leaves of the last vector, in the direction v[m]
	size     float64 // largest ‖C v‖ so far
	products int
	random   *rand.Rand
}

// start checks the choices and makes the first vector.
func (o Lanczos) start(n, k int, op func(dst, x []float64)) (*lanczos, error) {
	if k < 1 || k > n {
		return nil, fmt.Errorf("sparse: Lanczos: %d eigenpairs of %d rows: 1 to %d are there", k, n, n)
	}
	if o.Tolerance == 0 {
		o.Tolerance = 1e-10
	}
	if o.Basis == 0 {
		o.Basis = 2*k + 20
	}
	if o.Products == 0 {
		o.Products = 10_000
	}
	if !(o.Tolerance > 0) || o.Basis < min(k+2, n) || o.Products < 0 {
		return nil, fmt.Errorf("sparse: Lanczos: a tolerance of %g, a basis of %d for %d pairs and %d products: the tolerance is positive and the basis larger by two", o.Tolerance, o.Basis, k, o.Products)
	}
	m := min(o.Basis, n)
	l := &lanczos{Lanczos: o, n: n, m: m, op: op, t: make([]float64, m*m), w: make([]float64, n), mw: make([]float64, n), random: rand.New(rand.NewPCG(1, 1))}
	all := make([]float64, (m+1)*n)
	for i := range m + 1 {
		l.v = append(l.v, all[i*n:(i+1)*n:(i+1)*n])
	}
	return l, l.inject(0)
}

// run finds the k first eigenpairs of C in an order.
func (o Lanczos) run(ctx context.Context, n, k int, before func(p, q float64) bool, op func(dst, x []float64)) (Eigenpairs, error) {
	l, err := o.start(n, k, op)
	if err != nil {
		return Eigenpairs{}, err
	}
	m := l.m
	var found []float64 // what the last sweep from a random vector began with
	for kept := 0; ; {
		if err := l.extend(ctx, kept); err != nil {
			return Eigenpairs{}, err
		}
		theta, s, err := l.ritz(before)
		if err != nil {
			return Eigenpairs{}, err
		}
		open := 0 // not converged
		for i := range k {
			if l.beta*math.Abs(s.At(m-1, i)) > l.allowed(theta, i) {
				open++
			}
		}
		finished := m == n || open == 0 && l.same(found, theta) && l.beta*math.Abs(s.At(m-1, k)) <= 0.01*math.Abs(theta[k])
		if finished || l.products >= l.Products {
			l.rotate(s, k)
			return l.pairs(theta[:k], open)
		}
		kept = min(k+(m-k)/2, m-1)
		again := open == 0 && !l.same(found, theta)
		if again {
			kept, found = k, slices.Clone(theta[:k])
		}
		l.rotate(s, kept)
		clear(l.t)
		for i := range kept {
			l.t[i*m+i] = theta[i]
		}
		if again {
			if err := l.inject(kept); err != nil {
				return Eigenpairs{}, err
			}
		} else {
			l.v[kept], l.v[m] = l.v[m], l.v[kept]
		}
	}
}

// allowed is the residual that pair i may have; rounding is always allowed.
func (l *lanczos) allowed(theta []float64, i int) float64 {
	var size float64
	for _, t := range theta {
		size = max(size, math.Abs(t))
	}
	return max(l.Tolerance*math.Abs(theta[i]), 1e-14*size)
}

// same tells whether a sweep from a random vector has changed what was found before.
func (l *lanczos) same(found, theta []float64) bool {
	for i, f := range found {
		if math.Abs(f-theta[i]) > 10*l.allowed(theta, i) {
			return false
		}
	}
	return found != nil
}

func (l *lanczos) mass(dst, x []float64) []float64 {
	if l.Mass == nil {
		return x
	}
	l.Mass.Apply(dst, x)
	return dst
}

// orthogonalise takes from x what lies along the first j vectors, twice, and returns
// the length that is left. It adds the coefficients to column, if there is one.
func (l *lanczos) orthogonalise(x []float64, j int, column func(i int, h float64)) float64 {
	for range 2 {
		mx := l.mass(l.mw, x)
		for i, v := range l.v[:j] {
			h := inner(v, mx)
			addTo(x, -h, v)
			if column != nil {
				column(i, h)
			}
		}
	}
	return math.Sqrt(max(inner(x, l.mass(l.mw, x)), 0))
}

// inject puts C times a random vector, orthogonal to the first j, into place j.
func (l *lanczos) inject(j int) error {
	for range 5 {
		for i := range l.w {
			l.w[i] = l.random.NormFloat64()
		}
		x := l.v[j]
		l.op(x, l.w)
		l.products++
		before := math.Sqrt(max(inner(x, l.mass(l.mw, x)), 0))
		after := l.orthogonalise(x, j, nil)
		if !(before > 0) || after < 1e-8*before { // C is zero there
			copy(x, l.w)
			after = l.orthogonalise(x, j, nil)
		}
		if math.IsNaN(after) || math.IsInf(after, 0) {
			return fmt.Errorf("sparse: Lanczos: %w in the matrix or its solver", ErrNonFinite)
		}
		if after > 0 {
			scaleTo(x, 1/after, x)
			return nil
		}
	}
	return fmt.Errorf("sparse: Lanczos: %w: M has xᵀM x = 0 for random x: is it positive definite?", ErrIndefinite)
}

// extend makes columns kept … m−1 of T, and the vectors behind them.
func (l *lanczos) extend(ctx context.Context, kept int) error {
	for j := kept; j < l.m; j++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		l.op(l.w, l.v[j])
		l.products++
		size := math.Sqrt(max(inner(l.w, l.mass(l.mw, l.w)), 0))
		l.size = max(l.size, size)
		skew := 0.0 // ⟨v_i, C v_j⟩ = ⟨C v_i, v_j⟩ is zero where C v_i ended before v_j
		l.beta = l.orthogonalise(l.w, j+1, func(i int, h float64) {
			l.t[i*l.m+j] += h
			if i >= kept && i < j-1 {
				skew = max(skew, math.Abs(h))
			}
		})
		if skew > 1e-6*l.size {
			return fmt.Errorf("sparse: Lanczos: the operator is not symmetric: ⟨v, C w⟩ and ⟨C v, w⟩ differ by %.2g‖C‖ (in the inner product of M, if there is one; an inexact solver is not symmetric either)", skew/l.size)
		}
		if math.IsNaN(l.beta) || math.IsInf(l.beta, 0) {
			return fmt.Errorf("sparse: Lanczos: %w in the matrix or its solver", ErrNonFinite)
		}
		if l.beta > 1e-14*size {
			scaleTo(l.v[j+1], 1/l.beta, l.w)
			continue
		}
		l.beta = 0 // the space is invariant: go on in another
		if j+1 < l.n {
			if err := l.inject(j + 1); err != nil {
				return err
			}
		}
	}
	return nil
}

// ritz are the eigenpairs of T, the wanted first.
func (l *lanczos) ritz(before func(p, q float64) bool) ([]float64, *mat.Dense, error) {
	var eigen mat.EigenSym
	if !eigen.Factorize(mat.NewSymDense(l.m, slices.Clone(l.t)), true) {
		return nil, nil, fmt.Errorf("sparse: Lanczos: no eigenvalues of the projected matrix of %d rows", l.m)
	}
	values := eigen.Values(nil)
	var vectors mat.Dense
	eigen.VectorsTo(&vectors)
	order := make([]int, l.m)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int {
		switch {
		case before(values[i], values[j]):
			return -1
		case before(values[j], values[i]):
			return 1
		}
		return 0
	})
	theta, s := make([]float64, l.m), mat.NewDense(l.m, l.m, nil)
	for to, from := range order {
		theta[to] = values[from]
		for i := range l.m {
			s.Set(i, to, vectors.At(i, from))
		}
	}
	return theta, s, nil
}

// rotate makes the first k vectors V s of the first m.
func (l *lanczos) rotate(s *mat.Dense, k int) {
	row, sum := make([]float64, l.m), make([]float64, k)
	weights := mat.DenseCopyOf(s.Slice(0, l.m, 0, k)).RawMatrix()
	for i := range l.n {
		for j := range row {
			row[j] = l.v[j][i]
		}
		clear(sum)
		for j, x := range row {
			addTo(sum, x, weights.Data[j*weights.Stride:j*weights.Stride+k])
		}
		for j, x := range sum {
			l.v[j][i] = x
		}
	}
}

// pairs are the first vectors with their true residuals.
func (l *lanczos) pairs(theta []float64, open int) (Eigenpairs, error) {
	e := Eigenpairs{Values: slices.Clone(theta)}
	var err error
	for i, t := range theta {
		x := slices.Clone(l.v[i])
		l.op(l.w, x)
		l.products++
		addTo(l.w, -t, x)
		r := math.Sqrt(max(inner(l.w, l.mass(l.mw, l.w)), 0))
		e.Vectors, e.Bounds = append(e.Vectors, x), append(e.Bounds, r)
		if open == 0 && r > 10*l.allowed(theta, i) && err == nil {
			err = fmt.Errorf("sparse: Lanczos: %w: pair %d has residual %.3g·|θ|, and its recurrence says less: is the matrix symmetric and the solver exact to the tolerance?", ErrNotConverged, i, r/math.Abs(t))
		}
	}
	if open > 0 && l.m < l.n {
		err = fmt.Errorf("sparse: Lanczos: %w after %d products: %d of %d pairs to %.3g; use EigenNearest with a factor, or a larger Basis than %d", ErrNotConverged, l.products, len(theta)-open, len(theta), l.Tolerance, l.m)
	}
	e.Products = l.products
	return e, err
}
