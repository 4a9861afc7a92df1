package equation

import (
	"fmt"
	"slices"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"

	"abide/expr"
)

// column is a number that a residual reads: a field or a known function at a shifted
// place. Where rules take their values from another field, that one is a column too, and
// so is its factor, which is zero but beyond the wall.
type column struct {
	field *field
	known *known
	shift shift
	wall  wall
}

// wall is a side of an axis, in the column of what is given on it.
type wall struct {
	role       wallRole
	axis, side int
}

type wallRole int

const (
	noWall wallRole = iota
	wallValue
	wallFactor
)

// lowering turns the tree of an equation into one formula of columns.
type lowering struct {
	e       *Equation
	src     *expr.Sides
	c       *expr.Composer
	columns []column
	index   map[column]int
	scheme  scheme
	inTime  bool          // inside dt or dtt
	inDiv   bool          // inside div, where grad has a meaning
	at      file.Location // of the operator at hand
	widest  [maxAxes]struct {
		at    file.Location
		width int
	}
	argument struct { // what the one field of a flux stands for, if any
		field *field
		value expr.Part
	}
	notes []note
	made  map[madeKey]expr.Part
	depth int
}

// madeKey names a derivative at a place, which is made once.
type madeKey struct {
	n     *ast.CallNode
	s     shift
	inDiv bool
}

// maxDepth bounds operators inside each other, and so the width of stencils.
const maxDepth = 6

func (e *Equation) newLowering(src *expr.Sides) *lowering {
	return &lowering{e: e, src: src, c: expr.NewComposer(src), index: map[column]int{}, made: map[madeKey]expr.Part{}}
}

// value is a formula at a shifted place.
func (l *lowering) value(n ast.Node, s shift) (expr.Part, error) {
	switch n := n.(type) {
	case *ast.IntegerNode:
		return l.c.Number(float64(n.Value)), nil
	case *ast.FloatNode:
		return l.c.Number(n.Value), nil
	case *ast.IdentifierNode:
		return l.name(n.Value, n.Location(), s)
	case *ast.StringNode:
		return l.name(n.Value, n.Location(), s)
	case *ast.UnaryNode:
		p, err := l.value(n.Node, s)
		if err != nil || n.Operator == "+" {
			return p, err
		}
		return l.c.Apply("-", n.Location(), p)
	case *ast.BinaryNode:
		p, err := l.value(n.Left, s)
		if err != nil {
			return 0, err
		}
		q, err := l.value(n.Right, s)
		if err != nil {
			return 0, err
		}
		return l.c.Apply(n.Operator, n.Location(), p, q)
	case *ast.CallNode:
		return l.call(n, s)
	case *ast.BoolNode, *ast.NilNode:
		return 0, l.src.Fail(n.Location(), "not a number: names of fields and constants are plain words")
	}
	return 0, l.src.Fail(n.Location(), "this has no meaning in an equation: write arithmetic over fields, constants and operators such as dx(u)")
}

// name is a field, a constant or a known function.
func (l *lowering) name(name string, at file.Location, s shift) (expr.Part, error) {
	if f := l.e.fieldNamed(name); f != nil {
		if f == l.argument.field {
			return l.argument.value, nil
		}
		for i, k := range s {
			if !f.on[i] {
				s[i] = 0
			} else if k != 0 {
				if err := l.reach(f, i, k); err != nil {
					return 0, err
				}
			}
		}
		return l.given(f, at, s)
	}
	if v, ok := l.e.constants[name]; ok {
		return l.c.Number(v), nil
	}
	if k := l.e.functions[name]; k != nil {
		for i := range s {
			if !k.uses[i] {
				s[i] = 0
			}
		}
		return l.column(column{known: k, shift: s}), nil
	}
	if _, ok := l.e.operator(name); ok || isFunction(name) {
		return 0, l.src.Fail(at, "without its argument: write %s(…)", name)
	}
	return 0, l.src.Fail(at, "%s", l.e.unknownName(name))
}

// given is a field, with what other fields add to it beyond walls.
func (l *lowering) given(f *field, at file.Location, s shift) (expr.Part, error) {
	p := l.column(column{field: f, shift: s})
	walls, fields := 0, false
	for i, k := range s {
		if r := f.rules[i][0]; k != 0 && !l.e.axes[i].periodic && (r.beyond(&l.e.axes[i]) || f.rules[i][1].beyond(&l.e.axes[i])) {
			walls++
			fields = fields || r.given != nil || f.rules[i][1].given != nil
		}
	}
	if walls > 1 && fields {
		return 0, l.src.Fail(l.at, "this reaches beyond two walls of %s at once, and the value of one is another field: give it by a formula", f.name)
	}
	for i, k := range s {
		side := 0
		if k > 0 {
			side = 1
		}
		if r := f.rules[i][side]; k == 0 || r.given == nil || !r.beyond(&l.e.axes[i]) {
			continue
		}
		factor := l.column(column{field: f, shift: s, wall: wall{wallFactor, i, side}})
		value := l.column(column{field: f, shift: s, wall: wall{wallValue, i, side}})
		q, err := l.c.Apply("*", at, factor, value)
		if err != nil {
			return 0, err
		}
		if p, err = l.c.Apply("+", at, p, q); err != nil {
			return 0, err
		}
	}
	return p, nil
}

func (l *lowering) column(c column) expr.Part {
	i, ok := l.index[c]
	if !ok {
		i = len(l.columns)
		l.index[c] = i
		l.columns = append(l.columns, c)
	}
	return l.c.Column(i)
}

// reach checks that a field can be read k places away along axis i.
func (l *lowering) reach(f *field, i, k int) error {
	a := &l.e.axes[i]
	if w := &l.widest[i]; max(k, -k) > w.width {
		w.width, w.at = max(k, -k), l.at
	}
	for side, r := range f.rules[i] {
		if r.kind == ruleMissing {
			return l.src.Fail(l.at, "%s has no boundary rule at the %s of %s: give that axis or that field one of %v",
				f.name, sideNames[side], a.name, rulesFor(a))
		}
		if r.beyond(a) && max(k, -k) >= a.points+1 {
			return l.src.Fail(l.at, "a stencil that reaches %d places along %s, which has %d points: take more", max(k, -k), a.name, a.points)
		}
	}
	return nil
}

func rulesFor(a *axis) []string {
	if a.cell {
		return ruleNames
	}
	return ruleNames[:4]
}

// call is a function of numbers or an operator.
func (l *lowering) call(n *ast.CallNode, s shift) (expr.Part, error) {
	at := n.Callee.Location()
	_, name := called(n)
	if isFunction(name) {
		var args []expr.Part
		for _, a := range n.Arguments {
			p, err := l.value(a, s)
			if err != nil {
				return 0, err
			}
			args = append(args, p)
		}
		if len(args) == 1 && (name == "min" || name == "max") {
			return 0, l.src.Fail(at, "%s takes two numbers or more", name)
		}
		return l.c.Apply(name, at, args...)
	}
	o, ok := l.e.operator(name)
	if !ok {
		return 0, l.notOperator(name, at)
	}
	if len(n.Arguments) != 1 {
		return 0, l.src.Fail(at, "%s takes one argument, not %d", name, len(n.Arguments))
	}
	outer := l.at
	l.at = at
	defer func() { l.at = outer }()
	arg := n.Arguments[0]
	along := []int{o.a, o.b}
	if o.kind >= laplacian {
		along = l.e.space()
	}
	if !slices.ContainsFunc(along, func(i int) bool { return l.e.varies(arg, i) }) || o.kind == mixed && !(l.e.varies(arg, o.a) && l.e.varies(arg, o.b)) {
		if _, err := l.value(arg, s); err != nil { // a name without a meaning
			return 0, err
		}
		return 0, l.src.Fail(at, "nothing in %s varies along %s: its derivative is zero", l.src.Text(arg), l.e.listed(along))
	}
	key := madeKey{n, s, l.inDiv}
	if p, ok := l.made[key]; ok {
		return p, nil
	}
	if l.depth == maxDepth {
		return 0, l.src.Fail(at, "more than %d operators inside each other: write a second equation for the inner ones, with a field of its own", maxDepth)
	}
	l.depth++
	p, err := l.derivative(n, o, s)
	l.depth--
	if err == nil {
		l.made[key] = p
	}
	return p, err
}

func (e *Equation) listed(axes []int) string {
	s := ""
	for k, i := range axes {
		if k > 0 && i == axes[k-1] {
			continue
		}
		if s != "" {
			s += ", "
		}
		s += e.axes[i].name
	}
	if s == "" {
		return "space, of which there is no axis"
	}
	return s
}

func (l *lowering) notOperator(name string, at file.Location) error {
	e := l.e
	if name == "" {
		return l.src.Fail(at, "only a function can be called: put * between a product's factors")
	}
	if e.fieldNamed(name) != nil || e.functions[name] != nil || hasConstant(e, name) {
		return l.src.Fail(at, "a name, not a function: put * before the bracket for a product (known functions of coordinates are written without brackets)")
	}
	if len(name) > 1 && len(name) <= 5 && name[0] == 'd' && name != "dot" {
		rest := []rune(name[1:])
		for _, r := range rest {
			if e.axis(string(r)) < 0 && r >= 'r' && r <= 'z' {
				return l.src.Fail(at, "the grid has no axis %c: axes are %s", r, e.axisNames())
			}
		}
		if len(rest) > 2 && e.axis(string(rest[0])) >= 0 {
			return l.src.Fail(at, "derivatives above the second are nested: write d%c(%s(…))", rest[0], "d"+string(rest[1:]))
		}
	}
	return l.src.Fail(at, "unknown function: operators are %s; functions %s", e.operatorNames(), fmt.Sprint(functions))
}

func hasConstant(e *Equation, name string) bool { _, ok := e.constants[name]; return ok }

// combine is Σ weight·part, times a common factor.
func (l *lowering) combine(factor float64, weights []float64, parts []expr.Part) (expr.Part, error) {
	var sum expr.Part
	for k, p := range parts {
		var err error
		term := p
		if w := weights[k]; w != 1 && w != -1 {
			if term, err = l.c.Apply("*", l.at, l.c.Number(max(w, -w)), p); err != nil {
				return 0, err
			}
		}
		switch {
		case k == 0 && weights[k] < 0:
			sum, err = l.c.Apply("-", l.at, term)
		case k == 0:
			sum = term
		case weights[k] < 0:
			sum, err = l.c.Apply("-", l.at, sum, term)
		default:
			sum, err = l.c.Apply("+", l.at, sum, term)
		}
		if err != nil {
			return 0, err
		}
	}
	if factor == 1 {
		return sum, nil
	}
	return l.c.Apply("*", l.at, l.c.Number(factor), sum)
}

// stencil is factor·Σ weight·formula at places along an axis.
func (l *lowering) stencil(f func(s shift) (expr.Part, error), s shift, axis int, factor float64, places []int, weights []float64) (expr.Part, error) {
	parts := make([]expr.Part, len(places))
	for k, p := range places {
		moved := s
		moved[axis] += p
		var err error
		if parts[k], err = f(moved); err != nil {
			return 0, err
		}
	}
	return l.combine(factor, weights, parts)
}
