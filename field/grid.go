package field

import "fmt"

// Centring says where on a box the values of a grid are.
type Centring int

// Vertex grids have n points per axis from end to end, i L/(n−1), on periodic axes
// i L/n, without the end, which is the start again. Cell grids have the centres of
// n equal cells, (i+½) L/n.
const (
	Vertex Centring = iota
	Cell
)

func (c Centring) String() string { return [...]string{"vertex", "cell"}[c] }

// Grid is regular points in the box [0, Extent₁]×…; values on it are row-major, the
// last axis fastest.
type Grid struct {
	Shape    []int     // points along each axis, one to three axes
	Extent   []float64 // lengths of the box; nil: 1 each
	Centring Centring  // Vertex unless said
}

// Size is the number of points.
func (g Grid) Size() int {
	n := 1
	for _, k := range g.Shape {
		n *= k
	}
	return n
}

// check returns the grid with its extents filled in.
func (g Grid) check() (Grid, error) {
	if len(g.Shape) < 1 || len(g.Shape) > 3 {
		return g, fmt.Errorf("field: a grid of %d axes: it has 1, 2 or 3", len(g.Shape))
	}
	if g.Centring != Vertex && g.Centring != Cell {
		return g, fmt.Errorf("field: centring %d: allowed are Vertex and Cell", int(g.Centring))
	}
	if g.Extent == nil {
		for range g.Shape {
			g.Extent = append(g.Extent, 1)
		}
	}
	if len(g.Extent) != len(g.Shape) {
		return g, fmt.Errorf("field: a grid of %d axes has %d extents: one each, or none for the unit box", len(g.Shape), len(g.Extent))
	}
	for a, n := range g.Shape {
		if n < 2 || !(g.Extent[a] > 0) {
			return g, fmt.Errorf("field: axis %d of the grid has %d points over a length of %g: at least 2 points, a positive length", a, n, g.Extent[a])
		}
	}
	return g, nil
}

// step is the distance of neighbours along an axis under a boundary condition.
func (g Grid) step(a int, b Boundary) float64 {
	length := 1.0
	if g.Extent != nil {
		length = g.Extent[a]
	}
	if g.Centring == Cell || b == Periodic {
		return length / float64(g.Shape[a])
	}
	return length / float64(g.Shape[a]-1)
}

// Point writes the coordinates of point i of the grid under a boundary condition,
// of which only Periodic moves the points of vertex grids.
func (g Grid) Point(dst []float64, i int, b Boundary) {
	for a := len(g.Shape) - 1; a >= 0; a-- {
		k := float64(i % g.Shape[a])
		i /= g.Shape[a]
		if g.Centring == Cell {
			k += 0.5
		}
		dst[a] = k * g.step(a, b)
	}
}

// Points are the coordinates of all points, [Size × axes], and Weights those of the
// trapezoidal rule on vertices and of the midpoint rule on cells, as [NewKL] takes them.
func (g Grid) Points(b Boundary) []float64 {
	d := len(g.Shape)
	x := make([]float64, g.Size()*d)
	for i := range g.Size() {
		g.Point(x[i*d:(i+1)*d], i, b)
	}
	return x
}

func (g Grid) Weights(b Boundary) []float64 {
	w := []float64{1}
	for a, n := range g.Shape {
		var next []float64
		for _, v := range w {
			for i := range n {
				h := g.step(a, b)
				if g.Centring == Vertex && b != Periodic && (i == 0 || i == n-1) {
					h /= 2
				}
				next = append(next, v*h)
			}
		}
		w = next
	}
	return w
}
