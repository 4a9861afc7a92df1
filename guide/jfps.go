package guide

import (
	. "github.com/gomlx/gomlx/core/graph"
	"gonum.org/v1/gonum/mat"

	"abide/potential"
	"abide/prior"
)

// JFPS is Jacobian-free posterior sampling (Rozet, in the software azula, with the
// covariance of Rozet and Louppe 2023, "Score-based data assimilation"): TMPD with the
// covariance that a Gaussian prior with the data's own covariance Σ would leave,
//
//	Pull = σ⁻² C Hᵀ (H C Hᵀ + R)⁻¹ (y − H D),   C = (Σ⁻¹ + σ⁻² I)⁻¹.
//
// Exact for Gaussian priors, without a vector–Jacobian product; for others C is what
// is left open on average and not at the point, and the limit is biased. The m×m
// system is one for all points of a noise level. Linear H; Σ is written out, so for
// some thousands of columns at most.
type JFPS struct {
	Y *potential.Measurement // linear, with Gaussian noise

	values [][]float64 // eigenvalues of Σ, [1, d]
	basis  [][]float64 // their eigenvectors Q in columns, [d, d]
	seen   [][]float64 // L⁻¹ H Q, R = L Lᵀ, [m, d]
}

var (
	_ Guide  = JFPS{}
	_ Puller = JFPS{}
)

// NewJFPS takes a linear measurement and the prior's covariance (row-major d×d), both
// in sampler coordinates.
func NewJFPS(y *potential.Measurement, covariance []float64) JFPS {
	h, _, _ := y.Linear()
	noise, _ := y.Gaussian()
	d, m := h.Dims()
	q, values := eigenvectors(mat.NewSymDense(d, append([]float64(nil), covariance...)))
	for i, v := range values {
		values[i] = max(v, 0)
	}
	flat := make([]float64, 0, d*d)
	for _, row := range q {
		flat = append(flat, row...)
	}
	var seen mat.Dense
	seen.Mul(whiteRows(h, noise), mat.NewDense(d, d, flat))
	g := JFPS{Y: y, values: [][]float64{values}, basis: q}
	for i := range m {
		g.seen = append(g.seen, mat.Row(nil, i, &seen))
	}
	return g
}

// Guide returns D′.
func (g JFPS) Guide(d prior.Denoiser) prior.Denoiser { return Pulled(d, g) }

// Pull is [N, d].
func (g JFPS) Pull(mean, u, sigma *Node) *Node {
	s := see(g.Y, mean, u, sigma)
	m, d := len(g.seen), len(g.seen[0])
	levels := s.variance // [levels, 1]: one for all points or one for each
	if levels.Rank() == 0 {
		levels = Reshape(levels, 1, 1)
	}
	n, seen, lambda := levels.Shape().Dimensions[0], ConstAs(u, g.seen), ConstAs(u, g.values)
	c := Div(lambda, Add(lambda, levels)) // eigenvalues of σ⁻²C, [levels, d]
	cov := Reshape(Mul(ExpandDims(seen, 0), ExpandDims(Mul(c, levels), 1)), n*m, d)
	cov = plusNoise(Reshape(MatMul(cov, TransposeAllAxes(seen, 1, 0)), n, m, m))
	var f *Node // [N, m]
	if n == 1 { // one system, the points' residuals beside each other
		f, _ = eliminate(cov, ExpandDims(TransposeAllAxes(s.residual, 1, 0), 0))
		f = TransposeAllAxes(Squeeze(f, 0), 1, 0)
	} else {
		f, _ = eliminate(cov, ExpandDims(s.residual, -1))
		f = Squeeze(f, -1)
	}
	return MatMul(Mul(MatMul(f, seen), c), ConstAs(u, transposed(g.basis)))
}
