package equation

import (
	"fmt"

	. "github.com/gomlx/gomlx/core/graph" //nolint:staticcheck // pure graph mathematics
)

// Graph is the residual as a graph: x [N, d] → [N, m], in the precision of x, equal to
// Residual but for rounding. It can be differentiated any number of times: all taps of a
// block are one gather of rows of the transposed state [d, N], whose gradient is a
// scatter, whose gradient is a gather. A slice has no second derivative, and a product
// with a sparse shift costs d·m.
//
// Cost: taps × m numbers a point for the gather, the instructions of the formula over
// m·N numbers each.
func (e *Equation) Graph(x *Node) *Node {
	if x.Rank() != 2 || x.Shape().Dimensions[1] != e.dim {
		panic(fmt.Errorf("equation: states of %d numbers wanted, the graph has shape %s", e.dim, x.Shape()))
	}
	columns := Transpose(x, 0, 1)
	var rows []*Node
	for _, b := range e.blocks {
		rows = append(rows, b.graph(columns))
	}
	if len(rows) == 1 {
		return Transpose(rows[0], 0, 1)
	}
	return Transpose(Concatenate(rows, 0), 0, 1)
}

// graph is a block of [d, N] as [rows, N].
func (b *block) graph(columns *Node) *Node {
	n := columns.Shape().Dimensions[1]
	var index []int32
	var scale, add []float64
	plain := true
	for _, in := range b.inputs {
		index = append(index, in.index...)
		for r := range in.index {
			s, a := 1.0, 0.0
			if in.scale != nil {
				s, a = in.scale[r], in.add[r]
				plain = false
			}
			scale, add = append(scale, s), append(add, a)
		}
	}
	taps := Gather(columns, Reshape(Const(columns.Graph(), index), len(index), 1)) // [taps·rows, N]
	if !plain {
		taps = Add(Mul(taps, column1(columns, scale)), column1(columns, add))
	}
	taps = Reshape(taps, len(index)/b.rows, b.rows*n)
	return Reshape(b.formula.Columnwise(b.withKnown(columns, taps)), b.rows, n)
}

// withKnown puts known values between the taps, in the order of the formula's columns.
func (b *block) withKnown(columns, taps *Node) *Node {
	n, states := columns.Shape().Dimensions[1], taps.Shape().Dimensions[0]
	if states == len(b.inputs) {
		return taps
	}
	var values []float64
	order := make([][]int32, len(b.inputs))
	state, known := 0, states
	for k, in := range b.inputs {
		if in.values == nil {
			order[k] = []int32{int32(state)}
			state++
			continue
		}
		order[k] = []int32{int32(known)}
		known++
		values = append(values, in.values...)
	}
	rest := Reshape(BroadcastToDims(column1(columns, values), len(values), n), len(values)/b.rows, b.rows*n)
	return Gather(Concatenate([]*Node{taps, rest}, 0), Const(columns.Graph(), order))
}

// column1 is a constant of shape [k, 1].
func column1(as *Node, v []float64) *Node { return Reshape(ConstAs(as, v), len(v), 1) }
