package constraint

// NewHalfSpace is the set { x : normal·x ≤ offset }, one row called name (or
// "half-space" if name is empty). It fails on a zero or non-finite normal and on
// a non-finite offset.
func NewHalfSpace(name string, normal []float64, offset float64) (Linear, error) {
	return newLinear("half-space", name, Inequality, [][]float64{normal}, []float64{offset})
}

// NewPolytope is the set { x : A x ≤ b }, matrix A m×d, bound b of length m. Rows
// are called name[0], name[1], … (name alone if m = 1). It fails on ragged,
// empty, zero or non-finite rows.
func NewPolytope(name string, matrix [][]float64, bound []float64) (Linear, error) {
	return newLinear("polytope", name, Inequality, matrix, bound)
}

// NewLinearEquality is the affine subspace { x : A x = b }, matrix A m×d, value b
// of length m. Rows are named as those of [NewPolytope]. Rows that depend on each
// other are found by [Check], together with those of other constraints.
func NewLinearEquality(name string, matrix [][]float64, value []float64) (Linear, error) {
	return newLinear("linear-equality", name, Equality, matrix, value)
}
