package expr

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
)

// A batch is the formula point by point, to the last bit, kinks and ends of domains
// included.
func TestBatchIsPointByPoint(t *testing.T) {
	const lanes = 13
	formulas := []string{"a", "2.5", "min(a, 0)*a**2", "max(b, a) - min(1, a, d)", "a - 1 - (2 - b)*(3*d)", "0.5*min(a, b)*sqrt(a)", "a/b - 1/a", "log(a)*0 + -d"}
	for _, o := range oracles() {
		formulas = append(formulas, o.formula)
	}
	r := rand.New(rand.NewPCG(1, 2))
	batches := 0
	for _, text := range formulas {
		e, err := Parse(text, names, dim)
		if err != nil {
			t.Fatal(err)
		}
		b := e.NewBatch(lanes)
		if b == nil {
			continue // vectors
		}
		batches++
		x, g, got := make([]float64, dim*lanes), make([]float64, dim*lanes), make([]float64, lanes)
		for i := range x {
			x[i] = math.Round(4*r.Float64()) / 2 // many equal numbers and zeros
		}
		for range 2 { // work space is used again
			b.Slopes(got, x, g)
		}
		point, want := make([]float64, dim), make([]float64, dim)
		for k := range lanes {
			for c := range dim {
				point[c] = x[c*lanes+k]
			}
			v := e.Gradient(point, want)
			if math.Float64bits(v) != math.Float64bits(got[k]) && !(math.IsNaN(v) && math.IsNaN(got[k])) {
				t.Errorf("%s at %v: %g, one by one %g", text, point, got[k], v)
			}
			for c := range dim {
				if w := g[c*lanes+k]; math.Abs(w-want[c]) > 1e-15*math.Abs(want[c]) && !(math.IsNaN(w) && math.IsNaN(want[c])) && !e.affine {
					t.Errorf("%s at %v: slope %d is %g, one by one %g", text, point, c, w, want[c])
				}
			}
		}
	}
	if batches < 12 {
		t.Errorf("%d formulas have a batch", batches)
	}
}

// The two sides of an equation are read where they stand.
func TestReadEquation(t *testing.T) {
	s, err := ReadEquation("a*f(b)\n = c + 1")
	if err != nil {
		t.Fatal(err)
	}
	if got := s.Text(s.Left); got != "a*f(b)" {
		t.Errorf("left side %q", got)
	}
	if got := s.Text(s.Right); got != "c + 1" {
		t.Errorf("right side %q", got)
	}
	var e *Error
	if err := s.Fail(s.Right.(*ast.BinaryNode).Left.Location(), "here"); !errors.As(err, &e) || e.Line != 2 || e.Column != 4 || e.Token != "c" {
		t.Errorf("place of c: %v", err)
	}
	for _, c := range []struct {
		text   string
		column int
		token  string
	}{{"a + b", 6, ""}, {"a = b = c", 7, "="}, {"a = ", 4, ""}, {"a = (b", 5, "("}, {"a < b = 1", 3, "<"}, {"(a = b)", 1, "("}, {"a = 'b", 7, ""}, {"a = b // c", 7, "//"}} {
		_, err := ReadEquation(c.text)
		if !errors.As(err, &e) || e.Source != c.text {
			t.Errorf("%q: %v", c.text, err)
		} else if e.Column != c.column || e.Token != c.token {
			t.Errorf("%q: column %d, %q; want %d, %q (%s)", c.text, e.Column, e.Token, c.column, c.token, e.Message)
		}
	}
}

// A formula that is composed is the one that is parsed; equal parts are made once.
func TestComposer(t *testing.T) {
	s, err := ReadFormula("unused")
	if err != nil {
		t.Fatal(err)
	}
	c := NewComposer(s)
	apply := func(operation string, args ...Part) Part {
		t.Helper()
		p, err := c.Apply(operation, file.Location{}, args...)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	a, b := c.Column(0), c.Column(3)
	sum := apply("+", a, b)
	if apply("+", c.Column(0), b) != sum {
		t.Error("an equal part was made anew")
	}
	root := apply("-", apply("*", apply("exp", apply("-", sum)), apply("min", sum, c.Number(2), b)), apply("**", a, apply("+", c.Number(1), c.Number(1))))
	got := c.Finish(root, dim)
	want, err := Parse("exp(-(a + d))*min(a + d, 2, d) - a**2", names, dim)
	if err != nil {
		t.Fatal(err)
	}
	x := []float64{0.3, 1, 2, 0.7}
	if v, w := got.Value(x), want.Value(x); v != w {
		t.Errorf("composed %g, parsed %g", v, w)
	}
	if v, ok := c.Constant(apply("/", c.Number(1), c.Number(4))); !ok || v != 0.25 {
		t.Errorf("1/4 is %g", v)
	}
	if _, err := c.Apply("/", file.Location{}, a, c.Number(0)); err == nil {
		t.Error("division by zero: no error")
	}
}
