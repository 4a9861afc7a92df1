package fem

import (
	"fmt"

	"abide/mesh"
	"abide/sparse"
)

// RT0 is the element of lowest order of P.-A. Raviart and J. M. Thomas, "A mixed finite
// element method for 2nd order elliptic problems", Lect. Notes Math. 606 (1977), and in
// space of J.-C. Nédélec, Numer. Math. 35 (1980): on a simplex K of dimension d, with
// the facet Fᵢ opposite the vertex xᵢ,
//
//	φᵢ(x) = ± (x − xᵢ)/(d |K|),  ∫_Fⱼ φᵢ·n = ± δᵢⱼ,  div φᵢ = ± 1/|K|.
//
// A degree of freedom is the flux through a facet in whole, out of the cell with the
// lower number of the two that have it, and out of the domain on the boundary. Functions
// come from the reference cell by the map of Piola, φ = J φ̂/det J, which keeps fluxes.
//
// With pressures P0 in [Saddle] mass is balanced in every cell to rounding, where
// Taylor–Hood balances patches; order 1 of flux, divergence and pressure. Where only the
// pressure counts, P1 is cheaper and of order 2. Place is the centre of the facet.
func newRaviart(shape mesh.Shape) (*lagrange, error) {
	if !simplex(shape) || shape == mesh.Interval {
		return nil, fmt.Errorf("fem: element RT0 on a mesh of shape %v: it is for triangles and tetrahedra", shape)
	}
	l := &lagrange{shape: shape, degree: 1, flux: true}
	for _, facet := range shape.Facets() {
		l.nodes = append(l.nodes, centre(shape, facet...))
	}
	return l, nil
}

// tabulateFlux writes φ̂ᵢ = (d−1)! (x − xᵢ) in place of gradients and its divergence in
// place of values.
func (l *lagrange) tabulateFlux(x Vec, value []float64, vector []Vec) {
	d := l.shape.Dim()
	scale := factorial(d - 1)
	for i, node := range l.nodes {
		// The vertices but xᵢ have the node as centre.
		opposite := Vec{}
		for _, c := range corners[l.shape] {
			opposite = opposite.Add(c)
		}
		opposite = opposite.Sub(node.Times(float64(d)))
		value[i], vector[i] = scale*float64(d), x.Sub(opposite).Times(scale)
	}
}

// numberFacets completes a new space: one degree of freedom per facet.
func (s *Space) numberFacets() (*Space, error) {
	skeleton, err := s.mesh.Skeleton()
	if err != nil {
		return nil, err
	}
	s.vector, s.n, s.dofs = true, len(skeleton.Cell), skeleton.OfCell
	s.sign = make([]float64, len(s.dofs))
	for k, f := range s.dofs {
		s.sign[k] = -1
		if int(skeleton.Cell[f][0]) == k/s.perCell {
			s.sign[k] = 1
		}
	}
	s.place()
	return s, nil
}

// fillFlux is fill for RT0.
func (s *Space) fillFlux(dst []Basis, g *geometry, value []float64, vector []Vec) {
	sign := s.sign[g.index*s.perCell:]
	for i := range dst {
		t, b := sign[i]/g.det, &dst[i]
		b.Vector, b.Div = g.jac.Times(vector[i]).Times(t), value[i]*t
		for k := range g.dim {
			b.Jacobian[k][k] = b.Div / float64(g.dim)
		}
	}
}

// fluxThrough is a rule for ∫_F f·n out of a cell, of degree 5.
type fluxThrough struct {
	geometry *geometry
	sets     []pointSet
}

func (s *Space) newFlux() (*fluxThrough, error) {
	sets, err := facetSets(s.mesh.Shape, domain{degree: 5})
	for i := range sets {
		sets[i].shape = newTable(s.mesh.Shape, sets[i].points)
	}
	return &fluxThrough{newGeometry(s.mesh), sets}, err
}

// of integrates f(x, n)·|n|, n outward and as large as the facet's share of a point.
func (r *fluxThrough) of(cell, local int, f func(x, n Vec) float64) (sum float64) {
	r.geometry.cell(cell)
	set := &r.sets[local]
	n := r.geometry.gradient(set.normal).Times(r.geometry.det)
	for q, w := range set.weights {
		sum += f(r.geometry.at(set.shape.at(q)), n.Times(w))
	}
	return sum
}

func (s *Space) interpolateFlux(f func(x Vec) Vec) (*Function, error) {
	rule, err := s.newFlux()
	if err != nil {
		return nil, err
	}
	u := s.Zero()
	for k, dof := range s.dofs {
		if s.sign[k] > 0 {
			u.Coef[dof] = rule.of(k/s.perCell, k%s.perCell, func(x, n Vec) float64 { return f(x).Dot(n) })
		}
	}
	return u, nil
}

// fluxes fixes those of a condition. Facets on the boundary have one cell, facets inside
// are those of their first: fluxes out of it are the degrees of freedom.
func (f *Fixed) fluxes(c Dirichlet, groups []string) error {
	s := f.space
	if c.Only != nil {
		return fmt.Errorf("fem: Dirichlet condition on %q: fluxes of RT0 have no components to choose by Only", c.Group)
	}
	sides, err := sidesOf(s.mesh, groups)
	if err != nil {
		return err
	}
	rule, err := s.newFlux()
	if err != nil {
		return err
	}
	for _, at := range sides {
		k := int(at.cell)*s.perCell + int(at.local)
		out := 0.0
		switch {
		case c.Vector != nil:
			out = rule.of(int(at.cell), int(at.local), func(x, n Vec) float64 { return c.Vector(x).Dot(n) })
		case c.Value != nil:
			out = rule.of(int(at.cell), int(at.local), func(x, n Vec) float64 { return c.Value(x) * n.Norm() })
		}
		f.Value[s.dofs[k]], f.Number[s.dofs[k]] = out, -1
	}
	return nil
}

// Outflow is the flux of a function of RT0 through all facets of a cell, the integral of
// its divergence there.
func (u *Function) Outflow(cell int) (sum float64) {
	s := u.Space
	for k := cell * s.perCell; k < (cell+1)*s.perCell; k++ {
		sum += s.sign[k] * u.Coef[s.dofs[k]]
	}
	return sum
}

// evaluationFlux is EvaluationBy for RT0, with as many rows a point as dimensions.
func (s *Space) evaluationFlux(cells []int32, at []float64) (*sparse.CSR, error) {
	d := s.mesh.Dim()
	g, basis := newGeometry(s.mesh), make([]Basis, s.perCell)
	value, vector := make([]float64, s.perCell), make([]Vec, s.perCell)
	var row, col []int32
	var weight []float64
	for i, cell := range cells {
		if int(cell) >= s.mesh.Count() {
			return nil, fmt.Errorf("fem: point %d is in cell %d of a locator, but the space's mesh has %d: make the locator of this mesh", i, cell, s.mesh.Count())
		}
		var x Vec
		copy(x[:], at[d*i:d*i+d])
		g.cell(int(cell))
		s.shape.tabulate(x, value, vector)
		s.fillFlux(basis, g, value, vector)
		for j, dof := range s.Cell(int(cell)) {
			for c := range d {
				row, col, weight = append(row, int32(d*i+c)), append(col, dof), append(weight, basis[j].Vector[c])
			}
		}
	}
	return sparse.FromTriplets(len(cells)*d, s.n, row, col, weight)
}
