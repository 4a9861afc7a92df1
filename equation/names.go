package equation

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"abide/expr"
	"abide/internal/nearest"
)

// known is a formula of coordinates and constants.
type known struct {
	formula *expr.Expr
	values  []float64 // coordinates, to be filled in, then constants
	uses    [maxAxes]bool
}

// at is the value at coordinates, one for each axis.
func (k *known) at(coordinates []float64) float64 {
	copy(k.values, coordinates)
	return k.formula.Value(k.values)
}

// newKnown reads a formula of coordinates, constants and pi.
func (e *Equation) newKnown(source string) (*known, error) {
	var names []string
	for i := range e.axes {
		names = append(names, e.axes[i].name)
	}
	values := make([]float64, len(names))
	for _, c := range slices.Sorted(maps.Keys(e.constants)) {
		names, values = append(names, c), append(values, e.constants[c])
	}
	f, err := expr.Parse(source, names, len(names))
	if err != nil {
		return nil, err
	}
	k := &known{formula: f, values: values}
	for _, c := range f.Columns() {
		if c < len(e.axes) {
			k.uses[c] = true
		}
	}
	return k, nil
}

func plainName(s string) bool {
	for i, r := range s {
		letter := r == '_' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r > 127
		if !letter && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return s != ""
}

// declare checks the names of a spec, which are all of one room, and keeps its
// constants and functions.
func (e *Equation) declare(s Spec) error {
	what := map[string]string{}
	add := func(name, kind string) error {
		switch {
		case !plainName(name):
			return fmt.Errorf("equation: %s %q: a name is letters, and digits after them", kind, name)
		case what[name] != "":
			return fmt.Errorf("equation: %s %q is also the name of %s: each name once", kind, name, what[name])
		case isFunction(name):
			return fmt.Errorf("equation: %s %q is the name of a function: take another one", kind, name)
		}
		if _, ok := e.operator(name); ok {
			return fmt.Errorf("equation: %s %q is the name of an operator here: take another one", kind, name)
		}
		what[name] = "a " + kind
		return nil
	}
	for i := range e.axes {
		if err := add(e.axes[i].name, "coordinate"); err != nil {
			return err
		}
	}
	for _, f := range s.Fields {
		if err := add(f.Name, "field"); err != nil {
			return err
		}
	}
	e.constants = map[string]float64{}
	for _, name := range slices.Sorted(maps.Keys(s.Constants)) {
		if err := add(name, "constant"); err != nil {
			return err
		}
		v := s.Constants[name]
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("equation: constant %s = %g: it is finite", name, v)
		}
		e.constants[name] = v
	}
	if what["pi"] == "" {
		e.constants["pi"] = math.Pi
	}
	for _, name := range slices.Sorted(maps.Keys(s.Functions)) {
		if err := add(name, "function"); err != nil {
			return err
		}
		k, err := e.newKnown(s.Functions[name])
		if err != nil {
			return fmt.Errorf("equation: function %s: %w", name, err)
		}
		e.functions[name] = k
	}
	for i := range e.axes {
		k, err := e.newKnown(e.axes[i].name)
		if err != nil {
			return err
		}
		e.functions[e.axes[i].name] = k // a coordinate is a known function too
	}
	return nil
}

// unknownName is the message for a name without a meaning.
func (e *Equation) unknownName(name string) string {
	var fields, all []string
	for _, f := range e.fields {
		fields = append(fields, f.name)
	}
	rest := append(slices.Sorted(maps.Keys(e.constants)), slices.Sorted(maps.Keys(e.functions))...)
	all = append(slices.Clone(fields), rest...)
	far := func(s string) int { return max(len(s)-len(name), len(name)-len(s)) }
	slices.SortStableFunc(all, func(a, b string) int { return far(a) - far(b) })
	hint := fmt.Sprintf("fields are %s; constants, functions and coordinates %s", strings.Join(fields, ", "), strings.Join(rest, ", "))
	if near := nearest.Name(name, all); near != "" {
		hint = "did you mean " + near + "? " + hint
	}
	return "unknown name: " + hint
}

func (e *Equation) axisNames() string {
	var names []string
	for i := range e.axes {
		names = append(names, e.axes[i].name)
	}
	return strings.Join(names, ", ")
}

func (e *Equation) axis(name string) int {
	return slices.IndexFunc(e.axes, func(a axis) bool { return a.name == name })
}
