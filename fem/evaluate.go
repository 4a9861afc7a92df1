package fem

import (
	"fmt"

	"abide/mesh"
	"abide/sparse"
)

// Evaluation is the matrix H of values at points, (H c)ᵢ = u(xᵢ) for u with the
// coefficients c: row i holds the basis functions of the cell that has xᵢ, the
// barycentric coordinates for P1. points are [n × dim]. Of a vector space with k
// components row k·i+c is component c at xᵢ. A point outside the mesh is an error.
//
// Where several sets of points are wanted, make the locator once and use EvaluationBy.
func (s *Space) Evaluation(points []float64) (*sparse.CSR, error) {
	l, err := mesh.NewLocator(s.mesh)
	if err != nil {
		return nil, err
	}
	return s.EvaluationBy(l, points)
}

// EvaluationBy is Evaluation with a locator of the space's mesh, whose Tolerance says
// how far outside points may be.
func (s *Space) EvaluationBy(l *mesh.Locator, points []float64) (*sparse.CSR, error) {
	cells, at, err := l.Locate(points)
	if err != nil {
		return nil, err
	}
	if s.shape.flux {
		return s.evaluationFlux(cells, at)
	}
	d, k, nodes := s.mesh.Dim(), s.components, len(s.shape.nodes)
	value, grad := make([]float64, nodes), make([]Vec, nodes)
	size := len(cells) * s.perCell
	row, col, weight := make([]int32, 0, size), make([]int32, 0, size), make([]float64, 0, size)
	for i, cell := range cells {
		if int(cell) >= s.mesh.Count() {
			return nil, fmt.Errorf("fem: point %d is in cell %d of a locator, but the space's mesh has %d: make the locator of this mesh", i, cell, s.mesh.Count())
		}
		var x Vec
		copy(x[:], at[d*i:d*i+d])
		s.shape.tabulate(x, value, grad)
		for j, dof := range s.Cell(int(cell)) {
			row, col, weight = append(row, int32(k*i+j%k)), append(col, dof), append(weight, value[j/k])
		}
	}
	return sparse.FromTriplets(len(cells)*k, s.n, row, col, weight)
}
