package guide

import . "github.com/gomlx/gomlx/core/graph"

// guarded is Jᵀ Hᵀ f with fᵢ = rᵢ/Dᵢ, r the residual, for a diagonal D [N, m] that
// stands in for the data's covariance S = H C Hᵀ + I and need not be fit to: an
// estimate or a sum may be far below the truth, or negative, and guidance by it then
// grows without bound from step to step.
//
// A point takes f where D ≥ ½ (half the noise: [least]) and the residual of the system
// does not grow,
//
//	(r − S f)ᵀ D⁻¹ (r − S f) ≤ rᵀ D⁻¹ r,
//
// which holds for every r where 0 ≤ S ≤ 2D as matrices: always for D = S, and for row
// sums of matrices without negative entries, where D − S is positive semi-definite
// (Gershgorin). Elsewhere it takes one step of minimal residuals (MMPS with one
// iteration of GMRES),
//
//	f = α r,   α = ⟨r, S r⟩/⟨S r, S r⟩, kept within [0, 1],
//
// whose residual never grows, whatever S is. Two vector–Jacobian products.
func guarded(s sight, d *Node) *Node {
	one := ScalarOne(s.u.Graph(), s.u.DType())
	low := Scalar(s.u.Graph(), s.u.DType(), least)
	safe := Max(d, low)
	f := Div(s.residual, safe)
	plain := s.back(f)
	left := Sub(s.residual, Add(f, s.spread(plain)))
	good := LogicalAnd(
		GreaterOrEqual(ReduceAndKeep(d, ReduceMin, -1), low),
		// A few roundings above, for r = 0 and for D = S.
		LessOrEqual(inner(left, Div(left, safe)), MulScalar(inner(s.residual, f), 1+1e-6)))

	careful := s.back(s.residual)
	sr := Add(s.residual, s.spread(careful))
	alpha := Min(Max(ratio(inner(s.residual, sr), inner(sr, sr)), ScalarZero(s.u.Graph(), s.u.DType())), one)
	return choose(good, plain, Mul(careful, alpha))
}

// ratio is a/b, and 0 where b is not positive; [N, 1].
func ratio(a, b *Node) *Node {
	positive := GreaterThan(b, ScalarZero(b.Graph(), b.DType()))
	return Where(positive, Div(a, Where(positive, b, OnesLike(b))), ZerosLike(b))
}
