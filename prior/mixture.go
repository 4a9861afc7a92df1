package prior

import (
	"math"
	"sync"

	. "github.com/gomlx/gomlx/core/graph"
	"gonum.org/v1/gonum/mat"
)

// Mixture is the exact denoiser of Σₖ wₖ N(mₖ, Cₖ) in sampler coordinates. With
// Cₖ = Qₖ Λₖ Qₖᵀ and y = Qₖᵀ(u − mₖ),
//
//	Dₖ(u, σ) = mₖ + Qₖ (λ/(λ+σ²) ⊙ y)
//	log rₖ   = log wₖ − ½ Σⱼ [ yⱼ²/(λⱼ+σ²) + log(λⱼ+σ²) ]  (up to a constant)
//	D(u, σ)  = Σₖ softmax(log r)ₖ Dₖ
//
// The Gaussian prior is the mixture of one. Cost per sample: 4 K d² FLOPs for
// general covariances, 8 K d for diagonal ones; less where all are equal, see
// denoiseShared.
type Mixture struct {
	dim, k    int
	logWeight []float64 // [k]
	mean      []float64 // [k, d]
	cov       []*mat.SymDense

	factored sync.Once // the rest is made at the first use: many posteriors are asked for their moments alone
	eigen    []float64 // [k, d] eigenvalues λ
	basis    []float64 // [d, k, d]: basis[i,k,j] = (Qₖ)ᵢⱼ; nil when every covariance is diagonal
	one      bool      // all covariances are equal: eigen is [d] and basis [d, d]
}

var (
	_ Denoiser = (*Mixture)(nil)
	_ Law      = (*Mixture)(nil)
)

func newMixture(weight []float64, mean []float64, cov []*mat.SymDense) *Mixture {
	k := len(weight)
	m := &Mixture{dim: len(mean) / k, k: k, mean: mean, cov: cov, logWeight: make([]float64, k)}
	for c, w := range weight {
		m.logWeight[c] = math.Log(w)
	}
	return m
}

// factorise finds the eigenvalues and eigenvectors of the covariances.
func (m *Mixture) factorise() {
	d, covs := m.dim, m.cov
	if m.one = shared(covs); m.one {
		covs = covs[:1]
	}
	k := len(covs)
	m.eigen = make([]float64, k*d)
	diagonal := true
	for _, c := range covs {
		diagonal = diagonal && isDiagonal(c)
	}
	if !diagonal {
		m.basis = make([]float64, d*k*d)
	}
	for c, cov := range covs {
		if diagonal {
			for j := range d {
				m.eigen[c*d+j] = cov.At(j, j)
			}
			continue
		}
		lambda, q := eigen(cov)
		for j, l := range lambda {
			m.eigen[c*d+j] = math.Max(l, 0)
			for i := range d {
				m.basis[(i*k+c)*d+j] = q[i*d+j]
			}
		}
	}
}

func isDiagonal(c *mat.SymDense) bool {
	n := c.SymmetricDim()
	for i := range n {
		for j := range i {
			if c.At(i, j) != 0 {
				return false
			}
		}
	}
	return true
}

// Denoise is D; see [Denoiser] for shapes.
func (m *Mixture) Denoise(u, sigma *Node) *Node {
	m.factored.Do(m.factorise)
	if m.one {
		return m.denoiseShared(u, sigma)
	}
	g, n := u.Graph(), u.Shape().Dimensions[0]
	constant := func(v []float64, dims ...int) *Node {
		return Reshape(ConvertDType(Const(g, v), u.DType()), dims...)
	}
	if sigma.Rank() == 2 {
		sigma = ExpandDims(sigma, -1) // [N, 1, 1]
	}
	mean := constant(m.mean, 1, m.k, m.dim)
	y := Sub(ExpandDims(u, 1), mean) // [N, K, d]
	if m.basis != nil {
		// y_k = Qₖᵀ u − Qₖᵀ mₖ, all components in one product.
		q := constant(m.basis, m.dim, m.k*m.dim)
		y = Sub(Reshape(Dot(u, q).Product(), n, m.k, m.dim), constant(m.rotatedMean(), 1, m.k, m.dim))
	}
	lambda := constant(m.eigen, 1, m.k, m.dim)
	s2 := Mul(sigma, sigma)
	variance := Add(lambda, s2) // [1 or N, K, d]
	logr := Sub(constant(m.logWeight, 1, m.k),
		MulScalar(ReduceSum(Add(Div(Mul(y, y), variance), Log(variance)), -1), 0.5))
	r := softmax(logr) // [N, K]
	shrunk := Mul(Mul(y, Div(lambda, variance)), ExpandDims(r, -1))
	centre := Dot(r, constant(m.mean, m.k, m.dim)).Product()
	if m.basis == nil {
		return Add(centre, ReduceSum(shrunk, 1))
	}
	qt := Transpose(constant(m.basis, m.dim, m.k*m.dim), 0, 1)
	return Add(centre, Dot(Reshape(shrunk, n, m.k*m.dim), qt).Product())
}

// axis is (Q_c)ᵢⱼ.
func (m *Mixture) axis(i, c, j int) float64 {
	if m.one {
		return m.basis[i*m.dim+j]
	}
	return m.basis[(i*m.k+c)*m.dim+j]
}

// variance is λ of component c along its axis j.
func (m *Mixture) variance(c, j int) float64 {
	if m.one {
		return m.eigen[j]
	}
	return m.eigen[c*m.dim+j]
}

func (m *Mixture) rotatedMean() []float64 {
	out := make([]float64, m.k*m.dim)
	for c := range m.k {
		for j := range m.dim {
			for i := range m.dim {
				out[c*m.dim+j] += m.axis(i, c, j) * m.mean[c*m.dim+i]
			}
		}
	}
	return out
}

// softmax over the last axis, with the maximum taken out of the exponent.
func softmax(logits *Node) *Node {
	e := Exp(Sub(logits, StopGradient(ReduceAndKeep(logits, ReduceMax, -1))))
	return Div(e, ReduceAndKeep(e, ReduceSum, -1))
}
