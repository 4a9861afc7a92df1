package timestep

// BDF2 is the two-step backward differentiation formula for M u′ + K u = f:
//
//	M (3 uⁿ⁺¹ − 4 uⁿ + uⁿ⁻¹) / (2 Δt) + K uⁿ⁺¹ = fⁿ⁺¹,
//
// one solve with M + ⅔ Δt K a step. Order 2, A-stable and L-stable: for stiff problems
// from rough data, where Crank–Nicolson oscillates. The first step is one of [Theta],
// implicit Euler or Crank–Nicolson; either keeps the order, for one step of order 1
// adds O(Δt²).
//
// C. F. Curtiss and J. O. Hirschfelder, Proc. Natl. Acad. Sci. 38 (1952), 235–243;
// E. Hairer, S. P. Nørsett and G. Wanner, "Solving Ordinary Differential Equations I"
// (1993), section III.1, equation (1.22′).
//
// One product with M and one solve a step; the first step factors a matrix of its
// own. Not for steps that change.
type BDF2[T Number] struct {
	system    System[T]
	dt        float64
	solver    Solver[T]
	first     *Theta[T]
	started   bool
	before    []T // uⁿ⁻¹
	rhs, load []T
}

// NewBDF2 prepares steps of size dt. start is θ of the first step: 1 for implicit
// Euler, ½ for Crank–Nicolson.
func NewBDF2[T Number](s System[T], dt, start float64) (*BDF2[T], error) {
	solver, err := s.check("BDF2", dt, 2*dt/3)
	if err != nil {
		return nil, err
	}
	first, err := NewTheta(s, start, dt)
	if err != nil {
		return nil, err
	}
	return &BDF2[T]{
		system: s, dt: dt, solver: solver, first: first,
		before: make([]T, s.Size), rhs: make([]T, s.Size), load: make([]T, s.Size),
	}, nil
}

// Dt is the size of the steps.
func (s *BDF2[T]) Dt() float64 { return s.dt }

// Reset makes the next step a first one.
func (s *BDF2[T]) Reset() { s.started = false }

// Step replaces u(t) by u(t + Δt).
func (s *BDF2[T]) Step(t float64, u []T) {
	if !s.started {
		copy(s.before, u)
		s.first.Step(t, u)
		s.started = true
		return
	}
	load, before := s.load[:len(u)], s.before[:len(u)]
	for i, v := range u {
		load[i] = (4*v - before[i]) * (1. / 3)
		before[i] = v
	}
	if s.system.Mass == nil {
		copy(s.rhs, s.load)
	} else {
		s.system.Mass.Apply(s.rhs, s.load)
	}
	if s.system.Load != nil {
		s.system.Load(t+s.dt, s.load)
		addTo(s.rhs, number[T](complex(2*s.dt/3, 0)), s.load)
	}
	s.solver.Solve(u, s.rhs)
}
