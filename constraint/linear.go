package constraint

import (
	"fmt"
	"math"

	"github.com/gomlx/gomlx/core/graph"
)

// linear is a set of rows A x − b of one kind of names and any mix of Kinds.
// All linear kinds of this package are made of it.
type linear struct {
	name string
	rows []Row
	a    []float64 // row-major m×d, no row is zero
	b    []float64 // m
	dim  int
}

var _ Linear = (*linear)(nil)

func (l *linear) Name() string                       { return l.name }
func (l *linear) Rows() []Row                        { return l.rows }
func (l *linear) Matrix() (a []float64, b []float64) { return l.a, l.b }
func (l *linear) JacobianAt(_, jac []float64)        { copy(jac, l.a) }

// ResidualAt writes A x − b into r.
func (l *linear) ResidualAt(x, r []float64) {
	for i, bi := range l.b {
		r[i] = dot(l.a[i*l.dim:(i+1)*l.dim], x) - bi
	}
}

// Residual is x Aᵀ − b: [N, d] → [N, m].
func (l *linear) Residual(x *Node) *Node {
	m := len(l.b)
	transposed := make([][]float64, l.dim)
	for j := range transposed {
		transposed[j] = make([]float64, m)
		for i := range m {
			transposed[j][i] = l.a[i*l.dim+j]
		}
	}
	return graph.Sub(graph.MatMul(x, graph.ConstAs(x, transposed)), graph.ConstAs(x, [][]float64{l.b}))
}

// add appends the row a·x − b.
func (l *linear) add(name string, kind Kind, a []float64, b float64) {
	l.rows = append(l.rows, Row{Name: name, Kind: kind, Scale: norm(a), Tolerance: DefaultTolerance})
	l.a = append(l.a, a...)
	l.b = append(l.b, b)
}

// newLinear makes m rows of one kind from a matrix, checked.
func newLinear(what, name string, kind Kind, matrix [][]float64, bound []float64) (Linear, error) {
	if name == "" {
		name = what
	}
	switch {
	case len(matrix) == 0 || len(matrix[0]) == 0:
		return nil, fmt.Errorf("constraint: %s %q: matrix has no rows or no columns", what, name)
	case len(matrix) != len(bound):
		return nil, fmt.Errorf("constraint: %s %q: matrix has %d rows but there are %d right-hand sides", what, name, len(matrix), len(bound))
	}
	l := &linear{name: name, dim: len(matrix[0])}
	for i, a := range matrix {
		row := name
		if len(matrix) > 1 {
			row = fmt.Sprintf("%s[%d]", name, i)
		}
		if len(a) != l.dim {
			return nil, fmt.Errorf("constraint: %s %q: row %d has %d numbers, row 0 has %d", what, name, i, len(a), l.dim)
		}
		if err := checkRow(a, bound[i]); err != nil {
			return nil, fmt.Errorf("constraint: %s %q: row %d: %w", what, name, i, err)
		}
		l.add(row, kind, a, bound[i])
	}
	return l, nil
}

// checkRow refuses rows that are not finite or do not restrict x.
func checkRow(a []float64, b float64) error {
	zero := true
	for j, v := range a {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("coefficient %d is %g: want a finite number", j, v)
		}
		zero = zero && v == 0
	}
	if math.IsNaN(b) || math.IsInf(b, 0) {
		return fmt.Errorf("right-hand side is %g: want a finite number (leave the row out if there is no bound)", b)
	}
	if zero {
		return fmt.Errorf("all %d coefficients are 0: such a row does not restrict x; remove it", len(a))
	}
	return nil
}

func dot(a, b []float64) float64 {
	b = b[:len(a)]
	var s float64
	for i, v := range a {
		s += v * b[i]
	}
	return s
}

// norm is ‖a‖₂ without overflow or underflow.
func norm(a []float64) float64 {
	var s float64
	for _, v := range a {
		s = math.Hypot(s, v)
	}
	return s
}
