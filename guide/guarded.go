package guide

import . "github.com/gomlx/gomlx/core/graph"

// guarded is Jᵀ Hᵀ f with fᵢ = rᵢ/Dᵢ, r the residual, for a diagonal D [N, m] that
// stands in for the data's covariance S = H C Hᵀ + I and need not be fit to: an
// estimate or a sum may be far below the truth, or negative, and guidance by it then
// grows without bound from step to step.
//
// A point takes f where D > 0 and the residual of the system does not grow,
//
//	(r − S f)ᵀ D⁻¹ (r − S f) ≤ rᵀ D⁻¹ r,
//
// which holds for every r where 0 ≤ S ≤ 2D as matrices: always for D = S, and for row
// sums of matrices without negative entries, where D − S is positive semi-definite
// (Gershgorin). Elsewhere it takes one step of minimal residuals (MMPS with one
// iteration of GMRES),
//
//	f = α r,   α = max(⟨r, S r⟩, 0)/⟨S r, S r⟩,
//
// whose residual never grows, whatever S is. Two vector–Jacobian products.
func guarded(s sight, d *Node) *Node {
	zero := ScalarZero(s.u.Graph(), s.u.DType())
	positive := GreaterThan(d, zero)
	safe := Where(positive, d, OnesLike(d))
	f := Div(s.residual, safe)
	plain := s.back(f)
	left := Sub(s.residual, Add(f, s.spread(plain)))
	good := LogicalAnd(
		Equal(ReduceAndKeep(ConvertDType(positive, d.DType()), ReduceMin, -1), ScalarOne(s.u.Graph(), s.u.DType())),
		// A few roundings above, for r = 0 and for D = S.
		LessOrEqual(inner(left, Div(left, safe)), MulScalar(inner(s.residual, f), 1+1e-6)))

	careful := s.back(s.residual)
	sr := Add(s.residual, s.spread(careful))
	alpha := Max(ratio(inner(s.residual, sr), inner(sr, sr)), zero)
	return choose(good, plain, Mul(careful, alpha))
}

// ratio is a/b, and 0 where b is not positive; [N, 1].
func ratio(a, b *Node) *Node {
	positive := GreaterThan(b, ScalarZero(b.Graph(), b.DType()))
	return Where(positive, Div(a, Where(positive, b, OnesLike(b))), ZerosLike(b))
}
