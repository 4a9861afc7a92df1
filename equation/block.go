package equation

import (
	"github.com/expr-lang/expr/file"

	"abide/expr"
)

// block is the rows of one equation, or of fixed values: one formula at many places.
type block struct {
	name, text  string
	formula     *expr.Expr
	inputs      []input
	first, rows int
	places      places
	notes       []note
	unit        string
	scheme      scheme
	reached     []column // taps, each once
	affine      bool
	slopes      []float64 // of an affine formula, and its constant
	constant    float64
}

// input is a column of the formula at all rows: numbers of the state, each scale·u + add
// (nil: 1 and 0), or known values.
type input struct {
	index      []int32
	scale, add []float64
	values     []float64
}

// places are the grid places of rows: all of a box, or a list.
type places struct {
	axes   []int
	lo, hi [maxAxes]int // 0 and 1 along other axes
	list   [][maxAxes]int32
}

func (p *places) count(axes int) int {
	if p.list != nil {
		return len(p.list)
	}
	n := 1
	for i := range axes {
		n *= p.hi[i] - p.lo[i]
	}
	return n
}

// at is the place of row r.
func (p *places) at(r, axes int) [maxAxes]int {
	var at [maxAxes]int
	if p.list != nil {
		for i, k := range p.list[r] {
			at[i] = int(k)
		}
		return at
	}
	for i := axes - 1; i >= 0; i-- {
		n := p.hi[i] - p.lo[i]
		at[i] = p.lo[i] + r%n
		r /= n
	}
	return at
}

// place finds the rows of an equation: the places at which all its taps are numbers of
// the grid, or are made up by a rule.
func (e *Equation) place(b *block, l *lowering) error {
	p := &b.places
	var used [maxAxes]bool
	for _, c := range l.columns {
		for i := range e.axes {
			used[i] = used[i] || c.field != nil && c.field.on[i] || c.known != nil && c.known.uses[i]
		}
	}
	for i := range e.axes {
		p.hi[i] = 1
		if used[i] {
			p.axes = append(p.axes, i)
			p.hi[i] = e.axes[i].points
		}
	}
	for _, c := range l.columns {
		if c.field == nil || c.wall.role != noWall {
			continue
		}
		for i := range e.axes {
			if !c.field.on[i] {
				continue
			}
			a, rules := &e.axes[i], c.field.rules[i]
			if !rules[0].beyond(a) {
				p.lo[i] = max(p.lo[i], -c.shift[i])
			}
			if !rules[1].beyond(a) {
				p.hi[i] = min(p.hi[i], a.points-c.shift[i])
			}
			if i == e.time { // the first state is given, and the equation holds from there on
				continue
			}
			if rules[0].fixed(a) {
				p.lo[i] = max(p.lo[i], 1)
			}
			if rules[1].fixed(a) {
				p.hi[i] = min(p.hi[i], a.points-1)
			}
		}
	}
	for i := range e.axes {
		if p.hi[i] <= p.lo[i] {
			at := l.widest[i].at
			if l.widest[i].width == 0 {
				at = l.src.Sign
			}
			return l.src.Fail(at, "no row is left along %s: its %d points are too few for the stencil with these boundary rules, take %d or more",
				e.axes[i].name, e.axes[i].points, e.axes[i].points+p.lo[i]-p.hi[i]+1)
		}
	}
	if err := e.mirrored(l); err != nil {
		return err
	}
	b.reached = l.columns
	b.rows = p.count(len(e.axes))
	b.inputs = e.inputs(l.columns, &b.places, b.rows)
	return nil
}

// mirrored checks that an initial rate is read one time back, where it has a meaning.
func (e *Equation) mirrored(l *lowering) error {
	if e.time < 0 {
		return nil
	}
	for _, c := range l.columns {
		if c.field == nil || c.shift[e.time] >= 0 || c.field.rules[e.time][0].kind != ruleNeumann {
			continue
		}
		if c.shift[e.time] < -1 {
			return l.src.Fail(l.src.Sign, "an initial rate of %s reaches one time back, the scheme more", c.field.name)
		}
		e.rateRead = true
	}
	return nil
}

// inputs are the columns at all rows.
func (e *Equation) inputs(columns []column, p *places, rows int) []input {
	out := make([]input, len(columns))
	for k, c := range columns {
		in := &out[k]
		if c.known != nil || c.wall.role == wallFactor {
			in.values = make([]float64, rows)
		} else {
			in.index = make([]int32, rows)
		}
		for r := range rows {
			at := p.at(r, len(e.axes))
			for i := range e.axes {
				at[i] += c.shift[i]
			}
			if c.known != nil {
				in.values[r] = c.known.at(e.coordinates(at, -1, 0))
				continue
			}
			t := e.tap(c.field, at)
			switch c.wall.role {
			case wallFactor:
				in.values[r] = t.factor[c.wall.axis][c.wall.side]
				continue
			case wallValue:
				t = e.onWall(c.field.rules[c.wall.axis][c.wall.side].given, at)
			}
			in.index[r] = int32(t.index)
			if (t.scale != 1 || t.add != 0) && in.scale == nil {
				in.scale, in.add = make([]float64, rows), make([]float64, rows)
				for j := range rows {
					in.scale[j] = 1
				}
			}
			if in.scale != nil {
				in.scale[r], in.add[r] = t.scale, t.add
			}
		}
	}
	return out
}

// onWall is a field whose values are given on a wall, at the place that is nearest on the
// grid.
func (e *Equation) onWall(f *field, place [maxAxes]int) tap {
	for i := range e.axes {
		if n := e.axes[i].points; !e.axes[i].periodic {
			place[i] = min(max(place[i], 0), n-1)
		}
	}
	return e.tap(f, place)
}

// fixedRows are the rows of a field whose outermost values are given: each place once,
// by the rule of the first axis that has one.
func (e *Equation) fixedRows(f *field) error {
	seen := map[[maxAxes]int32]bool{}
	for i := range e.axes {
		for side, r := range f.rules[i] {
			if !f.on[i] || !r.fixed(&e.axes[i]) {
				continue
			}
			b := &block{name: "boundary", text: f.name + " = " + r.text, unit: e.unitOf(f.name)}
			if i == e.time {
				b.name = [2]string{"initial", "final"}[side]
			}
			var box places
			for j := range e.axes {
				box.hi[j] = 1
				if f.on[j] {
					box.hi[j] = e.axes[j].points
					b.places.axes = append(b.places.axes, j)
				}
			}
			box.lo[i] = side * (e.axes[i].points - 1)
			box.hi[i] = box.lo[i] + 1
			value := input{}
			for k := range box.count(len(e.axes)) {
				at := box.at(k, len(e.axes))
				var key [maxAxes]int32
				for j := range at {
					key[j] = int32(at[j])
				}
				if seen[key] {
					continue
				}
				seen[key] = true
				b.places.list = append(b.places.list, key)
				if r.given != nil {
					value.index = append(value.index, int32(e.onWall(r.given, at).index))
				} else {
					value.values = append(value.values, r.value.at(e.coordinates(at, i, side)))
				}
			}
			if b.rows = len(b.places.list); b.rows == 0 {
				continue
			}
			b.note(fmtSide(e, f, i, side, r))
			b.inputs = append(e.inputs([]column{{field: f}}, &b.places, b.rows), value)
			b.formula = difference()
			if err := e.append(b); err != nil {
				return err
			}
		}
	}
	return nil
}

// difference is the formula x₀ − x₁.
func difference() *expr.Expr {
	src, err := expr.ReadFormula("u-g")
	if err != nil {
		panic(err) // a constant text
	}
	c := expr.NewComposer(src)
	p, err := c.Apply("-", file.Location{}, c.Column(0), c.Column(1))
	if err != nil {
		panic(err)
	}
	return c.Finish(p, 2)
}
