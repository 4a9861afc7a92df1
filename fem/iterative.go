package fem

import (
	"context"

	"abide/sparse"
)

// Iterative is the inverse of a matrix that is too large for a [Factor], by Krylov
// methods: conjugate gradients with smoothed aggregation where it is symmetric, else
// GMRES with ILU(0), of the transpose too. A solve that does not converge leaves its last
// iterate and an error in Err.
type Iterative struct {
	a         [2]*sparse.CSR   // A and Aᵀ, the same where A is symmetric
	m         [2]sparse.Solver // preconditioners
	symmetric bool
	o         sparse.Krylov
	x         []float64
	err       error
}

// NewIterative sets up for a matrix of the free degrees of freedom, which it keeps.
func NewIterative(fixed *Fixed, a *sparse.CSR, o sparse.Krylov) (*Iterative, error) {
	if o.Work == nil {
		o.Work = new(sparse.Work)
	}
	s := &Iterative{o: o, a: [2]*sparse.CSR{a, a}, x: make([]float64, a.Rows), symmetric: newProbe(a.Rows).symmetric(a)}
	if s.symmetric {
		amg, err := fixed.multigrid(a)
		s.m = [2]sparse.Solver{amg, amg}
		return s, err
	}
	ilu, err := sparse.NewILU0(a)
	s.m[0] = ilu
	return s, err
}

// Solve is dst = A⁻¹ b.
func (s *Iterative) Solve(dst, b []float64) { s.solve(0, dst, b) }

// SolveT is dst = A⁻ᵀ b.
func (s *Iterative) SolveT(dst, b []float64) {
	if s.m[1] == nil {
		s.a[1] = s.a[0].Transpose()
		ilu, err := sparse.NewILU0(s.a[1])
		if err != nil {
			s.err = err
			return
		}
		s.m[1] = ilu
	}
	s.solve(1, dst, b)
}

func (s *Iterative) solve(k int, dst, b []float64) {
	clear(s.x)
	method := sparse.GMRES
	if s.symmetric {
		method = sparse.CG
	}
	_, s.err = method(context.Background(), s.a[k], s.m[k], s.x, b, s.o)
	copy(dst, s.x)
}

// Err is why the last solve did not converge.
func (s *Iterative) Err() error { return s.err }
