package guide

import (
	"math"

	. "github.com/gomlx/gomlx/core/graph"

	"abide/internal/engine"
	"abide/potential"
	"abide/prior"
)

// MMPS is moment matching posterior sampling (Rozet, Andry, Lanusse and Louppe 2024,
// section 4.2): TMPD's
//
//	Pull = Jᵀ Hᵀ (H C Hᵀ + R)⁻¹ (y − A(D)),   C = σ²J,
//
// without a matrix, the system solved by a fixed number of iterations of a Krylov
// method in units of the noise, point by point. One vector–Jacobian product and one of
// H an iteration; gmres takes one more in the end. m iterations are TMPD up to
// rounding, few believe the measurement too little in the directions that they have
// not reached; how many it takes follows the spread of the eigenvalues of
// H C Hᵀ + R, not m.
//
// The product is H Cᵀ Hᵀ. A network's C is not symmetric: gmres solves with that
// matrix and never lets the residual grow, cg needs a symmetric one. Neither goes along
// a direction p with ⟨p, S p⟩ < ½⟨p, p⟩, which no covariance and unit noise have.
type MMPS struct {
	Y          *potential.Measurement // in sampler coordinates, with Gaussian noise
	Iterations int
	GMRES      bool // else conjugate gradients
}

var (
	_ Guide  = MMPS{}
	_ Puller = MMPS{}
)

// Guide returns D′.
func (g MMPS) Guide(d prior.Denoiser) prior.Denoiser { return Pulled(d, g) }

// Pull is [N, d].
func (g MMPS) Pull(mean, u, sigma *Node) *Node {
	s := see(g.Y, mean, u, sigma)
	if g.GMRES {
		return s.back(s.minimalResiduals(g.Iterations))
	}
	return s.conjugateGradients(g.Iterations)
}

// conjugateGradients is Jᵀ Hᵀ x for the k-th iterate x of S x = r (Hestenes and Stiefel
// 1952). The products with Jᵀ Hᵀ of the directions are those of the iteration, so that
// the sum costs none. A point that has converged, or whose direction is implausible, stays.
func (s sight) conjugateGradients(k int) *Node {
	r := s.residual
	p, rr := r, inner(r, r)
	floor := MulScalar(rr, rounding(r))
	pull := ZerosLike(s.u)
	for i := range k {
		g := s.back(p)
		sp := Add(p, s.spread(g))
		alpha := plausible(p, sp, ratio(above(rr, floor), inner(p, sp)))
		pull = Add(pull, Mul(alpha, g))
		if i+1 == k {
			break
		}
		r = Sub(r, Mul(alpha, sp))
		next := inner(r, r)
		// Where nothing moved, the direction stays as it is, and its curvature.
		moved := GreaterThan(alpha, ScalarZero(alpha.Graph(), alpha.DType()))
		p = choose(moved, Add(r, Mul(ratio(next, rr), p)), p)
		rr = next
	}
	return pull
}

// minimalResiduals is the k-th iterate of S x = r by GMRES (Saad and Schultz 1986), in
// the form of generalised conjugate residuals (Eisenstat, Elman and Schultz 1983,
// section 3), whose images S p are orthonormal, by the modified Gram–Schmidt process.
func (s sight) minimalResiduals(k int) *Node {
	r := s.residual
	floor := MulScalar(inner(r, r), rounding(r))
	x := ZerosLike(r)
	var ps, qs []*Node
	for range k {
		p := r
		q := Add(p, s.spread(s.back(p)))
		// Nothing is left of an image that is in the space already, or of a residual of
		// rounding: the step is none, and never rounding scaled up.
		tiny := MulScalar(inner(q, q), rounding(r))
		for i := range ps {
			c := inner(q, qs[i])
			p, q = Sub(p, Mul(c, ps[i])), Sub(q, Mul(c, qs[i]))
		}
		size := Where(GreaterThan(inner(r, r), floor), above(inner(q, q), tiny), ZerosLike(floor))
		scale := Sqrt(ratio(OnesLike(size), size)) // 1/|q| or 0
		p, q = Mul(p, scale), Mul(q, scale)
		c := plausible(p, q, inner(r, q))
		x, r = Add(x, Mul(c, p)), Sub(r, Mul(c, q))
		ps, qs = append(ps, p), append(qs, q)
	}
	return x
}

// plausible is c where the curvature ⟨p, S p⟩ is at least half of what the noise alone
// gives, and 0 elsewhere.
func plausible(p, sp, c *Node) *Node {
	return Where(GreaterOrEqual(inner(p, sp), MulScalar(inner(p, p), least)), c, ZerosLike(c))
}

// above is a where it exceeds floor and 0 elsewhere.
func above(a, floor *Node) *Node { return Where(GreaterThan(a, floor), a, ZerosLike(a)) }

// rounding is the relative size of the square of a residual that is rounding alone.
func rounding(x *Node) float64 {
	eps := 0x1p-52
	if x.DType() == engine.Float32 {
		eps = 0x1p-23
	}
	return math.Pow(eps, 2)
}
