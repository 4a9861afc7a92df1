package physics

import (
	"fmt"
	"sync"

	"abide/pde"
)

// SolveProjection keeps what determines a sample (coefficient, source, walls, initial state) and
// computes the rest again,
//
//	P(a, u) = (a, u(a)).
//
// With u alone unknown it is the projection, in any metric: no other u obeys. On
// pairs it is exact and one solve, but not the nearest point; that is [Newton]'s.
// J. Huang et al., "DiffusionPDE", NeurIPS 2024, guide towards the same set by gradients.
//
// Cost: one solve by the family's own method (multigrid, transforms, a march in time).
// Not where u is what is known and a is sought.
type SolveProjection struct {
	Constraint
	base *Family
	f    pde.Completed
	work sync.Pool
}

// NewSolveProjection makes it for rows and arrays of a choice; the last array of the family
// is unknown.
func NewSolveProjection(f pde.Completed, c Choice) (*SolveProjection, error) {
	p, err := FromFamily(f, c)
	if err != nil {
		return nil, err
	}
	s := &SolveProjection{Constraint: p, f: f}
	switch p := p.(type) {
	case *SparseFamily:
		s.base = p.Family
	case *Family:
		s.base = p
	}
	last := len(s.base.offset) - 1
	if s.base.offset[last] < 0 {
		return nil, fmt.Errorf("physics: %q is what a solution computes: it has to be among the unknown arrays", f.Arrays()[last].Name)
	}
	s.work.New = func() any {
		v := pde.NewSample(f)
		for k, at := range s.base.offset {
			if at < 0 {
				copy(v[k], c.Given[k])
			}
		}
		return &v
	}
	return s, nil
}

// Project computes the last array anew.
func (s *SolveProjection) Project(u []float64) error {
	if len(u) != s.Dim() {
		return fmt.Errorf("physics: a field of %d numbers for a constraint on %d", len(u), s.Dim())
	}
	v := s.work.Get().(*pde.Sample)
	defer s.work.Put(v)
	if err := s.f.Complete(s.base.view(*v, u)); err != nil {
		return fmt.Errorf("physics: %w", err)
	}
	return nil
}
