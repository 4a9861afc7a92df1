package physics

import (
	"fmt"

	"abide/sparse"
)

// Fixed are values at nodes: an initial condition, Dirichlet boundaries, sensors on
// nodes,
//
//	u_j = d_j,   P(u)_j = d_j,   (Π v)_j = 0,   all other numbers kept.
//
// Rows of the identity (PCFM and ECI call it the projection of an initial condition:
// C. Cheng et al., ICLR 2025, §3). Nearest in every diagonal metric, so it needs none.
// Cost: one number written per node. Not for sensors between nodes ([NewSensors]).
type Fixed struct {
	n      int
	nodes  []int32
	values []float64
	row    []Row
	c      *sparse.CSR
}

var (
	_ Projector = (*Fixed)(nil)
	_ Tangent   = (*Fixed)(nil)
	_ Sparse    = (*Fixed)(nil)
)

// NewFixed fixes nodes, each once, of fields of n numbers.
func NewFixed(n int, nodes []int32, values []float64, label Label) (*Fixed, error) {
	row, err := label.row("fixed values", len(nodes), "u_j − d_j = 0")
	if err != nil {
		return nil, err
	}
	if len(nodes) == 0 || len(nodes) != len(values) {
		return nil, fmt.Errorf("physics: %s: %d nodes and %d values: want as many, at least one", row.Name, len(nodes), len(values))
	}
	if err := checkNumbers(row.Name, "value", values); err != nil {
		return nil, err
	}
	f := &Fixed{n: n, nodes: nodes, values: values, row: []Row{row}}
	f.c = &sparse.CSR{Rows: len(nodes), Cols: n, Ptr: make([]int32, len(nodes)+1), Index: nodes, Value: make([]float64, len(nodes))}
	seen := make([]bool, n)
	for i, j := range nodes {
		if j < 0 || int(j) >= n {
			return nil, fmt.Errorf("physics: %s: node %d of a field of %d numbers", row.Name, j, n)
		}
		if seen[j] {
			return nil, fmt.Errorf("physics: %s: node %d twice: give each once", row.Name, j)
		}
		seen[j] = true
		f.c.Ptr[i+1], f.c.Value[i] = int32(i+1), 1
	}
	return f, nil
}

// Plane are the nodes of a row-major field with the number at along an axis: of a
// space-time field [times, points], Plane(shape, 0, 0) is the initial condition,
// Plane(shape, 1, 0) the left boundary. A negative at counts from the end.
func Plane(shape []int, axis, at int) ([]int32, error) {
	n := product(shape)
	if n == 0 || axis < 0 || axis >= len(shape) {
		return nil, fmt.Errorf("physics: plane of axis %d in a field of shape %v: want an axis that it has, none of 0 numbers", axis, shape)
	}
	if at < 0 {
		at += shape[axis]
	}
	if at < 0 || at >= shape[axis] {
		return nil, fmt.Errorf("physics: plane %d of axis %d in a field of shape %v", at, axis, shape)
	}
	inner := product(shape[axis+1:])
	nodes := make([]int32, 0, n/shape[axis])
	for first := at * inner; first < n; first += inner * shape[axis] {
		for j := range inner {
			nodes = append(nodes, int32(first+j))
		}
	}
	return nodes, nil
}

func (f *Fixed) Dim() int            { return f.n }
func (f *Fixed) Rows() []Row         { return f.row }
func (f *Fixed) Matrix() *sparse.CSR { return f.c }

func (f *Fixed) Residual(dst, u []float64) {
	for i, j := range f.nodes {
		dst[i] = u[j] - f.values[i]
	}
}

func (f *Fixed) JVP(dst, _, v []float64) {
	for i, j := range f.nodes {
		dst[i] = v[j]
	}
}

func (f *Fixed) VJP(dst, _, w []float64) {
	clear(dst)
	for i, j := range f.nodes {
		dst[j] = w[i]
	}
}

func (f *Fixed) Project(u []float64) error {
	if len(u) != f.n {
		return checkField(f.row[0].Name, f.n, u)
	}
	for i, j := range f.nodes {
		u[j] = f.values[i]
	}
	return nil
}

func (f *Fixed) Tangent(_, v []float64) error {
	if len(v) != f.n {
		return checkField(f.row[0].Name, f.n, v)
	}
	for _, j := range f.nodes {
		v[j] = 0
	}
	return nil
}
