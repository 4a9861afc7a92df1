package spec

import (
	"slices"
	"unicode"

	"abide/equation"
	"abide/expr"
)

// maxPlaces bounds the grid of a law.
const maxPlaces = 1 << 24

// gridOf is the grid that a law is on: the prior's, changed and completed by the block.
func (s *Spec) gridOf(b *Block) (*Grid, error) {
	g := s.Grid()
	var err error
	switch {
	case b.Has("shape"):
		g, err = b.shaped(g)
	case b.Has("axes"):
		g, err = b.onAxes(g)
	case g == nil:
		err = b.fault("axes", "is missing: prior %s does not tell the grid of its columns", s.Prior.Kind).
			allowed("axes = [{ name = \"t\", points = …, range = [0, 1] }, …], or shape")
	}
	if err != nil {
		return nil, err
	}
	n := g.Fields
	for _, a := range g.Axes {
		if n *= a.Points; n > maxPlaces {
			return nil, b.fault("axes", "a grid of more than %d places", maxPlaces)
		}
	}
	if k := b.kind.Key("fields"); k != nil && k.Type == Int && b.Has("fields") {
		g.Fields = b.Int("fields")
	}
	return g, nil
}

// lawGrid is gridOf, which has to have as many places as the prior has columns.
func (s *Spec) lawGrid(b *Block, d int) (*Grid, error) {
	g, err := s.gridOf(b)
	if err != nil {
		return nil, err
	}
	if g.Dim() != d {
		key := "axes"
		if b.Has("shape") {
			key = "shape"
		}
		if k := b.kind.Key("fields"); k != nil && k.Type == Int && b.Has("fields") {
			key = "fields"
		}
		return nil, b.fault(key, "the grid %s has %d places, the prior has %d columns", g, g.Dim(), d).allowed("a grid of %d places", d)
	}
	return g, nil
}

// shaped is the grid of a key shape: unit axes x, y, z.
func (b *Block) shaped(prior *Grid) (*Grid, error) {
	shape := b.Ints("shape")
	if len(shape) > 3 {
		return nil, b.fault("shape", "has %d axes", len(shape)).allowed("one to three; more with axes")
	}
	g := &Grid{Fields: 1}
	for k, n := range shape {
		g.Axes = append(g.Axes, equation.Axis{Name: []string{"x", "y", "z"}[k], Points: n, Range: []float64{0, 1}})
	}
	if prior == nil {
		return g, nil
	}
	g.Fields = prior.Fields
	if !slices.Equal(shape, prior.Shape()) {
		return nil, b.fault("shape", "is %v, the prior's grid is %s", shape, prior).allowed("%v, or no shape", prior.Shape())
	}
	return prior, nil
}

// onAxes is the grid of a key axes: changes of the prior's axes of those names, or all of
// them with names of their own.
func (b *Block) onAxes(g *Grid) (*Grid, error) {
	blocks := b.Tables("axes")
	given := equationAxes(blocks)
	seen := map[string]bool{}
	known := 0
	for i, a := range given {
		at := blocks[i]
		switch {
		case !plainAxis(a.Name):
			return nil, at.fault("name", "%q is no name of an axis", cut(a.Name)).allowed("letters, and digits after them, such as t or x")
		case seen[a.Name]:
			return nil, at.fault("name", "%q is the name of another axis already", a.Name).allowed("each axis once")
		case a.Name == "pi":
			return nil, at.fault("name", "pi is a number").allowed("another name")
		}
		seen[a.Name] = true
		if g != nil && g.axis(a.Name) >= 0 {
			known++
		}
	}
	if g == nil {
		for i, a := range given {
			if !blocks[i].Has("points") {
				return nil, blocks[i].fault("points", "is missing: the prior does not tell the grid")
			}
			if a.Range == nil && a.Length == 0 {
				return nil, blocks[i].fault("range", "is missing: the prior does not tell the grid").allowed("range or length")
			}
		}
		return &Grid{Fields: 1, Axes: given}, nil
	}
	renamed := known < len(given)
	for i, a := range given {
		k := g.axis(a.Name)
		if renamed {
			k = i
		}
		if renamed && len(given) != len(g.Axes) {
			k = g.axis(a.Name)
		}
		if k < 0 {
			return nil, blocks[i].fault("name", "there is no axis %q", a.Name).nearest(a.Name, g.names())
		}
		of := &g.Axes[k]
		if blocks[i].Has("points") && a.Points != of.Points {
			return nil, blocks[i].fault("points", "is %d, axis %s of the prior's grid has %d", a.Points, of.Name, of.Points).allowed("%d", of.Points)
		}
		of.Name = a.Name
		if a.Range != nil || a.Length != 0 {
			of.Range, of.Length = a.Range, a.Length
		}
		if a.Centring != "" {
			of.Centring = a.Centring
		}
		if a.Boundary != "" || a.Left != "" || a.Right != "" {
			of.Boundary, of.Left, of.Right = a.Boundary, a.Left, a.Right
		}
	}
	return g, nil
}

func plainAxis(name string) bool {
	for i, r := range name {
		if !(unicode.IsLetter(r) || i > 0 && unicode.IsDigit(r)) {
			return false
		}
	}
	return name != ""
}

// lawValues are the n numbers of a key: one for all, a list, a formula over names, or
// those of the key file. at writes the coordinates of number i, said tells them.
func (s *Spec) lawValues(b *Block, key string, names []string, n int, of string, at func(x []float64, i int), said func(i int) string) ([]float64, error) {
	if text, ok := b.values[key].(string); ok {
		e, err := expr.Parse(text, append(slices.Clone(names), "pi"), len(names)+1)
		if err != nil {
			return nil, b.formulaFault(key, err)
		}
		x, out := make([]float64, len(names)+1), make([]float64, n)
		for i := range out {
			at(x, i)
			if out[i] = e.Value(x); !(out[i] >= -largest && out[i] <= largest) {
				return nil, b.fault(key, "is %g at %s", out[i], said(i)).allowed("finite numbers")
			}
		}
		return out, nil
	}
	if b.Rank(key) == 0 {
		return b.Spread(key, n), nil
	}
	values := b.Floats(key)
	if !b.Has(key) {
		var err error
		if values, _, err = s.numbers(b, "file"); err != nil {
			return nil, err
		}
		key = "file"
	}
	if len(values) != n {
		return nil, b.fault(key, "has %d values for %d %s", len(values), n, of).allowed("%d values, or one number", n)
	}
	return values, nil
}

// valuesAt are lawValues at places of the grid.
func (s *Spec) valuesAt(b *Block, key string, g *Grid, places []int32, of string) ([]float64, error) {
	return s.lawValues(b, key, g.names(), len(places), of,
		func(x []float64, i int) { g.at(x, int(places[i])) }, func(i int) string { return g.said(int(places[i])) })
}
