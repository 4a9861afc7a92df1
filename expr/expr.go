// Package expr turns text formulas over the columns of a point into numbers,
// exact derivatives and graphs.
//
// A formula is arithmetic over column names and the vector x of all columns:
//
//	numbers    2, 0.5, 1e-3 (all arithmetic is in floating point: 1/2 is 0.5)
//	columns    water, 'fly ash' (quoted where the name is not a plain word)
//	vectors    x, x[i:j] (columns i … j−1, counted from 0), [a, b]
//	entries    x[i]
//	operators  + - * / ** (or ^; binds tighter than a minus before it: -a**2 is −a²)
//	functions  exp log sqrt abs sin cos tanh, pow(a, b)
//	           sum(v), norm(v), dot(v, w), min(v), max(v) of vectors
//	           min(a, b, …), max(a, b, …) entry by entry
//
// Operators and functions of one number work on vectors entry by entry; a
// number meets every entry. The formula as a whole is one number. A column
// named x hides the vector: x[i] and x[:] still mean the columns.
//
// Whole exponents are products and hold for negative bases; other powers of a
// negative base are NaN. Slopes at kinks are stated in functions.go.
//
// The text is read by the parser of expr-lang/expr; nothing of its evaluator
// is used.
package expr

import (
	"math"
	"slices"
	"sync"
)

// Expr is a scalar formula. It is safe for concurrent use.
type Expr struct {
	source  string
	dim     int
	program program
	columns []int
	scratch sync.Pool // *[]float64: values, then adjoints

	affine bool
	c      []float64
	c0     float64
}

// Parse reads a formula over points of dim columns. names are the names of the
// columns, or none. Errors of the formula are of type [*Error].
func Parse(source string, names []string, dim int) (*Expr, error) {
	c, err := newColumns(names, dim)
	if err != nil {
		return nil, err
	}
	b := newBuilder(source, c)
	s, err := b.scan()
	if err != nil {
		return nil, err
	}
	if len(s.relations) > 0 {
		return nil, b.fail(s.relations[0].at, "a relation, where a single number is wanted: write a formula without %s", s.relations[0].operator)
	}
	tree, err := b.tree(s.tokens, c)
	if err != nil {
		return nil, err
	}
	root, err := b.scalar(tree, s.tokens[0].Location, "the formula")
	if err != nil {
		return nil, err
	}
	return b.finish(root), nil
}

// Source is the text the formula was read from.
func (e *Expr) Source() string { return e.source }

// Columns lists the columns the formula reads, in order.
func (e *Expr) Columns() []int { return slices.Clone(e.columns) }

// Value is the formula at the point x (length dim).
func (e *Expr) Value(x []float64) float64 {
	s := e.scratch.Get().(*[]float64)
	v := e.program.value((*s)[:len(e.program.scratch)], x)
	e.scratch.Put(s)
	return v
}

// Gradient writes ∂/∂x into g (length dim) and returns the value at x.
func (e *Expr) Gradient(x, g []float64) float64 {
	if e.affine {
		copy(g, e.c)
		return e.Value(x)
	}
	clear(g)
	s := e.scratch.Get().(*[]float64)
	n := len(e.program.scratch)
	v := e.program.gradient((*s)[:n], (*s)[n:], x, g)
	e.scratch.Put(s)
	return v
}

// Affine returns c and c0 where the formula is c·x + c0 by its shape: sums of
// columns with constant factors. ok is false for every other formula, also
// where products would cancel. c must not be changed.
func (e *Expr) Affine() (c []float64, c0 float64, ok bool) { return e.c, e.c0, e.affine }

// finish makes the formula with its result at root.
func (b *builder) finish(root int) *Expr {
	e := &Expr{source: b.source, dim: b.columns.dim, program: b.program.compact(root)}
	for _, in := range e.program.code {
		if in.op == opSpan {
			for i := range in.width {
				e.columns = append(e.columns, in.k+i)
			}
		}
	}
	slices.Sort(e.columns)
	e.columns = slices.Compact(e.columns)
	e.scratch.New = func() any {
		s := make([]float64, 2*len(e.program.scratch))
		copy(s, e.program.scratch)
		return &s
	}
	e.findAffine()
	return e
}

// findAffine reads c and c0 off the formula at the origin, where an affine
// formula has them as gradient and value.
func (e *Expr) findAffine() {
	if e.program.degree() > 1 {
		return
	}
	c := make([]float64, e.dim)
	c0 := e.Gradient(make([]float64, e.dim), c)
	for _, v := range append(c[:len(c):len(c)], c0) {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return
		}
	}
	e.c, e.c0, e.affine = c, c0, true
}
