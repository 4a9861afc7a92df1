package expr

import (
	"fmt"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph" //nolint:staticcheck // pure graph mathematics
)

// Node is the formula as a graph: x [N, dim] → [N], in the precision of x.
//
// It can be differentiated any number of times on every backend: columns are
// gathered, not sliced, since the gradient of a slice (a padding) has no
// gradient of its own. Slopes at kinks are those of [Expr.Gradient]; where that
// leaves out an operand of infinite slope because a minimum did not choose it,
// the graph gives NaN.
func (e *Expr) Node(x *Node) *Node {
	if x.Rank() != 2 || x.Shape().Dimensions[1] != e.dim {
		panic(fmt.Errorf("expr: points of %d columns wanted, the graph has shape %s", e.dim, x.Shape()))
	}
	if e.affine {
		column := make([][]float64, e.dim)
		for i := range column {
			column[i] = e.c[i : i+1]
		}
		return AddScalar(Reshape(MatMul(x, ConstAs(x, column)), x.Shape().Dimensions[0]), e.c0)
	}
	return e.Columnwise(Transpose(x, 0, 1))
}

// Columnwise is Node for points that are stored column by column: [dim, N] → [N].
func (e *Expr) Columnwise(columns *Node) *Node {
	if columns.Rank() != 2 || columns.Shape().Dimensions[0] != e.dim {
		panic(fmt.Errorf("expr: %d columns of points wanted, the graph has shape %s", e.dim, columns.Shape()))
	}
	n := columns.Shape().Dimensions[1]
	b := &graphBuilder{columns: columns, program: &e.program, nodes: make([]*Node, len(e.program.code)), n: n}
	for i := range e.program.code {
		b.nodes[i] = b.node(&e.program.code[i])
	}
	return Reshape(b.full(b.nodes[len(b.nodes)-1], 1), n)
}

// graphBuilder walks a program. All its nodes but single constants are
// [width, N] or [width, 1]: a column of the points is then one stretch of memory.
type graphBuilder struct {
	columns *Node // [dim, N]
	program *program
	nodes   []*Node
	n       int
}

func (b *graphBuilder) node(in *instr) *Node {
	switch {
	case in.op == opConst:
		return b.constant(in)
	case in.op == opSpan:
		return b.span(in)
	case in.op == opList:
		rows := make([]*Node, len(in.list))
		for i, o := range in.list {
			rows[i] = b.full(b.nodes[o.instr], 1)
		}
		return Concatenate(rows, 0)
	}
	a := b.nodes[in.a.instr]
	switch {
	case in.op < opNeg:
		return b.reduce(in.op, a)
	case in.op < opAdd:
		return unaryNode(in, a)
	}
	return b.binary(in, a, b.nodes[in.b.instr])
}

func (b *graphBuilder) constant(in *instr) *Node {
	v := b.program.scratch[in.at : in.at+in.width]
	if !in.vector {
		return Scalar(b.columns.Graph(), b.columns.DType(), v[0])
	}
	column := make([][]float64, len(v))
	for i := range column {
		column[i] = v[i : i+1]
	}
	return ConstAs(b.columns, column)
}

func (b *graphBuilder) span(in *instr) *Node {
	if in.width == b.columns.Shape().Dimensions[0] {
		return b.columns
	}
	rows := make([][]int32, in.width)
	for i := range rows {
		rows[i] = []int32{int32(in.k + i)}
	}
	return Gather(b.columns, Const(b.columns.Graph(), rows))
}

// full repeats a to [width, N] where it is smaller.
func (b *graphBuilder) full(a *Node, width int) *Node {
	if a.Rank() == 2 && a.Shape().Dimensions[0] == width && a.Shape().Dimensions[1] == b.n {
		return a
	}
	return BroadcastToDims(a, width, b.n)
}

// reduce makes [1, N] of [width, N].
func (b *graphBuilder) reduce(op opcode, a *Node) *Node {
	sum := func(a *Node) *Node { return ReduceAndKeep(a, ReduceSum, 0) }
	switch op {
	case opSum:
		return sum(a)
	case opNorm:
		return sqrtNode(sum(Square(a)))
	}
	first := ArgMin
	if op == opMost {
		first = ArgMax
	}
	chosen := Equal(
		Iota(a.Graph(), shapes.Make(dtypes.Int32, a.Shape().Dimensions...), 0),
		b.full(Reshape(first(a, 0), 1, b.n), a.Shape().Dimensions[0]))
	return sum(Where(chosen, a, ZerosLike(a)))
}

func unaryNode(in *instr, a *Node) *Node {
	switch in.op {
	case opNeg:
		return Neg(a)
	case opAbs:
		return Mul(a, Sign(a)) // Sign has no slope; Abs would have slope 1 at 0
	case opExp:
		return Exp(a)
	case opLog:
		return Log(a)
	case opSqrt:
		return sqrtNode(a)
	case opSin:
		return Sin(a)
	case opCos:
		return Cos(a)
	case opTanh:
		return Tanh(a)
	case opPowInt:
		return powIntNode(a, in.k)
	}
	return powNode(a, Scalar(a.Graph(), a.DType(), in.c)) // opPowReal
}

func (b *graphBuilder) binary(in *instr, a, c *Node) *Node {
	switch in.op {
	case opAdd:
		return Add(a, c)
	case opSub:
		return Sub(a, c)
	case opMul:
		return Mul(a, c)
	case opDiv:
		return Div(a, c)
	}
	a, c = b.full(a, in.width), b.full(c, in.width)
	if in.op == opPow {
		return powNode(a, c)
	}
	better := LessThan(c, a)
	if in.op == opMax {
		better = GreaterThan(c, a)
	}
	return Where(LogicalOr(better, IsNaN(c)), c, a)
}

// sqrtNode is √a with slope 0 at 0. The root is taken of 1 there, so that no
// infinite slope is ever multiplied by 0.
func sqrtNode(a *Node) *Node {
	zero := IsZero(a)
	return Where(zero, ZerosLike(a), Sqrt(Where(zero, OnesLike(a), a)))
}

// powNode is a^c with slope 0 where a is 0.
func powNode(a, c *Node) *Node {
	zero := IsZero(a)
	return Where(zero, StopGradient(Pow(a, c)), Pow(Where(zero, OnesLike(a), a), c))
}

// powIntNode is a^k by repeated squaring.
func powIntNode(a *Node, k int) *Node {
	var y *Node
	for n := max(k, -k); ; a = Square(a) {
		if n&1 == 1 {
			if y == nil {
				y = a
			} else {
				y = Mul(y, a)
			}
		}
		if n >>= 1; n == 0 {
			break
		}
	}
	if k < 0 {
		return Reciprocal(y)
	}
	return y
}
