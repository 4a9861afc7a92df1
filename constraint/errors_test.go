package constraint

import (
	"math"
	"strings"
	"testing"

	"abide/expr"
)

// Every constructor refuses what makes no sense, and says where and what to do.
func TestConstructorErrors(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	linear := func(_ Linear, err error) error { return err }
	any := func(_ Constraint, err error) error { return err }
	for _, c := range []struct {
		err  error
		want []string
	}{
		{linear(NewHalfSpace("h", nil, 0)), []string{"half-space", `"h"`, "no columns"}},
		{linear(NewHalfSpace("h", []float64{0, 0}, 1)), []string{"all 2 coefficients are 0", "remove"}},
		{linear(NewHalfSpace("h", []float64{1, nan}, 1)), []string{"coefficient 1", "NaN"}},
		{linear(NewHalfSpace("h", []float64{1, 2}, inf)), []string{"right-hand side", "+Inf", "leave the row out"}},
		{linear(NewPolytope("p", nil, nil)), []string{"polytope", "no rows"}},
		{linear(NewPolytope("p", [][]float64{{1, 2}, {1}}, []float64{1, 2})), []string{"row 1 has 1", "row 0 has 2"}},
		{linear(NewPolytope("p", [][]float64{{1, 2}, {1, 1}}, []float64{1})), []string{"2 rows", "1 right-hand"}},
		{linear(NewPolytope("p", [][]float64{{1, 2}, {0, 0}}, []float64{1, 2})), []string{"row 1", "0"}},
		{linear(NewLinearEquality("e", [][]float64{{1, inf}}, []float64{1})), []string{"linear-equality", "coefficient 1"}},
		{linear(NewBox("b", []float64{0, 1}, []float64{1}, nil)), []string{"box", "1 upper bounds for 2 columns"}},
		{linear(NewBox("b", []float64{0}, nil, []string{"a", "b"})), []string{"1 lower bounds for 2 columns"}},
		{linear(NewBox("b", []float64{0, 0, 0}, nil, []string{"a", "b"})), []string{"2 column names for 3 columns"}},
		{linear(NewBox("b", []float64{2, 0}, []float64{1, 1}, []string{"a", "b"})), []string{"lower bound 2 of a", "upper bound 1"}},
		{linear(NewBox("b", []float64{nan}, nil, nil)), []string{"lower bound of x[0]", "NaN"}},
		{linear(NewBox("b", nil, []float64{-inf}, nil)), []string{"upper bound of x[0]", "-Inf"}},
		{linear(NewBox("b", []float64{inf}, nil, nil)), []string{"lower bound of x[0]", "+Inf"}},
		{linear(NewBox("b", []float64{-inf}, []float64{inf}, nil)), []string{"no bound is finite"}},
		{linear(NewBox("b", nil, nil, nil)), []string{"no bound is finite"}},
		{linear(NewFixed("f", 3, []int{0}, []float64{1, 2}, nil)), []string{"fixed", "1 columns but 2 values"}},
		{linear(NewFixed("f", 3, nil, nil, nil)), []string{"no column"}},
		{linear(NewFixed("f", 3, []int{3}, []float64{1}, nil)), []string{"column 3", "0 to 2"}},
		{linear(NewFixed("f", 3, []int{-1}, []float64{1}, nil)), []string{"column -1"}},
		{linear(NewFixed("f", 3, []int{1, 1}, []float64{1, 2}, []string{"a", "b", "c"})), []string{"b is given twice"}},
		{linear(NewFixed("f", 3, []int{1}, []float64{nan}, nil)), []string{"x[1]", "NaN"}},
		{linear(NewFixed("f", 3, []int{1}, []float64{1}, []string{"a"})), []string{"1 column names for 3"}},
		{any(NewBall("o", nil, 1)), []string{"ball", "center is empty"}},
		{any(NewBall("o", []float64{0, nan}, 1)), []string{"center[1]", "NaN"}},
		{any(NewBall("o", []float64{0}, -1)), []string{"radius is -1", "above 0"}},
		{any(NewBall("o", []float64{0}, 0)), []string{"radius is 0", "kind fixed"}},
		{any(NewBall("o", []float64{0}, nan)), []string{"radius is NaN"}},
		{any(NewBall("o", []float64{0}, inf)), []string{"radius is +Inf"}},
		{any(NewFormula("", &expr.Relation{Source: "1 <= 2", Expr: must(expr.Parse("1 - 2", nil, 2))(t)}, 2)), []string{"1 <= 2", "no column"}},
		{any(NewFormula("", relation(t, "x[0] - x[0] <= 1", 2), 2)), []string{"x[0] - x[0] <= 1", "0"}},
	} {
		checkError(t, c.err, c.want)
	}
}

func checkError(t *testing.T, err error, want []string) {
	t.Helper()
	if err == nil {
		t.Errorf("no error, want one with %q", want)
		return
	}
	for _, w := range append(want, "constraint: ") {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("%q does not say %q", err, w)
		}
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("%q has more than one line", err)
	}
}

func TestProjectorErrors(t *testing.T) {
	h := must(NewHalfSpace("h", []float64{1, 1}, 0))(t)
	ball := must(NewBall("o", []float64{0, 0}, 1))(t)
	for _, c := range []struct {
		c     Constraint
		scale []float64
		want  []string
	}{
		{h, []float64{1, 0}, []string{"scale[1] is 0"}},
		{h, []float64{math.NaN(), 1}, []string{"scale[0] is NaN"}},
		{h, []float64{1, 1, 1}, []string{`"h" is over 2 columns`, "has 3"}},
		{ball, []float64{1}, []string{`"o" is over 2 columns`, "has 1"}},
		{WithTolerance(ball, 1), []float64{1}, []string{`"o" is over 2 columns`}},
		{WithTolerance(h, 0), []float64{1, 1}, []string{"tolerance", `"h"`, "above 0"}},
		{WithTolerance(ball, math.NaN()), []float64{1, 1}, []string{"tolerance", "NaN"}},
	} {
		_, err := NewProjector([]Constraint{c.c}, c.scale)
		checkError(t, err, c.want)
	}
}
