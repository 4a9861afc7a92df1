package mesh

import "fmt"

// NewBox cuts [0, width]×[0, height]×[0, depth] into nx×ny×nz boxes, for shape
// Tetrahedron each of them into six along its diagonal from the origin (Kuhn 1960),
// which fit together. Point (i, j, k) is number (k(ny+1) + j)(nx+1) + i. Sides are the
// groups "left" and "right" (x), "bottom" and "top" (y), "back" and "front" (z).
func NewBox(shape Shape, nx, ny, nz int, width, height, depth float64) (*Mesh, error) {
	if shape != Tetrahedron && shape != Hexahedron {
		return nil, fmt.Errorf("mesh: a box of cells %q: allowed are tetrahedron and hexahedron", shape)
	}
	if nx < 1 || ny < 1 || nz < 1 || !(width > 0) || !(height > 0) || !(depth > 0) {
		return nil, fmt.Errorf("mesh: box of %g×%g×%g in %d×%d×%d: all are positive", width, height, depth, nx, ny, nz)
	}
	m := &Mesh{Shape: shape, Groups: []Group{{"left", 2, 1}, {"right", 2, 2}, {"bottom", 2, 3}, {"top", 2, 4}, {"back", 2, 5}, {"front", 2, 6}}}
	n, length := [3]int{nx, ny, nz}, [3]float64{width, height, depth}
	stride := [3]int32{1, int32(nx + 1), int32((nx + 1) * (ny + 1))}
	for k := range nz + 1 {
		for j := range ny + 1 {
			for i := range nx + 1 {
				m.Points = append(m.Points, width*float64(i)/float64(nx), height*float64(j)/float64(ny), length[2]*float64(k)/float64(nz))
			}
		}
	}
	for k := range int32(nz) {
		for j := range int32(ny) {
			for i := range int32(nx) {
				o := i*stride[0] + j*stride[1] + k*stride[2]
				if shape == Hexahedron {
					a, b, c := stride[0], stride[1], stride[2]
					m.Cells = append(m.Cells, o, o+a, o+a+b, o+b, o+c, o+a+c, o+a+b+c, o+b+c)
					continue
				}
				for turn := range 3 { // o, one step, two steps, all three
					a, b, c := stride[turn], stride[(turn+1)%3], stride[(turn+2)%3]
					m.Cells = append(m.Cells, o, o+a, o+a+b, o+a+b+c)
					m.Cells = append(m.Cells, o, o+a, o+a+b+c, o+a+c)
				}
			}
		}
	}
	for axis := range 3 {
		u, v := (axis+1)%3, (axis+2)%3
		for side := range 2 {
			for q := range int32(n[v]) {
				for p := range int32(n[u]) {
					o := p*stride[u] + q*stride[v] + int32(side*n[axis])*stride[axis]
					m.boxSide(int32(2*axis+side+1), side == 1, o, stride[u], stride[v])
				}
			}
		}
	}
	return m, nil
}

// boxSide adds the square at o with sides u and v, cut as Kuhn's cells are; the normal
// is that of u×v or its opposite.
func (m *Mesh) boxSide(tag int32, along bool, o, u, v int32) {
	if !along {
		u, v = v, u
	}
	if m.Shape == Hexahedron {
		m.Facets, m.FacetTag = append(m.Facets, o, o+u, o+u+v, o+v), append(m.FacetTag, tag)
		return
	}
	m.Facets, m.FacetTag = append(m.Facets, o, o+u, o+u+v, o, o+u+v, o+v), append(m.FacetTag, tag, tag)
}
