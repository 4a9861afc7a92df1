package mesh

import "fmt"

// NewLShape cuts the L, [−1, 1]² without the quarter x > 0, y < 0, into three squares
// of n×n cells; its corner that points inward is the origin. Squares are cut into
// triangles in the direction of the square's diagonal through the origin. All of the
// boundary is the group "boundary".
func NewLShape(shape Shape, n int) (*Mesh, error) {
	if shape != Triangle && shape != Quadrilateral {
		return nil, fmt.Errorf("mesh: an L of cells %q: allowed are triangle and quadrilateral", shape)
	}
	if n < 1 {
		return nil, fmt.Errorf("mesh: an L with squares of %d×%d cells: there is one at least", n, n)
	}
	m := &Mesh{Shape: shape, Groups: []Group{{"boundary", 1, 1}}}
	at := make([]int32, (2*n+1)*(2*n+1))
	for j := range 2*n + 1 {
		for i := range 2*n + 1 {
			if j < n && i > n {
				continue
			}
			at[j*(2*n+1)+i] = int32(m.N())
			m.Points = append(m.Points, float64(i-n)/float64(n), float64(j-n)/float64(n))
		}
	}
	for j := range 2 * n {
		for i := range 2 * n {
			if j < n && i >= n {
				continue
			}
			o := j*(2*n+1) + i
			a, b, c, d := at[o], at[o+1], at[o+2*n+2], at[o+2*n+1]
			switch {
			case shape == Quadrilateral:
				m.Cells = append(m.Cells, a, b, c, d)
			case (i < n) == (j < n):
				m.Cells = append(m.Cells, a, b, c, a, c, d)
			default:
				m.Cells = append(m.Cells, a, b, d, b, c, d)
			}
		}
	}
	walk := [][3]int{{0, 0, 1}, {n, 0, 1}, {n, n, 1}, {2 * n, n, 2}, {2 * n, 2 * n, 2}, {0, 2 * n, 2}, {0, 0, 0}}
	for k := range len(walk) - 1 {
		x, y, toX, toY := walk[k][0], walk[k][1], walk[k+1][0], walk[k+1][1]
		for x != toX || y != toY {
			nextX, nextY := x+sign(toX-x), y+sign(toY-y)
			m.Facets = append(m.Facets, at[y*(2*n+1)+x], at[nextY*(2*n+1)+nextX])
			m.FacetTag = append(m.FacetTag, 1)
			x, y = nextX, nextY
		}
	}
	return m, nil
}

func sign(x int) int {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return 0
}
