package expr

import (
	"math"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
)

// builder turns a syntax tree into a program. Constant parts are computed as
// soon as they are met.
type builder struct {
	*text
	columns *columns
	program program
	spans   map[[2]int]int // instructions that read columns, by first column and width (0: a single number)
}

// build appends the program of a node and returns the place of its result.
func (b *builder) build(n ast.Node) (int, error) {
	switch n := n.(type) {
	case *ast.IntegerNode:
		return b.constant(float64(n.Value)), nil
	case *ast.FloatNode:
		return b.constant(n.Value), nil
	case *ast.IdentifierNode:
		return b.name(n.Value, n.Location())
	case *ast.StringNode:
		return b.column(n.Value, n.Location())
	case *ast.UnaryNode:
		a, err := b.build(n.Node)
		if err != nil || n.Operator == "+" {
			return a, err
		}
		return b.unary(instr{op: opNeg}, a, n.Location())
	case *ast.BinaryNode:
		return b.operator(n)
	case *ast.ArrayNode:
		return b.list(n)
	case *ast.MemberNode:
		return b.member(n)
	case *ast.SliceNode:
		return b.slice(n)
	case *ast.CallNode:
		return b.call(n)
	case *ast.BoolNode, *ast.NilNode:
		return 0, b.fail(n.Location(), "not a number: quote the word where it names a column")
	}
	return 0, b.fail(n.Location(), "this has no meaning in a formula: write arithmetic over columns")
}

// name is a column, or x for the whole vector.
func (b *builder) name(name string, at file.Location) (int, error) {
	if name == "x" && len(b.columns.index["x"]) == 0 {
		return b.span(0, b.columns.dim, true), nil
	}
	if len(b.columns.index[name]) == 0 {
		if isFunction(name) {
			return 0, b.fail(at, "a function without its argument: write %s(…)", name)
		}
		if s := insteadOfName(name); s != "" {
			return 0, b.fail(at, "not a column: %s", s)
		}
	}
	return b.column(name, at)
}

func (b *builder) column(name string, at file.Location) (int, error) {
	switch places := b.columns.index[name]; len(places) {
	case 0:
		return 0, b.fail(at, "%s", b.columns.unknown(name))
	case 1:
		return b.span(places[0], 1, false), nil
	default:
		return 0, b.fail(at, "%d columns have this name: write x[%d] or x[%d]", len(places), places[0], places[1])
	}
}

// span reads width columns from the first one on.
func (b *builder) span(first, width int, vector bool) int {
	key := [2]int{first, width}
	if !vector {
		key[1] = 0
	}
	if i, ok := b.spans[key]; ok {
		return i
	}
	i := b.push(instr{op: opSpan, k: first, width: width, vector: vector})
	b.spans[key] = i
	return i
}

// constant is a number, or a vector of them.
func (b *builder) constant(v ...float64) int {
	i := b.push(instr{op: opConst, width: len(v), vector: len(v) > 1})
	copy(b.program.scratch[b.program.code[i].at:], v)
	return i
}

// push appends an instruction as it is.
func (b *builder) push(in instr) int {
	in.at = len(b.program.scratch)
	b.program.scratch = append(b.program.scratch, make([]float64, in.width)...)
	b.program.code = append(b.program.code, in)
	return len(b.program.code) - 1
}

// emit appends an instruction, computed at once where its operands are constant.
func (b *builder) emit(in instr, at file.Location) (int, error) {
	for _, o := range in.operands() {
		if !b.isConstant(o.instr) {
			return b.push(in), nil
		}
	}
	i := b.push(in)
	b.program.code[i].eval(b.program.scratch, nil)
	for _, v := range b.values(i) {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return 0, b.fail(at, "this constant part gives %g: only finite numbers may stand in a formula", v)
		}
	}
	in = b.program.code[i]
	b.program.code[i] = instr{op: opConst, vector: in.vector, width: in.width, at: in.at}
	return i, nil
}

func (b *builder) isConstant(i int) bool { return b.program.code[i].op == opConst }

// values are the numbers of a constant.
func (b *builder) values(i int) []float64 {
	in := b.program.code[i]
	return b.program.scratch[in.at : in.at+in.width]
}

// operand is instruction i as it is read, entry by entry.
func (b *builder) operand(i int) operand {
	in := b.program.code[i]
	o := operand{instr: i, at: in.at, width: in.width}
	if in.vector {
		o.step = 1
	}
	return o
}

// unary appends an instruction entry by entry over a.
func (b *builder) unary(in instr, a int, at file.Location) (int, error) {
	in.a = b.operand(a)
	in.width, in.vector = in.a.width, b.program.code[a].vector
	return b.emit(in, at)
}

// binary appends an instruction entry by entry over a and c.
func (b *builder) binary(op opcode, a, c int, at file.Location) (int, error) {
	in := instr{op: op, a: b.operand(a), b: b.operand(c)}
	va, vc := b.program.code[a].vector, b.program.code[c].vector
	if va && vc && in.a.width != in.b.width {
		return 0, b.fail(at, "a vector of %d meets a vector of %d: cut them to one length with x[i:j]", in.a.width, in.b.width)
	}
	in.width, in.vector = max(in.a.width, in.b.width), va || vc
	return b.emit(in, at)
}

// reduction appends an instruction that makes one number of the vector a.
func (b *builder) reduction(op opcode, a int, at file.Location) (int, error) {
	return b.emit(instr{op: op, width: 1, a: b.operand(a)}, at)
}
