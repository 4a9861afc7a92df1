package particle

import (
	"math"

	"abide/internal/keyed"
)

// null is the space that a matrix H does not see, {u : H u = 0}.
type null struct {
	q     []float64 // [m, d] orthonormal rows that span those of H; zeros where H has a dependent row
	l     []float64 // [m, m] L with H = L Q
	probe []float64 // e, in the null space
	size  float64   // eᵀe
	m, d  int
}

// newNull is nil where H sees everything.
func newNull(h []float64, d int, stream *keyed.Stream) *null {
	m := len(h) / d
	n := &null{q: append([]float64(nil), h...), l: make([]float64, m*m), probe: make([]float64, d), m: m, d: d}
	for i := range m { // Gram–Schmidt, twice for rounding
		row := n.q[i*d : (i+1)*d]
		size := dot(row, row)
		for range 2 {
			for j := range i {
				other := n.q[j*d : (j+1)*d]
				along := dot(row, other)
				n.l[i*m+j] += along
				axpy(row, -along, other)
			}
		}
		if left := dot(row, row); left > 1e-24*size {
			n.l[i*m+i] = math.Sqrt(left)
			for j := range row {
				row[j] /= n.l[i*m+i]
			}
		} else {
			clear(row)
		}
	}
	for j := range n.probe {
		n.probe[j] = 1
		if stream.Uniform() < 0.5 {
			n.probe[j] = -1
		}
	}
	n.project(n.probe)
	if n.size = dot(n.probe, n.probe); n.size < 1e-12*float64(d) {
		return nil
	}
	return n
}

// project is x ← N x.
func (n *null) project(x []float64) {
	for i := range n.m {
		row := n.q[i*n.d : (i+1)*n.d]
		axpy(x, -dot(row, x), row)
	}
}

// rest is λ from eᵀ(∂D/∂u)e and F; 0 where it is no number.
func (n *null) rest(sigma, along float64, f []float64) float64 {
	s2 := sigma * sigma
	left := s2 * along
	for i := range n.m {
		c := dot(f[i*n.d:(i+1)*n.d], n.probe)
		left -= c * c
	}
	if left > 0 {
		return math.Min(left/n.size, s2/(1+s2))
	}
	return 0
}

// seen is Q Fᵀ [m, k] from M = H Fᵀ: L⁻¹M.
func (n *null) seen(out, m []float64, k int) {
	copy(out, m)
	for i := range n.m {
		row, diag := out[i*k:(i+1)*k], n.l[i*n.m+i]
		if diag == 0 {
			clear(row)
			continue
		}
		for j := range i {
			axpy(row, -n.l[i*n.m+j], out[j*k:(j+1)*k])
		}
		for j := range row {
			row[j] /= diag
		}
	}
}
