package equation

import (
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"
)

type operatorKind int

const (
	first operatorKind = iota
	second
	mixed
	laplacian
	divergence
	gradient
)

// operator is a differential operator by its name.
type operator struct {
	kind operatorKind
	a, b int // axes
}

// operator reads dt, dxx, dxy, lap, div and grad.
func (e *Equation) operator(name string) (operator, bool) {
	switch name {
	case "lap":
		return operator{kind: laplacian}, true
	case "div":
		return operator{kind: divergence}, true
	case "grad":
		return operator{kind: gradient}, true
	}
	rest, ok := strings.CutPrefix(name, "d")
	for i := range e.axes {
		if !ok {
			break
		}
		if rest == e.axes[i].name {
			return operator{first, i, i}, true
		}
		for j := range e.axes {
			switch {
			case rest != e.axes[i].name+e.axes[j].name:
			case i == j:
				return operator{second, i, i}, true
			default:
				return operator{mixed, i, j}, true
			}
		}
	}
	return operator{}, false
}

func (e *Equation) operatorNames() string {
	var names []string
	for i := range e.axes {
		names = append(names, "d"+e.axes[i].name)
	}
	for i := range e.axes {
		names = append(names, "d"+e.axes[i].name+e.axes[i].name)
	}
	return strings.Join(append(names, "lap", "div", "grad"), ", ")
}

// functions of numbers, from package expr.
var functions = []string{"abs", "cos", "exp", "log", "max", "min", "pow", "sin", "sqrt", "tanh"}

func isFunction(name string) bool { return slices.Contains(functions, name) }

// space are the axes other than t.
func (e *Equation) space() []int {
	var s []int
	for i := range e.axes {
		if i != e.time {
			s = append(s, i)
		}
	}
	return s
}

// called is the name of a call.
func called(n ast.Node) (*ast.CallNode, string) {
	c, ok := n.(*ast.CallNode)
	if !ok {
		return nil, ""
	}
	if id, ok := c.Callee.(*ast.IdentifierNode); ok {
		return c, id.Value
	}
	return c, ""
}

// any tells whether a node or one below it is wanted.
func anyNode(n ast.Node, wanted func(ast.Node) bool) bool {
	found := false
	ast.Walk(&n, walker(func(n ast.Node) { found = found || wanted(n) }))
	return found
}

type walker func(ast.Node)

func (w walker) Visit(n *ast.Node) { w(*n) }

// hasOperator tells whether a formula has an operator of the wanted kinds.
func (e *Equation) hasOperator(n ast.Node, wanted func(operator) bool) bool {
	return anyNode(n, func(n ast.Node) bool {
		_, name := called(n)
		o, ok := e.operator(name)
		return ok && wanted(o)
	})
}

// name is the text of an identifier or a quoted name.
func nameOf(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.IdentifierNode:
		return n.Value, true
	case *ast.StringNode:
		return n.Value, true
	}
	return "", false
}

// fieldsIn lists the fields of a formula, each once.
func (e *Equation) fieldsIn(n ast.Node) []*field {
	var found []*field
	anyNode(n, func(n ast.Node) bool {
		if name, ok := nameOf(n); ok {
			if f := e.fieldNamed(name); f != nil && !slices.Contains(found, f) {
				found = append(found, f)
			}
		}
		return false
	})
	return found
}

func (e *Equation) fieldNamed(name string) *field {
	for _, f := range e.fields {
		if f.name == name {
			return f
		}
	}
	return nil
}

// varies tells whether a formula depends on the coordinate of an axis.
func (e *Equation) varies(n ast.Node, axis int) bool {
	return anyNode(n, func(n ast.Node) bool {
		name, _ := nameOf(n)
		if f := e.fieldNamed(name); f != nil {
			return f.on[axis]
		}
		k := e.functions[name]
		return k != nil && k.uses[axis]
	})
}
