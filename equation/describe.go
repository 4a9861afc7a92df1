package equation

import (
	"fmt"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"
)

// note says how one operator was discretised.
type note struct {
	source, form string
	order        int
	axes         []int
}

func (l *lowering) note(n *ast.CallNode, form string, order int, axes ...int) {
	_, name := called(n)
	source := l.src.Text(n)
	if name == "lap" || name == "div" {
		source += " along " + l.e.listed(axes)
	}
	for _, have := range l.notes {
		if have.source == source && have.form == form {
			return
		}
	}
	l.notes = append(l.notes, note{source, form, order, axes})
}

func (b *block) note(source, form string) {
	b.notes = append(b.notes, note{source: source, form: form})
}

func fmtSide(e *Equation, f *field, axis, side int, r rule) (source, form string) {
	return fmt.Sprintf("%s at the %s of %s", f.name, sideNames[side], e.axes[axis].name), f.name + " − (" + r.text + ")"
}

// Block is what the rows of one equation, or of one side with fixed values, are.
type Block struct {
	Name     string // "equation", "equation 2", "boundary", "initial"
	Text     string
	First, N int            // rows
	Unit     string         // of the residual, "" where units were not declared
	Order    map[string]int // of the residual, by axis: the lowest of the stencils along it
	Doc      string         // places, scheme and stencils, a line each
}

// Blocks describes all rows, in order.
func (e *Equation) Blocks() []Block {
	var out []Block
	for _, b := range e.blocks {
		out = append(out, Block{Name: b.name, Text: b.text, First: b.first, N: b.rows, Unit: b.unit, Order: e.orders(b), Doc: e.doc(b)})
	}
	return out
}

func (e *Equation) orders(b *block) map[string]int {
	orders := map[string]int{}
	for _, n := range b.notes {
		for _, i := range n.axes {
			name := e.axes[i].name
			if have, ok := orders[name]; !ok || n.order < have {
				orders[name] = n.order
			}
		}
	}
	if b.scheme.levels {
		orders[timeName] = b.scheme.order()
	}
	return orders
}

var letters = map[string]string{"t": "n", "x": "i", "y": "j", "z": "k"}

func letter(axis string) string {
	if l, ok := letters[axis]; ok {
		return l
	}
	return "i_" + axis
}

func (e *Equation) doc(b *block) string {
	var place, ranges, orders []string
	for _, i := range b.places.axes {
		name, at := e.axes[i].name, letter(e.axes[i].name)
		if b.places.list == nil {
			ranges = append(ranges, fmt.Sprintf("%s = %d … %d of %d", at, b.places.lo[i], b.places.hi[i]-1, e.axes[i].points))
		}
		if i == e.time && b.scheme.levels {
			switch b.scheme.theta {
			case 0:
			case 1:
				at += "+1"
			case 0.5:
				at += "+½"
			default:
				at += fmt.Sprintf("+θ, θ = %g", b.scheme.theta)
			}
		}
		place = append(place, at)
		if o, ok := e.orders(b)[name]; ok {
			orders = append(orders, fmt.Sprintf("%d in %s", o, name))
		}
	}
	s := fmt.Sprintf("%s: %s\n  residual at (%s), %d rows", b.name, b.text, strings.Join(place, ", "), b.rows)
	if ranges != nil {
		s += ": " + strings.Join(ranges, ", ")
	}
	if orders != nil {
		s += "; order " + strings.Join(orders, ", ")
	}
	for _, n := range b.notes {
		s += fmt.Sprintf("\n  %s: %s", n.source, n.form)
		if n.axes != nil {
			s += fmt.Sprintf(", order %d", n.order)
		}
	}
	if b.places.list == nil {
		for _, w := range e.walls(b) {
			s += "\n  " + w
		}
	}
	return s
}

// walls says what stands beyond walls, and what that does to orders beside them.
func (e *Equation) walls(b *block) []string {
	var out []string
	for _, i := range b.places.axes {
		a := &e.axes[i]
		if a.periodic {
			continue
		}
		for _, f := range e.fields {
			for side, r := range f.rules[i] {
				beyond := func(c column) bool {
					return c.field == f && (side == 0 && c.shift[i] < 0 || side == 1 && c.shift[i] > 0)
				}
				if !r.beyond(a) || !slices.ContainsFunc(b.reached, beyond) {
					continue
				}
				form, loss := "", ""
				switch {
				case r.kind == ruleInflow:
					form, loss = "the value beyond is g", "order 1 beside it at best"
				case r.kind == ruleDirichlet:
					form, loss = "the value beyond is 2g − "+f.name, "beside it first derivatives have order 1, second ones 0 (solutions 2)"
				case a.cell:
					form, loss = fmt.Sprintf("the value beyond is %s ∓ h g", f.name), "second derivatives beside it have order 1 (solutions 2)"
				default:
					form, loss = "the value beyond is that of the mirror image ∓ 2h g", "second derivatives on it have order 1 (solutions 2)"
				}
				out = append(out, fmt.Sprintf("%s at the %s of %s: %s %s, %s; %s", f.name, sideNames[side], a.name, ruleNames[r.kind-1], r.text, form, loss))
			}
		}
	}
	return out
}

// Label names a row by its equation and its place, "equation at t[3+½] = 0.05, x[7] = 0.11".
func (e *Equation) Label(row int) string {
	i := 0
	for i+1 < len(e.blocks) && e.blocks[i+1].first <= row {
		i++
	}
	b := e.blocks[i]
	at := b.places.at(row-b.first, len(e.axes))
	var parts []string
	for _, i := range b.places.axes {
		a := &e.axes[i]
		x, half := a.at(at[i]), ""
		if i == e.time && b.scheme.levels {
			x += b.scheme.theta * a.h
			if half = fmt.Sprintf("+%g", b.scheme.theta); b.scheme.theta == 0.5 {
				half = "+½"
			}
		}
		parts = append(parts, fmt.Sprintf("%s[%d%s] = %.6g", a.name, at[i], half, x))
	}
	if parts == nil {
		return b.name
	}
	return b.name + " at " + strings.Join(parts, ", ")
}

// String is the description of all blocks.
func (e *Equation) String() string {
	var s []string
	for _, b := range e.blocks {
		s = append(s, e.doc(b))
	}
	return strings.Join(s, "\n")
}
