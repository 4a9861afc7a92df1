package guide

import (
	. "github.com/gomlx/gomlx/core/graph"

	"abide/potential"
	"abide/prior"
)

// TMPDDiagonal is TMPD with the diagonal of the data's covariance in place of the matrix
// (the forms "b" of Boys et al. 2024),
//
//	Pull = Jᵀ Hᵀ f,   fᵢ = (y − A(D))ᵢ / (H C Hᵀ + R)ᵢᵢ,   C = σ²J.
//
// Equal to TMPD where that matrix is diagonal, as it is through a mask on independent
// columns; elsewhere values that are correlated are counted twice. m vector–Jacobian
// products, as many as TMPD: it saves no more than the m×m system, so not for m below
// about 64. Correlated noise is whitened first.
type TMPDDiagonal struct {
	Y *potential.Measurement // in sampler coordinates, with Gaussian noise
}

var (
	_ Guide  = TMPDDiagonal{}
	_ Puller = TMPDDiagonal{}
)

// Guide returns D′.
func (g TMPDDiagonal) Guide(d prior.Denoiser) prior.Denoiser { return Pulled(d, g) }

// Pull is [N, d].
func (g TMPDDiagonal) Pull(mean, u, sigma *Node) *Node {
	s := see(g.Y, mean, u, sigma)
	rows, cov := s.rows()
	one := ScalarOne(u.Graph(), u.DType())
	eye := ExpandDims(DiagonalWithValue(one, s.values()), 0)
	// A network's Jacobian may give a negative variance: the bound of [solve] there.
	bound := AddScalar(ReduceSum(Abs(cov), -1), 1)
	d := AddScalar(ReduceSum(Mul(cov, eye), -1), 1) // [N, m]
	d = Where(GreaterOrEqual(d, MulScalar(one, least)), d, bound)
	return combine(Div(s.residual, d), rows)
}
