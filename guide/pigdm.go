package guide

import (
	. "github.com/gomlx/gomlx/core/graph"
	"gonum.org/v1/gonum/mat"

	"abide/internal/engine"
	"abide/operator"
	"abide/potential"
	"abide/prior"
)

// PiGDM is pseudo-inverse guidance in score form (Song, Vahdat, Mardani and Kautz
// 2023, equation 7): TMPD with the covariance of a Gaussian of variance s²,
// r² = σ²s²/(σ² + s²), in place of Tweedie's,
//
//	Pull = (∂D/∂u)ᵀ Hᵀ (r² H Hᵀ + R)⁻¹ (y − H D).
//
// Exact for the prior N(μ, s²I); for others its limit is biased. One
// vector–Jacobian product. Linear H. DataVariance is in sampler coordinates, where
// columns have variance 1.
type PiGDM struct {
	Y            *potential.Measurement // linear, with Gaussian noise
	DataVariance float64                // s²
}

var (
	_ Guide  = PiGDM{}
	_ Puller = PiGDM{}
)

// Guide returns D′.
func (g PiGDM) Guide(d prior.Denoiser) prior.Denoiser { return Pulled(d, g) }

// Pull is [N, d].
func (g PiGDM) Pull(mean, u, sigma *Node) *Node {
	h, y, _ := g.Y.Linear()
	noise, _ := g.Y.Gaussian()
	s2 := Mul(sigma, sigma)
	r2 := Div(MulScalar(s2, g.DataVariance), AddScalar(s2, g.DataVariance))
	// With L⁻¹ H Hᵀ L⁻ᵀ = Q Λ Qᵀ, R = L Lᵀ, the inverse is L⁻ᵀ Q (r²Λ + 1)⁻¹ Qᵀ L⁻¹.
	q, lambda := whiteGram(h, noise)
	residual := Sub(ConstAs(u, [][]float64{y}), h.Apply(mean))
	f := MatMul(noise.Whiten(residual), ConstAs(u, q))
	f = Div(f, AddScalar(Mul(ConstAs(u, [][]float64{lambda}), r2), 1))
	f = noise.WhitenTranspose(MatMul(f, ConstAs(u, transposed(q))))
	return engine.VJP(h.Apply(mean), u, f)
}

// whiteGram are eigenvectors (rows m, columns the vectors) and eigenvalues of
// L⁻¹ H Hᵀ L⁻ᵀ.
func whiteGram(h operator.Linear, noise *potential.Normal) (q [][]float64, lambda []float64) {
	d, m := h.Dims()
	a := mat.NewDense(m, d, append([]float64(nil), operator.Dense(h)...))
	column := make([]float64, m)
	for j := range d {
		mat.Col(column, j, a)
		noise.WhitenAt(column)
		a.SetCol(j, column)
	}
	var gram mat.SymDense
	gram.SymOuterK(1, a)
	var f mat.EigenSym
	if !f.Factorize(&gram, true) {
		panic("guide: the eigenvalues of H Hᵀ did not converge: are the operator's numbers finite?")
	}
	var v mat.Dense
	f.VectorsTo(&v)
	for i := range m {
		q = append(q, mat.Row(nil, i, &v))
	}
	return q, f.Values(nil)
}

func transposed(a [][]float64) [][]float64 {
	out := make([][]float64, len(a[0]))
	for j := range out {
		out[j] = make([]float64, len(a))
		for i := range a {
			out[j][i] = a[i][j]
		}
	}
	return out
}
