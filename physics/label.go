package physics

import (
	"fmt"
	"math"

	"abide/sparse"
)

// Label is what reports call a law and measure it in. The zero value is sound.
type Label struct {
	Name      string  // "" is the law's own name
	Unit      float64 // a residual of this size is one unit of violation; 0 is 1
	Tolerance float64 // in that unit; 0 is 1e-12
}

// row is a kind of equation under this label.
func (l Label) row(name string, size int, doc string) (Row, error) {
	if l.Name == "" {
		l.Name = name
	}
	if l.Unit == 0 {
		l.Unit = 1
	}
	if l.Tolerance == 0 {
		l.Tolerance = 1e-12
	}
	if !(l.Unit > 0) || math.IsInf(l.Unit, 0) {
		return Row{}, fmt.Errorf("physics: %s: unit %g: want a finite number above 0", l.Name, l.Unit)
	}
	if !(l.Tolerance > 0) {
		return Row{}, fmt.Errorf("physics: %s: tolerance %g: want a number above 0", l.Name, l.Tolerance)
	}
	return Row{Name: l.Name, Size: size, Unit: l.Unit, Tolerance: l.Tolerance, Doc: doc}, nil
}

// Sparse is a linear law c(u) = C u − d whose matrix has few entries, the same for all
// fields; −d is its residual of the zero field. Such laws can be put on one field
// together ([NewStack]).
type Sparse interface {
	Constraint
	// Matrix is C, which the law owns.
	Matrix() *sparse.CSR
}

// Weighted is a law that projects in a metric of its own.
type Weighted interface {
	Metric() Metric
}

// checkField tells whether a field has the size of a law and numbers that are finite.
func checkField(name string, n int, u []float64) error {
	if len(u) != n {
		return fmt.Errorf("physics: %s: a field of %d numbers where the law has %d", name, len(u), n)
	}
	var bad float64 // 0 × ∞ and 0 × NaN are NaN
	for _, x := range u {
		bad += 0 * x
	}
	if bad != 0 {
		for i, x := range u {
			if math.IsNaN(x) || math.IsInf(x, 0) {
				return fmt.Errorf("physics: %s: number %d of the field is %g: want finite numbers", name, i, x)
			}
		}
	}
	return nil
}

// checkNumbers tells whether what a law is made of is finite.
func checkNumbers(name, what string, x []float64) error {
	for i, v := range x {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("physics: %s: %s %d is %g: want a finite number", name, what, i, v)
		}
	}
	return nil
}

// product is Π n_d of a shape whose axes are all at least 1, 0 for others.
func product(shape []int) int {
	n := 1
	for _, k := range shape {
		if k < 1 {
			return 0
		}
		n *= k
	}
	return n
}
