package constraint_test

import (
	"fmt"

	"abide/constraint"
	"abide/expr"
)

// A mix of three parts that sum to 1, none negative, with a ratio kept low.
func Example() {
	columns := []string{"water", "cement", "slag"}
	rel, err := expr.ParseRelation("water/(cement + slag) <= 0.45", columns, 3)
	if err != nil {
		fmt.Println(err)
		return
	}
	parts, _ := constraint.NewBox("parts", []float64{0, 0, 0}, nil, columns)
	sum, _ := constraint.NewLinearEquality("sum", [][]float64{{1, 1, 1}}, []float64{1})
	ratio, _ := constraint.NewFormula("", rel, 3)
	p, err := constraint.NewProjector([]constraint.Constraint{parts, sum, ratio}, []float64{0.1, 0.2, 0.2})
	if err != nil {
		fmt.Println(err)
		return
	}
	x := []float64{0.5, 0.6, -0.1}
	out := p.Project(x)
	fmt.Printf("%.3f infeasible=%v\n", x, out.Infeasible)
	// Output: [0.310 0.690 0.000] infeasible=false
}

// Rows that contradict each other are named before anything runs.
func ExampleCheck() {
	box, _ := constraint.NewBox("box", []float64{0, 0}, []float64{1, 1}, []string{"a", "b"})
	sum, _ := constraint.NewLinearEquality("sum", [][]float64{{1, 1}}, []float64{3})
	fmt.Println(constraint.Check([]constraint.Constraint{box, sum}, []float64{0.5, 0.5}, []float64{0.3, 0.3}))
	// Output: constraint: no point obeys the rows "a <= 1", "b <= 1" and "sum" (x[0] + x[1] == 3) together: every point that obeys the others misses "b <= 1" by at least 1; relax or remove one of them
}
