package guide

import (
	"math"
	"slices"

	. "github.com/gomlx/gomlx/core/graph"
	"gonum.org/v1/gonum/mat"

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
//
// With RowSums, the form "plus" for masks, H Hᵀ is replaced by the diagonal matrix of
// its rows' sums, of absolute values: through a mask that is H Hᵀ itself, and for other
// H it is wider, so that the guidance is weaker and never of the wrong sign.
type PiGDM struct {
	Y            *potential.Measurement // linear, with Gaussian noise
	DataVariance float64                // s²
	RowSums      bool
}

var (
	_ Guide  = PiGDM{}
	_ Puller = PiGDM{}
)

// Guide returns D′.
func (g PiGDM) Guide(d prior.Denoiser) prior.Denoiser { return Pulled(d, g) }

// Pull is [N, d].
func (g PiGDM) Pull(mean, u, sigma *Node) *Node {
	h, _, _ := g.Y.Linear()
	noise, _ := g.Y.Gaussian()
	s := see(g.Y, mean, u, sigma)
	r2 := Div(MulScalar(s.variance, g.DataVariance), AddScalar(s.variance, g.DataVariance))
	gram := whiteGram(h, noise)
	if g.RowSums {
		sums := make([]float64, len(g.Y.Y))
		for i := range sums {
			for j := range sums {
				sums[i] += math.Abs(gram.At(i, j))
			}
		}
		return s.back(Div(s.residual, AddScalar(Mul(ConstAs(u, [][]float64{sums}), r2), 1)))
	}
	// With H Hᵀ = Q Λ Qᵀ in units of the noise the inverse is Q (r²Λ + 1)⁻¹ Qᵀ.
	q, lambda := eigenvectors(gram)
	f := MatMul(s.residual, ConstAs(u, q))
	f = Div(f, AddScalar(Mul(ConstAs(u, [][]float64{lambda}), r2), 1))
	return s.back(MatMul(f, ConstAs(u, transposed(q))))
}

// whiteRows is L⁻¹ H, R = L Lᵀ.
func whiteRows(h operator.Linear, noise *potential.Normal) *mat.Dense {
	d, m := h.Dims()
	a := slices.Clone(operator.Dense(h))
	noise.WhitenRows(a, d)
	return mat.NewDense(m, d, a)
}

// whiteGram is L⁻¹ H Hᵀ L⁻ᵀ.
func whiteGram(h operator.Linear, noise *potential.Normal) *mat.SymDense {
	var gram mat.SymDense
	gram.SymOuterK(1, whiteRows(h, noise))
	return &gram
}

// eigenvectors (columns of q) and eigenvalues of a symmetric matrix.
func eigenvectors(a *mat.SymDense) (q [][]float64, lambda []float64) {
	var f mat.EigenSym
	if !f.Factorize(a, true) {
		panic("guide: the eigenvalues of a covariance did not converge: are the numbers of operator and prior finite?")
	}
	var v mat.Dense
	f.VectorsTo(&v)
	for i := range a.SymmetricDim() {
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
