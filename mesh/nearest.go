package mesh

import "math"

// nearest finds the cell whose facets are nearest to a point outside all cells, if one is
// within most, and writes ξ of its nearest place to at. It goes down the tree, nearer
// boxes first, and leaves out those further than the best so far.
func (l *Locator) nearest(x []float64, most float64, at []float64) (cell int, away float64) {
	d := l.m.Dim()
	best, least := -1, most*most
	var place [3]float64
	type visit struct{ node, from, to int32 }
	var stack [64]visit
	stack[0] = visit{0, 0, int32(len(l.order))}
	apart := func(node int32) float64 {
		sum, box := 0.0, l.boxes[2*d*int(node):2*d*int(node+1)]
		for k, v := range x {
			gap := max(box[k]-v, v-box[d+k], 0)
			sum += gap * gap
		}
		return sum
	}
	for top := 1; top > 0; {
		top--
		v := stack[top]
		if !(apart(v.node) <= least) {
			continue
		}
		if v.to-v.from > leaf {
			middle := v.from + (v.to-v.from+1)/2
			near, far := visit{2*v.node + 1, v.from, middle}, visit{2*v.node + 2, middle, v.to}
			if apart(far.node) < apart(near.node) {
				near, far = far, near
			}
			stack[top], stack[top+1] = far, near
			top += 2
			continue
		}
		for i := v.from; i < v.to; i++ {
			c := int(l.order[i])
			for _, facet := range l.m.Shape.Facets() {
				if square, p := l.m.toFacet(c, facet, x); square <= least && (square < least || best < 0) {
					best, least, place = c, square, p
				}
			}
		}
	}
	if best < 0 {
		return -1, math.Inf(1)
	}
	l.reference(best, place[:d], at)
	return best, math.Sqrt(least)
}

// reference is ξ of a place on the rim of a cell, held within the reference cell.
func (l *Locator) reference(cell int, x, at []float64) {
	d := len(x)
	if l.inverse == nil {
		if !l.newton(cell, x, at) {
			for k := range at {
				at[k] = 0.5
			}
		}
		for k, v := range at {
			at[k] = min(max(v, 0), 1)
		}
		return
	}
	var j, inv [3][3]float64
	l.m.jacobian(cell, nil, &j)
	inverse(&j, &inv, d)
	first, sum := l.m.Point(l.m.Cell(cell)[0]), 0.0
	for a := range d {
		at[a] = 0
		for b := range d {
			at[a] += inv[a][b] * (x[b] - first[b])
		}
		at[a] = max(at[a], 0)
		sum += at[a]
	}
	for a := range d {
		at[a] /= max(sum, 1)
	}
}

// toFacet is the square of the distance of x from a facet, and its nearest place.
// Facets of hexahedra count as two triangles.
func (m *Mesh) toFacet(cell int, facet []int, x []float64) (square float64, place [3]float64) {
	var p [4][3]float64
	for i, c := range facet {
		copy(p[i][:], m.Point(m.Cell(cell)[c]))
	}
	var q [3]float64
	copy(q[:], x)
	switch len(facet) {
	case 1:
		place = p[0]
	case 2:
		place = onSegment(q, p[0], p[1])
	default:
		place = onTriangle(q, p[0], p[1], p[2])
	}
	square = squareOf(minus(q, place))
	if len(facet) == 4 {
		other := onTriangle(q, p[0], p[2], p[3])
		if s := squareOf(minus(q, other)); s < square {
			square, place = s, other
		}
	}
	return square, place
}

func onSegment(q, a, b [3]float64) [3]float64 {
	ab := minus(b, a)
	t := min(max(dot(minus(q, a), ab)/squareOf(ab), 0), 1)
	if t != t { // a and b are one
		t = 0
	}
	return [3]float64{a[0] + t*ab[0], a[1] + t*ab[1], a[2] + t*ab[2]}
}

// onTriangle is the foot of q's perpendicular, if it is inside, or the nearest place of
// the three sides.
func onTriangle(q, a, b, c [3]float64) [3]float64 {
	u, v, w := minus(b, a), minus(c, a), minus(q, a)
	uu, uv, vv, uw, vw := dot(u, u), dot(u, v), dot(v, v), dot(u, w), dot(v, w)
	if det := uu*vv - uv*uv; det > 0 {
		s, t := (vv*uw-uv*vw)/det, (uu*vw-uv*uw)/det
		if s >= 0 && t >= 0 && s+t <= 1 {
			return [3]float64{a[0] + s*u[0] + t*v[0], a[1] + s*u[1] + t*v[1], a[2] + s*u[2] + t*v[2]}
		}
	}
	best := onSegment(q, a, b)
	for _, p := range [...][3]float64{onSegment(q, b, c), onSegment(q, c, a)} {
		if squareOf(minus(q, p)) < squareOf(minus(q, best)) {
			best = p
		}
	}
	return best
}

func minus(a, b [3]float64) [3]float64 { return [3]float64{a[0] - b[0], a[1] - b[1], a[2] - b[2]} }
func dot(a, b [3]float64) float64      { return a[0]*b[0] + a[1]*b[1] + a[2]*b[2] }
func squareOf(a [3]float64) float64    { return dot(a, a) }
