package fem

import (
	"fmt"

	"abide/sparse"
)

// Differential is a linear map with its transpose; *sparse.CSR is one. Of wrong sizes it
// panics.
type Differential interface {
	sparse.Operator
	// ApplyT is dst = Aᵀ x.
	ApplyT(dst, x []float64)
}

// Sensitivity is the derivative of the solution u(m) of equations F(u, m) = 0 by their
// parameters,
//
//	S = du/dm = −F_u⁻¹ F_m,
//
// and its transpose, the adjoint: for an objective J(u, m)
//
//	F_uᵀ λ = J_u,   dJ/dm = J_m − F_mᵀ λ = J_m + Sᵀ J_u.
//
// Each is one solve with the factor of F_u that the solution left behind (for nonlinear
// equations: [Nonlinear.Linearise] there) and one product with F_m, whatever the number
// of parameters. It holds at the u and m for which it was made.
//
// M. Hinze, R. Pinnau, M. Ulbrich and S. Ulbrich, "Optimization with PDE Constraints"
// (2009), section 1.6; UM-Bridge's ApplyJacobian is Apply, its Gradient is ApplyT, and
// [GaussNewton] its ApplyHessian without second derivatives of u.
//
// u is of all degrees of freedom. Row i of F at a fixed one is uᵢ − gᵢ. One goroutine at
// a time.
type Sensitivity struct {
	fixed   *Fixed
	inverse Inverse      // F_u on the free degrees of freedom
	by      Differential // F_m: rows of all degrees of freedom
	all     []float64
	free    []float64
}

// NewSensitivity takes F_u and F_m: one of [Nonlinear.By], [Weighted.By], [Fixed.ByLoad],
// [Fixed.ByBoundary], or any of those after a map of parameters by [Chain].
func NewSensitivity(fixed *Fixed, inverse Inverse, by Differential) *Sensitivity {
	return &Sensitivity{fixed, inverse, by, make([]float64, fixed.space.n), make([]float64, fixed.N())}
}

// Apply is du = S dm.
func (s *Sensitivity) Apply(du, dm []float64) {
	s.by.Apply(s.all, dm)
	s.fixed.Restrict(s.free, s.all)
	s.inverse.Solve(s.free, s.free)
	for i, x := range s.all {
		if k := s.fixed.Number[i]; k >= 0 {
			x = s.free[k]
		}
		du[i] = -x
	}
}

// ApplyT is dm = Sᵀ ju.
func (s *Sensitivity) ApplyT(dm, ju []float64) {
	s.by.ApplyT(dm, s.Adjoint(ju))
	for i := range dm {
		dm[i] = -dm[i]
	}
}

// Adjoint is λ of all degrees of freedom for J_u; it is valid until the next call.
func (s *Sensitivity) Adjoint(ju []float64) []float64 {
	s.fixed.Restrict(s.free, ju)
	s.inverse.SolveT(s.free, s.free)
	for i, x := range ju {
		if k := s.fixed.Number[i]; k >= 0 {
			x = s.free[k]
		}
		s.all[i] = x
	}
	return s.all
}

// Chain is A B, where B makes n numbers: observations of a state, a state by parameters
// by their coordinates.
func Chain(a, b Differential, n int) Differential { return &chain{a, b, make([]float64, n)} }

type chain struct {
	a, b Differential
	mid  []float64
}

func (c *chain) Apply(dst, x []float64) {
	c.b.Apply(c.mid, x)
	c.a.Apply(dst, c.mid)
}

func (c *chain) ApplyT(dst, x []float64) {
	c.a.ApplyT(c.mid, x)
	c.b.ApplyT(dst, c.mid)
}

// GaussNewton is dst = JᵀWJ v for observations with the derivative J and the weights W,
// 1/σ² of each: the Hessian of ½ Σ wᵢ rᵢ² without the second derivatives of the state,
// which is never negative. Two solves.
func GaussNewton(dst []float64, j Differential, weight, v []float64) {
	r := make([]float64, len(weight))
	j.Apply(r, v)
	for i, w := range weight {
		r[i] *= w
	}
	j.ApplyT(dst, r)
}

func mustFit(what string, got, want int) {
	if got != want {
		panic(fmt.Sprintf("fem: %s: %d numbers where there are %d", what, got, want))
	}
}
