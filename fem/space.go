// Package fem is finite elements on the meshes of package mesh: spaces of piecewise
// polynomials, forms that are Go functions reading like their formula, boundary
// conditions, norms and point values. Matrices are those of package sparse.
//
//	V, err := fem.NewSpace(m, fem.P1)
//	K, err := V.Bilinear(func(p *fem.Point, u, v *fem.Basis) float64 { return u.Grad.Dot(v.Grad) })
//	b, err := V.Linear(func(p *fem.Point, v *fem.Basis) float64 { return p.X[0] * v.Value })
//
// [Problem] ties a form to its boundary conditions and to a solver.
package fem

import (
	"fmt"
	"slices"
	"sync"

	"abide/mesh"
	"abide/sparse"
)

// Space is the functions Σⱼ cⱼ φⱼ over a mesh. A vector space of k components has k
// degrees of freedom at each node of its scalar space, one after the other: dof k·i+c
// is component c at node i. Nodes are numbered as the points of the mesh first, then
// the edges, faces and cells that have one.
type Space struct {
	mesh       *mesh.Mesh
	element    Element
	shape      *lagrange
	components int
	vector     bool

	perCell int
	dofs    []int32 // [cells × perCell]
	n       int
	places  []Vec     // [n / components] of the nodes
	sign    []float64 // [cells × perCell] of RT0: +1 where a facet's flux is out of the cell

	own      sync.Once // makes assembly
	assembly *sparse.Assembly
	err      error
}

// NewSpace numbers the degrees of freedom of an element on a mesh.
func NewSpace(m *mesh.Mesh, e Element) (*Space, error) {
	if m == nil {
		return nil, fmt.Errorf("fem: a space without a mesh: look at the error of what should have made or read it")
	}
	l, err := newLagrange(m.Shape, e)
	if err != nil {
		return nil, err
	}
	if err := checkCells(m); err != nil {
		return nil, err
	}
	s := &Space{mesh: m, element: e, shape: l, components: 1, perCell: len(l.nodes)}
	s.dofs = make([]int32, m.Count()*s.perCell)
	at := 0 // local number
	put := func(count int, of func(cell, k int) int32) {
		for c := range m.Count() {
			for k := range count {
				s.dofs[c*s.perCell+at+k] = int32(s.n) + of(c, k)
			}
		}
		at += count
	}
	if l.flux {
		return s.numberFacets()
	}
	if l.degree > 0 {
		if err := checkPoints(m); err != nil {
			return nil, err
		}
		put(m.Shape.Vertices(), func(c, k int) int32 { return m.Cell(c)[k] })
		s.n += m.N()
	}
	if l.edges > 0 {
		points, of := m.Edges()
		put(l.edges, func(c, k int) int32 { return of[c*l.edges+k] })
		s.n += len(points) / 2
	}
	if faces := len(l.faces); faces > 0 {
		skeleton, err := m.Skeleton()
		if err != nil {
			return nil, err
		}
		put(faces, func(c, k int) int32 { return skeleton.OfCell[c*faces+k] })
		s.n += len(skeleton.Cell)
	}
	if l.inside {
		put(1, func(c, _ int) int32 { return int32(c) })
		s.n += m.Count()
	}
	s.place()
	return s, nil
}

// checkPoints refuses points that no cell has: their rows would be empty.
func checkPoints(m *mesh.Mesh) error {
	used := make([]bool, m.N())
	for _, v := range m.Cells {
		used[v] = true
	}
	if i := slices.Index(used, false); i >= 0 {
		return fmt.Errorf("fem: %w: point %d at %v is in no cell: leave it out of the mesh", mesh.ErrUnused, i, m.Point(int32(i)))
	}
	return nil
}

// place finds where the nodes are.
func (s *Space) place() {
	s.places = make([]Vec, s.n)
	m := s.mesh
	if s.shape.degree == 1 && !s.shape.flux {
		for i := range s.places {
			copy(s.places[i][:], m.Point(int32(i)))
		}
		return
	}
	t := newTable(m.Shape, s.shape.nodes)
	g := newGeometry(m)
	for c := range m.Count() {
		g.cell(c)
		for k, i := range s.dofs[c*s.perCell : (c+1)*s.perCell] {
			s.places[i] = g.at(t.at(k))
		}
	}
}

// Vector is the space of functions with k components, each of this scalar space.
func (s *Space) Vector(k int) (*Space, error) {
	if s.vector || k < 1 || k > 3 {
		return nil, fmt.Errorf("fem: a vector space of %d components of %d: components are 1 to 3, of a scalar space", k, s.components)
	}
	v := &Space{mesh: s.mesh, element: s.element, shape: s.shape, components: k, vector: true, perCell: k * s.perCell, n: k * s.n, places: s.places}
	v.dofs = make([]int32, 0, k*len(s.dofs))
	for _, i := range s.dofs {
		for c := range int32(k) {
			v.dofs = append(v.dofs, int32(k)*i+c)
		}
	}
	return v, nil
}

// Mesh is what the space was made on.
func (s *Space) Mesh() *mesh.Mesh { return s.mesh }

// Element is that of each component.
func (s *Space) Element() Element { return s.element }

// Components is the number of functions that [Space.Vector] joined; of all others 1.
func (s *Space) Components() int { return s.components }

// N is the number of degrees of freedom.
func (s *Space) N() int { return s.n }

// PerCell is the number of degrees of freedom of each cell.
func (s *Space) PerCell() int { return s.perCell }

// Cell is the degrees of freedom of a cell.
func (s *Space) Cell(c int) []int32 { return s.dofs[c*s.perCell : (c+1)*s.perCell] }

// Cells are the degrees of freedom of all cells, [cells × PerCell].
func (s *Space) Cells() []int32 { return s.dofs }

// Place is where degree of freedom i is.
func (s *Space) Place(i int) Vec { return s.places[i/s.components] }

// Places are the coordinates of the nodes, [N / Components × dim], for orderings.
func (s *Space) Places() []float64 {
	d := s.mesh.Dim()
	out := make([]float64, 0, d*len(s.places))
	for _, p := range s.places {
		out = append(out, p[:d]...)
	}
	return out
}

// Interpolate is the function of a scalar space that equals f at the nodes.
func (s *Space) Interpolate(f func(x Vec) float64) (*Function, error) {
	if s.vector {
		return nil, fmt.Errorf("fem: a function of one component in a space of %d: use InterpolateVector", s.components)
	}
	u := s.Zero()
	for i, x := range s.places {
		u.Coef[i] = f(x)
	}
	return u, nil
}

// InterpolateVector is Interpolate in a vector space; in RT0 the function with the fluxes
// of f through all facets.
func (s *Space) InterpolateVector(f func(x Vec) Vec) (*Function, error) {
	if s.shape.flux {
		return s.interpolateFlux(f)
	}
	if !s.vector {
		return nil, fmt.Errorf("fem: a vector function in a scalar space: use Interpolate")
	}
	u := s.Zero()
	for i, x := range s.places {
		value := f(x)
		copy(u.Coef[i*s.components:(i+1)*s.components], value[:])
	}
	return u, nil
}

// Function is a member of a space.
type Function struct {
	Space *Space
	Coef  []float64 // [N]
}

// Zero is the function 0.
func (s *Space) Zero() *Function { return &Function{s, make([]float64, s.n)} }

// Function is the function with given coefficients, which it keeps.
func (s *Space) Function(coef []float64) (*Function, error) {
	if len(coef) != s.n {
		return nil, fmt.Errorf("fem: %d coefficients for %d degrees of freedom", len(coef), s.n)
	}
	return &Function{s, coef}, nil
}
