package physics

import (
	"math"

	"abide/internal/keyed"
)

// Steps of the power method: the largest eigenvalues of Laplacians lie close together, so
// that λ comes out a few per cent low, which a step of 1/λ bears.
const (
	curvatureSteps = 40
	curvatureShare = 2e-3 // change of λ that ends it
)

// Curvature is the largest eigenvalue λ of B Jᵀ R⁻¹ J at u, the curvature of φ along its
// steps but for second derivatives of c: steps of ε B ∇φ go down for ε < 2/λ, whatever
// units, grid and norm. By the power method from one fixed direction, the same for all u,
// with λ estimated from below by ⟨T v, T v⟩/⟨v, T v⟩ in the product in which T = B Jᵀ R⁻¹ J
// is self-adjoint. Rows g ≤ 0 count as active. Cost: up to 40 times a product with J, one
// with Jᵀ and the solves of the norm.
func (p *Penalty) Curvature(u []float64) float64 {
	w := p.norms.Get().(*penaltyWork)
	defer p.norms.Put(w)
	n := p.Dim()
	v, h, b := make([]float64, n), make([]float64, n), make([]float64, n)
	keyed.New(0, "curvature", 0, 0).Normal(v)
	lambda := 0.0
	for range curvatureSteps {
		p.JVP(w.c, u, v)
		p.riesz(w)
		p.VJP(h, u, w.dual)
		copy(b, h)
		if w.norm.Field != nil {
			w.norm.Field.Solve(b, h)
		}
		var bb, vb float64
		for i, x := range h {
			bb += x * b[i]
			vb += x * v[i]
		}
		if !(vb > 0) || !(bb > 0) {
			return lambda
		}
		next := bb / vb
		scale := 1 / math.Sqrt(bb)
		for i := range v {
			v[i] = b[i] * scale
		}
		if done := math.Abs(next-lambda) <= curvatureShare*next; done {
			return next
		}
		lambda = next
	}
	return lambda
}
