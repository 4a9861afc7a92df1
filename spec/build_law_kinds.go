package spec

import (
	"math"
	"slices"

	"abide/physics"
	"abide/sparse"
)

// law makes the law of one block over d columns.
func (s *Spec) law(b *Block, d int, w physics.Metric) (physics.Constraint, error) {
	switch b.Kind {
	case "equation":
		return s.equationLaw(b, d, w)
	case "family":
		return s.familyLaw(b, d, w)
	case "divergence-free":
		return s.divergence(b, d, w)
	}
	g, err := s.lawGrid(b, d)
	if err != nil {
		return nil, err
	}
	switch b.Kind {
	case "initial-value", "boundary-value":
		return s.valueLaw(b, g)
	case "sensors":
		return s.sensorLaw(b, g, w)
	case "mass":
		return s.massLaw(b, g, w)
	case "moments":
		return s.momentLaw(b, g, w)
	case "energy":
		return s.energyLaw(b, g, w)
	case "flux":
		return s.fluxLaw(b, g, w)
	case "symmetry":
		return b.symmetry(g, w)
	case "field-bounds":
		return s.boundsLaw(b, g, w)
	}
	shape := g.Shape()
	last := len(shape) - 1
	switch b.Kind {
	case "band-limit":
		return b.bandLimit(g, w)
	case "monotone":
		return b.lawful(physics.NewMonotone(d/shape[last], shape[last], b.Bool("falling"), w, b.label()))
	default: // convex
		first, h, _ := line(g.Axes[last])
		x := make([]float64, shape[last])
		for i := range x {
			x[i] = first + h*float64(i)
		}
		return b.lawful(physics.NewConvex(d/shape[last], x, b.Bool("concave"), w, b.label()))
	}
}

// lawRows is a sparse matrix that grows row by row.
type lawRows struct {
	cols     int
	rows, cs []int32
	values   []float64
	row      int32
}

func (m *lawRows) add(col int, v float64) {
	if v != 0 {
		m.rows, m.cs, m.values = append(m.rows, m.row), append(m.cs, int32(col)), append(m.values, v)
	}
}

func (m *lawRows) end() { m.row++ }

func (m *lawRows) matrix() (*sparse.CSR, error) {
	return sparse.FromTriplets(int(m.row), m.cols, m.rows, m.cs, m.values)
}

// linear is the law of the rows m u = value.
func (b *Block) linear(m *lawRows, value []float64, w physics.Metric) (physics.Constraint, error) {
	c, err := m.matrix()
	if err != nil {
		return nil, b.built(err)
	}
	l, err := physics.NewLinear(c, value, w, b.label())
	if err != nil {
		return nil, b.built(err)
	}
	return l, nil
}

// offset is where the field of a block begins in the columns.
func (b *Block) offset(g *Grid) (int, error) {
	f := b.Int("field")
	switch {
	case g.Fields == 1 && f > 0 || g.Fields > 1 && f >= g.Fields:
		return 0, b.fault("field", "there is no field %d", f).allowed("0 to %d", g.Fields-1)
	case g.Fields > 1 && !b.Has("field"):
		return 0, b.fault("field", "is missing: the columns are %s", g).allowed("0 to %d", g.Fields-1)
	}
	return f * g.Size(), nil
}

// axisOf is the axis a block names; with none −1, where it names none fallback.
func (b *Block) axisOf(g *Grid, fallback int) (int, error) {
	switch name := b.String("axis"); {
	case !b.Has("axis"):
		return fallback, nil
	case name == "none" && b.kind.Name != "initial-value" && b.kind.Name != "flux":
		return -1, nil
	case g.axis(name) < 0:
		return 0, b.fault("axis", "there is no axis %q in the grid %s", cut(name), g).nearest(name, g.names())
	default:
		return g.axis(name), nil
	}
}

// plane are the places with one number along an axis.
func (g *Grid) plane(axis, at int) []int32 {
	places, err := physics.Plane(g.Shape(), axis, at)
	if err != nil {
		panic(err) // axis and place are on the grid
	}
	return places
}

// valueLaw fixes values at ends of axes.
func (s *Spec) valueLaw(b *Block, g *Grid) (physics.Constraint, error) {
	offset, err := b.offset(g)
	if err != nil {
		return nil, err
	}
	axis, err := b.axisOf(g, g.axis("t"))
	if err != nil {
		return nil, err
	}
	var places []int32
	sides := map[string][]int{"left": {0}, "right": {-1}, "both": {0, -1}}[b.String("side")]
	along := []int{axis}
	switch {
	case b.Kind == "boundary-value" && !b.Has("axis"):
		along = nil
		for a, x := range g.Axes {
			if _, _, periodic := line(x); !periodic && x.Name != "t" {
				along = append(along, a)
			}
		}
		if along == nil {
			return nil, b.fault("axis", "no axis of the grid %s has a boundary: all of space is periodic", g)
		}
	case axis < 0:
		return nil, b.fault("axis", "is missing: the grid %s has no axis t", g).allowed("one of its axes, or axes with names of your own")
	}
	for _, a := range along {
		if _, _, periodic := line(g.Axes[a]); periodic {
			return nil, b.fault("axis", "axis %s is periodic: it has no ends", g.Axes[a].Name).allowed("another axis, or sensors")
		}
		for _, side := range sides {
			places = append(places, g.plane(a, side)...)
		}
	}
	slices.Sort(places)
	places = slices.Compact(places)
	values, err := s.valuesAt(b, "value", g, places, "places")
	if err != nil {
		return nil, err
	}
	for i := range places {
		places[i] += int32(offset)
	}
	return b.lawful(physics.NewFixed(g.Dim(), places, values, b.label()))
}

// sensorLaw reads columns, or between them by products of linear weights.
func (s *Spec) sensorLaw(b *Block, g *Grid, w physics.Metric) (physics.Constraint, error) {
	m := &lawRows{cols: g.Dim()}
	points := b.Matrix("points")
	if !b.Has("points") {
		nodes := make([]int32, len(b.Ints("index")))
		for i, j := range b.Ints("index") {
			if j >= g.Dim() {
				return nil, b.elementFault("index", i, "there is no column %d", j).allowed("0 to %d", g.Dim()-1)
			}
			nodes[i] = int32(j)
		}
		values, err := s.lawValues(b, "value", nil, len(nodes), "columns", func(x []float64, _ int) { x[0] = math.Pi }, func(i int) string { return "every column" })
		if err != nil {
			return nil, err
		}
		return b.lawful(physics.NewFixed(g.Dim(), nodes, values, b.label()))
	}
	offset, err := b.offset(g)
	if err != nil {
		return nil, err
	}
	if n := len(points[0]); n != len(g.Axes) {
		return nil, b.fault("points", "the points have %d coordinates, the grid %s has %d axes", n, g, len(g.Axes)).allowed("%d coordinates each", len(g.Axes))
	}
	for i, p := range points {
		if err := b.interpolate(m, g, offset, i, p); err != nil {
			return nil, err
		}
	}
	values, err := s.lawValues(b, "value", g.names(), len(points), "points", func(x []float64, i int) { x[copy(x, points[i])] = math.Pi },
		func(i int) string { return "point " + short(float64(i)) })
	if err != nil {
		return nil, err
	}
	return b.linear(m, values, w)
}

// interpolate adds the row of point number i, p.
func (b *Block) interpolate(m *lawRows, g *Grid, offset, i int, p []float64) error {
	type corner struct {
		place  int
		weight float64
	}
	corners, strides := []corner{{offset, 1}}, g.strides()
	for a, x := range p {
		first, h, periodic := line(g.Axes[a])
		n := g.Axes[a].Points
		at := (x - first) / h
		if periodic {
			at -= math.Floor(at/float64(n)) * float64(n)
		}
		if near := math.Round(at); math.Abs(at-near) < 1e-9 {
			at = near
		}
		if !periodic && !(at >= 0 && at <= float64(n-1)) {
			return b.elementFault("points", i, "%s = %s is outside the places of axis %s", g.Axes[a].Name, short(x), g.Axes[a].Name).
				allowed("%s to %s", short(first), short(first+h*float64(n-1)))
		}
		k := int(math.Floor(at))
		share := at - float64(k)
		var next []corner
		for _, c := range corners {
			next = append(next, corner{c.place + k%n*strides[a], c.weight * (1 - share)})
			if share > 0 {
				next = append(next, corner{c.place + (k+1)%n*strides[a], c.weight * share})
			}
		}
		corners = next
	}
	for _, c := range corners {
		m.add(c.place, c.weight)
	}
	m.end()
	return nil
}
