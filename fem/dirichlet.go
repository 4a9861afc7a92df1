package fem

import (
	"fmt"

	"abide/sparse"
)

// Dirichlet prescribes u = g on facets; of RT0 its normal component, Vector·n, or Value
// as the flux out of the domain per area.
type Dirichlet struct {
	Group  string              // name of the facets; "" is all of the boundary
	Value  func(x Vec) float64 // g, of each component that is fixed; nil: 0
	Vector func(x Vec) Vec     // g of a vector space, instead of Value
	Only   []int               // the components that are fixed; nil: all
}

// Fixed is the degrees of freedom with a prescribed value, and a numbering of the rest.
type Fixed struct {
	space  *Space
	Value  []float64 // [N] prescribed values, 0 where free
	Free   []int32   // free degrees of freedom, ascending
	Number []int32   // [N] place in Free, −1 where fixed
}

// Dirichlet collects conditions; where several meet at a node the last one holds.
func (s *Space) Dirichlet(conditions ...Dirichlet) (*Fixed, error) {
	f := &Fixed{space: s, Value: make([]float64, s.n), Number: make([]int32, s.n)}
	for _, c := range conditions {
		if c.Vector != nil && (!s.vector || c.Value != nil) {
			return nil, fmt.Errorf("fem: Dirichlet condition on %q: Vector is for vector spaces, and instead of Value", c.Group)
		}
		only := c.Only
		if only == nil {
			only = []int{0, 1, 2}[:s.components]
		}
		for _, k := range only {
			if k < 0 || k >= s.components {
				return nil, fmt.Errorf("fem: Dirichlet condition on %q fixes component %d: components are 0 to %d", c.Group, k, s.components-1)
			}
		}
		var groups []string
		if c.Group != "" {
			groups = []string{c.Group}
		}
		if s.shape.flux {
			if err := f.fluxes(c, groups); err != nil {
				return nil, err
			}
			continue
		}
		nodes, err := s.nodesOn(groups)
		if err != nil {
			return nil, err
		}
		for _, i := range nodes {
			var g Vec
			switch x := s.places[i]; {
			case c.Vector != nil:
				g = c.Vector(x)
			case c.Value != nil:
				v := c.Value(x)
				g = Vec{v, v, v}
			}
			for _, k := range only {
				dof := int(i)*s.components + k
				f.Value[dof], f.Number[dof] = g[k], -1
			}
		}
	}
	for i, fixed := range f.Number {
		if fixed == 0 {
			f.Number[i] = int32(len(f.Free))
			f.Free = append(f.Free, int32(i))
		}
	}
	return f, nil
}

// DofsOn are the degrees of freedom on named groups of facets, ascending; without a
// name on all of the boundary.
func (s *Space) DofsOn(groups ...string) ([]int32, error) {
	nodes, err := s.nodesOn(groups)
	if err != nil {
		return nil, err
	}
	dofs := make([]int32, 0, len(nodes)*s.components)
	for _, i := range nodes {
		for c := range s.components {
			dofs = append(dofs, i*int32(s.components)+int32(c))
		}
	}
	return dofs, nil
}

func (s *Space) nodesOn(groups []string) ([]int32, error) {
	sides, err := sidesOf(s.mesh, groups)
	if err != nil {
		return nil, err
	}
	local := s.shape.onFacets()
	if len(local[0]) == 0 {
		return nil, fmt.Errorf("fem: element %v has no degrees of freedom on facets: prescribe values weakly", s.element)
	}
	on := make([]bool, len(s.places))
	for _, f := range sides {
		dofs := s.Cell(int(f.cell))
		for _, k := range local[f.local] {
			on[dofs[k*s.components]/int32(s.components)] = true
		}
	}
	var nodes []int32
	for i, yes := range on {
		if yes {
			nodes = append(nodes, int32(i))
		}
	}
	return nodes, nil
}

// onFacets lists the nodes on each facet of the reference cell, which is convex.
func (l *lagrange) onFacets() [][]int {
	var out [][]int
	for f := range l.shape.Facets() {
		a, _, _, normal := referenceFacet(l.shape, f)
		on := []int{}
		for k, x := range l.nodes {
			if x.Sub(a).Dot(normal) > -1e-9 {
				on = append(on, k)
			}
		}
		out = append(out, on)
	}
	return out
}

// N is the number of free degrees of freedom.
func (f *Fixed) N() int { return len(f.Free) }

// Restrict takes the free part of a vector.
func (f *Fixed) Restrict(dst, all []float64) {
	for k, i := range f.Free {
		dst[k] = all[i]
	}
}

// Expand puts free values among the prescribed ones.
func (f *Fixed) Expand(dst, free []float64) {
	copy(dst, f.Value)
	for k, i := range f.Free {
		dst[i] = free[k]
	}
}

// lift takes from b what the fixed columns of a cell's matrix, times c, contribute.
func (f *Fixed) lift(b []float64, cell int, local []float64, c float64) {
	dofs := f.space.Cell(cell)
	for j, dof := range dofs {
		if f.Number[dof] >= 0 || f.Value[dof] == 0 {
			continue
		}
		for i, row := range dofs {
			b[row] -= c * local[i*len(dofs)+j] * f.Value[dof]
		}
	}
}

// Identity writes the conditions into a matrix and a load of all degrees of freedom:
// the rows of fixed ones become those of the identity, with the value on the right. The
// matrix loses its symmetry; [NewForm] with the conditions keeps it.
func (f *Fixed) Identity(a *sparse.CSR, b []float64) error {
	if a.Rows != f.space.n || a.Cols != f.space.n || len(b) != f.space.n {
		return fmt.Errorf("fem: conditions of %d degrees of freedom for a matrix of %d×%d and a load of %d", f.space.n, a.Rows, a.Cols, len(b))
	}
	for i, k := range f.Number {
		if k >= 0 {
			continue
		}
		at := a.Position(i, i)
		if at < 0 {
			return fmt.Errorf("fem: row %d of the matrix has no diagonal entry: make the matrix by a form of the space", i)
		}
		clear(a.Value[a.Ptr[i]:a.Ptr[i+1]])
		a.Value[at] = 1
		b[i] = f.Value[i]
	}
	return nil
}
