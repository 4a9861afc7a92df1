package spec

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"abide/equation"
)

// Grid is the box of places that the columns of a prior lie on: row-major, the last axis
// fast, and where there are several fields one whole field after the other.
type Grid struct {
	Axes   []equation.Axis
	Fields int
}

// Shape is the number of places along each axis.
func (g *Grid) Shape() []int {
	shape := make([]int, len(g.Axes))
	for a, x := range g.Axes {
		shape[a] = x.Points
	}
	return shape
}

// Size is the number of places, Dim that of columns.
func (g *Grid) Size() int {
	n := 1
	for _, a := range g.Axes {
		n *= a.Points
	}
	return n
}

func (g *Grid) Dim() int { return g.Size() * g.Fields }

// String is such as "t 11 × x 32" or "2 fields of x 32 × y 32".
func (g *Grid) String() string {
	var parts []string
	for _, a := range g.Axes {
		parts = append(parts, fmt.Sprintf("%s %d", a.Name, a.Points))
	}
	text := strings.Join(parts, " × ")
	if g.Fields > 1 {
		text = fmt.Sprintf("%d fields of %s", g.Fields, text)
	}
	return text
}

func (g *Grid) names() []string {
	var names []string
	for _, a := range g.Axes {
		names = append(names, a.Name)
	}
	return names
}

func (g *Grid) axis(name string) int { return slices.Index(g.names(), name) }

// line is where the places of an axis lie: first, spacing, and whether the end is the beginning.
func line(a equation.Axis) (first, h float64, periodic bool) {
	start, length := 0.0, a.Length
	if a.Range != nil {
		start, length = a.Range[0], a.Range[1]-a.Range[0]
	}
	periodic = a.Boundary == "periodic" || a.Left == "periodic" || a.Right == "periodic"
	switch {
	case a.Centring == "cell":
		h = length / float64(a.Points)
		return start + h/2, h, periodic
	case periodic:
		return start, length / float64(a.Points), true
	}
	return start, length / float64(max(a.Points-1, 1)), false
}

// Ends are where the first and the last place of an axis lie, in the unit of the axis.
func (g *Grid) Ends(axis int) (lo, hi float64) {
	first, h, _ := line(g.Axes[axis])
	return first, first + h*float64(g.Axes[axis].Points-1)
}

// quadrature is the weight of each place of an axis: trapezia between vertices, whole cells.
func quadrature(a equation.Axis) []float64 {
	_, h, periodic := line(a)
	w := make([]float64, a.Points)
	for i := range w {
		w[i] = h
	}
	if a.Centring != "cell" && !periodic && a.Points > 1 {
		w[0], w[a.Points-1] = h/2, h/2
	}
	return w
}

// strides are how far neighbours along each axis are apart.
func (g *Grid) strides() []int {
	out, n := make([]int, len(g.Axes)), 1
	for a := len(g.Axes) - 1; a >= 0; a-- {
		out[a] = n
		n *= g.Axes[a].Points
	}
	return out
}

// at writes the coordinates of a place, one for each axis, and pi behind them.
func (g *Grid) at(x []float64, place int) {
	for a := len(g.Axes) - 1; a >= 0; a-- {
		n := g.Axes[a].Points
		first, h, _ := line(g.Axes[a])
		x[a] = first + h*float64(place%n)
		place /= n
	}
	x[len(g.Axes)] = math.Pi
}

// said is a place for people, such as "t = 0, x = 0.5".
func (g *Grid) said(place int) string {
	x := make([]float64, len(g.Axes)+1)
	g.at(x, place)
	var parts []string
	for a, axis := range g.Axes {
		parts = append(parts, fmt.Sprintf("%s = %.4g", axis.Name, x[a]))
	}
	return strings.Join(parts, ", ")
}

// Grid is the box that the prior's columns lie on, nil where the prior does not tell.
// An image of [report] is one, with pixels from 0 on.
func (s *Spec) Grid() *Grid {
	if g := s.PriorGrid(); g != nil {
		return g
	}
	if shape := s.Report.Floats("image"); shape != nil {
		g := &Grid{Fields: 1}
		for k, n := range shape {
			g.Axes = append(g.Axes, equation.Axis{Name: []string{"y", "x", "c"}[k], Points: int(n), Range: []float64{0, max(n-1, 1)}, Boundary: "none"})
		}
		return g
	}
	return nil
}

// PriorGrid is Grid where it is the prior that tells, nil elsewhere.
func (s *Spec) PriorGrid() *Grid { return s.Prior.grid() }

// FieldGrid is the grid of fields of d numbers: [Spec.Grid], or that of the first law that
// tells one of as many places, by its axes or its family, whose places are then counted. nil
// where none does.
func (s *Spec) FieldGrid(d int) *Grid {
	if g := s.Grid(); g != nil {
		return g
	}
	for _, b := range s.Constraints {
		var g *Grid
		switch {
		case b.Kind == "family":
			g = s.familyGrid(b)
		case b.kind.Key("axes") != nil && (b.Has("axes") || b.Has("shape")):
			g, _ = s.gridOf(b) // which was built before without a fault
		}
		if g != nil && g.Dim() == d {
			return g
		}
	}
	return nil
}

// familyGrid counts the places of the last array of a family; the letters of its axes
// stand in what is said of it, as in "temperature (t, x) at vertices".
func (s *Spec) familyGrid(b *Block) *Grid {
	f, err := s.chosenFamily(b)
	if err != nil {
		return nil
	}
	arrays := f.Arrays()
	last := arrays[len(arrays)-1]
	_, names, _ := strings.Cut(last.Doc, "(")
	names, _, _ = strings.Cut(names, ")")
	axes := strings.Split(names, ", ")
	if len(axes) != len(last.Shape) {
		return nil
	}
	g := &Grid{Fields: 1}
	for k, n := range last.Shape {
		if axes[k] == "component" && k == 0 {
			g.Fields = n
			continue
		}
		g.Axes = append(g.Axes, equation.Axis{Name: axes[k], Points: n, Range: []float64{0, float64(max(n-1, 1))}})
	}
	return g
}

// FieldNames are the names of n fields on the grid in the first equation of the spec that has
// as many; nil where none names them.
func (s *Spec) FieldNames(n int) []string {
	for _, b := range s.Constraints {
		if b.Kind != "equation" {
			continue
		}
		var names []string
		for _, f := range b.equationFields(n) {
			names = append(names, f.Name)
		}
		if len(names) == n {
			return names
		}
	}
	return nil
}

func (b *Block) grid() *Grid {
	unit := func(name string, n int) equation.Axis {
		return equation.Axis{Name: name, Points: n, Range: []float64{0, 1}}
	}
	switch b.Kind {
	case "oracle-heat":
		return &Grid{Fields: 1, Axes: []equation.Axis{unit("t", b.Int("times")), {Name: "x", Points: b.Int("grid"), Length: 2 * math.Pi, Boundary: "periodic"}}}
	case "oracle-stokes":
		return &Grid{Fields: 1, Axes: []equation.Axis{unit("t", b.Int("times")), unit("y", b.Int("grid"))}}
	case "oracle-porous-medium":
		return &Grid{Fields: 1, Axes: []equation.Axis{unit("t", b.Int("grid")), unit("x", b.Int("grid"))}}
	case "oracle-stefan":
		return &Grid{Fields: 1, Axes: []equation.Axis{{Name: "t", Points: b.Int("times"), Range: []float64{0, 0.1}}, unit("x", b.Int("grid"))}}
	case "oracle-burgers":
		n := b.Int("grid")
		x := unit("x", n)
		x.Centring = "cell"
		return &Grid{Fields: 1, Axes: []equation.Axis{unit("t", n+1), x}}
	case "oracle-solutions":
		f, err := b.Family()
		if err != nil {
			return nil
		}
		arrays := f.Arrays()
		return familyGrid(b.String("family"), arrays[len(arrays)-1].Shape)
	case "gaussian-field":
		g, extent := &Grid{Fields: 1}, b.Spread("extent", len(b.Ints("shape")))
		for k, n := range b.Ints("shape") {
			g.Axes = append(g.Axes, equation.Axis{Name: []string{"x", "y"}[k], Points: n, Length: extent[k]})
			if b.String("boundary") == "periodic" {
				g.Axes[k].Boundary = "periodic"
			}
		}
		return g
	case "product":
		return b.sameGrids()
	}
	return nil
}

// sameGrids is the grid of a product of fields on one grid: the components of one field.
func (b *Block) sameGrids() *Grid {
	var g *Grid
	for _, part := range b.Tables("parts") {
		of := part.grid()
		if of == nil || g != nil && fmt.Sprint(g.Axes) != fmt.Sprint(of.Axes) {
			return nil
		}
		if g == nil {
			g = of
		} else {
			g.Fields++
		}
	}
	return g
}
