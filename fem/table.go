package fem

import "abide/mesh"

// table is the shape functions of an element at reference points.
type table struct {
	k     int       // functions
	value []float64 // [points × k]
	grad  []Vec
}

func (l *lagrange) table(points []Vec) *table {
	t := &table{k: len(l.nodes), value: make([]float64, len(points)*len(l.nodes)), grad: make([]Vec, len(points)*len(l.nodes))}
	for q, p := range points {
		value, grad := t.at(q)
		l.tabulate(p, value, grad)
	}
	return t
}

// newTable is the table of the geometry's functions.
func newTable(shape mesh.Shape, points []Vec) *table {
	l, err := newLagrange(shape, vertexElement(shape))
	if err != nil {
		panic(err) // cannot be: a shape has its own element
	}
	return l.table(points)
}

// at is the values and gradients at point q.
func (t *table) at(q int) ([]float64, []Vec) {
	lo, hi := q*t.k, (q+1)*t.k
	return t.value[lo:hi:hi], t.grad[lo:hi:hi]
}
