package mesh

import (
	"fmt"
	"math"
)

// NewDisc fills the disc of a radius about the origin with cells of size radius/n:
// 6n² triangles in n rings, or about 3n² quadrilaterals, a square with four blocks
// around it. Points of the boundary, group "boundary", are on the circle.
func NewDisc(shape Shape, n int, radius float64) (*Mesh, error) {
	if !(radius > 0) || math.IsInf(radius, 1) {
		return nil, fmt.Errorf("mesh: disc of radius %g: it is positive", radius)
	}
	return NewStar(shape, n, func(float64) float64 { return radius })
}

// NewStar fills the domain |x| < radius(t), t the angle of x in [0, 2π), with the
// cells of a disc, drawn out along each ray. Its boundary is the group "boundary".
// Cells that this turns over are an error.
func NewStar(shape Shape, n int, radius func(t float64) float64) (*Mesh, error) {
	if n < 1 {
		return nil, fmt.Errorf("mesh: disc with %d cells along its radius: there is one at least", n)
	}
	var m *Mesh
	switch shape {
	case Triangle:
		m = rings(n)
	case Quadrilateral:
		m = blocks(n)
	default:
		return nil, fmt.Errorf("mesh: a disc of cells %q: allowed are triangle and quadrilateral", shape)
	}
	// Near the centre all rays are drawn out by the least radius: a factor that depends
	// on the angle alone would shear the cells there.
	factor, least := make([]float64, m.N()), math.Inf(1)
	for i := range factor {
		t := math.Atan2(m.Points[2*i+1], m.Points[2*i])
		if t < 0 {
			t += 2 * math.Pi
		}
		r := radius(t)
		if !(r > 0) || math.IsInf(r, 1) {
			return nil, fmt.Errorf("mesh: the radius of the domain at angle %g is %g: it is positive", t, r)
		}
		factor[i], least = r, min(least, r)
	}
	for i, r := range factor {
		x, y := m.Points[2*i], m.Points[2*i+1]
		share := math.Pow(min(1, math.Hypot(x, y)), 3)
		r = least + share*(r-least)
		m.Points[2*i], m.Points[2*i+1] = r*x, r*y
	}
	for c := range m.Count() {
		if !(m.leastJacobian(c) > 0) {
			return nil, fmt.Errorf("mesh: the radius changes so fast that cell %d with points %d of %d cells along it is turned over: take more", c, m.Cell(c), n)
		}
	}
	return m, nil
}

// rings is the unit disc as triangles: 6k points at radius k/n, point 0 in the centre.
func rings(n int) *Mesh {
	m := &Mesh{Shape: Triangle, Points: []float64{0, 0}, Groups: []Group{{"boundary", 1, 1}}}
	at := func(ring, i int) int32 { // point i of a ring, in turn
		if ring == 0 {
			return 0
		}
		return int32(1 + 3*ring*(ring-1) + i%(6*ring))
	}
	for ring := 1; ring <= n; ring++ {
		for i := range 6 * ring {
			sin, cos := math.Sincos(2 * math.Pi * float64(i) / float64(6*ring))
			r := float64(ring) / float64(n)
			m.Points = append(m.Points, r*cos, r*sin)
		}
		for sextant := range 6 {
			in, out := sextant*(ring-1), sextant*ring
			for i := range ring {
				m.Cells = append(m.Cells, at(ring-1, in+i), at(ring, out+i), at(ring, out+i+1))
				if i < ring-1 {
					m.Cells = append(m.Cells, at(ring-1, in+i), at(ring, out+i+1), at(ring-1, in+i+1))
				}
			}
		}
	}
	m.close(at(n, 0), 6*n)
	return m
}

// blocks is the unit disc as quadrilaterals: a bulged square of n×n, and about it half
// as many layers of 4n that turn it into the circle.
func blocks(n int) *Mesh {
	m := &Mesh{Shape: Quadrilateral, Groups: []Group{{"boundary", 1, 1}}}
	const half, bulge = 0.55, 0.5 // half a side of the square; 0: straight, 1: a circle
	for j := range n + 1 {
		for i := range n + 1 {
			u, v := 2*float64(i)/float64(n)-1, 2*float64(j)/float64(n)-1
			m.Points = append(m.Points, half*u*math.Sqrt(1-bulge/2*v*v), half*v*math.Sqrt(1-bulge/2*u*u))
			if i < n && j < n {
				o := int32(j*(n+1) + i)
				m.Cells = append(m.Cells, o, o+1, o+int32(n)+2, o+int32(n)+1)
			}
		}
	}
	inner := make([]int32, 4*n) // the rim of the square, counterclockwise from the right corner below
	for i := range n {
		w := int32(n + 1)
		inner[i] = int32(i)*w + int32(n)
		inner[n+i] = int32(n)*w + int32(n-i)
		inner[2*n+i] = int32(n-i) * w
		inner[3*n+i] = int32(i)
	}
	rim, layers := append([]int32(nil), inner...), (n+1)/2
	for layer := 1; layer <= layers; layer++ {
		first, share := int32(m.N()), float64(layer)/float64(layers)
		for i, p := range inner {
			sin, cos := math.Sincos(2*math.Pi*float64(i)/float64(4*n) - math.Pi/4)
			m.Points = append(m.Points, (1-share)*m.Points[2*p]+share*cos, (1-share)*m.Points[2*p+1]+share*sin)
		}
		for i := range int32(4 * n) {
			next := (i + 1) % int32(4*n)
			m.Cells = append(m.Cells, rim[i], first+i, first+next, rim[next])
		}
		for i := range rim {
			rim[i] = first + int32(i)
		}
	}
	m.close(rim[0], 4*n)
	return m
}

// close names the polygon of n points from first on.
func (m *Mesh) close(first int32, n int) {
	for i := range int32(n) {
		m.Facets = append(m.Facets, first+i, first+(i+1)%int32(n))
		m.FacetTag = append(m.FacetTag, 1)
	}
}
