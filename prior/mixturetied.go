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
	keep, give := Div(lambda, variance), Div(s2, variance)
	own := Mul(y, keep)
	if m.k == 1 {
		return rotate(Add(Mul(ConstAs(u, mu), give), own), q)
	}
	logr := MulScalar(MatMul(Reciprocal(variance), ConstAs(u, square)), -0.5)
	logr = Add(logr, ConstAs(u, [][]float64{m.logWeight}))
	if variance.Shape().Dimensions[0] > 1 {
		r := softmax(Add(logr, MatMul(Div(y, variance), ConstAs(u, across)))) // [N, K]
		return rotate(Add(Mul(MatMul(r, ConstAs(u, mu)), give), own), q)
	}
	// One level for all points: the means are scaled and not the points.
	scaled := Div(ConstAs(u, across), Reshape(variance, d, 1))
	r := softmax(Add(logr, MatMul(y, scaled)))
	return rotate(Add(MatMul(r, Mul(ConstAs(u, mu), give)), own), q)
}

// rotate is Q y, y where Q is nil.
func rotate(y, q *Node) *Node {
	if q == nil {
		return y
	}
	return MatMul(y, TransposeAllAxes(q, 1, 0))
}
