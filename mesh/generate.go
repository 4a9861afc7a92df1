package mesh

import "fmt"

// NewInterval cuts [a, b] into n cells. Its ends are the groups "left" and "right".
func NewInterval(n int, a, b float64) (*Mesh, error) {
	if n < 1 || !(b > a) {
		return nil, fmt.Errorf("mesh: interval from %g to %g in %d cells: the end is above the start and there is a cell", a, b, n)
	}
	m := &Mesh{Shape: Interval, Facets: []int32{0, int32(n)}, FacetTag: []int32{1, 2}, Groups: []Group{{"left", 0, 1}, {"right", 0, 2}}}
	for i := range n + 1 {
		m.Points = append(m.Points, a+(b-a)*float64(i)/float64(n))
	}
	for i := range int32(n) {
		m.Cells = append(m.Cells, i, i+1)
	}
	return m, nil
}

// NewRectangle cuts [0, width]×[0, height] into nx×ny rectangles, for shape Triangle
// each of them along its diagonal from bottom left to top right. Point (i, j) is
// number j(nx+1)+i. Sides are the groups "left", "right", "bottom" and "top".
func NewRectangle(shape Shape, nx, ny int, width, height float64) (*Mesh, error) {
	if shape != Triangle && shape != Quadrilateral {
		return nil, fmt.Errorf("mesh: a rectangle of cells %q: allowed are triangle and quadrilateral", shape)
	}
	if nx < 1 || ny < 1 || !(width > 0) || !(height > 0) {
		return nil, fmt.Errorf("mesh: rectangle of %g×%g in %d×%d: all are positive", width, height, nx, ny)
	}
	m := &Mesh{Shape: shape, Groups: []Group{{"left", 1, 1}, {"right", 1, 2}, {"bottom", 1, 3}, {"top", 1, 4}}}
	at := func(i, j int) int32 { return int32(j*(nx+1) + i) }
	for j := range ny + 1 {
		for i := range nx + 1 {
			m.Points = append(m.Points, width*float64(i)/float64(nx), height*float64(j)/float64(ny))
		}
	}
	for j := range ny {
		for i := range nx {
			a, b, c, d := at(i, j), at(i+1, j), at(i+1, j+1), at(i, j+1)
			if shape == Triangle {
				m.Cells = append(m.Cells, a, b, c, a, c, d)
			} else {
				m.Cells = append(m.Cells, a, b, c, d)
			}
		}
	}
	side := func(tag int32, a, b int32) { m.Facets, m.FacetTag = append(m.Facets, a, b), append(m.FacetTag, tag) }
	for j := range ny {
		side(1, at(0, j+1), at(0, j))
		side(2, at(nx, j), at(nx, j+1))
	}
	for i := range nx {
		side(3, at(i, 0), at(i+1, 0))
		side(4, at(i+1, ny), at(i, ny))
	}
	return m, nil
}
