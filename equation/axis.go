package equation

import (
	"fmt"
	"math"
	"strings"

	"abide/internal/nearest"
)

// maxAxes bounds the rank of a grid: t, x, y, z.
const maxAxes = 4

const timeName = "t"

// axis is an Axis that was checked.
type axis struct {
	name           string
	points         int
	start, h       float64
	length         float64
	cell, periodic bool
}

// at is the coordinate of place i, on the grid or beyond.
func (a *axis) at(i int) float64 {
	x := float64(i)
	if a.cell {
		x += 0.5
	}
	return a.start + x*a.h
}

// wall is the coordinate of a side, 0 or 1.
func (a *axis) wall(side int) float64 { return a.start + float64(side)*a.length }

func newAxis(s Axis) (axis, error) {
	a := axis{name: s.Name, points: s.Points}
	if !plainName(s.Name) {
		return a, fmt.Errorf("equation: axis %q: a name is letters, and digits after them, as t or x", s.Name)
	}
	fail := func(format string, args ...any) (axis, error) {
		return a, fmt.Errorf("equation: axis %s: %s", s.Name, fmt.Sprintf(format, args...))
	}
	switch {
	case s.Range == nil:
		a.length = s.Length
	case len(s.Range) != 2 || s.Length != 0:
		return fail("range %v and length %g: give a range [first, last] or a length", s.Range, s.Length)
	default:
		a.start, a.length = s.Range[0], s.Range[1]-s.Range[0]
	}
	if !(a.length > 0) || math.IsInf(a.length, 1) || math.IsInf(a.start, 0) {
		return fail("a length of %g: it is positive and finite; give length, or range = [first, last]", a.length)
	}
	switch s.Centring {
	case "", "vertex":
	case "cell":
		a.cell = true
	default:
		return fail("centring %q: allowed are vertex and cell", s.Centring)
	}
	for _, text := range []string{s.Boundary, s.Left, s.Right} {
		a.periodic = a.periodic || text == "periodic"
	}
	if a.periodic && (s.Left != "" && s.Left != "periodic" || s.Right != "" && s.Right != "periodic" || s.Boundary != "" && s.Boundary != "periodic") {
		return fail("periodic and another rule: an axis is periodic on both sides, boundary = \"periodic\"")
	}
	if a.name == timeName && a.cell {
		return fail("times have no cells: centring is vertex")
	}
	intervals := s.Points
	if !a.cell && !a.periodic {
		intervals--
	}
	if s.Points < 1 || intervals < 1 || s.Points > 1<<24 {
		return fail("%d points: 2 or more (1 cell), at most 2²⁴", s.Points)
	}
	a.h = a.length / float64(intervals)
	return a, nil
}

type ruleKind int

const (
	ruleMissing ruleKind = iota
	ruleNone
	rulePeriodic
	ruleDirichlet
	ruleNeumann
	ruleInflow
)

var ruleNames = []string{"none", "periodic", "dirichlet", "neumann", "inflow"}

// rule is what is known of a field at one side of an axis.
type rule struct {
	kind  ruleKind
	value *known
	given *field // whose values it takes, in place of value
	text  string // of the value
}

var sideNames = [2]string{"left", "right"}

// newRule reads "dirichlet sin(pi*t)".
func (e *Equation) newRule(text string, a *axis, side int, field string) (rule, error) {
	where := fmt.Sprintf("boundary rule of %s at the %s of %s", field, sideNames[side], a.name)
	word, value, _ := strings.Cut(strings.TrimSpace(text), " ")
	r := rule{text: strings.TrimSpace(value)}
	for k, name := range ruleNames {
		if word == name {
			r.kind = ruleKind(k + 1)
		}
	}
	switch {
	case text == "" && a.periodic:
		r.kind = rulePeriodic
	case text == "" && a.name == timeName:
		r.kind = ruleNone
	case text == "":
	case r.kind == ruleMissing:
		hint := ""
		if near := nearest.Name(word, ruleNames); near != "" {
			hint = "did you mean " + near + "? "
		}
		return r, fmt.Errorf("equation: %s: %q: %sallowed are %s", where, word, hint, strings.Join(ruleNames, ", "))
	case (r.kind == rulePeriodic) != a.periodic:
		return r, fmt.Errorf("equation: %s: %q: an axis is periodic for all fields or for none, boundary = \"periodic\" of the axis", where, word)
	case r.kind == ruleInflow && !a.cell:
		return r, fmt.Errorf("equation: %s: inflow is the value of a cell, and %s has vertices: take dirichlet", where, a.name)
	case r.kind == ruleNeumann && a.name == timeName && side == 1:
		return r, fmt.Errorf("equation: %s: a rate is given at the first time alone", where)
	case r.text != "" && r.kind < ruleDirichlet:
		return r, fmt.Errorf("equation: %s: %q: %s has no value", where, text, word)
	}
	if r.kind >= ruleDirichlet {
		if r.text == "" {
			r.text = "0"
		}
		if r.given = e.fieldNamed(r.text); r.given != nil {
			if i := e.axis(a.name); r.given.on[i] {
				return r, fmt.Errorf("equation: %s: the field %s varies along %s: on a wall it does not", where, r.text, a.name)
			}
			return r, nil
		}
		var err error
		if r.value, err = e.newKnown(r.text); err != nil {
			return r, fmt.Errorf("equation: %s: %w", where, err)
		}
	}
	return r, nil
}

// fixed tells of outermost values that have rows of their own.
func (r rule) fixed(a *axis) bool { return r.kind == ruleDirichlet && !a.cell }

// beyond tells of values beyond the wall that the rule makes up.
func (r rule) beyond(a *axis) bool {
	return r.kind == rulePeriodic || r.kind == ruleNeumann || r.kind == ruleInflow || r.kind == ruleDirichlet && a.cell
}
