package expr

import (
	"math"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
)

// operator builds a + b, a − b, a·b, a/b and powers.
func (b *builder) operator(n *ast.BinaryNode) (int, error) {
	left, err := b.build(n.Left)
	if err != nil {
		return 0, err
	}
	right, err := b.build(n.Right)
	if err != nil {
		return 0, err
	}
	return b.arithmetic(n.Operator, left, right, n.Location())
}

// arithmetic joins two results by an operator.
func (b *builder) arithmetic(operator string, left, right int, at file.Location) (int, error) {
	switch operator {
	case "+":
		return b.binary(opAdd, left, right, at)
	case "-":
		return b.binary(opSub, left, right, at)
	case "*":
		return b.binary(opMul, left, right, at)
	case "/":
		if b.isConstant(right) {
			for _, v := range b.values(right) {
				if v == 0 {
					return 0, b.fail(at, "division by zero: the right side is always 0")
				}
			}
		}
		return b.binary(opDiv, left, right, at)
	case "**", "^":
		return b.power(left, right, at)
	}
	return 0, b.fail(at, "%s", instead(operator))
}

// largestExponent bounds whole exponents: beyond it a power of a number other
// than 0 and ±1 is out of range.
const largestExponent = 1 << 20

// power builds a^c. A constant whole exponent becomes a product, which holds
// for negative bases too; any other needs a base that is not negative.
func (b *builder) power(base, exponent int, at file.Location) (int, error) {
	if b.isConstant(base) && !b.isConstant(exponent) {
		for _, v := range b.values(base) {
			if v <= 0 {
				return 0, b.fail(at, "the base is %g and the exponent varies: only a positive base has such powers", v)
			}
		}
	}
	if !b.isConstant(exponent) || b.program.code[exponent].vector {
		return b.binary(opPow, base, exponent, at)
	}
	c := b.values(exponent)[0]
	switch {
	case c == 1:
		return base, nil
	case c == 0:
		ones := make([]float64, b.program.code[base].width)
		for i := range ones {
			ones[i] = 1
		}
		i := b.constant(ones...)
		b.program.code[i].vector = b.program.code[base].vector
		return i, nil
	case c == 0.5:
		return b.unary(instr{op: opSqrt}, base, at)
	case c != math.Trunc(c):
		return b.unary(instr{op: opPowReal, c: c}, base, at)
	case math.Abs(c) > largestExponent:
		return 0, b.fail(at, "the exponent %g is too large: the largest is %d", c, largestExponent)
	}
	return b.unary(instr{op: opPowInt, k: int(c)}, base, at)
}

// list builds [a, b, …], a vector of numbers.
func (b *builder) list(n *ast.ArrayNode) (int, error) {
	if len(n.Nodes) == 0 {
		return 0, b.fail(n.Location(), "an empty list: put numbers or columns into it, as in [1, 2]")
	}
	in := instr{op: opList, vector: true, width: len(n.Nodes)}
	for _, entry := range n.Nodes {
		i, err := b.build(entry)
		if err != nil {
			return 0, err
		}
		if b.program.code[i].vector {
			return 0, b.fail(entry.Location(), "a vector inside a list: a list holds single numbers, as in [x[0], x[1]]")
		}
		in.list = append(in.list, b.operand(i))
	}
	return b.emit(in, n.Location())
}

// member builds x[i].
func (b *builder) member(n *ast.MemberNode) (int, error) {
	if _, ok := n.Property.(*ast.StringNode); ok {
		return 0, b.fail(n.Property.Location(), "there are no fields in formulas: quote a column name, as in 'a.b'")
	}
	if err := b.indexed(n.Node, n.Location()); err != nil {
		return 0, err
	}
	i, err := b.index(n.Property, b.columns.dim-1)
	if err != nil {
		return 0, err
	}
	return b.span(i, 1, false), nil
}

// slice builds x[i:j], the columns i … j−1.
func (b *builder) slice(n *ast.SliceNode) (int, error) {
	if err := b.indexed(n.Node, n.Location()); err != nil {
		return 0, err
	}
	from, to := 0, b.columns.dim
	var err error
	if n.From != nil {
		if from, err = b.index(n.From, b.columns.dim-1); err != nil {
			return 0, err
		}
	}
	if n.To != nil {
		if to, err = b.index(n.To, b.columns.dim); err != nil {
			return 0, err
		}
	}
	if from >= to {
		return 0, b.fail(n.Location(), "x[%d:%d] is empty: the end must be above the start, and is itself left out", from, to)
	}
	return b.span(from, to-from, true), nil
}

// indexed checks that brackets stand behind x.
func (b *builder) indexed(n ast.Node, at file.Location) error {
	if id, ok := n.(*ast.IdentifierNode); ok && id.Value == "x" {
		return nil
	}
	return b.fail(at, "only x can be indexed: write x[i] for column i")
}

// index is a whole constant from 0 to most.
func (b *builder) index(n ast.Node, most int) (int, error) {
	i, err := b.build(n)
	if err != nil {
		return 0, err
	}
	if !b.isConstant(i) || b.program.code[i].vector {
		return 0, b.fail(n.Location(), "an index is a constant whole number, as in x[0]")
	}
	v := b.values(i)[0]
	if v != math.Trunc(v) {
		return 0, b.fail(n.Location(), "index %g is not a whole number", v)
	}
	if v < 0 || v > float64(most) {
		return 0, b.fail(n.Location(), "index %g is out of range: there are %d columns, x[0] to x[%d]", v, b.columns.dim, b.columns.dim-1)
	}
	return int(v), nil
}
