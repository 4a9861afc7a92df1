package spec

import (
	"slices"

	"abide/expr"
	"abide/physics"
)

// momentFormula is the q-th weight of a block of moments, over coordinates and pi.
func (b *Block) momentFormula(q int, names []string) (*expr.Expr, error) {
	e, err := expr.Parse(b.Strings("of")[q], append(names[:len(names):len(names)], "pi"), len(names)+1)
	if err == nil {
		return e, nil
	}
	fault := b.elementFault("of", q, "%s", formulaWhat(err))
	if n := b.nodes["of"]; n != nil && q < len(n.list) {
		fault = fault.within(n.list[q], err)
	}
	return nil, fault
}

// spaceAxes are those but t.
func (g *Grid) spaceAxes() []int {
	var space []int
	for a, x := range g.Axes {
		if x.Name != "t" {
			space = append(space, a)
		}
	}
	return space
}

func (s *Spec) fluxLaw(b *Block, g *Grid, w physics.Metric) (physics.Constraint, error) {
	fallback := -1
	if space := g.spaceAxes(); len(space) == 1 {
		fallback = space[0]
	}
	axis, err := b.axisOf(g, fallback)
	if err != nil {
		return nil, err
	}
	if axis < 0 {
		return nil, b.fault("axis", "is missing: the grid %s has several", g).nearest("", g.names())
	}
	x := g.Axes[axis]
	_, h, periodic := line(x)
	switch least := b.Int("order") + 1; {
	case periodic:
		return nil, b.fault("axis", "axis %s is periodic: it has no ends", x.Name)
	case x.Centring == "cell":
		return nil, b.fault("axis", "axis %s has cells, whose ends are no places", x.Name).allowed("an axis of vertices")
	case x.Points < least:
		return nil, b.fault("order", "the difference needs %d places, axis %s has %d", least, x.Name, x.Points)
	case g.Fields > 1:
		return nil, b.fault("kind", "flux of %s", g).allowed("one field")
	}
	at := 0
	if b.String("side") == "right" {
		at = -1
	}
	values, err := s.valuesAt(b, "value", g, g.plane(axis, at), "lines")
	if err != nil {
		return nil, err
	}
	return b.lawful(physics.NewFlux(g.Shape(), axis, at < 0, h, b.Int("order"), values, w, b.label()))
}

func (s *Spec) divergence(b *Block, d int, w physics.Metric) (physics.Constraint, error) {
	if b.String("form") == "mac" {
		return s.faces(b, d, w)
	}
	g, err := s.lawGrid(b, d)
	if err != nil {
		return nil, err
	}
	if g.Fields != len(g.Axes) {
		return nil, b.fault("fields", "the grid is %s: a flow has as many fields as axes", g).allowed("%d fields of %d places", len(g.Axes), d/len(g.Axes))
	}
	lengths := make([]float64, len(g.Axes))
	for a, x := range g.Axes {
		_, h, periodic := line(x)
		if !periodic {
			return nil, b.fault("form", "axis %s is not periodic", x.Name).allowed("axes with boundary = \"periodic\", or form = \"mac\"")
		}
		lengths[a] = h * float64(x.Points)
	}
	return b.lawful(physics.NewLeray(g.Shape(), lengths, w, b.label()))
}

// faces is a flow on the faces of a staggered grid.
func (s *Spec) faces(b *Block, d int, w physics.Metric) (physics.Constraint, error) {
	g, err := s.gridOf(b)
	if err != nil {
		return nil, err
	}
	cells, faces := g.Size(), 0
	h, walls := make([]float64, len(g.Axes)), make([]physics.Wall, len(g.Axes))
	for a, x := range g.Axes {
		x.Centring = "cell"
		_, h[a], walls[a].Periodic = line(x)
		if faces += cells; !walls[a].Periodic {
			faces += cells / x.Points
		}
	}
	if faces != d {
		return nil, b.fault("axes", "cells %s have %d faces, the prior has %d columns", g, faces, d).allowed("axes that count cells, periodic or with walls")
	}
	return b.lawful(physics.NewMAC(g.Shape(), h, walls, w, b.label()))
}

// bandLimit takes several fields as an axis that keeps all its modes.
func (b *Block) bandLimit(g *Grid, w physics.Metric) (physics.Constraint, error) {
	highest, list := b.values["highest"].([]int)
	if !list {
		highest = slices.Repeat([]int{b.Int("highest")}, len(g.Axes))
	}
	if err := b.length("highest", len(highest), len(g.Axes), "the grid"); err != nil {
		return nil, err
	}
	shape := g.Shape()
	for _, x := range g.Axes {
		if _, _, periodic := line(x); !periodic {
			return nil, b.fault("axes", "axis %s of the grid is not periodic", x.Name).allowed("axes with boundary = \"periodic\"")
		}
	}
	if g.Fields > 1 {
		shape, highest = append([]int{g.Fields}, shape...), append([]int{g.Fields}, highest...)
	}
	return b.lawful(physics.NewBandLimit(shape, highest, w, b.label()))
}

// symmetry makes the motions of a block, each on all fields.
func (b *Block) symmetry(g *Grid, w physics.Metric) (physics.Constraint, error) {
	var actions []physics.Action
	shape := g.Shape()
	if b.Bool("vector") && (g.Fields != len(g.Axes) || b.Has("turn")) {
		return nil, b.fault("vector", "the columns are %s", g).allowed("as many fields as axes, and no turn")
	}
	find := func(key string, i int, name string) (int, error) {
		if a := g.axis(name); a >= 0 {
			return a, nil
		}
		return 0, b.elementFault(key, i, "there is no axis %q in the grid %s", cut(name), g).nearest(name, g.names())
	}
	// add lays a motion of one field on all of them.
	add := func(key string, of func(field int) (physics.Action, error)) error {
		var parts []physics.Action
		for f := range g.Fields {
			a, err := of(f)
			if err != nil {
				return b.builtAt(key, err)
			}
			parts = append(parts, a)
		}
		if g.Fields > 1 {
			parts = []physics.Action{physics.Components(parts...)}
		}
		actions = append(actions, parts[0])
		return nil
	}
	for _, key := range []string{"even", "odd", "ends"} {
		for i, name := range b.Strings(key) {
			a, err := find(key, i, name)
			if err != nil {
				return nil, err
			}
			err = add(key, func(f int) (physics.Action, error) {
				if key == "ends" {
					return physics.PeriodicEnds(shape, a)
				}
				return physics.Reflection(shape, a, (key == "odd") != (b.Bool("vector") && f == a))
			})
			if err != nil {
				return nil, err
			}
		}
	}
	if turn := b.Strings("turn"); turn != nil {
		var plane [2]int
		for i, name := range turn {
			var err error
			if plane[i], err = find("turn", i, name); err != nil {
				return nil, err
			}
		}
		if err := add("turn", func(int) (physics.Action, error) { return physics.QuarterTurn(shape, plane[0], plane[1]) }); err != nil {
			return nil, err
		}
	}
	for a, x := range g.Axes {
		v, ok := b.Named("shift")[x.Name].(float64)
		if !ok {
			continue
		}
		if v != float64(int(v)) {
			return nil, b.fault("shift", "%s is no whole number of places", short(v))
		}
		if err := add("shift", func(int) (physics.Action, error) { return physics.Translation(shape, a, int(v)) }); err != nil {
			return nil, err
		}
	}
	for name := range b.Named("shift") {
		if g.axis(name) < 0 {
			return nil, b.fault("shift", "there is no axis %q in the grid %s", cut(name), g).nearest(name, g.names())
		}
	}
	return b.lawful(physics.NewSymmetry(g.Dim(), actions, w, b.label()))
}
