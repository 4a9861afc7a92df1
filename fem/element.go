package fem

import (
	"fmt"

	"abide/mesh"
)

// Element is a kind of piecewise polynomials.
//
//   - P0: constant in each cell, of any shape.
//   - P1, P2: continuous, of total degree 1 and 2 on simplices.
//   - Q1, Q2: continuous, of degree 1 and 2 in each reference coordinate on tensor
//     cells; on the interval the same as P1 and P2.
//   - RT0: fluxes, vector functions whose normal component is continuous, on triangles
//     and tetrahedra. See raviart.go.
//
// All but RT0 are Lagrange elements (P. G. Ciarlet, "The Finite Element Method for Elliptic
// Problems" (1978), §2.2): a degree of freedom is the value at a node. Nodes of a
// cell are numbered vertices first, then edges, faces and the cell, in the order of
// mesh.Shape.
type Element int

const (
	P0 Element = iota
	P1
	P2
	Q1
	Q2
	RT0
)

// String is the name of the element.
func (e Element) String() string { return [...]string{"P0", "P1", "P2", "Q1", "Q2", "RT0"}[e] }

// degree of the polynomials.
func (e Element) degree() int { return [...]int{0, 1, 2, 1, 2, 1}[e] }

// lagrange is an element on one shape.
type lagrange struct {
	shape  mesh.Shape
	degree int
	tensor bool
	nodes  []Vec // on the reference cell
	edges  int   // vertices, then nodes on as many edges,
	faces  [][]int
	inside bool // then on faces, then one within the cell
	flux   bool // instead one on each facet, of RT0
}

// corners are the vertices of the reference cells.
var corners = map[mesh.Shape][]Vec{
	mesh.Interval:      {{0}, {1}},
	mesh.Triangle:      {{0, 0}, {1, 0}, {0, 1}},
	mesh.Quadrilateral: {{0, 0}, {1, 0}, {1, 1}, {0, 1}},
	mesh.Tetrahedron:   {{0, 0, 0}, {1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
	mesh.Hexahedron:    {{0, 0, 0}, {1, 0, 0}, {1, 1, 0}, {0, 1, 0}, {0, 0, 1}, {1, 0, 1}, {1, 1, 1}, {0, 1, 1}},
}

func simplex(s mesh.Shape) bool { return s.Vertices() == s.Dim()+1 }

// centre of vertices of the reference cell.
func centre(shape mesh.Shape, vertices ...int) Vec {
	var c Vec
	for _, v := range vertices {
		c = c.Add(corners[shape][v])
	}
	return c.Times(1 / float64(len(vertices)))
}

func newLagrange(shape mesh.Shape, e Element) (*lagrange, error) {
	if e == RT0 {
		return newRaviart(shape)
	}
	tensor := e == Q1 || e == Q2
	if e < P0 || e > RT0 {
		return nil, fmt.Errorf("fem: element %d: allowed are P0, P1, P2, Q1, Q2, RT0", int(e))
	}
	if e != P0 && shape != mesh.Interval && tensor == simplex(shape) {
		return nil, fmt.Errorf("fem: element %v on a mesh of shape %v: P1 and P2 are for simplices, Q1 and Q2 for quadrilaterals and hexahedra, P0 for all", e, shape)
	}
	l := &lagrange{shape: shape, degree: e.degree(), tensor: !simplex(shape)}
	all := make([]int, shape.Vertices())
	for i := range all {
		all[i] = i
	}
	if e == P0 {
		l.inside, l.nodes = true, []Vec{centre(shape, all...)}
		return l, nil
	}
	l.nodes = append(l.nodes, corners[shape]...)
	if l.degree == 1 {
		return l, nil
	}
	for _, edge := range shape.Edges() {
		l.nodes = append(l.nodes, centre(shape, edge[0], edge[1]))
		l.edges++
	}
	if shape == mesh.Hexahedron {
		l.faces = shape.Facets()
		for _, f := range l.faces {
			l.nodes = append(l.nodes, centre(shape, f...))
		}
	}
	if l.tensor {
		l.inside = true
		l.nodes = append(l.nodes, centre(shape, all...))
	}
	return l, nil
}

// tabulate writes the values and reference gradients of all shape functions at a point.
func (l *lagrange) tabulate(x Vec, value []float64, grad []Vec) {
	switch {
	case l.flux:
		l.tabulateFlux(x, value, grad)
	case l.degree == 0:
		value[0], grad[0] = 1, Vec{}
	case l.tensor:
		l.tabulateTensor(x, value, grad)
	default:
		l.tabulateSimplex(x, value, grad)
	}
}

// tabulateSimplex: λᵢ for degree 1; λᵢ(2λᵢ−1) at vertices and 4λᵢλⱼ at edges for 2.
func (l *lagrange) tabulateSimplex(x Vec, value []float64, grad []Vec) {
	d := l.shape.Dim()
	var bary [4]float64
	var slope [4]Vec
	bary[0] = 1
	for k := range d {
		bary[0] -= x[k]
		bary[k+1] = x[k]
		slope[0][k], slope[k+1][k] = -1, 1
	}
	if l.degree == 1 {
		copy(value, bary[:d+1])
		copy(grad, slope[:d+1])
		return
	}
	for i := range d + 1 {
		value[i] = bary[i] * (2*bary[i] - 1)
		grad[i] = slope[i].Times(4*bary[i] - 1)
	}
	for k, e := range l.shape.Edges() {
		i, j := e[0], e[1]
		value[d+1+k] = 4 * bary[i] * bary[j]
		grad[d+1+k] = slope[i].Times(4 * bary[j]).Add(slope[j].Times(4 * bary[i]))
	}
}

// tabulateTensor: products of the 1-D Lagrange polynomials through 0, ½ and 1.
func (l *lagrange) tabulateTensor(x Vec, value []float64, grad []Vec) {
	d := l.shape.Dim()
	for i, node := range l.nodes {
		var f, g [3]float64
		for k := range d {
			f[k], g[k] = line(l.degree, node[k], x[k])
		}
		for k := d; k < 3; k++ {
			f[k] = 1
		}
		value[i] = f[0] * f[1] * f[2]
		grad[i] = Vec{g[0] * f[1] * f[2], f[0] * g[1] * f[2], f[0] * f[1] * g[2]}
	}
}

// line is the 1-D polynomial that is 1 at node and 0 at the others, and its slope.
func line(degree int, node, x float64) (f, g float64) {
	switch {
	case degree == 1 && node == 0:
		return 1 - x, -1
	case degree == 1:
		return x, 1
	case node == 0:
		return (1 - x) * (1 - 2*x), 4*x - 3
	case node == 1:
		return x * (2*x - 1), 4*x - 1
	}
	return 4 * x * (1 - x), 4 - 8*x
}
