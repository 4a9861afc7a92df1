package expr

import (
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"

	"abide/internal/nearest"
)

// functionNames are the functions of formulas, for messages.
func functionNames() []string {
	return []string{"abs", "cos", "dot", "exp", "log", "max", "min", "norm", "pow", "sin", "sqrt", "sum", "tanh"}
}

func isFunction(name string) bool {
	for _, f := range functionNames() {
		if f == name {
			return true
		}
	}
	return false
}

// call builds a function of its arguments.
func (b *builder) call(n *ast.CallNode) (int, error) {
	at := n.Location()
	callee, ok := n.Callee.(*ast.IdentifierNode)
	if !ok {
		return 0, b.fail(at, "only a function can be called: put * between a product's factors")
	}
	if !isFunction(callee.Value) {
		return 0, b.notAFunction(callee.Value, at)
	}
	var args []int
	for _, a := range n.Arguments {
		i, err := b.build(a)
		if err != nil {
			return 0, err
		}
		args = append(args, i)
	}
	return b.function(callee.Value, args, at)
}

// function applies one of functionNames to its arguments.
func (b *builder) function(name string, args []int, at file.Location) (int, error) {
	switch name {
	case "min", "max":
		return b.extremum(name, args, at)
	case "dot", "pow":
		if len(args) != 2 {
			return 0, b.fail(at, "%s takes 2 arguments, not %d", name, len(args))
		}
		if name == "pow" {
			return b.power(args[0], args[1], at)
		}
		return b.dot(args[0], args[1], at)
	case "sum", "norm":
		if len(args) != 1 {
			return 0, b.fail(at, "%s takes one vector, not %d arguments: put them in a list, as in %[1]s([a, b])", name, len(args))
		}
		if err := b.wantVector(args[0], name, at); err != nil {
			return 0, err
		}
		return b.reduction(map[string]opcode{"sum": opSum, "norm": opNorm}[name], args[0], at)
	}
	if len(args) != 1 {
		return 0, b.fail(at, "%s takes 1 argument, not %d", name, len(args))
	}
	op := map[string]opcode{
		"abs": opAbs, "exp": opExp, "log": opLog, "sqrt": opSqrt, "sin": opSin, "cos": opCos, "tanh": opTanh,
	}[name]
	return b.unary(instr{op: op}, args[0], at)
}

func (b *builder) notAFunction(name string, at file.Location) error {
	if len(b.columns.index[name]) > 0 || name == "x" {
		return b.fail(at, "a column, not a function: put * before the bracket for a product")
	}
	if s := insteadOfFunction(name); s != "" {
		return b.fail(at, "unknown function: %s", s)
	}
	hint := "functions are " + list(functionNames())
	if near := nearest.Name(name, functionNames()); near != "" {
		hint = "did you mean " + near + "? " + hint
	}
	return b.fail(at, "unknown function: %s", hint)
}

// extremum builds min and max: over the entries of one vector, or entry by
// entry over several arguments.
func (b *builder) extremum(name string, args []int, at file.Location) (int, error) {
	over, between := opLeast, opMin
	if name == "max" {
		over, between = opMost, opMax
	}
	if len(args) == 0 {
		return 0, b.fail(at, "%s takes a vector or at least two numbers", name)
	}
	if len(args) == 1 {
		if err := b.wantVector(args[0], name, at); err != nil {
			return 0, err
		}
		return b.reduction(over, args[0], at)
	}
	result, err := args[0], error(nil)
	for _, a := range args[1:] {
		if result, err = b.binary(between, result, a, at); err != nil {
			return 0, err
		}
	}
	return result, nil
}

// dot builds Σᵢ aᵢ·bᵢ.
func (b *builder) dot(left, right int, at file.Location) (int, error) {
	for _, i := range []int{left, right} {
		if err := b.wantVector(i, "dot", at); err != nil {
			return 0, err
		}
	}
	product, err := b.binary(opMul, left, right, at)
	if err != nil {
		return 0, err
	}
	return b.reduction(opSum, product, at)
}

func (b *builder) wantVector(i int, function string, at file.Location) error {
	if b.program.code[i].vector {
		return nil
	}
	if len(b.columns.index["x"]) > 0 {
		return b.fail(at, "%s needs a vector, such as [a, b] or x[:] (x alone is the column of that name)", function)
	}
	return b.fail(at, "%s needs a vector, such as x, x[0:2] or [a, b]", function)
}
