package operator

import (
	"math"

	"github.com/gomlx/gomlx/core/graph"
)

// Matrix is A x for a matrix that is written out.
type Matrix struct {
	d, m int
	a    []float64 // m×d, row-major
}

var _ Linear = (*Matrix)(nil)

// NewMatrix is A x for rows of equal length, none of them all zeros.
func NewMatrix(rows [][]float64) (*Matrix, error) {
	if len(rows) == 0 || len(rows[0]) == 0 {
		return nil, fault("matrix", "it is empty: give it one row for each value of y")
	}
	d, m := len(rows[0]), len(rows)
	if d > maxWritten/m {
		return nil, fault("matrix", "%d rows of %d columns: want at most %d numbers; mask, blur, points and their compositions need none", m, d, maxWritten)
	}
	a := &Matrix{d: d, m: m, a: make([]float64, 0, d*m)}
	for i, row := range rows {
		if len(row) != a.d {
			return nil, fault("matrix", "row %d has %d numbers, row 0 has %d: give all rows one number for each column", i, len(row), a.d)
		}
		zero := true
		for j, v := range row {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return nil, fault("matrix", "row %d, column %d is %g: want a finite number", i, j, v)
			}
			zero = zero && v == 0
		}
		if zero {
			return nil, fault("matrix", "row %d is all zeros and measures nothing: leave it out, with its y", i)
		}
		a.a = append(a.a, row...)
	}
	return a, nil
}

// Dims are the columns and rows of the matrix.
func (a *Matrix) Dims() (d, m int) { return a.d, a.m }

// Apply is x Aᵀ.
func (a *Matrix) Apply(x *Node) *Node {
	t := make([][]float64, a.d)
	for j := range t {
		t[j] = make([]float64, a.m)
		for i := range a.m {
			t[j][i] = a.a[i*a.d+j]
		}
	}
	return graph.MatMul(x, graph.ConstAs(x, t))
}

// Adjoint is y A.
func (a *Matrix) Adjoint(y *Node) *Node {
	rows := make([][]float64, a.m)
	for i := range rows {
		rows[i] = a.a[i*a.d : (i+1)*a.d]
	}
	return graph.MatMul(y, graph.ConstAs(y, rows))
}

// ApplyAt is y = A x.
func (a *Matrix) ApplyAt(y, x []float64) {
	for i := range y {
		var s float64
		for j, v := range a.a[i*a.d : (i+1)*a.d] {
			s += v * x[j]
		}
		y[i] = s
	}
}

// AdjointAt is x = Aᵀ y.
func (a *Matrix) AdjointAt(x, y []float64) {
	clear(x)
	for i, c := range y {
		if c == 0 {
			continue
		}
		for j, v := range a.a[i*a.d : (i+1)*a.d] {
			x[j] += c * v
		}
	}
}

// VJPAt is g = Aᵀ c.
func (a *Matrix) VJPAt(g, _, c []float64) { a.AdjointAt(g, c) }
