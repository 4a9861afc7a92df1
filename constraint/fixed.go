package constraint

import (
	"fmt"
	"math"
)

// NewFixed is the set { x : x[index[k]] = value[k] } in dimension dim, one
// equality per given column, called "age == 28" with the names in columns (nil:
// "x[7] == 28").
//
// It fails if index and value differ in length or are empty, if an index is
// outside 0…dim−1 or given twice, and if a value is not finite.
func NewFixed(name string, dim int, index []int, value []float64, columns []string) (Linear, error) {
	if name == "" {
		name = "fixed"
	}
	switch {
	case len(index) != len(value):
		return nil, fmt.Errorf("constraint: fixed %q: %d columns but %d values", name, len(index), len(value))
	case len(index) == 0:
		return nil, fmt.Errorf("constraint: fixed %q: no column is given", name)
	case len(columns) != 0 && len(columns) != dim:
		return nil, fmt.Errorf("constraint: fixed %q: %d column names for %d columns", name, len(columns), dim)
	}
	l := &linear{name: name, dim: dim}
	seen := map[int]bool{}
	for k, j := range index {
		if j < 0 || j >= dim {
			return nil, fmt.Errorf("constraint: fixed %q: column %d does not exist: want 0 to %d", name, j, dim-1)
		}
		column := columnName(columns, j)
		if seen[j] {
			return nil, fmt.Errorf("constraint: fixed %q: %s is given twice", name, column)
		}
		seen[j] = true
		if math.IsNaN(value[k]) || math.IsInf(value[k], 0) {
			return nil, fmt.Errorf("constraint: fixed %q: value of %s is %g: want a finite number", name, column, value[k])
		}
		l.addBounds(j, value[k], value[k], column)
	}
	return l, nil
}
