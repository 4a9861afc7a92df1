package prior

import (
	"slices"

	. "github.com/gomlx/gomlx/core/graph"
	"gonum.org/v1/gonum/mat"
)

// tieFloor is the smallest eigenvalue of a covariance common to several components
// with which responsibilities are made of products: they lose some ε|u||m|/λ.
const tieFloor = 1e-6

// tie says whether all covariances are one, Q Λ Qᵀ.
func (m *Mixture) tie() bool {
	for _, c := range m.cov[1:] {
		if !mat.Equal(c, m.cov[0]) {
			return false
		}
	}
	return m.k == 1 || slices.Min(m.eigen[:m.dim]) >= tieFloor
}

// denoiseTied is D where all components have one covariance. What is quadratic in u
// is then the same for all and leaves the softmax: with y = Qᵀu, μₖ = Qᵀmₖ and
// w = 1/(λ+σ²),
//
//	log rₖ = log wₖ + (w⊙y)·μₖ − ½ w·μₖ²,   c = Σₖ rₖ μₖ,   D = Q (w ⊙ (σ² c + λ ⊙ y)),
//
// products of matrices of 4 K d FLOPs a sample and nothing of size K d, in place of
// some twenty passes over K d numbers.
func (m *Mixture) denoiseTied(u, sigma *Node) *Node {
	d := m.dim
	mean := m.mean
	var q *Node
	y := u
	if m.basis != nil {
		mean = m.rotatedMean()
		flat := make([][]float64, d)
		for i := range flat {
			flat[i] = m.basis[i*m.k*d : i*m.k*d+d]
		}
		q = ConstAs(u, flat)
		y = MatMul(u, q)
	}
	mu := make([][]float64, m.k)                                 // [K, d]
	across, square := make([][]float64, d), make([][]float64, d) // μᵀ and μ²ᵀ, [d, K]
	for k := range mu {
		mu[k] = mean[k*d : (k+1)*d]
		for j, v := range mu[k] {
			across[j], square[j] = append(across[j], v), append(square[j], v*v)
		}
	}
	s2 := Mul(sigma, sigma)
	lambda := ConstAs(u, [][]float64{m.eigen[:d]})
	variance := Add(lambda, s2) // [1 or N, d]
	centre := ConstAs(u, mu[:1])
	if m.k > 1 {
		logr := MatMul(Div(y, variance), ConstAs(u, across)) // [N, K]
		logr = Sub(logr, MulScalar(MatMul(Reciprocal(variance), ConstAs(u, square)), 0.5))
		r := softmax(Add(logr, ConstAs(u, [][]float64{m.logWeight})))
		centre = MatMul(r, ConstAs(u, mu))
	}
	out := Add(Mul(centre, Div(s2, variance)), Mul(y, Div(lambda, variance)))
	if q == nil {
		return out
	}
	return MatMul(out, TransposeAllAxes(q, 1, 0))
}
