package sparse_test

import (
	"context"
	"errors"
	"fmt"
	"math"

	"abide/sparse"
)

// line is −u″ on (0, 1) by differences at n inner points.
func line(n int) *sparse.CSR {
	h := 1 / float64(n+1)
	ptr := []int32{0}
	var index []int32
	var value []float64
	for i := range n {
		for j := max(i-1, 0); j <= min(i+1, n-1); j++ {
			v := -1 / (h * h)
			if i == j {
				v = 2 / (h * h)
			}
			index, value = append(index, int32(j)), append(value, v)
		}
		ptr = append(ptr, int32(len(index)))
	}
	a, err := sparse.NewCSR(n, n, ptr, index, value)
	if err != nil {
		panic(err)
	}
	return a
}

// An elliptic equation: conjugate gradients with algebraic multigrid.
func ExampleCG() {
	a := line(9999)
	b, x := make([]float64, a.Rows), make([]float64, a.Rows)
	for i := range b {
		b[i] = 1
	}
	amg, err := sparse.NewAMG(a, sparse.AMGOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	c, err := sparse.CG(context.Background(), a, amg, x, b, sparse.Krylov{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("u(½) = %.6f, residual below 1e-8: %t, at most 20 iterations: %t\n", x[len(x)/2], c.Residual < 1e-8, c.Iterations <= 20)
	// Output: u(½) = 0.125000, residual below 1e-8: true, at most 20 iterations: true
}

// A matrix that is not definite is found out, and the error says what to do.
func ExampleMINRES() {
	a := line(99)
	for i := range a.Rows {
		a.Value[a.Position(i, i)] -= 50 // −u″ − 50u
	}
	b, x := make([]float64, a.Rows), make([]float64, a.Rows)
	b[10] = 1
	_, err := sparse.CG(context.Background(), a, nil, x, b, sparse.Krylov{})
	fmt.Println(errors.Is(err, sparse.ErrIndefinite))
	clear(x)
	c, err := sparse.MINRES(context.Background(), a, nil, x, b, sparse.Krylov{})
	fmt.Println(c.Residual < 1e-8, err)
	// Output:
	// true
	// true <nil>
}

// The lowest frequencies of a string of length 1, through the inverse.
func ExampleEigenNearest() {
	a := line(199)
	inverse, err := sparse.NewILU0(a) // of a tridiagonal matrix it is exact
	if err != nil {
		fmt.Println(err)
		return
	}
	e, err := sparse.EigenNearest(context.Background(), inverse, 0, a.Rows, 3, sparse.Lanczos{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, v := range e.Values {
		fmt.Printf("%.3f π\n", math.Sqrt(v)/math.Pi)
	}
	// Output:
	// 1.000 π
	// 2.000 π
	// 3.000 π
}
