package dataio

import (
	"errors"
	"fmt"
	"math"
)

// Array is a named dense array in row-major (C) order. Exactly one of F64, F32
// and I64 is set (not nil) and holds as many numbers as Shape says; the shape
// of a scalar is empty.
type Array struct {
	Name  string
	Shape []int
	F64   []float64
	F32   []float32
	I64   []int64
}

// Len is the number of numbers held.
func (a *Array) Len() int { return len(a.F64) + len(a.F32) + len(a.I64) }

// Float64 returns the numbers as float64: F64 itself, or a converted copy
// (integers beyond ±2⁵³ are rounded).
func (a *Array) Float64() []float64 {
	if a.F64 != nil {
		return a.F64
	}
	x := make([]float64, 0, a.Len())
	for _, v := range a.F32 {
		x = append(x, float64(v))
	}
	for _, v := range a.I64 {
		x = append(x, float64(v))
	}
	return x
}

// check says what makes an array unfit to be written.
func (a *Array) check() error {
	set := 0
	for _, isSet := range []bool{a.F64 != nil, a.F32 != nil, a.I64 != nil} {
		if isSet {
			set++
		}
	}
	if set != 1 {
		return fmt.Errorf("array %q: %d of F64, F32 and I64 are set; set exactly one (empty, not nil, where there are no numbers)", a.Name, set)
	}
	count, err := product(a.Shape)
	if err != nil {
		return fmt.Errorf("array %q: %w", a.Name, err)
	}
	if count != a.Len() {
		return fmt.Errorf("array %q: shape %v holds %d numbers, %d are given", a.Name, a.Shape, count, a.Len())
	}
	return nil
}

// maxRank is NumPy's limit on the number of dimensions.
const maxRank = 64

// product is the number of elements of a shape; those that cannot exist in
// memory are errors.
func product(shape []int) (int, error) {
	const most = math.MaxInt / 8 // so that a size in bytes does not overflow either
	if len(shape) > maxRank {
		return 0, fmt.Errorf("shape has %d dimensions; at most %d are supported", len(shape), maxRank)
	}
	empty := false
	for _, n := range shape {
		if n < 0 {
			return 0, fmt.Errorf("shape %v has a negative length", shape)
		}
		empty = empty || n == 0
	}
	if empty {
		return 0, nil
	}
	count := 1
	for _, n := range shape {
		if count > most/n {
			return 0, fmt.Errorf("shape %v is too large for any memory", shape)
		}
		count *= n
	}
	return count, nil
}

// toRowMajor reorders numbers stored first-index-fastest (Fortran order).
func (a *Array) toRowMajor() {
	a.F64 = transposed(a.F64, a.Shape)
	a.F32 = transposed(a.F32, a.Shape)
	a.I64 = transposed(a.I64, a.Shape)
}

func transposed[T any](x []T, shape []int) []T {
	if len(x) == 0 || len(shape) < 2 {
		return x
	}
	y := make([]T, len(x))
	index := make([]int, len(shape))
	for _, v := range x { // first index fastest
		at := 0
		for k, n := range shape {
			at = at*n + index[k]
		}
		y[at] = v
		for k := range index {
			if index[k]++; index[k] < shape[k] {
				break
			}
			index[k] = 0
		}
	}
	return y
}

var errTruncated = errors.New("the file is cut short; copy or write it again")
