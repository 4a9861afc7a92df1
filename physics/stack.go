package physics

import (
	"fmt"

	"abide/sparse"
)

// NewStack lays several linear laws on one field: their rows one after the other, in the
// metric w, whatever those that they were made with. Where the rows allow it the projection is a closed form: initial values
// and the mass of every time slice are an overwrite and a shift of the free nodes. Rows
// that others imply are dropped, rows that contradict others are an error that names
// both. Laws that are not [Sparse] go together by [NewDykstra].
func NewStack(w Metric, laws ...Constraint) (*Linear, error) {
	if len(laws) == 0 {
		return nil, fmt.Errorf("physics: a stack of no laws: want at least one")
	}
	var (
		rows  []Row
		parts []*sparse.CSR
		d     []float64
	)
	n := laws[0].Dim()
	for _, law := range laws {
		name := law.Rows()[0].Name
		s, ok := law.(Sparse)
		if !ok {
			return nil, fmt.Errorf("physics: %s in a stack: its rows are not sparse and linear: project to it and to the stack of the others in turn (Dykstra)", name)
		}
		if law.Dim() != n {
			return nil, fmt.Errorf("physics: %s in a stack: fields of %d numbers, those of %s have %d", name, law.Dim(), laws[0].Rows()[0].Name, n)
		}
		m := s.Matrix()
		r := make([]float64, m.Rows)
		law.Residual(r, make([]float64, n))
		for _, x := range r {
			d = append(d, 0-x) // no −0
		}
		rows, parts = append(rows, law.Rows()...), append(parts, m)
	}
	c, err := stacked(n, parts...)
	if err != nil {
		return nil, err
	}
	return newLinear(rows, c, d, w)
}

// sweeps is how often rows are searched for those that elimination has left with one
// node.
const sweeps = 8

// eliminate finds the nodes that rows of one node fix, whatever the metric, and takes
// them out of all other rows, of which some may then have one node or none.
func (l *Linear) eliminate() (left, error) {
	n := l.c.Cols
	by := make([]int32, n) // row that fixes a node, −1
	for j := range by {
		by[j] = -1
	}
	u := make([]float64, n)
	done := make([]bool, l.c.Rows)
	for range sweeps {
		changed := false
		for i := range l.c.Rows {
			if done[i] {
				continue
			}
			d, free, at := l.d[i], 0, int32(0)
			for k := l.c.Ptr[i]; k < l.c.Ptr[i+1] && free < 2; k++ {
				switch j := l.c.Index[k]; {
				case l.c.Value[k] == 0:
				case by[j] >= 0:
					d -= l.c.Value[k] * u[j]
				default:
					free++
					at = k
				}
			}
			switch free {
			case 0:
				if err := l.contradicts(i, u, l.fixing(i, by)); err != nil {
					return left{}, err
				}
				done[i] = true
			case 1:
				j := l.c.Index[at]
				by[j], u[j] = int32(i), d/l.c.Value[at]
				l.nodes = append(l.nodes, j)
				done[i], changed = true, true
			}
		}
		if !changed {
			break
		}
	}
	for _, j := range l.nodes {
		l.values = append(l.values, u[j])
	}
	rest := left{c: &sparse.CSR{Cols: n, Ptr: []int32{0}}}
	for i := range l.c.Rows {
		if done[i] {
			continue
		}
		d := l.d[i]
		for k := l.c.Ptr[i]; k < l.c.Ptr[i+1]; k++ {
			switch j, x := l.c.Index[k], l.c.Value[k]; {
			case x == 0:
			case by[j] >= 0:
				d -= x * u[j]
			default:
				rest.c.Index, rest.c.Value = append(rest.c.Index, j), append(rest.c.Value, x)
			}
		}
		rest.c.Ptr = append(rest.c.Ptr, int32(len(rest.c.Index)))
		rest.c.Rows++
		rest.d, rest.from = append(rest.d, d), append(rest.from, int32(i))
	}
	return rest, nil
}

// fixing are the rows that fix the nodes of row i.
func (l *Linear) fixing(i int, by []int32) []int32 {
	var rows []int32
	for k := l.c.Ptr[i]; k < l.c.Ptr[i+1]; k++ {
		if r := by[l.c.Index[k]]; r >= 0 {
			rows = append(rows, r)
		}
	}
	return rows
}
