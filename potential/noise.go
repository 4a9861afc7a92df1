package potential

import (
	"fmt"
	"math"

	"github.com/gomlx/gomlx/core/graph"
	"gonum.org/v1/gonum/mat"
)

// Noise is the law of a measurement y given what the operator sees of a point,
// as an energy: −log p(y | at) up to a constant, at = A(x).
type Noise interface {
	// Energy is at [N, m] → [N].
	Energy(at *Node, y []float64) *Node
	// EnergyAt is the energy of one point; it writes ∂E/∂at to g unless that is nil.
	EnergyAt(at, y, g []float64) float64
}

// Normal is Gaussian noise N(0, R), R diagonal or a full matrix.
type Normal struct {
	variance []float64     // the diagonal of R
	chol     *mat.Cholesky // of R where it is not diagonal
	white    *mat.TriDense // L⁻¹, R = L Lᵀ, where it is not diagonal
}

var _ Noise = (*Normal)(nil)

// NewNormal is independent noise with the given standard deviations.
func NewNormal(std []float64) (*Normal, error) {
	n := &Normal{}
	for i, s := range std {
		if !(s > 0) || !finite(s) || s*s == 0 || !finite(s*s) {
			return nil, fmt.Errorf("std[%d] is %g: want a positive number of the size of the noise; what is known exactly is a constraint of kind fixed or linear-equality", i, s)
		}
		n.variance = append(n.variance, s*s)
	}
	return n, nil
}

// NewCorrelated is noise with a covariance matrix, which has to be symmetric and
// positive definite.
func NewCorrelated(cov [][]float64) (*Normal, error) {
	m := len(cov)
	sym := mat.NewSymDense(m, nil)
	n := &Normal{}
	for i, row := range cov {
		if len(row) != m {
			return nil, fmt.Errorf("covariance row %d has %d numbers: want a square matrix of %d rows", i, len(row), m)
		}
		for j, v := range row[:i+1] {
			if !finite(v) {
				return nil, fmt.Errorf("covariance[%d][%d] is %g: want a finite number", i, j, v)
			}
			if o := cov[j][i]; math.Abs(o-v) > 1e-9*math.Sqrt(math.Abs(cov[i][i]*cov[j][j])) {
				return nil, fmt.Errorf("covariance[%d][%d] = %g and [%d][%d] = %g differ: a covariance is symmetric", i, j, v, j, i, o)
			}
			sym.SetSym(i, j, v)
		}
		n.variance = append(n.variance, row[i])
	}
	return n, n.factor(sym)
}

// factor prepares a full covariance.
func (n *Normal) factor(r *mat.SymDense) error {
	n.chol, n.white = &mat.Cholesky{}, &mat.TriDense{}
	if !n.chol.Factorize(r) {
		return fmt.Errorf("the covariance of the noise is not positive definite: give variances > 0 and correlations inside (−1, 1); what is known exactly is a constraint")
	}
	n.chol.LTo(n.white)
	return n.white.InverseTri(n.white)
}

// Variance is the diagonal of R; not to be changed.
func (n *Normal) Variance() []float64 { return n.variance }

// Independent tells whether R is diagonal.
func (n *Normal) Independent() bool { return n.chol == nil }

// Covariance is R, row-major m×m.
func (n *Normal) Covariance() []float64 {
	m := len(n.variance)
	out := make([]float64, m*m)
	if n.chol == nil {
		for i, v := range n.variance {
			out[i*m+i] = v
		}
		return out
	}
	var r mat.SymDense
	n.chol.ToSym(&r)
	for i := range m {
		for j := range m {
			out[i*m+j] = r.At(i, j)
		}
	}
	return out
}

// Conditional are the variances of each value given those before it, the squared
// diagonal of L; the variances themselves for independent noise.
func (n *Normal) Conditional() []float64 {
	if n.chol == nil {
		return n.variance
	}
	out := make([]float64, len(n.variance))
	for i := range out {
		out[i] = 1 / (n.white.At(i, i) * n.white.At(i, i))
	}
	return out
}

// Whiten is L⁻¹ r as a graph, [N, m] → [N, m], R = L Lᵀ: standard normal for noise r.
func (n *Normal) Whiten(r *Node) *Node { return n.times(r, false) }

// WhitenTranspose is L⁻ᵀ r as a graph, [N, m] → [N, m].
func (n *Normal) WhitenTranspose(r *Node) *Node { return n.times(r, true) }

// times multiplies by L⁻¹, or by its transpose.
func (n *Normal) times(r *Node, transpose bool) *Node {
	m := len(n.variance)
	if n.chol == nil {
		s := make([]float64, m)
		for i, v := range n.variance {
			s[i] = 1 / math.Sqrt(v)
		}
		return graph.Mul(r, graph.ConstAs(r, [][]float64{s}))
	}
	w := make([][]float64, m) // r L⁻ᵀ is (L⁻¹ r)ᵀ
	for i := range w {
		w[i] = make([]float64, m)
		for j := range m {
			if w[i][j] = n.white.At(j, i); transpose {
				w[i][j] = n.white.At(i, j)
			}
		}
	}
	return graph.MatMul(r, graph.ConstAs(r, w))
}

// WhitenAt is r ← L⁻¹ r on the host.
func (n *Normal) WhitenAt(r []float64) {
	if n.chol == nil {
		for i, v := range n.variance {
			r[i] /= math.Sqrt(v)
		}
		return
	}
	for i := len(r) - 1; i >= 0; i-- { // L⁻¹ is lower triangular: from the end, in place
		var s float64
		for j := range i + 1 {
			s += n.white.At(i, j) * r[j]
		}
		r[i] = s
	}
}

// WhitenTransposeAt is r ← L⁻ᵀ r on the host.
func (n *Normal) WhitenTransposeAt(r []float64) {
	if n.chol == nil {
		n.WhitenAt(r)
		return
	}
	for i := range r { // L⁻ᵀ is upper triangular: from the start, in place
		var s float64
		for j := i; j < len(r); j++ {
			s += n.white.At(j, i) * r[j]
		}
		r[i] = s
	}
}

// WhitenRows is A ← L⁻¹ A on the host, A m×d and row-major.
func (n *Normal) WhitenRows(a []float64, d int) {
	column := make([]float64, len(n.variance))
	for j := range d {
		for i := range column {
			column[i] = a[i*d+j]
		}
		n.WhitenAt(column)
		for i, v := range column {
			a[i*d+j] = v
		}
	}
}

// PrecisionAt is r ← R⁻¹ r on the host.
func (n *Normal) PrecisionAt(r []float64) {
	if n.chol == nil {
		for i, v := range n.variance {
			r[i] /= v
		}
		return
	}
	v := mat.NewVecDense(len(r), r)
	n.chol.SolveVecTo(v, mat.VecDenseCopyOf(v))
}

// Energy is ½ rᵀ R⁻¹ r of r = y − at.
func (n *Normal) Energy(at *Node, y []float64) *Node {
	w := n.Whiten(graph.Sub(graph.ConstAs(at, [][]float64{y}), at))
	return graph.MulScalar(graph.ReduceSum(graph.Square(w), -1), 0.5)
}

// EnergyAt is ½ rᵀ R⁻¹ r of r = y − at.
func (n *Normal) EnergyAt(at, y, g []float64) float64 {
	if n.chol == nil {
		var e float64
		for i, v := range n.variance {
			r := y[i] - at[i]
			e += 0.5 * r * r / v
			if g != nil {
				g[i] = -r / v
			}
		}
		return e
	}
	r := make([]float64, len(y))
	for i, v := range y {
		r[i] = v - at[i]
	}
	p := append([]float64(nil), r...)
	n.PrecisionAt(p)
	for i := range g {
		g[i] = -p[i]
	}
	return 0.5 * dot(r, p)
}
