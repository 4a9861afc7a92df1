package spec

import (
	"math"

	"abide/dataio"
)

// numbers are those of a key that takes a list, a number or a file; the shape is
// that of the file's array, and nil for others.
func (s *Spec) numbers(b *Block, key string) (v []float64, shape []int, err error) {
	if file, ok := b.values[key].(string); ok {
		a, err := dataio.ReadNumbers(s.Path(file))
		if err != nil {
			return nil, nil, b.builtAt(key, err)
		}
		for i, v := range a.F64 {
			if math.Abs(v) > largest {
				return nil, nil, b.fault(key, "number %d of the file is %g", i, v).allowed("numbers up to %g in size", largest)
			}
		}
		return a.F64, a.Shape, nil
	}
	return b.flat(key), nil, nil
}

// matrix are the rows of a key that takes a matrix or a file.
func (s *Spec) matrix(b *Block, key string) ([][]float64, error) {
	if b.Rank(key) == 2 {
		return b.Matrix(key), nil
	}
	v, shape, err := s.numbers(b, key)
	if err != nil {
		return nil, err
	}
	if len(shape) != 2 {
		return nil, b.fault(key, "the array of the file has shape %v", shape).allowed("a matrix")
	}
	rows := make([][]float64, shape[0])
	for i := range rows {
		rows[i] = v[i*shape[1] : (i+1)*shape[1]]
	}
	return rows, nil
}
