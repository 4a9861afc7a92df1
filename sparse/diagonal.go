package sparse

import "fmt"

// Diagonal is a diagonal matrix: an Operator (a lumped mass, say) and a Solver, as
// which the diagonal of a matrix is the preconditioner of Jacobi. One multiplication
// or division an unknown. It takes the scales of unknowns out of an iteration and
// nothing else: where their number grows, so do the iterations; see [AMG], [IC0].
type Diagonal []float64

// DiagonalOf is the diagonal of a, in which no number may be zero.
func DiagonalOf(a *CSR) (Diagonal, error) {
	d := make(Diagonal, a.Rows)
	for i := range d {
		d[i] = a.At(i, i)
		if d[i] == 0 || d[i] != d[i] {
			return nil, fmt.Errorf("sparse: the diagonal of row %d is %g: it cannot be solved with", i, d[i])
		}
	}
	return d, nil
}

// Apply is dst = D x.
func (d Diagonal) Apply(dst, x []float64) {
	dst, x = dst[:len(d)], x[:len(d)]
	for i, v := range d {
		dst[i] = v * x[i]
	}
}

// Solve is dst = D⁻¹ b.
func (d Diagonal) Solve(dst, b []float64) {
	dst, b = dst[:len(d)], b[:len(d)]
	for i, v := range d {
		dst[i] = b[i] / v
	}
}
