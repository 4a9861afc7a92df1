package prior

import (
	. "github.com/gomlx/gomlx/core/graph"
	"gonum.org/v1/gonum/mat"

	"abide/internal/engine"
)

// shared tells whether all components have the same covariance, to the last bit: as
// those of a mixture of equal Gaussians, and of its posteriors, have.
func shared(cov []*mat.SymDense) bool {
	for _, c := range cov[1:] {
		if c != cov[0] && !mat.Equal(c, cov[0]) {
			return false
		}
	}
	return true
}

// denoiseShared is D of a mixture with one covariance C = Q Λ Qᵀ, in y = Qᵀu and
// νₖ = Qᵀmₖ: what all components share leaves the responsibilities,
//
//	log rₖ = log wₖ + Σⱼ (yⱼ νₖⱼ − ½ νₖⱼ²)/(λⱼ+σ²),
//	D      = Q( ν̄ + λ/(λ+σ²) ⊙ (y − ν̄) ),  ν̄ = Σ rₖ νₖ
//
// so that everything is products of matrices: 4 K d FLOPs a sample, and 4 d² more
// where C is not diagonal, and no array of [N, K, d].
func (m *Mixture) denoiseShared(u, sigma *Node) *Node {
	mean, _ := m.sharedRows(u, sigma, nil)
	return mean
}

// sharedRows is D and, for rows a of d numbers, a ∂D/∂u as [N, len(a), d], for a
// scalar σ:
//
//	∂D/∂u b = Q( λ/(λ+σ²) ⊙ b′ + 1/(λ+σ²) ⊙ Σₖ rₖ (pₖ − p̄) νₖ ),  b′ = Qᵀb,  pₖ = νₖ·(σ²/(λ+σ²) ⊙ b′)
//
// which is Tweedie's covariance over σ², within the components and between them: one
// product of [N·len(a), K] and [K, d].
func (m *Mixture) sharedRows(u, sigma *Node, a [][]float64) (mean, rows *Node) {
	constant := func(v []float64, dims ...int) *Node {
		return Reshape(ConvertDType(Const(u.Graph(), v), u.DType()), dims...)
	}
	d := m.dim
	centres, y := m.mean, u
	var qt *Node
	if m.basis != nil {
		q := constant(m.basis, d, d)
		y, centres, qt = MatMul(u, q), m.rotatedMean(), Transpose(q, 0, 1)
	}
	back := func(x *Node) *Node {
		if qt == nil {
			return x
		}
		return MatMul(x, qt)
	}
	across, half := make([]float64, len(centres)), make([]float64, len(centres)) // νᵀ and ½ν²ᵀ, [d, k]
	for c := range m.k {
		for j := range d {
			v := centres[c*d+j]
			across[j*m.k+c], half[j*m.k+c] = v, 0.5*v*v
		}
	}
	nu, nuT := constant(centres, m.k, d), constant(across, d, m.k)
	lambda := constant(m.eigen, 1, d)
	s2 := Mul(sigma, sigma)
	precision := Inverse(Add(lambda, s2)) // [1 or N, d]
	// Products with a row of d numbers are the slow ones of the pure-Go backend: of one
	// level for all points they are folded into the matrices of [K, d].
	fold := func(x, row, matrix *Node) *Node { return MatMul(x, Mul(matrix, Transpose(row, 0, 1))) }
	if sigma.Rank() > 0 {
		fold = func(x, row, matrix *Node) *Node { return MatMul(Mul(x, row), matrix) }
	}
	logr := Sub(fold(y, precision, nuT), MatMul(precision, constant(half, d, m.k)))
	r := softmax(Add(logr, constant(m.logWeight, 1, m.k)))
	within := Mul(lambda, precision)
	centre := MatMul(r, nu)
	mean = back(Add(centre, Mul(within, Sub(y, centre))))
	if a == nil {
		return mean, nil
	}
	n, w := u.Shape().Dimensions[0], len(a)
	flat := make([]float64, 0, w*d)
	for _, row := range a {
		flat = append(flat, row...)
	}
	b := constant(flat, w, d)
	if qt != nil {
		b = MatMul(b, constant(m.basis, d, d))
	}
	p := MatMul(Mul(b, Mul(s2, precision)), nuT)                                    // [w, k]
	centred := Sub(ExpandDims(p, 0), ExpandDims(MatMul(r, Transpose(p, 0, 1)), -1)) // [N, w, k]
	between := Reshape(Mul(ExpandDims(r, 1), centred), n*w, m.k)
	// Σ rₖ(pₖ − p̄)νₖ/(λ+σ²) + λ/(λ+σ²) b′ as one product: the second sum has a single term.
	own := make([]float64, n*w*w)
	for i := range n * w {
		own[i*w+i%w] = 1
	}
	left := Concatenate([]*Node{between, constant(own, n*w, w)}, 1)
	rows = MatMul(left, Concatenate([]*Node{Mul(nu, precision), Mul(b, within)}, 0))
	return mean, Reshape(back(rows), n, w, d)
}

var (
	_ Differentiable = (*Mixture)(nil)
	_ Directional    = (*Mixture)(nil)
)

// DenoiseRows is D and a ∂D/∂u; see [Directional].
func (m *Mixture) DenoiseRows(u, sigma *Node, a [][]float64) (mean, rows *Node) {
	m.factored.Do(m.factorise)
	if m.one && sigma.Rank() == 0 {
		return m.sharedRows(u, sigma, a)
	}
	mean = m.Denoise(u, sigma)
	return mean, productRows(mean, u, a)
}

// DenoiseJacobian is D and its Jacobian; see [Differentiable].
func (m *Mixture) DenoiseJacobian(u, sigma *Node) (mean, jacobian *Node) {
	m.factored.Do(m.factorise)
	if !m.one || sigma.Rank() != 0 {
		mean = m.Denoise(u, sigma)
		return mean, engine.Jacobian(mean, u)
	}
	eye := make([][]float64, m.dim)
	for i := range eye {
		eye[i] = make([]float64, m.dim)
		eye[i][i] = 1
	}
	return m.sharedRows(u, sigma, eye) // symmetric
}
