package mesh

import (
	"fmt"
	"math"
)

// Locator finds the cell that holds a point and its reference coordinates ξ: x = x₀ + J ξ
// in simplices, the inverse of the bi- or trilinear map by Newton's method in the others.
//
// Cells stand in a tree of boxes, split at the median along the longest axis, so that
// graded meshes cost no more than uniform ones: O(log n) for a query, O(n log n) to make.
// Many goroutines may ask at once.
//
// When not to use it: for the quadrature points of known cells; nothing is to be found.
type Locator struct {
	// Tolerance is the distance from the mesh up to which a point outside belongs to the
	// nearest cell, at its nearest place. At first 1e-10 of the size of the mesh, which
	// is rounding; for points of a disc that its polygon misses take h²/8r.
	Tolerance float64

	m       *Mesh
	order   []int32   // cells in the order of the leaves
	boxes   []float64 // [nodes × 2 dim] low, high; children of node i are 2i+1 and 2i+2
	inverse []float64 // simplices: [cells in this order × (dim + dim²)] x₀ and J⁻¹
	around  []float64 // the others: [cells in this order × 2 dim] their boxes
}

// leaf is the most cells of a leaf.
const leaf = 4

// rounding is how far outside, in reference coordinates, a point may be by rounding.
const rounding = 1e-12

// NewLocator makes a locator of a mesh, whose points must not move afterwards.
func NewLocator(m *Mesh) (*Locator, error) {
	if err := m.checkNumbers(); err != nil {
		return nil, err
	}
	if err := m.checkFinite(); err != nil {
		return nil, err
	}
	d, n := m.Dim(), m.Count()
	l := &Locator{m: m, order: make([]int32, n)}
	cells := make([]float64, 2*d*n) // boxes of the cells
	for c := range n {
		l.order[c] = int32(c)
		box := cells[2*d*c : 2*d*(c+1)]
		for k := range d {
			box[k], box[d+k] = math.Inf(1), math.Inf(-1)
			for _, p := range m.Cell(c) {
				x := m.Points[int(p)*d+k]
				box[k], box[d+k] = min(box[k], x), max(box[d+k], x)
			}
		}
	}
	nodes := 1
	for size := n; size > leaf; size = (size + 1) / 2 {
		nodes = 2*nodes + 1
	}
	l.boxes = make([]float64, 2*d*nodes)
	l.split(0, 0, n, cells)
	for k := range d {
		l.Tolerance = max(l.Tolerance, 1e-10*(l.boxes[d+k]-l.boxes[k]))
	}
	l.widen(l.boxes)
	if m.Shape.Vertices() == d+1 {
		return l, l.invert()
	}
	for _, c := range l.order {
		l.around = append(l.around, cells[2*d*int(c):2*d*int(c+1)]...)
	}
	l.widen(l.around)
	return l, nil
}

// widen draws boxes out by what rounding may do to a point of a cell.
func (l *Locator) widen(boxes []float64) {
	d := l.m.Dim()
	for i := 0; i < len(boxes); i += 2 * d {
		for k := range d {
			boxes[i+k] -= 1e-2 * l.Tolerance
			boxes[i+d+k] += 1e-2 * l.Tolerance
		}
	}
}

// split gives node the cells order[from:to]. Both children get as many, the first the
// odd one, so that all leaves are on the last two levels.
func (l *Locator) split(node, from, to int, cells []float64) {
	d := l.m.Dim()
	box := l.boxes[2*d*node : 2*d*(node+1)]
	var low, high [3]float64 // of twice the middles
	for k := range d {
		box[k], box[d+k], low[k], high[k] = math.Inf(1), math.Inf(-1), math.Inf(1), math.Inf(-1)
	}
	for _, c := range l.order[from:to] {
		b := cells[2*d*int(c) : 2*d*int(c+1)]
		for k := range d {
			box[k], box[d+k] = min(box[k], b[k]), max(box[d+k], b[d+k])
			low[k], high[k] = min(low[k], b[k]+b[d+k]), max(high[k], b[k]+b[d+k])
		}
	}
	if to-from <= leaf {
		return
	}
	axis := 0
	for k := range d {
		if high[k]-low[k] > high[axis]-low[axis] {
			axis = k
		}
	}
	middle := from + (to-from+1)/2
	selectMiddle(l.order[from:to], middle-from, func(c int32) float64 {
		return cells[2*d*int(c)+axis] + cells[2*d*int(c)+d+axis]
	})
	l.split(2*node+1, from, middle, cells)
	l.split(2*node+2, middle, to, cells)
}

// selectMiddle puts the n cells of least key first (Hoare 1961, "Find").
func selectMiddle(a []int32, n int, key func(int32) float64) {
	from, to := 0, len(a)-1
	for from < to {
		pivot := key(a[(from+to)/2])
		i, j := from, to
		for i <= j {
			for key(a[i]) < pivot {
				i++
			}
			for key(a[j]) > pivot {
				j--
			}
			if i <= j {
				a[i], a[j] = a[j], a[i]
				i, j = i+1, j-1
			}
		}
		switch {
		case n <= j:
			to = j
		case n >= i:
			from = i
		default:
			return
		}
	}
}

func (l *Locator) invert() error {
	d := l.m.Dim()
	l.inverse = make([]float64, 0, len(l.order)*(d+d*d))
	var j, inv [3][3]float64
	for _, c := range l.order {
		l.m.jacobian(int(c), nil, &j)
		if !inverse(&j, &inv, d) {
			return fmt.Errorf("mesh: locator: %w: %s %d with points %d has no volume", ErrFlat, l.m.Shape, c, l.m.Cell(int(c)))
		}
		l.inverse = append(l.inverse, l.m.Point(l.m.Cell(int(c))[0])...)
		for i := range d {
			l.inverse = append(l.inverse, inv[i][:d]...)
		}
	}
	return nil
}

// inverse of the leading d×d part; false where it has none.
func inverse(j, inv *[3][3]float64, d int) bool {
	det := determinant(j, d)
	if det == 0 || det-det != 0 {
		return false
	}
	switch d {
	case 1:
		inv[0][0] = 1 / det
	case 2:
		inv[0][0], inv[0][1] = j[1][1]/det, -j[0][1]/det
		inv[1][0], inv[1][1] = -j[1][0]/det, j[0][0]/det
	default:
		for a := range 3 {
			for b := range 3 {
				p, q, r, s := (b+1)%3, (b+2)%3, (a+1)%3, (a+2)%3
				inv[a][b] = (j[p][r]*j[q][s] - j[p][s]*j[q][r]) / det
			}
		}
	}
	return true
}

// Find gives the cell that holds x and writes ξ to at; false: x is further from the mesh
// than Tolerance. Where cells meet, any of them; always the same for the same mesh. It
// takes no memory.
func (l *Locator) Find(x, at []float64) (cell int, ok bool) {
	if cell := l.inside(x, at); cell >= 0 {
		return cell, true
	}
	if !(l.Tolerance > 0) {
		return -1, false
	}
	cell, away := l.nearest(x, l.Tolerance, at)
	return cell, away <= l.Tolerance
}

// Locate finds all of n points: their cells and [n × dim] reference coordinates. A
// point outside is an error that names it and how far it is.
func (l *Locator) Locate(points []float64) (cells []int32, at []float64, err error) {
	d := l.m.Dim()
	if len(points)%d != 0 {
		return nil, nil, fmt.Errorf("mesh: locator: %d coordinates of points: a multiple of %d is needed", len(points), d)
	}
	cells, at = make([]int32, len(points)/d), make([]float64, len(points))
	for i := range cells {
		x := points[d*i : d*i+d]
		cell, ok := l.Find(x, at[d*i:d*i+d])
		if !ok {
			return nil, nil, l.outside(i, x)
		}
		cells[i] = int32(cell)
	}
	return cells, at, nil
}

func (l *Locator) outside(i int, x []float64) error {
	for _, v := range x {
		if v-v != 0 {
			return fmt.Errorf("mesh: locator: point %d is at %v: coordinates are finite", i, x)
		}
	}
	var at [3]float64
	cell, away := l.nearest(x, math.Inf(1), at[:len(x)])
	return fmt.Errorf("mesh: locator: point %d at %v is outside the mesh, %.4g from its nearest cell %d; the tolerance is %.4g", i, x, away, cell, l.Tolerance)
}

// inside goes down the tree to all leaves whose box holds x.
func (l *Locator) inside(x, at []float64) int {
	d := l.m.Dim()
	x, at = x[:d], at[:d]
	type visit struct{ node, from, to int32 }
	var stack [64]visit
	stack[0] = visit{0, 0, int32(len(l.order))}
	for top := 1; top > 0; {
		top--
		v := stack[top]
		if !within(x, l.boxes[2*d*int(v.node):2*d*int(v.node+1)]) {
			continue
		}
		if v.to-v.from > leaf {
			middle := v.from + (v.to-v.from+1)/2
			stack[top] = visit{2*v.node + 2, middle, v.to}
			stack[top+1] = visit{2*v.node + 1, v.from, middle}
			top += 2
			continue
		}
		for i := v.from; i < v.to; i++ {
			if l.inCell(int(i), x, at) {
				return int(l.order[i])
			}
		}
	}
	return -1
}

func within(x, box []float64) bool {
	high := box[len(x):]
	high = high[:len(x)]
	for k, v := range x {
		if !(v >= box[k] && v <= high[k]) {
			return false
		}
	}
	return true
}

// inCell says whether the cell at a place of the tree holds x, and writes ξ.
func (l *Locator) inCell(place int, x, at []float64) bool {
	d := len(x)
	if l.inverse == nil {
		return within(x, l.around[2*d*place:2*d*(place+1)]) && l.newton(int(l.order[place]), x, at) && inCube(at)
	}
	row := l.inverse[place*(d+d*d) : (place+1)*(d+d*d)]
	switch d { // the common ones without a loop
	case 2:
		u, v := x[0]-row[0], x[1]-row[1]
		at[0], at[1] = row[2]*u+row[3]*v, row[4]*u+row[5]*v
		return at[0] >= -rounding && at[1] >= -rounding && at[0]+at[1] <= 1+rounding
	case 3:
		u, v, w := x[0]-row[0], x[1]-row[1], x[2]-row[2]
		at[0], at[1], at[2] = row[3]*u+row[4]*v+row[5]*w, row[6]*u+row[7]*v+row[8]*w, row[9]*u+row[10]*v+row[11]*w
		return at[0] >= -rounding && at[1] >= -rounding && at[2] >= -rounding && at[0]+at[1]+at[2] <= 1+rounding
	}
	at[0] = row[1] * (x[0] - row[0])
	return at[0] >= -rounding && at[0] <= 1+rounding
}

func inCube(at []float64) bool {
	for _, v := range at {
		if !(v >= -rounding && v <= 1+rounding) {
			return false
		}
	}
	return true
}

// newton solves x(ξ) = x in a quadrilateral or hexahedron, from its middle; false where
// it leads away. Parallelograms take one step and one that does not move.
func (l *Locator) newton(cell int, x, at []float64) bool {
	var p [8][3]float64
	d, v := len(x), l.m.Shape.Vertices()
	for a, point := range l.m.Cells[cell*v : (cell+1)*v] {
		copy(p[a][:], l.m.Points[int(point)*d:int(point)*d+d])
	}
	var goal, xi, here [3]float64
	var j, inv [3][3]float64
	copy(goal[:], x)
	xi = [3]float64{0.5, 0.5, 0.5}
	step := 1.0
	for i := 0; i < 30 && step >= 1e-13; i++ {
		if d == 2 {
			bilinear(&p, &xi, &here, &j)
		} else {
			trilinear(&p, &xi, &here, &j)
		}
		if !inverse(&j, &inv, d) {
			return false
		}
		step = 0
		for a := range d {
			move := 0.0
			for b := range d {
				move += inv[a][b] * (goal[b] - here[b])
			}
			xi[a] += move
			step = max(step, math.Abs(move))
		}
		if !(step < 1e3) {
			return false
		}
	}
	copy(at, xi[:])
	return step < 1e-10 // as near as rounding lets it in a bad cell; else it goes round outside
}

// bilinear is x(ξ) and ∂x/∂ξ of the quadrilateral with corners p.
func bilinear(p *[8][3]float64, xi, x *[3]float64, j *[3][3]float64) {
	s, t := xi[0], xi[1]
	for k := range 2 {
		below, above := p[1][k]-p[0][k], p[2][k]-p[3][k]
		left, right := p[0][k]+t*(p[3][k]-p[0][k]), p[1][k]+t*(p[2][k]-p[1][k])
		x[k] = left + s*(right-left)
		j[k][0] = right - left
		j[k][1] = p[3][k] - p[0][k] + s*(above-below)
	}
}

// trilinear is x(ξ) and ∂x/∂ξ of the hexahedron with corners p.
func trilinear(p *[8][3]float64, xi, x *[3]float64, j *[3][3]float64) {
	s, t, u := xi[0], xi[1], xi[2]
	for k := range 3 {
		var e, slope [4]float64 // along the four edges in direction s: at s, and the slope
		for i, pair := range [...][2]int{{0, 1}, {3, 2}, {4, 5}, {7, 6}} {
			a, b := p[pair[0]][k], p[pair[1]][k]
			slope[i] = b - a
			e[i] = a + s*(b-a)
		}
		below, above := e[0]+t*(e[1]-e[0]), e[2]+t*(e[3]-e[2])
		x[k] = below + u*(above-below)
		low, high := slope[0]+t*(slope[1]-slope[0]), slope[2]+t*(slope[3]-slope[2])
		j[k][0] = low + u*(high-low)
		j[k][1] = e[1] - e[0] + u*(e[3]-e[2]-e[1]+e[0])
		j[k][2] = above - below
	}
}
