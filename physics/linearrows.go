package physics

import (
	"slices"

	"abide/internal/keyed"
)

// LinearRows tells whether all rows of a law are linear, so that what obeys is convex, a
// plane or a polyhedron: whether a product with its Jacobian is the same at two fields of
// random numbers. Cost: two products.
func LinearRows(law Constraint) bool {
	if _, ok := law.(*Unimodal); ok {
		return false // two fields of random numbers may have their peaks in the same places
	}
	n := law.Dim()
	u, v := make([]float64, n), make([]float64, n)
	first, second := make([]float64, Size(law)), make([]float64, Size(law))
	s := keyed.New(0, "linear rows", 0, 0)
	s.Normal(v)
	s.Normal(u)
	law.JVP(first, u, v)
	s.Normal(u)
	law.JVP(second, u, v)
	return slices.Equal(first, second)
}

// affineLaw tells whether a law is linear equations alone.
func affineLaw(law Constraint) bool {
	return !slices.ContainsFunc(law.Rows(), func(r Row) bool { return r.Upper }) && LinearRows(law)
}
