package sparse_test

import (
	"fmt"

	"abide/sparse"
)

// A rod of four elements, held at both ends: nodes 1 to 3 are unknown, and what the
// ends would add is dropped.
func ExampleAssembly() {
	elements := []int32{-1, 0, 0, 1, 1, 2, 2, -1}
	s, err := sparse.NewAssembly(3, 3, elements, 2, elements, 2)
	if err != nil {
		fmt.Println(err)
		return
	}
	a := s.Pattern.Like()
	for c := range 4 {
		s.Add(a.Value, c, []float64{1, -1, -1, 1})
	}
	fmt.Println(a.Ptr, a.Index, a.Value)
	// Output: [0 2 5 7] [0 1 0 1 2 1 2] [2 -1 -1 2 -1 -1 2]
}

// Order and analyse once, factor and solve as often as the numbers change.
func ExampleCholesky() {
	a, err := sparse.FromTriplets(3, 3, []int32{0, 0, 1, 1, 1, 2, 2}, []int32{0, 1, 0, 1, 2, 1, 2}, []float64{2, -1, -1, 2, -1, -1, 2})
	if err != nil {
		fmt.Println(err)
		return
	}
	order, err := sparse.Order(a)
	if err != nil {
		fmt.Println(err)
		return
	}
	s, err := sparse.Analyse(a, order)
	if err != nil {
		fmt.Println(err)
		return
	}
	c, err := sparse.NewCholesky(s, a)
	if err != nil {
		fmt.Println(err)
		return
	}
	x := []float64{1, 1, 1}
	c.Solve(x, x)
	fmt.Printf("%.3f, log det %.4f\n", x, c.LogDet())
	a.Value[0], a.Value[6] = 1, 1 // both ends let go
	fmt.Println(c.Refactor(a) != nil)
	// Output:
	// [1.500 2.000 1.500], log det 1.3863
	// true
}

// The point of x + y = 2 nearest to (3, 1), with its multiplier.
func ExampleLDL() {
	kkt, err := sparse.FromTriplets(3, 3, []int32{0, 1, 2, 0, 2, 1, 2}, []int32{0, 1, 2, 2, 0, 2, 1}, []float64{1, 1, 0, 1, 1, 1, 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	l, err := sparse.NewLDL(nil, kkt, []int8{1, 1, -1})
	if err != nil {
		fmt.Println(err)
		return
	}
	x := []float64{3, 1, 2}
	if err := l.SolveChecked(x, x); err != nil {
		fmt.Println(err)
	}
	negative, replaced := l.Inertia()
	fmt.Println(x, negative, replaced)
	// Output: [2 0 1] 1 0
}

// A system and its adjoint with one factor.
func ExampleLU() {
	a, err := sparse.FromTriplets(2, 2, []int32{0, 1, 1}, []int32{1, 0, 1}, []float64{2, 1, 4})
	if err != nil {
		fmt.Println(err)
		return
	}
	f, err := sparse.NewLU(a, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	x, y := []float64{4, 9}, []float64{1, 8}
	f.Solve(x, x)
	f.SolveT(y, y)
	fmt.Println(x, y)
	// Output: [1 2] [2 1]
}
