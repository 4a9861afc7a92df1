package fem

import "abide/mesh"

// Field is the function for a file of [mesh.WriteVTU]: its values at the points of the
// mesh, of elements of degree 2 without those between; of elements without values at
// points its values at the centres of cells.
func (u *Function) Field(name string) mesh.Field {
	V := u.Space
	m, k := V.mesh, V.components
	switch V.element {
	case P1, P2, Q1, Q2:
		f := mesh.Field{Name: name, Values: make([]float64, k*m.N()), Components: k}
		for c := range m.Count() {
			dofs := V.Cell(c)
			for i, point := range m.Cell(c) { // corners are the first nodes of a cell
				for j := range k {
					f.Values[k*int(point)+j] = u.Coef[dofs[k*i+j]]
				}
			}
		}
		return f
	}
	if V.vector {
		k = max(k, m.Dim())
	}
	f := mesh.Field{Name: name, Values: make([]float64, k*m.Count()), Components: k, OnCells: true}
	var centre Vec
	for _, x := range corners[m.Shape] {
		centre = centre.Add(x.Times(1 / float64(len(corners[m.Shape]))))
	}
	// An integral over one point of each cell visits them; of its own space it cannot fail.
	_, _ = V.Integral(func(p *Point) float64 {
		v := u.At(p)
		if !V.vector {
			f.Values[p.Cell] = v.Value
			return 0
		}
		copy(f.Values[k*p.Cell:k*p.Cell+k], v.Vector[:k])
		return 0
	}, Rule(Quadrature{Points: []Vec{centre}, Weights: []float64{1}}))
	return f
}
