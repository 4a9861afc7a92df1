package equation

import (
	"fmt"

	"github.com/expr-lang/expr/ast"

	"abide/expr"
)

// derivative is an operator at a shifted place.
func (l *lowering) derivative(n *ast.CallNode, o operator, s shift) (expr.Part, error) {
	arg := n.Arguments[0]
	plain := func(s shift) (expr.Part, error) { return l.value(arg, s) }
	switch o.kind {
	case first:
		if o.a == l.e.time {
			return l.rate(n, s)
		}
		return l.along(n, arg, o.a, s, false)
	case second:
		if o.a == l.e.time {
			return l.acceleration(n, s)
		}
		return l.bend(n, arg, o.a, s)
	case mixed:
		inner := func(i int) func(s shift) (expr.Part, error) {
			return func(s shift) (expr.Part, error) { return l.central(plain, i, s) }
		}
		if l.e.time == o.a || l.e.time == o.b {
			space := o.a + o.b - l.e.time
			l.note(n, fmt.Sprintf("(u₊₁ − u₋₁)/2h_%s", l.e.axes[space].name), 2, space)
			return l.rateOf(n, inner(space), s)
		}
		l.note(n, fmt.Sprintf("(δ_%s δ_%s)/(4 h_%[1]s h_%[2]s), δ u = u₊₁ − u₋₁", l.e.axes[o.a].name, l.e.axes[o.b].name), 2, o.a, o.b)
		return l.central(inner(o.b), o.a, s)
	case laplacian:
		return l.sum(func(i int) (expr.Part, error) {
			if !l.e.varies(arg, i) {
				return l.c.Number(0), nil
			}
			return l.bend(n, arg, i, s)
		})
	case divergence:
		if !l.e.hasOperator(arg, func(o operator) bool { return o.kind == gradient }) {
			return 0, l.src.Fail(l.at, "div of what is not a flux: write div(a*grad(u)), or dx(v) + dy(w) for the divergence of a field (v, w)")
		}
		if _, err := l.vector(arg); err != nil {
			return 0, err
		}
		if l.inDiv {
			return 0, l.src.Fail(l.at, "div inside div: write the inner one as lap, or as a second equation of a joint state")
		}
		l.inDiv = true
		defer func() { l.inDiv = false }()
		return l.sum(func(i int) (expr.Part, error) { return l.along(n, arg, i, s, true) })
	}
	return 0, l.src.Fail(l.at, "grad is a vector: it stands inside div, as in div(a*grad(u)); one part of it is dx(u)")
}

// vector tells whether a formula inside div is a vector, grad(u) times numbers, and points
// at what is neither that nor a number.
func (l *lowering) vector(n ast.Node) (bool, error) {
	switch n := n.(type) {
	case *ast.UnaryNode:
		return l.vector(n.Node)
	case *ast.BinaryNode:
		left, err := l.vector(n.Left)
		if err != nil {
			return false, err
		}
		right, err := l.vector(n.Right)
		if err != nil {
			return false, err
		}
		switch {
		case !left && !right:
			return false, nil
		case n.Operator == "*" && left != right, n.Operator == "/" && left && !right:
			return true, nil
		case (n.Operator == "+" || n.Operator == "-") && left && right:
			return true, nil
		}
		return false, l.src.Fail(n.Location(), "a flux is a sum of numbers times grad(…), as in a*grad(u): %s is no vector", l.src.Text(n))
	case *ast.CallNode:
		_, name := called(n)
		if o, ok := l.e.operator(name); ok {
			return o.kind == gradient, nil
		}
		for _, a := range n.Arguments {
			if v, err := l.vector(a); err != nil || v {
				return false, l.src.Fail(n.Callee.Location(), "%s takes numbers, and grad is a vector", name)
			}
		}
	}
	return false, nil
}

func (l *lowering) sum(part func(axis int) (expr.Part, error)) (expr.Part, error) {
	var parts []expr.Part
	var ones []float64
	for _, i := range l.e.space() {
		p, err := part(i)
		if err != nil {
			return 0, err
		}
		if v, ok := l.c.Constant(p); ok && v == 0 {
			continue
		}
		parts, ones = append(parts, p), append(ones, 1)
	}
	if len(parts) == 0 {
		return l.c.Number(0), nil
	}
	return l.combine(1, ones, parts)
}

// central is (f₊₁ − f₋₁)/2h.
func (l *lowering) central(f func(s shift) (expr.Part, error), axis int, s shift) (expr.Part, error) {
	return l.stencil(f, s, axis, 1/(2*l.e.axes[axis].h), []int{1, -1}, []float64{1, -1})
}

// bend is (f₊₁ − 2f + f₋₁)/h².
func (l *lowering) bend(n *ast.CallNode, arg ast.Node, axis int, s shift) (expr.Part, error) {
	a := &l.e.axes[axis]
	l.note(n, fmt.Sprintf("(u₊₁ − 2u + u₋₁)/h_%s²", a.name), 2, axis)
	f := func(s shift) (expr.Part, error) { return l.value(arg, s) }
	return l.stencil(f, s, axis, 1/(a.h*a.h), []int{1, 0, -1}, []float64{1, -2, 1})
}

// along is the first derivative of a formula along an axis of space: in flux form around
// inner derivatives, by a numerical flux, or central.
func (l *lowering) along(n *ast.CallNode, arg ast.Node, axis int, s shift, flux bool) (expr.Part, error) {
	a := &l.e.axes[axis]
	before := shift{}
	before[axis] = -1
	back := func(s shift) shift { s[axis]--; return s }
	switch {
	case flux || l.slopes(arg, axis):
		if transport := l.transport(arg, axis); transport && !flux {
			l.note(n, fmt.Sprintf("(F_{+½} − F_{−½})/h_%s, inner derivatives (u₊₁ − u)/h_%[1]s, %s means before them, F of %s for the rest", a.name, l.e.mean, l.e.flux), 1, axis)
		} else {
			l.note(n, fmt.Sprintf("(F_{+½} − F_{−½})/h_%s, inner derivatives (u₊₁ − u)/h_%[1]s, %s means at faces", a.name, l.e.mean), 2, axis)
		}
		right, err := l.face(arg, axis, s, false)
		if err != nil {
			return 0, err
		}
		left, err := l.face(arg, axis, back(s), false)
		if err != nil {
			return 0, err
		}
		return l.combine(1/a.h, []float64{1, -1}, []expr.Part{right, left})
	case l.e.flux != fluxCentral && l.isFlux(arg, axis):
		l.note(n, fmt.Sprintf("(F_{+½} − F_{−½})/h_%s, F of %s", a.name, l.e.flux), 1, axis)
		right, err := l.numericalFlux(arg, axis, s)
		if err != nil {
			return 0, err
		}
		left, err := l.numericalFlux(arg, axis, back(s))
		if err != nil {
			return 0, err
		}
		return l.combine(1/a.h, []float64{1, -1}, []expr.Part{right, left})
	}
	l.note(n, fmt.Sprintf("(u₊₁ − u₋₁)/2h_%s", a.name), 2, axis)
	return l.central(func(s shift) (expr.Part, error) { return l.value(arg, s) }, axis, s)
}

// slopes tells of a formula with a first derivative along the axis in it.
func (l *lowering) slopes(n ast.Node, axis int) bool {
	return l.e.hasOperator(n, func(o operator) bool { return l.isSlope(o, axis) })
}

func (l *lowering) isSlope(o operator, axis int) bool {
	return o.kind == first && o.a == axis || o.kind == gradient && l.inDiv
}

// transport tells of a sum around inner derivatives that has a term for the numerical flux.
func (l *lowering) transport(n ast.Node, axis int) bool {
	if !l.slopes(n, axis) {
		return l.e.flux != fluxCentral && l.isFlux(n, axis)
	}
	switch n := n.(type) {
	case *ast.UnaryNode:
		return l.transport(n.Node, axis)
	case *ast.BinaryNode:
		return (n.Operator == "+" || n.Operator == "-") && (l.transport(n.Left, axis) || l.transport(n.Right, axis))
	}
	return false
}

// face is a formula between a place and the next one along an axis. coefficient tells
// of a factor of a derivative; what is none, and has no derivative in it, is transport.
func (l *lowering) face(n ast.Node, axis int, s shift, coefficient bool) (expr.Part, error) {
	next := s
	next[axis]++
	if !l.slopes(n, axis) {
		if !coefficient && !l.inDiv && l.transport(n, axis) {
			return l.numericalFlux(n, axis, s)
		}
		p, err := l.value(n, s)
		if err != nil {
			return 0, err
		}
		q, err := l.value(n, next)
		if err != nil || p == q {
			return p, err
		}
		if coefficient && l.e.mean == "harmonic" {
			product, err := l.c.Apply("*", l.at, p, q)
			if err != nil {
				return 0, err
			}
			sum, err := l.c.Apply("+", l.at, p, q)
			if err != nil {
				return 0, err
			}
			if product, err = l.c.Apply("/", l.at, product, sum); err != nil {
				return 0, err
			}
			return l.c.Apply("*", l.at, l.c.Number(2), product)
		}
		return l.combine(0.5, []float64{1, 1}, []expr.Part{p, q})
	}
	switch n := n.(type) {
	case *ast.UnaryNode:
		p, err := l.face(n.Node, axis, s, coefficient)
		if err != nil || n.Operator == "+" {
			return p, err
		}
		return l.c.Apply("-", n.Location(), p)
	case *ast.BinaryNode:
		factor := coefficient || n.Operator != "+" && n.Operator != "-"
		p, err := l.face(n.Left, axis, s, factor)
		if err != nil {
			return 0, err
		}
		q, err := l.face(n.Right, axis, s, factor)
		if err != nil {
			return 0, err
		}
		return l.c.Apply(n.Operator, n.Location(), p, q)
	case *ast.CallNode:
		_, name := called(n)
		if o, ok := l.e.operator(name); ok && l.isSlope(o, axis) && len(n.Arguments) == 1 {
			arg := n.Arguments[0]
			if !l.e.varies(arg, axis) {
				return l.c.Number(0), nil
			}
			inDiv := l.inDiv
			l.inDiv = false
			defer func() { l.inDiv = inDiv }()
			return l.stencil(func(s shift) (expr.Part, error) { return l.value(arg, s) }, s, axis, 1/l.e.axes[axis].h, []int{1, 0}, []float64{1, -1})
		}
		if isFunction(name) {
			var args []expr.Part
			for _, a := range n.Arguments {
				p, err := l.face(a, axis, s, true)
				if err != nil {
					return 0, err
				}
				args = append(args, p)
			}
			return l.c.Apply(name, n.Callee.Location(), args...)
		}
		return 0, l.src.Fail(n.Callee.Location(), "%s around a derivative along %s, inside another one along %[2]s: write the inner flux out", name, l.e.axes[axis].name)
	}
	return 0, l.src.Fail(n.Location(), "this has no meaning in a flux")
}
