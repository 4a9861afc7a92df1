package spec

import (
	"fmt"
	"math"

	"abide/physics"
)

// sliced is a field cut along an axis: the places of each slice with the weights of
// quadrature within it.
type sliced struct {
	g      *Grid
	axis   int // −1: one slice
	places [][]int32
	weight []float64
}

// slices cuts a field at the axis that a block names, or at t.
func (b *Block) slices(g *Grid) (*sliced, error) {
	axis, err := b.axisOf(g, g.axis("t"))
	if err != nil {
		return nil, err
	}
	c := &sliced{g: g, axis: axis}
	if axis < 0 {
		all := make([]int32, g.Size())
		for i := range all {
			all[i] = int32(i)
		}
		c.places = [][]int32{all}
	} else {
		for k := range g.Axes[axis].Points {
			c.places = append(c.places, g.plane(axis, k))
		}
	}
	c.weight = make([]float64, len(c.places[0]))
	strides := g.strides()
	for i, place := range c.places[0] {
		c.weight[i] = 1
		for a, x := range g.Axes {
			if a != axis {
				c.weight[i] *= quadrature(x)[int(place)/strides[a]%x.Points]
			}
		}
	}
	return c, nil
}

// values are one number for each slice; formulas are of the slices' coordinate.
func (c *sliced) values(s *Spec, b *Block, key string) ([]float64, error) {
	if c.axis < 0 {
		return s.lawValues(b, key, nil, 1, "slice", func(x []float64, _ int) { x[0] = math.Pi }, func(int) string { return "the whole field" })
	}
	axis := c.g.Axes[c.axis]
	first, h, _ := line(axis)
	at := func(i int) float64 { return first + h*float64(i) }
	return s.lawValues(b, key, []string{axis.Name}, len(c.places), "slices along "+axis.Name,
		func(x []float64, i int) { x[0], x[1] = at(i), math.Pi }, func(i int) string { return fmt.Sprintf("%s = %.4g", axis.Name, at(i)) })
}

func (s *Spec) massLaw(b *Block, g *Grid, w physics.Metric) (physics.Constraint, error) {
	offset, err := b.offset(g)
	if err != nil {
		return nil, err
	}
	c, err := b.slices(g)
	if err != nil {
		return nil, err
	}
	m := &lawRows{cols: g.Dim()}
	add := func(places []int32, sign float64) {
		for i, place := range places {
			m.add(offset+int(place), sign*c.weight[i])
		}
	}
	if !b.conserved() {
		values, err := c.values(s, b, "value")
		if err != nil {
			return nil, err
		}
		for _, places := range c.places {
			add(places, 1)
			m.end()
		}
		return b.linear(m, values, w)
	}
	steps := len(c.places) - 1
	if steps < 1 {
		return nil, b.fault("value", "is conserved from slice to slice, and the field is one slice").allowed("a number, or an axis of several slices")
	}
	gain := b.Spread("gain", steps)
	if !b.Has("gain") {
		gain = make([]float64, steps)
	}
	if err := b.length("gain", len(gain), steps, "the number of steps"); err != nil {
		return nil, err
	}
	for k := range steps {
		add(c.places[k+1], 1)
		add(c.places[k], -1)
		m.end()
	}
	return b.linear(m, gain, w)
}

func (s *Spec) momentLaw(b *Block, g *Grid, w physics.Metric) (physics.Constraint, error) {
	offset, err := b.offset(g)
	if err != nil {
		return nil, err
	}
	c, err := b.slices(g)
	if err != nil {
		return nil, err
	}
	names := g.names()
	m, x := &lawRows{cols: g.Dim()}, make([]float64, len(names)+1)
	for _, places := range c.places {
		for q := range b.Strings("of") {
			e, err := b.momentFormula(q, names)
			if err != nil {
				return nil, err
			}
			for i, place := range places {
				g.at(x, int(place))
				v := e.Value(x)
				if !(v >= -largest && v <= largest) {
					return nil, b.elementFault("of", q, "is %g at %s", v, g.said(int(place))).allowed("finite numbers")
				}
				m.add(offset+int(place), v*c.weight[i])
			}
			m.end()
		}
	}
	values, err := s.lawValues(b, "value", nil, int(m.row), "moments of slices", nil, nil)
	if err != nil {
		return nil, err
	}
	return b.linear(m, values, w)
}

func (s *Spec) energyLaw(b *Block, g *Grid, w physics.Metric) (physics.Constraint, error) {
	c, err := b.slices(g)
	if err != nil {
		return nil, err
	}
	if c.axis > 0 || c.axis == 0 && g.Fields > 1 {
		return nil, b.fault("axis", "slices along %s are not one after the other in the grid %s", g.Axes[c.axis].Name, g).allowed("the first axis of one field, or none")
	}
	energies, err := c.values(s, b, "value")
	if err != nil {
		return nil, err
	}
	mass := c.weight
	for range g.Fields - 1 {
		mass = append(mass, c.weight...)
	}
	return b.lawful(physics.NewEnergy(mass, energies, nil, w, b.label()))
}

func (s *Spec) boundsLaw(b *Block, g *Grid, w physics.Metric) (physics.Constraint, error) {
	all := make([]int32, g.Dim())
	for i := range all {
		all[i] = int32(i)
	}
	bound := func(key string, free float64) ([]float64, error) {
		if !b.Has(key) {
			return []float64{free}, nil
		}
		return s.lawValues(b, key, g.names(), len(all), "columns", func(x []float64, i int) { g.at(x, i%g.Size()) }, func(i int) string { return g.said(i % g.Size()) })
	}
	lower, err := bound("lower", math.Inf(-1))
	if err != nil {
		return nil, err
	}
	upper, err := bound("upper", math.Inf(1))
	if err != nil {
		return nil, err
	}
	for i := range max(len(lower), len(upper)) {
		if lo, up := lower[min(i, len(lower)-1)], upper[min(i, len(upper)-1)]; lo > up {
			return nil, b.fault("lower", "lower bound %s is above the upper bound %s at %s", short(lo), short(up), g.said(i%g.Size()))
		}
	}
	if !b.Has("mass") {
		if b.Has("axis") {
			return nil, b.fault("axis", "stands without mass").allowed("axis beside mass")
		}
		return b.lawful(physics.NewBounds(g.Dim(), lower, upper, b.label()))
	}
	c, err := b.slices(g)
	if err != nil {
		return nil, err
	}
	if c.axis > 0 || g.Fields > 1 {
		return nil, b.fault("mass", "slices of %s are not one after the other", g).allowed("the first axis of one field, or none")
	}
	totals, err := c.values(s, b, "mass")
	if err != nil {
		return nil, err
	}
	return b.lawful(physics.NewBoundedMass(c.weight, totals, lower, upper, w, b.label()))
}
