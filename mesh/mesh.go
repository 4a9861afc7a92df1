// Package mesh is the geometry that finite elements stand on: points, cells of one
// shape, facets of the boundary and names for groups of both. Meshes are made by
// generators, read from Gmsh files and written for ParaView.
package mesh

// Shape is the kind of all cells of a mesh.
type Shape int

// The reference cells: simplices have the origin and the unit points as vertices,
// in this order; quadrilateral (0,0) (1,0) (1,1) (0,1); hexahedron the same
// below (z = 0) and then above (z = 1). These are the orders of Gmsh and of VTK.
const (
	Interval Shape = iota
	Triangle
	Quadrilateral
	Tetrahedron
	Hexahedron
)

// Dim is the dimension of a shape.
func (s Shape) Dim() int { return shapes[s].dim }

// Vertices is the number of its corners.
func (s Shape) Vertices() int { return shapes[s].vertices }

// Facets are the corners of each of its facets, the outward normal by the right-hand
// rule. They are not to be written to.
func (s Shape) Facets() [][]int { return shapes[s].facets }

// Edges are the corners at both ends of each of its edges. They are not to be written to.
func (s Shape) Edges() [][2]int { return shapes[s].edges }

func (s Shape) String() string { return shapes[s].name }

var shapes = [...]struct {
	name          string
	dim, vertices int
	facets        [][]int
	edges         [][2]int
}{
	Interval:      {"interval", 1, 2, [][]int{{0}, {1}}, [][2]int{{0, 1}}},
	Triangle:      {"triangle", 2, 3, [][]int{{0, 1}, {1, 2}, {2, 0}}, [][2]int{{0, 1}, {1, 2}, {2, 0}}},
	Quadrilateral: {"quadrilateral", 2, 4, [][]int{{0, 1}, {1, 2}, {2, 3}, {3, 0}}, [][2]int{{0, 1}, {1, 2}, {2, 3}, {3, 0}}},
	Tetrahedron: {"tetrahedron", 3, 4, [][]int{{0, 2, 1}, {0, 1, 3}, {1, 2, 3}, {0, 3, 2}},
		[][2]int{{0, 1}, {1, 2}, {2, 0}, {0, 3}, {1, 3}, {2, 3}}},
	Hexahedron: {"hexahedron", 3, 8, [][]int{{0, 3, 2, 1}, {4, 5, 6, 7}, {0, 1, 5, 4}, {1, 2, 6, 5}, {2, 3, 7, 6}, {3, 0, 4, 7}},
		[][2]int{{0, 1}, {1, 2}, {2, 3}, {3, 0}, {4, 5}, {5, 6}, {6, 7}, {7, 4}, {0, 4}, {1, 5}, {2, 6}, {3, 7}}},
}

// Mesh is a partition of a domain of dimension Shape.Dim() into cells of one
// shape. Its dimension is also that of its points: surfaces in space are not meant.
type Mesh struct {
	Shape   Shape
	Points  []float64 // [n × dim] coordinates
	Cells   []int32   // [m × Shape.Vertices()] numbers of points
	CellTag []int32   // [m] region of each cell; nil: all 0

	// Facets are the parts of the boundary that have a name: FacetSize() numbers of
	// points each, and their tags. Generators name all of the boundary.
	Facets   []int32
	FacetTag []int32

	Groups []Group // names of the tags
}

// Group is the name of a tag on cells (Dim = that of the mesh) or facets (one less).
type Group struct {
	Name string
	Dim  int
	Tag  int32
}

// Dim is the dimension of the points.
func (m *Mesh) Dim() int { return m.Shape.Dim() }

// N is the number of points.
func (m *Mesh) N() int { return len(m.Points) / m.Dim() }

// Count is the number of cells.
func (m *Mesh) Count() int { return len(m.Cells) / m.Shape.Vertices() }

// FacetSize is the number of corners of a facet.
func (m *Mesh) FacetSize() int { return len(m.Shape.Facets()[0]) }

// Cell is the numbers of the points of cell c, a part of Cells.
func (m *Mesh) Cell(c int) []int32 {
	v := m.Shape.Vertices()
	return m.Cells[c*v : (c+1)*v]
}

// Point is the coordinates of point i, a part of Points.
func (m *Mesh) Point(i int32) []float64 {
	d := m.Dim()
	return m.Points[int(i)*d : (int(i)+1)*d]
}
