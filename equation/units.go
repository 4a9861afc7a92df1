package equation

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/expr-lang/expr/ast"

	"abide/expr"
	"abide/internal/nearest"
)

// dimension is a product of powers of base units, without zero powers. nil is that of a
// number which is zero and fits everywhere.
type dimension map[string]float64

// String writes m²/s as "m^2/s".
func (d dimension) String() string {
	var above, below []string
	for _, u := range slices.Sorted(maps.Keys(d)) {
		p := d[u]
		text := u
		if q := math.Abs(p); q != 1 {
			text += "^" + strconv.FormatFloat(q, 'g', 4, 64)
		}
		if p > 0 {
			above = append(above, text)
		} else {
			below = append(below, text)
		}
	}
	s := strings.Join(above, " ")
	if s == "" {
		s = "1"
	}
	for _, b := range below {
		s += "/" + b
	}
	return s
}

func (d dimension) same(o dimension) bool {
	if d == nil || o == nil {
		return true
	}
	return len(d.times(o, -1)) == 0
}

// times is d·oᵖ.
func (d dimension) times(o dimension, p float64) dimension {
	out := dimension{}
	maps.Copy(out, d)
	for u, q := range o {
		if out[u] += p * q; math.Abs(out[u]) < 1e-9 {
			delete(out, u)
		}
	}
	return out
}

// readUnit reads "m^2/s", "kg m/s^2", "1/m" and "1".
func readUnit(text string) (dimension, error) {
	d := dimension{}
	sign := 1.0
	rest := strings.TrimSpace(text)
	if rest == "" {
		return nil, fmt.Errorf("a unit is empty: write \"1\" for a pure number")
	}
	for first := true; rest != ""; first = false {
		switch {
		case strings.HasPrefix(rest, "/"):
			if first {
				return nil, fmt.Errorf("unit %q: write 1/… for a unit without a numerator", text)
			}
			sign, rest = -1, strings.TrimSpace(rest[1:])
		case strings.HasPrefix(rest, "*") && !first:
			sign, rest = 1, strings.TrimSpace(rest[1:])
		case !first:
			sign = 1
		}
		n := 0
		for n < len(rest) && !strings.ContainsRune("^*/ ", rune(rest[n])) {
			n++
		}
		name := rest[:n]
		rest = rest[n:]
		power := 1.0
		if strings.HasPrefix(rest, "^") {
			n = 1
			for n < len(rest) && strings.ContainsRune("+-.0123456789", rune(rest[n])) {
				n++
			}
			var err error
			if power, err = strconv.ParseFloat(rest[1:n], 64); err != nil || math.Abs(power) > 100 {
				return nil, fmt.Errorf("unit %q: a power is a number, as in m^2 or m^-0.5", text)
			}
			rest = rest[n:]
		}
		rest = strings.TrimLeft(rest, " ")
		switch {
		case name == "1":
		case !plainName(strings.NewReplacer("%", "x", "°", "x", "µ", "x").Replace(name)):
			return nil, fmt.Errorf("unit %q: %q is no unit: write products of names, as in kg m/s^2", text, name)
		default:
			d = d.times(dimension{name: 1}, sign*power)
		}
	}
	return d, nil
}

// readUnits reads the units of names.
func (e *Equation) readUnits(units map[string]string) error {
	if len(units) == 0 {
		return nil
	}
	names := append(e.fieldNames(), append(slices.Sorted(maps.Keys(e.constants)), slices.Sorted(maps.Keys(e.functions))...)...)
	e.units = map[string]dimension{}
	for _, name := range slices.Sorted(maps.Keys(units)) {
		if !slices.Contains(names, name) {
			hint := ""
			if near := nearest.Name(name, names); near != "" {
				hint = "did you mean " + near + "? "
			}
			return fmt.Errorf("equation: units: %q is not a name of the equation: %snames are %s", name, hint, strings.Join(names, ", "))
		}
		d, err := readUnit(units[name])
		if err != nil {
			return fmt.Errorf("equation: units of %s: %w", name, err)
		}
		e.units[name] = d
	}
	if _, ok := e.units["pi"]; !ok {
		e.units["pi"] = dimension{}
	}
	return nil
}

func (e *Equation) unitOf(name string) string {
	if d, ok := e.units[name]; ok {
		return d.String()
	}
	return ""
}

// checkUnits compares both sides of an equation, and of every sum in it.
func (e *Equation) checkUnits(src *expr.Sides) (string, error) {
	if e.units == nil {
		return "", nil
	}
	c := &unitCheck{e, src}
	left, err := c.of(src.Left)
	if err != nil {
		return "", err
	}
	right, err := c.of(src.Right)
	if err != nil {
		return "", err
	}
	if !left.same(right) {
		return "", src.Fail(src.Sign, "the left side is in %s, the right side in %s", left, right)
	}
	if left == nil {
		left = right
	}
	return left.String(), nil
}

type unitCheck struct {
	e   *Equation
	src *expr.Sides
}

func (c *unitCheck) of(n ast.Node) (dimension, error) {
	switch n := n.(type) {
	case *ast.IntegerNode:
		if n.Value == 0 {
			return nil, nil
		}
		return dimension{}, nil
	case *ast.FloatNode:
		if n.Value == 0 {
			return nil, nil
		}
		return dimension{}, nil
	case *ast.UnaryNode:
		return c.of(n.Node)
	case *ast.BinaryNode:
		return c.binary(n)
	case *ast.CallNode:
		return c.call(n)
	}
	name, ok := nameOf(n)
	if !ok {
		return nil, c.src.Fail(n.Location(), "this has no unit")
	}
	d, ok := c.e.units[name]
	if !ok {
		return nil, c.src.Fail(n.Location(), "%s has no unit, and others have: give one, or \"1\" for a pure number", name)
	}
	return d, nil
}

func (c *unitCheck) binary(n *ast.BinaryNode) (dimension, error) {
	if n.Operator == "**" || n.Operator == "^" {
		return c.power(n.Left, n.Right, n)
	}
	left, err := c.of(n.Left)
	if err != nil {
		return nil, err
	}
	right, err := c.of(n.Right)
	if err != nil {
		return nil, err
	}
	switch n.Operator {
	case "*", "/":
		if left == nil || n.Operator == "*" && right == nil {
			return nil, nil // zero
		}
		if n.Operator == "*" {
			return left.times(right, 1), nil
		}
		return left.times(right, -1), nil
	}
	if !left.same(right) {
		return nil, c.src.Fail(n.Location(), "%s is in %s, %s in %s: they cannot be joined by %s", c.src.Text(n.Left), left, c.src.Text(n.Right), right, n.Operator)
	}
	if left == nil {
		return right, nil
	}
	return left, nil
}

func (c *unitCheck) power(base, exponent, whole ast.Node) (dimension, error) {
	b, err := c.of(base)
	if err != nil {
		return nil, err
	}
	x, err := c.of(exponent)
	if err != nil {
		return nil, err
	}
	if len(x) > 0 {
		return nil, c.src.Fail(whole.Location(), "the exponent %s is in %s: an exponent is a pure number", c.src.Text(exponent), x)
	}
	if len(b) == 0 {
		return b, nil
	}
	l := c.e.newLowering(c.src)
	p, err := l.value(exponent, shift{})
	if err != nil {
		return nil, err
	}
	v, ok := l.c.Constant(p)
	if !ok {
		return nil, c.src.Fail(whole.Location(), "%s is in %s and the exponent %s varies: divide by a reference value first", c.src.Text(base), b, c.src.Text(exponent))
	}
	return dimension{}.times(b, v), nil
}

func (c *unitCheck) call(n *ast.CallNode) (dimension, error) {
	_, name := called(n)
	var args []dimension
	for _, a := range n.Arguments {
		d, err := c.of(a)
		if err != nil {
			return nil, err
		}
		args = append(args, d)
	}
	if o, ok := c.e.operator(name); ok && len(args) == 1 {
		return c.differential(n, o, args[0])
	}
	at := n.Callee.Location()
	switch {
	case len(args) == 0:
		return nil, c.src.Fail(at, "%s without an argument", name)
	case name == "abs":
		return args[0], nil
	case name == "sqrt":
		return dimension{}.times(args[0], 0.5), nil
	case name == "pow" && len(args) == 2:
		return c.power(n.Arguments[0], n.Arguments[1], n)
	case name == "min" || name == "max":
		for i, d := range args {
			if !d.same(args[0]) {
				return nil, c.src.Fail(at, "%s is in %s, %s in %s: %s compares what has one unit", c.src.Text(n.Arguments[0]), args[0], c.src.Text(n.Arguments[i]), d, name)
			}
		}
		return args[0], nil
	}
	if len(args[0]) > 0 {
		return nil, c.src.Fail(at, "%s is in %s: %s takes a pure number, divide by a reference value", c.src.Text(n.Arguments[0]), args[0], name)
	}
	return dimension{}, nil
}

// differential divides by the units of coordinates.
func (c *unitCheck) differential(n *ast.CallNode, o operator, d dimension) (dimension, error) {
	axes, power := []int{o.a}, -1.0
	switch o.kind {
	case second, laplacian:
		power = -2
	case mixed:
		axes = []int{o.a, o.b}
	}
	if o.kind >= laplacian {
		axes = c.e.space()
	}
	at := n.Callee.Location()
	var units []dimension
	for _, i := range axes {
		name := c.e.axes[i].name
		u, ok := c.e.units[name]
		if !ok {
			return nil, c.src.Fail(at, "the coordinate %s has no unit, and others have: give one, or \"1\"", name)
		}
		units = append(units, u)
	}
	if o.kind >= laplacian {
		for k, u := range units {
			if !u.same(units[0]) {
				return nil, c.src.Fail(at, "%s is in %s, %s in %s: they cannot be summed", c.e.axes[axes[0]].name, units[0], c.e.axes[axes[k]].name, u)
			}
		}
		units = units[:1]
	}
	out := dimension{}.times(d, 1)
	for _, u := range units {
		out = out.times(u, power)
	}
	return out, nil
}
