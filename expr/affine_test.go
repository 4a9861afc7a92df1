package expr

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestAffineByHand(t *testing.T) {
	for _, c := range []struct {
		formula string
		c       []float64
		c0      float64
	}{
		{"2*x[0] - (x[1] + 3)/4 - sum(x)/7", []float64{2 - 1./7, -1./4 - 1./7, -1. / 7, -1. / 7}, -0.75},
		{"dot([1, 2], x[0:2])", []float64{1, 2, 0, 0}, 0},
		{"dot(x, [1, 2, 3, 4]) - sum([a, b]*2)", []float64{-1, 0, 3, 4}, 0},
		{"-(a - b)**1 * 2**3 + sqrt(4)", []float64{-8, 8, 0, 0}, 2},
		{"3", []float64{0, 0, 0, 0}, 3},
		{"exp(0)*'fly ash'*min(1, 2)", []float64{0, 0, 1, 0}, 0},
	} {
		got, c0, ok := mustParse(t, c.formula).Affine()
		if !ok {
			t.Errorf("%s is not seen to be affine", c.formula)
			continue
		}
		for i := range c.c {
			if math.Abs(got[i]-c.c[i]) > 4*0x1p-52 || math.Abs(c0-c.c0) > 4*0x1p-52 {
				t.Errorf("%s: %v + %g, want %v + %g", c.formula, got, c0, c.c, c.c0)
				break
			}
		}
	}
	for _, formula := range []string{"a/b", "a*b", "a**2", "abs(a)", "min(a, b)", "max(x)", "norm(x)", "1/a", "dot(x, x)", "2**a", "exp(a) - exp(a)", "a/(b - b + 1)"} {
		if _, _, ok := mustParse(t, formula).Affine(); ok {
			t.Errorf("%s is taken for affine", formula)
		}
	}
}

// affine is a formula drawn at random together with what it stands for. m
// bounds the size of all terms, which is the scale of its rounding errors.
type affine struct {
	text string
	c    [dim]float64
	c0   float64
	m    float64
}

func (a affine) scaled(s float64) affine {
	for i := range a.c {
		a.c[i] *= s
	}
	a.c0, a.m = a.c0*s, a.m*math.Abs(s)
	return a
}

func (a affine) plus(b affine) affine {
	for i := range a.c {
		a.c[i] += b.c[i]
	}
	a.c0, a.m = a.c0+b.c0, a.m+b.m
	return a
}

func column(i int) affine {
	a := affine{text: fmt.Sprintf("x[%d]", i), m: 1}
	a.c[i] = 1
	return a
}

func number(t *rapid.T) float64 {
	v := rapid.Float64Range(0.1, 10).Draw(t, "number")
	if rapid.Bool().Draw(t, "negative") {
		return -v
	}
	return v
}

func text64(v float64) string { return "(" + strconv.FormatFloat(v, 'g', -1, 64) + ")" }

func drawAffine(t *rapid.T, depth int) affine {
	kind := rapid.IntRange(0, 9).Draw(t, "kind")
	if depth == 0 {
		kind %= 3
	}
	i := rapid.IntRange(0, dim-1).Draw(t, "column")
	switch kind {
	case 0:
		v := number(t)
		return affine{text: text64(v), c0: v, m: math.Abs(v)}
	case 1:
		return column(i)
	case 2:
		a := column(i)
		a.text = written(names[i])
		return a
	case 3, 4:
		a, b := drawAffine(t, depth-1), drawAffine(t, depth-1)
		sum, sign := a.plus(b), "+"
		if kind == 4 {
			sum, sign = a.plus(b.scaled(-1)), "-"
		}
		sum.text = "(" + a.text + sign + b.text + ")"
		return sum
	case 5:
		a, v := drawAffine(t, depth-1), number(t)
		b := a.scaled(v)
		b.text = text64(v) + "*" + a.text
		return b
	case 6:
		a, v := drawAffine(t, depth-1), number(t)
		b := a.scaled(1 / v)
		b.text = a.text + "/" + text64(v)
		return b
	case 7:
		a := drawAffine(t, depth-1).scaled(-1)
		a.text = "(-" + a.text + ")"
		return a
	case 8:
		j := rapid.IntRange(i+1, dim).Draw(t, "end")
		sum := affine{}
		for k := i; k < j; k++ {
			sum = sum.plus(column(k))
		}
		sum.text = fmt.Sprintf("sum(x[%d:%d])", i, j)
		return sum
	}
	var sum affine
	var weights, entries []string
	for range rapid.IntRange(1, 3).Draw(t, "entries") {
		a, v := drawAffine(t, depth-1), number(t)
		weights, entries = append(weights, text64(v)), append(entries, a.text)
		sum = sum.plus(a.scaled(v))
	}
	sum.text = "dot([" + strings.Join(weights, ", ") + "], [" + strings.Join(entries, ", ") + "])"
	return sum
}

func TestAffineIsRecovered(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := drawAffine(t, 4)
		e, err := Parse(want.text, names, dim)
		if err != nil {
			t.Fatal(err)
		}
		c, c0, ok := e.Affine()
		if !ok {
			t.Fatalf("%s is not seen to be affine", want.text)
		}
		for i := range c {
			if math.Abs(c[i]-want.c[i]) > 1e-12*want.m || math.Abs(c0-want.c0) > 1e-12*want.m {
				t.Fatalf("%s: %v + %g, want %v + %g", want.text, c, c0, want.c, want.c0)
			}
		}
		for i := range want.c {
			if want.c[i] != 0 && !slices.Contains(e.Columns(), i) {
				t.Fatalf("%s: column %d is not listed in %v", want.text, i, e.Columns())
			}
		}
	})
}
