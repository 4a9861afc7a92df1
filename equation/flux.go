package equation

import (
	"math"
	"slices"

	"github.com/expr-lang/expr/ast"

	"abide/expr"
)

const (
	fluxCentral = "central"
	godunov     = "godunov"
	osher       = "engquist-osher"
	rusanov     = "rusanov"
)

// isFlux tells of a formula of fields other than one field itself, without operators.
func (l *lowering) isFlux(n ast.Node, axis int) bool {
	_, plain := nameOf(n)
	return !plain && len(l.transported(n, axis)) > 0 && !l.e.hasOperator(n, func(operator) bool { return true })
}

// transported are the fields of a formula that vary along an axis.
func (l *lowering) transported(n ast.Node, axis int) []*field {
	return slices.DeleteFunc(l.e.fieldsIn(n), func(f *field) bool { return !f.on[axis] })
}

// numericalFlux is F(u, u₊₁) of a formula f of one field, consistent and rising in its
// first, falling in its second argument. With the place s where f turns, and f convex,
//
//	Godunov (1959):           max f(max(u, s)), f(min(u₊₁, s))
//	Engquist and Osher (1981): f(max(u, s)) + f(min(u₊₁, s)) − f(s)
//	Rusanov (1961):           ½ (f(u) + f(u₊₁)) − ½ max(|f′(u)|, |f′(u₊₁)|) (u₊₁ − u)
//
// (R. J. LeVeque, "Finite Volume Methods for Hyperbolic Problems" (2002), sections 12.1,
// 12.5 and 12.6). The first two take a quadratic or linear f of constant coefficients,
// whose s is known; Rusanov's takes any f. Order 1.
func (l *lowering) numericalFlux(n ast.Node, axis int, s shift) (expr.Part, error) {
	next := s
	next[axis]++
	fields := l.transported(n, axis)
	if len(fields) != 1 {
		return 0, l.src.Fail(l.at, "the %s flux is of one field that varies along %s, and %s has %d: take flux = \"central\"", l.e.flux, l.e.axes[axis].name, l.src.Text(n), len(fields))
	}
	f := fields[0]
	left, err := l.name(f.name, n.Location(), s)
	if err != nil {
		return 0, err
	}
	right, err := l.name(f.name, n.Location(), next)
	if err != nil {
		return 0, err
	}
	of := func(u expr.Part, s shift) (expr.Part, error) {
		defer l.let(f, u)()
		return l.value(n, s)
	}
	if l.e.flux == rusanov {
		return l.rusanov(n, f, axis, s, left, right, of)
	}
	turn, bend, slope, err := l.parabola(n)
	if err != nil {
		return 0, err
	}
	if bend == 0 {
		if slope >= 0 {
			return of(left, s)
		}
		return of(right, next)
	}
	above, below, outer := "max", "min", "max"
	if bend < 0 {
		above, below, outer = "min", "max", "min"
	}
	number := l.c.Number(turn)
	p, err := l.c.Apply(above, l.at, left, number)
	if err != nil {
		return 0, err
	}
	q, err := l.c.Apply(below, l.at, right, number)
	if err != nil {
		return 0, err
	}
	if p, err = of(p, s); err != nil {
		return 0, err
	}
	if q, err = of(q, next); err != nil {
		return 0, err
	}
	if l.e.flux == godunov {
		return l.c.Apply(outer, l.at, p, q)
	}
	rest, err := of(number, s)
	if err != nil {
		return 0, err
	}
	if v, ok := l.c.Constant(rest); ok && v == 0 {
		return l.c.Apply("+", l.at, p, q)
	}
	return l.combine(1, []float64{1, 1, -1}, []expr.Part{p, q, rest})
}

// parabola finds where a flux turns and its second derivative, or its slope where that
// is zero: its gradient is looked at at nine places, of which any two tell a parabola.
func (l *lowering) parabola(n ast.Node) (turn, bend, slope float64, err error) {
	probe := l.e.newLowering(l.src)
	root, err := probe.value(n, shift{})
	if err != nil {
		return 0, 0, 0, err
	}
	fail := l.src.Fail(l.at, "the %s flux needs a flux that is quadratic or linear in its field, with constant coefficients: take flux = \"rusanov\"", l.e.flux)
	if len(probe.columns) != 1 {
		return 0, 0, 0, fail
	}
	f := probe.c.Finish(root, 1)
	at := func(u float64) float64 {
		g := []float64{0}
		f.Gradient([]float64{u}, g)
		return g[0]
	}
	slope = at(0)
	bend = at(1) - slope
	size := math.Abs(slope) + math.Abs(bend)
	for _, u := range []float64{-7.3, -2.9, -1, -0.4, 0.3, 0.77, 2.1, 9.7} {
		if d := math.Abs(at(u) - slope - bend*u); !(d <= 1e-12*size*(1+math.Abs(u))) {
			return 0, 0, 0, fail
		}
	}
	if math.Abs(bend) <= 1e-14*math.Abs(slope) {
		return 0, 0, slope, nil
	}
	return -slope/bend + 0, bend, slope, nil // no −0
}

// let puts a number in place of a field, until the returned function is called.
func (l *lowering) let(f *field, u expr.Part) func() {
	l.argument.field, l.argument.value = f, u
	return func() { l.argument.field = nil }
}

func (l *lowering) rusanov(n ast.Node, f *field, axis int, s shift, left, right expr.Part, of func(expr.Part, shift) (expr.Part, error)) (expr.Part, error) {
	next := s
	next[axis]++
	var value, speed [2]expr.Part
	for k, u := range []expr.Part{left, right} {
		at := s
		if k == 1 {
			at = next
		}
		var err error
		if value[k], err = of(u, at); err != nil {
			return 0, err
		}
		back := l.let(f, u)
		speed[k], err = l.slope(n, at)
		back()
		if err != nil {
			return 0, err
		}
		if speed[k], err = l.c.Apply("abs", l.at, speed[k]); err != nil {
			return 0, err
		}
	}
	fastest, err := l.c.Apply("max", l.at, speed[0], speed[1])
	if err != nil {
		return 0, err
	}
	jump, err := l.c.Apply("-", l.at, right, left)
	if err != nil {
		return 0, err
	}
	if jump, err = l.c.Apply("*", l.at, fastest, jump); err != nil {
		return 0, err
	}
	return l.combine(0.5, []float64{1, 1, -1}, []expr.Part{value[0], value[1], jump})
}

// slope is ∂f/∂u of a flux whose field stands for l.argument, forward through its tree.
func (l *lowering) slope(n ast.Node, s shift) (expr.Part, error) {
	if !slices.Contains(l.e.fieldsIn(n), l.argument.field) {
		return l.c.Number(0), nil
	}
	var failed error
	keep := func(p expr.Part, err error) expr.Part {
		if err != nil && failed == nil {
			failed = err
		}
		return p
	}
	apply := func(operation string, args ...expr.Part) expr.Part {
		return keep(l.c.Apply(operation, n.Location(), args...))
	}
	value := func(n ast.Node) expr.Part { return keep(l.value(n, s)) }
	slope := func(n ast.Node) expr.Part { return keep(l.slope(n, s)) }
	var p expr.Part
	switch n := n.(type) {
	case *ast.IdentifierNode, *ast.StringNode:
		p = l.c.Number(1)
	case *ast.UnaryNode:
		p = slope(n.Node)
		if n.Operator == "-" {
			p = apply("-", p)
		}
	case *ast.BinaryNode:
		switch n.Operator {
		case "+", "-":
			p = apply(n.Operator, slope(n.Left), slope(n.Right))
		case "*":
			p = apply("+", apply("*", slope(n.Left), value(n.Right)), apply("*", value(n.Left), slope(n.Right)))
		case "/":
			quotient := apply("/", value(n.Left), value(n.Right))
			p = apply("/", apply("-", slope(n.Left), apply("*", quotient, slope(n.Right))), value(n.Right))
		default:
			c := value(n.Right)
			k, ok := l.c.Constant(c)
			if !ok {
				return 0, l.src.Fail(n.Location(), "a power with an exponent that varies, in a flux whose slope rusanov needs")
			}
			p = apply("*", apply("*", c, apply("**", value(n.Left), l.c.Number(k-1))), slope(n.Left))
		}
	case *ast.CallNode:
		_, name := called(n)
		if len(n.Arguments) != 1 {
			return 0, l.src.Fail(n.Callee.Location(), "%s in a flux whose slope rusanov needs: write it by + - * / ** and functions of one number", name)
		}
		u := value(n.Arguments[0])
		switch name {
		case "exp":
			p = apply("exp", u)
		case "log":
			p = apply("/", l.c.Number(1), u)
		case "sqrt":
			p = apply("/", l.c.Number(0.5), apply("sqrt", u))
		case "sin":
			p = apply("cos", u)
		case "cos":
			p = apply("-", apply("sin", u))
		case "tanh":
			p = apply("-", l.c.Number(1), apply("**", apply("tanh", u), l.c.Number(2)))
		default:
			return 0, l.src.Fail(n.Callee.Location(), "%s in a flux whose slope rusanov needs: it has none at kinks", name)
		}
		p = apply("*", p, slope(n.Arguments[0]))
	default:
		return 0, l.src.Fail(n.Location(), "this has no meaning in a flux")
	}
	return p, failed
}
