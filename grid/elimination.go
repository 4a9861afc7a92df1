package grid

// elimination solves along the slowest axis of a box, for every mode k of the others,
//
//	(A + μ_k) u = f,   A tridiagonal, μ_k = Σ_{d>0} λ_{k_d} + c,
//
// by Gaussian elimination without exchanges, stable where all matrices are positive
// definite. It takes the place of the transforms along that axis: half of the work of
// a solution in two dimensions.
//
// R. W. Hockney, "A fast direct solution of Poisson's equation using Fourier analysis",
// J. ACM 12 (1965). Two sweeps of a few flops a number, whole rows at a time.
type elimination struct {
	rows, modes int
	below       []float64 // minus the entry of row i to row i−1, and
	above       []float64 // to row i+1
	inverse     []float64 // [rows, modes] of the pivots
	scale       float64   // of the transforms along the other axes
}

// newElimination takes the slowest axis, which is not periodic, and μ.
func newElimination(a Axis, mu []float64, scale float64) *elimination {
	n, w := a.Size(), 1/(a.H()*a.H())
	e := &elimination{rows: n, modes: len(mu), below: make([]float64, n), above: make([]float64, n), inverse: make([]float64, n*len(mu)), scale: scale}
	for i := range n {
		diagonal := 2 * w
		if i > 0 {
			e.below[i] = w
		}
		if i < n-1 {
			e.above[i] = w
		}
		for _, end := range [2]bool{i == 0, i == n-1} {
			switch {
			case !end || a.Centring == Vertex && a.Boundary == Dirichlet:
			case a.Centring == Cell && a.Boundary == Dirichlet:
				diagonal += w
			case a.Centring == Cell:
				diagonal -= w
			case i == 0:
				e.above[i] = 2 * w
			default:
				e.below[i] = 2 * w
			}
		}
		row := e.inverse[i*e.modes : (i+1)*e.modes]
		for k, m := range mu {
			pivot := diagonal + m
			if i > 0 {
				pivot -= e.below[i] * e.above[i-1] * e.inverse[(i-1)*e.modes+k]
			}
			row[k] = 1 / pivot
		}
	}
	return e
}

// solve works in place on coefficients [rows, modes].
func (e *elimination) solve(x []float64) {
	m := e.modes
	before := x[:m]
	for k, v := range e.inverse[:m] {
		before[k] *= v * e.scale
	}
	for i := 1; i < e.rows; i++ {
		row, inverse, w := x[i*m:(i+1)*m], e.inverse[i*m:(i+1)*m], e.below[i]
		before = before[:len(row)]
		inverse = inverse[:len(row)]
		for k, v := range row {
			row[k] = (e.scale*v + w*before[k]) * inverse[k]
		}
		before = row
	}
	after := before
	for i := e.rows - 2; i >= 0; i-- {
		row, inverse, w := x[i*m:(i+1)*m], e.inverse[i*m:(i+1)*m], e.above[i]
		after = after[:len(row)]
		inverse = inverse[:len(row)]
		for k, v := range row {
			row[k] = v + w*inverse[k]*after[k]
		}
		after = row
	}
}
