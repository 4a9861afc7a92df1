package mesh

import "fmt"

// Refine halves all edges: 2 intervals, 4 triangles or quadrilaterals, 8 tetrahedra or
// hexahedra for each (red refinement). Tags are carried to the parts. New points are on
// straight edges: to refine a disc make a finer one.
//
// Of the three diagonals of the octahedron inside a tetrahedron the shortest is taken,
// which keeps the angles of Kuhn's cells (Zhang 1995, "Successive subdivisions of
// tetrahedra and multigrid methods on tetrahedral meshes").
func (m *Mesh) Refine() (*Mesh, error) {
	skeleton, err := m.Skeleton()
	if err != nil {
		return nil, err
	}
	d, edges := m.Dim(), m.Shape.Edges()
	ends, edgeOf := m.Edges()
	faces, middles := 0, 0
	if m.Shape == Hexahedron {
		faces = len(skeleton.Cell)
	}
	if m.Shape == Quadrilateral || m.Shape == Hexahedron {
		middles = m.Count()
	}
	firstEdge := m.N()
	firstFace := firstEdge + len(ends)/2
	firstMiddle := firstFace + faces
	if total := firstMiddle + middles; total > 1<<31-1 {
		return nil, fmt.Errorf("mesh: refined it would have %d points: at most %d can be numbered", total, 1<<31-1)
	}
	fine := &Mesh{Shape: m.Shape, Groups: append([]Group(nil), m.Groups...)}
	fine.Points = make([]float64, 0, d*(firstMiddle+middles))
	fine.Points = append(fine.Points, m.Points...)
	for e := range len(ends) / 2 {
		fine.Points = m.appendMean(fine.Points, ends[2*e:2*e+2])
	}
	for f := range faces {
		fine.Points = m.appendMean(fine.Points, skeleton.Points[4*f:4*f+4])
	}
	for c := range middles {
		fine.Points = m.appendMean(fine.Points, m.Cell(c))
	}

	parts := 1 << d
	fine.Cells = make([]int32, 0, parts*len(m.Cells))
	local := make([]int32, 0, 27) // corners, middles of edges, of faces, of the cell
	sides := len(m.Shape.Facets())
	for c := range m.Count() {
		local = append(local[:0], m.Cell(c)...)
		for e := range edges {
			local = append(local, int32(firstEdge)+edgeOf[c*len(edges)+e])
		}
		if faces > 0 {
			for f := range sides {
				local = append(local, int32(firstFace)+skeleton.OfCell[c*sides+f])
			}
		}
		if middles > 0 {
			local = append(local, int32(firstMiddle+c))
		}
		table := refined[m.Shape]
		if m.Shape == Tetrahedron {
			table = [][]int{tetrahedronCorners, tetrahedronInside[fine.shortest(local)]}
		}
		for _, rows := range table {
			for _, corner := range rows {
				fine.Cells = append(fine.Cells, local[corner])
			}
		}
		if m.CellTag != nil {
			for range parts {
				fine.CellTag = append(fine.CellTag, m.CellTag[c])
			}
		}
	}
	return fine, m.refineFacets(fine, skeleton, edgeOf, int32(firstEdge), int32(firstFace))
}

// shortest is which of the diagonals 01–23, 02–13, 03–12 of the middles of a
// tetrahedron's edges is the shortest.
func (m *Mesh) shortest(local []int32) int {
	best, least := 0, 0.0
	for i, pair := range [...][2]int{{4, 9}, {6, 8}, {7, 5}} {
		a, b, sum := m.Point(local[pair[0]]), m.Point(local[pair[1]]), 0.0
		for k := range 3 {
			sum += (a[k] - b[k]) * (a[k] - b[k])
		}
		if i == 0 || sum < least*(1-1e-12) { // rounding does not choose
			best, least = i, sum
		}
	}
	return best
}

// Edges of a tetrahedron are 01 12 20 03 13 23: their middles are local numbers 4 to 9.
var (
	tetrahedronCorners = []int{0, 4, 6, 7, 4, 1, 5, 8, 6, 5, 2, 9, 7, 8, 9, 3}
	tetrahedronInside  = [3][]int{
		{4, 9, 7, 8, 4, 9, 8, 5, 4, 9, 5, 6, 4, 9, 6, 7},
		{6, 8, 4, 5, 6, 8, 5, 9, 6, 8, 9, 7, 6, 8, 7, 4},
		{7, 5, 6, 9, 7, 5, 9, 8, 7, 5, 8, 4, 7, 5, 4, 6},
	}
	refined = [...][][]int{
		Interval:      {{0, 2, 2, 1}},
		Triangle:      {{0, 3, 5, 3, 1, 4, 5, 4, 2, 4, 5, 3}},
		Quadrilateral: boxParts(Quadrilateral),
		Tetrahedron:   nil, // depends on lengths
		Hexahedron:    boxParts(Hexahedron),
	}
)

// boxParts finds the corners of the parts of a square or cube by their places on the
// 3×3(×3) grid of corners and middles.
func boxParts(s Shape) [][]int {
	d, v := s.Dim(), s.Vertices()
	place := func(corners ...int) (at int) { // twice the mean of the corners, as a number to the base 3
		for i, stride := 0, 1; i < d; i, stride = i+1, 3*stride {
			ones := 0
			for _, a := range corners {
				if corner(a, i) {
					ones++
				}
			}
			at += stride * 2 * ones / len(corners)
		}
		return at
	}
	var grid [27]int
	n := 0
	set := func(corners ...int) { grid[place(corners...)] = n; n++ }
	all := make([]int, v)
	for a := range v {
		set(a)
		all[a] = a
	}
	for _, e := range s.Edges() {
		set(e[:]...)
	}
	if d == 3 {
		for _, f := range s.Facets() {
			set(f...)
		}
	}
	set(all...)
	var out []int
	for part := range v {
		for a := range v {
			at := 0
			for i, stride := 0, 1; i < d; i, stride = i+1, 3*stride {
				if corner(part, i) {
					at += stride
				}
				if corner(a, i) {
					at += stride
				}
			}
			out = append(out, grid[at])
		}
	}
	return [][]int{out}
}

// refineFacets gives the parts of the named facets to the fine mesh.
func (m *Mesh) refineFacets(fine *Mesh, s *Skeleton, edgeOf []int32, firstEdge, firstFace int32) error {
	size, edges := m.FacetSize(), m.Shape.Edges()
	for f, number := range s.Named {
		p := m.Facets[f*size : (f+1)*size]
		if number < 0 {
			return fmt.Errorf("mesh: named facet %d with points %d is no facet of a cell: leave it out or give it the cells' points", f, p)
		}
		cell := int(s.Cell[number][0])
		mid := func(a, b int32) int32 {
			for e, pair := range edges {
				if x, y := m.Cell(cell)[pair[0]], m.Cell(cell)[pair[1]]; x == a && y == b || x == b && y == a {
					return firstEdge + edgeOf[cell*len(edges)+e]
				}
			}
			return -1
		}
		var parts []int32
		switch size {
		case 1:
			parts = []int32{p[0]}
		case 2:
			ab := mid(p[0], p[1])
			parts = []int32{p[0], ab, ab, p[1]}
		case 3:
			ab, bc, ca := mid(p[0], p[1]), mid(p[1], p[2]), mid(p[2], p[0])
			parts = []int32{p[0], ab, ca, ab, p[1], bc, ca, bc, p[2], ab, bc, ca}
		case 4:
			ab, bc, cd, da := mid(p[0], p[1]), mid(p[1], p[2]), mid(p[2], p[3]), mid(p[3], p[0])
			o := firstFace + number
			parts = []int32{p[0], ab, o, da, ab, p[1], bc, o, o, bc, p[2], cd, da, o, cd, p[3]}
			if ab < 0 || bc < 0 || cd < 0 || da < 0 {
				return fmt.Errorf("mesh: named facet %d with points %d: its points are not listed around it", f, p)
			}
		}
		fine.Facets = append(fine.Facets, parts...)
		for range len(parts) / size {
			fine.FacetTag = append(fine.FacetTag, m.FacetTag[f])
		}
	}
	return nil
}

func (m *Mesh) appendMean(to []float64, points []int32) []float64 {
	d := m.Dim()
	for i := range d {
		sum := 0.0
		for _, p := range points {
			sum += m.Points[int(p)*d+i]
		}
		to = append(to, sum/float64(len(points)))
	}
	return to
}
