package timestep

import "fmt"

// Explicit says how [IMEX] takes what it does not solve for.
type Explicit int

// Euler is N(uⁿ), order 1; AdamsBashforth is ³⁄₂ N(uⁿ) − ½ N(uⁿ⁻¹), order 2, after a
// first step of Euler.
const (
	AdamsBashforth Explicit = iota
	Euler
)

func (e Explicit) String() string { return [...]string{"Adams–Bashforth", "Euler"}[e] }

// IMEX is Crank–Nicolson for the stiff linear part and an explicit rule for the rest of
// M u′ + K u = f(t) + N(t, u):
//
//	M (uⁿ⁺¹ − uⁿ)/Δt + K (uⁿ⁺¹ + uⁿ)/2 = (fⁿ⁺¹ + fⁿ)/2 + ³⁄₂ Nⁿ − ½ Nⁿ⁻¹.
//
// With Adams–Bashforth it is CNAB, order 2; with Euler in its place, order 1, it is
// the scheme of FNO's Navier–Stokes data. Stability is bounded by N alone, and by
// little of it where K damps little: modes that only turn (advection without
// viscosity) grow.
//
// U. M. Ascher, S. J. Ruuth and B. T. R. Wetton, "Implicit–explicit methods for
// time-dependent partial differential equations", SIAM J. Numer. Anal. 32 (1995),
// 797–823, section 2 (CNAB).
//
// One evaluation of N, one product with K and one solve a step. Not for order above
// 2: [ETDRK4].
type IMEX[T Number] struct {
	linear   *Theta[T]
	rate     Rate[T]
	explicit Explicit
	started  bool
	now, old []T // N at the last two states
}

// NewIMEX prepares steps of size dt; rate is N.
func NewIMEX[T Number](s System[T], dt float64, rate Rate[T], explicit Explicit) (*IMEX[T], error) {
	if explicit != AdamsBashforth && explicit != Euler {
		return nil, fmt.Errorf("timestep: explicit rule %d: allowed are AdamsBashforth and Euler", int(explicit))
	}
	linear, err := NewCrankNicolson(s, dt)
	if err != nil {
		return nil, err
	}
	return &IMEX[T]{linear: linear, rate: rate, explicit: explicit, now: make([]T, s.Size), old: make([]T, s.Size)}, nil
}

// Dt is the size of the steps.
func (s *IMEX[T]) Dt() float64 { return s.linear.dt }

// Reset makes the next step a first one.
func (s *IMEX[T]) Reset() { s.started = false }

// Step replaces u(t) by u(t + Δt).
func (s *IMEX[T]) Step(t float64, u []T) {
	l := s.linear
	s.rate(t, u, s.now)
	l.system.Stiffness.Apply(l.rhs, u)
	step, rhs, old := l.step, l.rhs[:len(s.now)], s.old[:len(s.now)]
	if s.explicit == Euler || !s.started {
		for i, n := range s.now {
			rhs[i] = step * (n - rhs[i])
		}
	} else {
		for i, n := range s.now {
			rhs[i] = step * (n + (n-old[i])*0.5 - rhs[i])
		}
	}
	s.now, s.old, s.started = s.old, s.now, true
	if l.system.Load != nil {
		l.system.Load(t, l.load)
		addTo(l.rhs, l.old, l.load)
		l.system.Load(t+l.dt, l.load)
		addTo(l.rhs, l.next, l.load)
	}
	l.solver.Solve(l.rhs, l.rhs)
	u = u[:len(l.rhs)]
	for i, v := range l.rhs {
		u[i] += v
	}
}
