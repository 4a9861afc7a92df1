package physics_test

import (
	"fmt"

	"abide/physics"
)

// A space-time field of three levels and four points whose first level and whose content
// at every level are known. The first level is overwritten, the others are shifted.
func ExampleNewStack() {
	shape := []int{3, 4}
	first, err := physics.Plane(shape, 0, 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	initial, err := physics.NewFixed(12, first, []float64{0, 1, 1, 0}, physics.Label{Name: "initial condition"})
	if err != nil {
		fmt.Println(err)
		return
	}
	mass, err := physics.NewMass([]float64{1, 1, 1, 1}, []float64{2, 2, 2}, nil, physics.Label{})
	if err != nil {
		fmt.Println(err)
		return
	}
	law, err := physics.NewStack(nil, initial, mass)
	if err != nil {
		fmt.Println(err)
		return
	}
	u := []float64{0.1, 0.9, 1.2, 0, 0, 1, 1, 1, 0, 0, 0, 0}
	if err := law.Project(u); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(u)
	worst, _, _ := physics.Violation(law, u)
	fmt.Println(worst)
	// Output:
	// [0 1 1 0 -0.25 0.75 0.75 0.75 0.5 0.5 0.5 0.5]
	// 0
}

// Concentrations between 0 and 1 whose content is kept: water filling.
func ExampleNewBoundedMass() {
	law, err := physics.NewBoundedMass([]float64{1, 1, 1, 1}, []float64{2}, []float64{0}, []float64{1}, nil, physics.Label{})
	if err != nil {
		fmt.Println(err)
		return
	}
	u := []float64{-0.5, 0.25, 0.75, 2}
	if err := law.Project(u); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(u)
	// Output:
	// [0 0.25 0.75 1]
}
