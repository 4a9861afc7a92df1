package mesh

import "math"

// jacobian is the matrix ∂x/∂ξ of a cell at a place ξ of the reference cell, rows x.
// That of a simplex is the same everywhere; sides of dim×dim entries are used.
func (m *Mesh) jacobian(cell int, at []float64, j *[3][3]float64) {
	v, p := m.Shape.Vertices(), m.Points
	c := m.Cells[cell*v : (cell+1)*v]
	d := m.Dim()
	if v == d+1 {
		o := int(c[0]) * d
		for k := range d {
			for i := range d {
				j[i][k] = p[int(c[k+1])*d+i] - p[o+i]
			}
		}
		return
	}
	*j = [3][3]float64{}
	for a := range v {
		for k := range d {
			g := 1.0
			for i := range d {
				up := corner(a, i)
				switch {
				case i == k && up:
				case i == k:
					g = -g
				case up:
					g *= at[i]
				default:
					g *= 1 - at[i]
				}
			}
			for i := range d {
				j[i][k] += g * p[int(c[a])*d+i]
			}
		}
	}
}

// corner says whether coordinate i of corner a of the quadrilateral or hexahedron is 1.
func corner(a, i int) bool {
	if i == 2 {
		return a >= 4
	}
	return (a+1-i)&3 >= 2
}

func determinant(j *[3][3]float64, d int) float64 {
	switch d {
	case 1:
		return j[0][0]
	case 2:
		return j[0][0]*j[1][1] - j[0][1]*j[1][0]
	}
	return j[0][0]*(j[1][1]*j[2][2]-j[1][2]*j[2][1]) - j[0][1]*(j[1][0]*j[2][2]-j[1][2]*j[2][0]) + j[0][2]*(j[1][0]*j[2][1]-j[1][1]*j[2][0])
}

// CellVolume is the length, area or volume of a cell; negative where its points are
// listed the other way round. Exact for bi- and trilinear cells: the determinant is
// of degree 2 in each variable, and Gauss's rule of two points is exact to degree 3.
func (m *Mesh) CellVolume(cell int) float64 {
	var j [3][3]float64
	d := m.Dim()
	if m.Shape.Vertices() == d+1 {
		m.jacobian(cell, nil, &j)
		return determinant(&j, d) / [...]float64{1, 1, 2, 6}[d]
	}
	sum := 0.0
	for q := range 1 << d {
		var at [3]float64
		for i := range d {
			at[i] = 0.5 - 0.5/math.Sqrt(3)
			if q>>i&1 == 1 {
				at[i] = 0.5 + 0.5/math.Sqrt(3)
			}
		}
		m.jacobian(cell, at[:d], &j)
		sum += determinant(&j, d)
	}
	return sum / float64(int(1)<<d)
}

// Volume is the sum of the volumes of the cells.
func (m *Mesh) Volume() float64 {
	sum := 0.0
	for c := range m.Count() {
		sum += m.CellVolume(c)
	}
	return sum
}

// leastJacobian is the least determinant of ∂x/∂ξ over the corners of a cell. Where
// it is positive, a simplex or quadrilateral is the right way round and one to one;
// for hexahedra this is necessary, and sufficient for all but freakish ones.
func (m *Mesh) leastJacobian(cell int) float64 {
	var j [3][3]float64
	d := m.Dim()
	if m.Shape.Vertices() == d+1 {
		m.jacobian(cell, nil, &j)
		return determinant(&j, d)
	}
	least := math.Inf(1)
	for a := range m.Shape.Vertices() {
		var at [3]float64
		for i := range d {
			if corner(a, i) {
				at[i] = 1
			}
		}
		m.jacobian(cell, at[:d], &j)
		det := determinant(&j, d)
		if !(det >= least) { // a NaN stays
			least = det
		}
	}
	return least
}

// Size is h, the longest edge of the cells.
func (m *Mesh) Size() float64 {
	long, d, v := 0.0, m.Dim(), m.Shape.Vertices()
	for c := range m.Count() {
		cell := m.Cells[c*v : (c+1)*v]
		for _, e := range m.Shape.Edges() {
			a, b, sum := int(cell[e[0]])*d, int(cell[e[1]])*d, 0.0
			for i := range d {
				step := m.Points[a+i] - m.Points[b+i]
				sum += step * step
			}
			long = max(long, sum)
		}
	}
	return math.Sqrt(long)
}
