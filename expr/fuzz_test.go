package expr

import (
	"errors"
	"math"
	"testing"
)

// magnitude is the value of an affine program with every term taken positive,
// and whether all its constants are of everyday size. The rounding error of
// any way to evaluate the program is below (number of operations)·2⁻⁵³ of it.
func magnitude(p *program, x []float64) (m float64, everyday bool) {
	s := make([]float64, len(p.scratch))
	for i := range p.code {
		in := &p.code[i]
		for j := range in.width {
			a, b := func() float64 { return s[in.a.at+j*in.a.step] }, func() float64 { return s[in.b.at+j*in.b.step] }
			v := 0.0
			switch in.op {
			case opConst:
				v = math.Abs(p.scratch[in.at+j])
				if v != 0 && (v < 1e-3 || v > 1e3) {
					return 0, false
				}
			case opSpan:
				v = math.Abs(x[in.k+j])
			case opList:
				v = s[in.list[j].at]
			case opSum:
				v = reduce(opSum, s[in.a.at:in.a.at+in.a.width])
			case opNeg:
				v = a()
			case opAdd, opSub:
				v = a() + b()
			case opMul:
				v = a() * b()
			case opDiv:
				v = a() / b()
			}
			s[in.at+j] = v
		}
	}
	return s[len(s)-1], true
}

// Whatever the text: reading it never panics, errors point into it, and what
// is read can be evaluated; an affine form agrees with the value.
func FuzzParse(f *testing.F) {
	for _, o := range oracles() {
		f.Add(o.formula, 1.5)
	}
	for _, s := range []string{
		"a <= b", "2*x[0] - (x[1] + 3)/4 - sum(x)/7 >= 0", "dot([1,2],x[2:]) == 1", "max(x[0:2], [a, 1e3])", "x[1", "a // b",
		"'fly ash' ** -1", "filter(x, {# > 1})", "let a = 1; a", "a ?? b", "sum(x | map(#))", "\"\\u{1F600}\"", "`a`", "a\n+\t0x1F", "if a {1} else {2}", "a?.b", "::sum(x)", "1..2", "\xff", "[,]", "x[:]", "b'1'",
	} {
		f.Add(s, 0.0)
	}
	f.Fuzz(func(t *testing.T, source string, at float64) {
		e, err := Parse(source, names, dim)
		if err != nil {
			var r *Relation
			if r, err = ParseRelation(source, names, dim); err == nil {
				e = r.Expr
			}
		}
		if err != nil {
			var w *Error
			if !errors.As(err, &w) {
				t.Fatalf("%q: error without a place: %v", source, err)
			}
			if w.Line < 1 || w.Column < 1 || w.Message == "" {
				t.Fatalf("%q: misplaced error %+v", source, w)
			}
			return
		}
		x, g := []float64{at, -1, 0, 2.5}, make([]float64, dim)
		v := e.Value(x)
		if w := e.Gradient(x, g); w != v && !math.IsNaN(v) {
			t.Fatalf("%q: Value %g, Gradient %g", source, v, w)
		}
		c, c0, ok := e.Affine()
		if !ok || len(source) > 100 || math.Abs(at) > 1e3 {
			return
		}
		m, everyday := magnitude(&e.program, x)
		if !everyday {
			return // a hundred characters of larger constants may overflow on the way
		}
		sum, operations := c0, float64(len(e.program.scratch)+2*dim)
		for i := range c {
			sum += c[i] * x[i]
		}
		if bound := 4 * operations * 0x1p-53 * m; math.Abs(sum-v) > bound {
			t.Fatalf("%q at %v: value %g, affine form %g, apart by more than %g", source, x, v, sum, bound)
		}
	})
}
