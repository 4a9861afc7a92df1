package expr_test

import (
	"fmt"

	"abide/expr"
)

func ExampleParseRelation() {
	names := []string{"cement", "water", "fly ash"}
	r, err := expr.ParseRelation("water/(cement + 'fly ash') <= 0.45", names, 3)
	if err != nil {
		fmt.Println(err)
		return
	}
	gradient := make([]float64, 3)
	residual := r.Expr.Gradient([]float64{300, 150, 0}, gradient)
	fmt.Printf("%.3f over the bound, slope in water %.5f\n", residual, gradient[1])
	// Output: 0.050 over the bound, slope in water 0.00333
}

func ExampleExpr_Affine() {
	e, err := expr.Parse("2*x[0] - (x[1] + 3)/4", nil, 2)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(e.Affine())
	// Output: [2 -0.25] -0.75 true
}

func ExampleError() {
	_, err := expr.Parse("watr / cement", []string{"cement", "water"}, 2)
	fmt.Println(err)
	// Output: expr: line 1, column 1, at "watr": unknown column: did you mean water? columns are cement, water (in "watr / cement")
}
