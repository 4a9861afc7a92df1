package expr

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestErrorsNamePlaceAndRemedy(t *testing.T) {
	deep := strings.Repeat("(", 201) + "a" + strings.Repeat(")", 201)
	for _, c := range []struct {
		formula      string
		line, column int
		token        string
		message      string // part of it
	}{
		{"", 1, 1, "", "empty"},
		{" \n ", 1, 1, "", "empty"},
		{"watr + 1", 1, 1, "watr", "columns are a, b"},
		{"a + bb", 1, 5, "bb", "columns are a, b, 'fly ash', d"},
		{"'fly ahs'", 1, 1, "'fly ahs'", "did you mean 'fly ash'?"},
		{"fly + 1", 1, 1, "fly", "did you mean 'fly ash'?"},
		{"fly ash + 1", 1, 5, "ash", "quoted, as in 'fly ash'"},
		{"a +\n  sqr(b)", 2, 3, "sqr", "did you mean sqrt?"},
		{"ln(a)", 1, 1, "ln", "log is the natural logarithm"},
		{"foo(a)", 1, 1, "foo", "functions are abs, cos"},
		{"a(b)", 1, 1, "a", "put * before the bracket"},
		{"x(1)", 1, 1, "x", "put * before the bracket"},
		{"sqrt", 1, 1, "sqrt", "write sqrt(…)"},
		{"a < 1", 1, 3, "<", "write <="},
		{"a != 1", 1, 3, "!=", "write <=, >= or =="},
		{"a = 1", 1, 3, "=", "write =="},
		{"a =< 1", 1, 3, "=", "write <="},
		{"a ≤ 1", 1, 3, "≤", "write <="},
		{"a − 1", 1, 3, "−", "write -"},
		{"a²", 1, 2, "²", "write **2"},
		{"a <= 1", 1, 3, "<=", "without <="},
		{"a and b", 1, 3, "and", "two constraints"},
		{"a or b", 1, 3, "or", "min(a, b) <= 0"},
		{"a % 2", 1, 3, "%", "remainder"},
		{"a ? 1 : 2", 1, 3, "?", "min, max or abs"},
		{"a // b", 1, 3, "//", "comment"},
		{"/* old */ a", 1, 1, "/*", "comment"},
		{"a /* b", 1, 7, "", "comment"},
		{"{a: 1}", 1, 1, "{", "braces"},
		{"x.y", 1, 2, ".", "quote a column name"},
		{`x["a"]`, 1, 3, `"a"`, "fields"},
		{"x | sum()", 1, 3, "|", "sum(x)"},
		{"a; b", 1, 2, ";", "one formula only"},
		{"let q = 1; q", 1, 1, "let", "reserved word"},
		{"x[4]", 1, 3, "4", "x[0] to x[3]"},
		{"x[-1]", 1, 3, "-", "out of range"},
		{"x[0.5]", 1, 3, "0.5", "not a whole number"},
		{"x[a]", 1, 3, "a", "constant whole number"},
		{"sum(x[2:2])", 1, 6, "[", "empty"},
		{"sum(x[1:5])", 1, 9, "5", "out of range"},
		{"sum(x[::2])", 1, 7, "::", "no step"},
		{"a[0]", 1, 2, "[", "only x can be indexed"},
		{"[a, b][0]", 1, 7, "[", "only x can be indexed"},
		{"(a + b", 1, 1, "(", "never closed"},
		{"a + b)", 1, 6, ")", "never opened"},
		{"(a + b]", 1, 7, "]", "its own kind"},
		{"a +", 1, 4, "", "too early"},
		{"a + \n", 1, 4, "", "too early"},
		{"* a", 1, 1, "*", "expected here"},
		{"a * / b", 1, 5, "/", "expected here"},
		{"2 a", 1, 3, "a", "operator"},
		{"2a", 1, 1, "2a", "2*x[0]"},
		{"1,5*a", 1, 2, ",", "fractions take a point"},
		{"a : b", 1, 3, ":", "x[i:j]"},
		{"1e999", 1, 1, "1e999", "too large"},
		{"99999999999999999999", 1, 1, "99999999999999999999", "write 1e+20"},
		{"0x + a", 1, 1, "0x", "not a number"},
		{"1e + a", 1, 1, "1e", "numbers look like"},
		{"a/0", 1, 2, "/", "division by zero"},
		{"a/(1 - 1)", 1, 2, "/", "division by zero"},
		{"log(-1) + a", 1, 1, "log", "finite"},
		{"1e300*1e300", 1, 6, "*", "finite"},
		{"inf", 1, 1, "inf", "finite numbers only"},
		{"pi*a", 1, 1, "pi", "3.14159"},
		{"true", 1, 1, "true", "not a number"},
		{"x", 1, 1, "x", "vector of 4"},
		{"a + x", 1, 1, "a", "vector of 4"},
		{"max(x, 0)", 1, 1, "max", "vector of 4"},
		{"sum(x[0:2] + x[0:3])", 1, 12, "+", "vector of 2 meets a vector of 3"},
		{"sum(a)", 1, 1, "sum", "needs a vector"},
		{"sum(a, b)", 1, 1, "sum", "sum([a, b])"},
		{"min(a)", 1, 1, "min", "needs a vector"},
		{"min()", 1, 1, "min", "at least two"},
		{"dot(a, b)", 1, 1, "dot", "needs a vector"},
		{"dot(x)", 1, 1, "dot", "2 arguments, not 1"},
		{"exp(a, b)", 1, 1, "exp", "1 argument, not 2"},
		{"sum([])", 1, 5, "[", "empty list"},
		{"sum([x, 1])", 1, 6, "x", "vector inside a list"},
		{"a**1e9", 1, 2, "**", "too large"},
		{"(-2)**a", 1, 5, "**", "positive base"},
		{"b'a'", 1, 1, "b'a'", "leave out the b"},
		{"'a", 1, 3, "", "closing quote"},
		{"filter(x, # > 1)", 1, 11, "#", "not an operator"},
		{deep, 1, 201, "(", "more than 200 brackets"},
		{strings.Repeat("a", 100_001), 1, 1, "", "more than 100000"},
		{strings.Repeat("-", 20_001) + "a", 1, 20_001, "-", "more than 20000"},
	} {
		_, err := Parse(c.formula, names, dim)
		check(t, c.formula, err, c.line, c.column, c.token, c.message)
	}
}

func TestRelationErrors(t *testing.T) {
	for _, c := range []struct {
		formula      string
		line, column int
		token        string
		message      string
	}{
		{"a + b", 1, 6, "", "no relation"},
		{"1 <= a <= 2", 1, 8, "<=", "two constraints"},
		{"a == b == d", 1, 8, "==", "two constraints"},
		{"(a <= 1) * 2", 1, 4, "<=", "outside"},
		{"max(a <= 1, 2) == 1", 1, 16, "==", "two constraints"},
		{"1 <= 2", 1, 3, "<=", "no column"},
		{"a**0 <= 2", 1, 6, "<=", "no column"},
		{"x >= 0", 1, 3, ">=", "the left side is a vector of 4"},
		{"0 <= x", 1, 3, "<=", "the right side is a vector of 4"},
		{"<= 1", 1, 1, "<=", "expected here"},
		{"a <=", 1, 5, "", "too early"},
		{"a <= b\n  and b <= d", 2, 3, "and", "two constraints"},
		{"a >", 1, 3, ">", "write >="},
	} {
		_, err := ParseRelation(c.formula, names, dim)
		check(t, c.formula, err, c.line, c.column, c.token, c.message)
	}
}

func check(t *testing.T, formula string, err error, line, column int, token, message string) {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) {
		t.Errorf("%q: error %v, want one of the formula", formula, err)
		return
	}
	if e.Line != line || e.Column != column || e.Token != token || !strings.Contains(e.Message, message) {
		t.Errorf("%q: got %d:%d %q %q, want %d:%d %q %q", formula, e.Line, e.Column, e.Token, e.Message, line, column, token, message)
	}
	if s := e.Error(); strings.Contains(s, "\n") || !strings.Contains(s, e.Message) || !strings.Contains(s, fmt.Sprintf("line %d, column %d", line, column)) {
		t.Errorf("%q: badly worded: %s", formula, s)
	}
}

func TestColumnNames(t *testing.T) {
	if _, err := Parse("a", []string{"a"}, 2); err == nil {
		t.Error("one name for two columns is accepted")
	}
	if _, err := Parse("1", nil, 0); err == nil {
		t.Error("points without columns are accepted")
	}
	_, err := Parse("water", nil, 3)
	check(t, "water", err, 1, 1, "water", "write x[0] to x[2]")
	_, err = Parse("watr", []string{"cement", "water"}, 2)
	check(t, "watr", err, 1, 1, "watr", `did you mean water? columns are cement, water`)
	_, err = Parse("b + q", []string{"q", "b", "q"}, 3)
	check(t, "b + q", err, 1, 5, "q", "write x[0] or x[2]")
	_, err = Parse("sum(x)", []string{"x", "y"}, 2)
	check(t, "sum(x)", err, 1, 1, "sum", "x[:]")

	point := []float64{2, 3, 5, 7}
	for formula, want := range map[string]float64{
		"x":                 3, // a column named x hides the vector …
		"sum(x[:]) + x[0]":  19,
		"'sum' + min":       7,
		"'in' * 1_000":      7000,
		"sum(x[1:])":        15, // … but not its entries
		"x[1]**2 + 1 - +-1": 11,
	} {
		e, err := Parse(formula, []string{"sum", "x", "min", "in"}, 4)
		if err != nil {
			t.Error(err)
			continue
		}
		if got := e.Value(point); got != want {
			t.Errorf("%s = %g, want %g", formula, got, want)
		}
	}
}

func TestRelations(t *testing.T) {
	x := []float64{1, 2, 3, 4}
	for _, c := range []struct {
		formula  string
		value    float64
		equality bool
		columns  []int
	}{
		{"a/(b + d) <= 0.45", 1./6 - 0.45, false, []int{0, 1, 3}},
		{"a + 'fly ash' >= 5", 1, false, []int{0, 2}},
		{"sum(x[1:3]) == 2*b", 1, true, []int{1, 2}},
		{"0 <= min(x)", -1, false, []int{0, 1, 2, 3}},
	} {
		r, err := ParseRelation(c.formula, names, dim)
		if err != nil {
			t.Error(err)
			continue
		}
		if v := r.Expr.Value(x); !near(v, c.value, 0x1p-50) || r.Equality != c.equality || !slices.Equal(r.Expr.Columns(), c.columns) {
			t.Errorf("%s: value %g, equality %v, columns %v", c.formula, v, r.Equality, r.Expr.Columns())
		}
		if r.Source != c.formula || r.Expr.Source() != c.formula {
			t.Errorf("%s: source %q, %q", c.formula, r.Source, r.Expr.Source())
		}
	}
}

// Formulas as long as the limits allow are read and evaluated without harm.
func TestLongFormulas(t *testing.T) {
	x := []float64{2, 0, 0, 0}
	for _, c := range []struct {
		formula string
		want    float64
	}{
		{strings.Repeat("a+", 9_999) + "a", 20_000},
		{strings.Repeat("-", 19_998) + "a", 2},
		{strings.Repeat("(", 200) + "a" + strings.Repeat(")", 200), 2},
		{"a" + strings.Repeat("**1", 9_000), 2},
		{"sum([" + strings.Repeat("a,", 9_000) + "a])", 18_002},
	} {
		if got := mustParse(t, c.formula).Value(x); got != c.want {
			t.Errorf("%.20s…: %g, want %g", c.formula, got, c.want)
		}
	}
}
