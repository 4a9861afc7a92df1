package timestep

import "fmt"

// Theta is the one-step scheme between explicit Euler (θ = 0), Crank–Nicolson (½)
// and implicit Euler (1) for M u′ + K u = f:
//
//	M (uⁿ⁺¹ − uⁿ)/Δt + K (θ uⁿ⁺¹ + (1−θ) uⁿ) = θ fⁿ⁺¹ + (1−θ) fⁿ,
//
// solved for the increment, (M + θ Δt K) (uⁿ⁺¹ − uⁿ) = Δt (f − K uⁿ), so that a
// steady state is one to the last bit. Order 2 for θ = ½, else 1. It is A-stable for
// θ ≥ ½; modes with Δt λ → ∞ are multiplied by −(1−θ)/θ: implicit Euler forgets
// rough data at once, Crank–Nicolson lets them oscillate.
//
// J. Crank and P. Nicolson, Proc. Camb. Phil. Soc. 43 (1947), 50–67; E. Hairer and
// G. Wanner, "Solving Ordinary Differential Equations II" (1996), section IV.3.
//
// One product with K and one solve a step. Not for parts that are not linear: [IMEX].
type Theta[T Number] struct {
	system    System[T]
	theta, dt float64
	solver    Solver[T]
	old, next T // Δt (1−θ), Δt θ
	step      T // Δt
	rhs, load []T
}

// NewTheta prepares steps of size dt; 0 ≤ θ ≤ 1.
func NewTheta[T Number](s System[T], theta, dt float64) (*Theta[T], error) {
	if !(theta >= 0 && theta <= 1) {
		return nil, fmt.Errorf("timestep: θ = %g: it is between 0 (explicit) and 1 (implicit Euler)", theta)
	}
	solver, err := s.check("the θ-scheme", dt, theta*dt)
	if err != nil {
		return nil, err
	}
	return &Theta[T]{
		system: s, theta: theta, dt: dt, solver: solver,
		old: number[T](complex((1-theta)*dt, 0)), next: number[T](complex(theta*dt, 0)), step: number[T](complex(dt, 0)),
		rhs: make([]T, s.Size), load: make([]T, s.Size),
	}, nil
}

// NewCrankNicolson is the θ-scheme of order 2.
func NewCrankNicolson[T Number](s System[T], dt float64) (*Theta[T], error) {
	return NewTheta(s, 0.5, dt)
}

// NewImplicitEuler is the θ-scheme that damps all it cannot resolve.
func NewImplicitEuler[T Number](s System[T], dt float64) (*Theta[T], error) {
	return NewTheta(s, 1, dt)
}

// Dt is the size of the steps.
func (s *Theta[T]) Dt() float64 { return s.dt }

// Reset does nothing: a step depends on the last state alone.
func (s *Theta[T]) Reset() {}

// Step replaces u(t) by u(t + Δt).
func (s *Theta[T]) Step(t float64, u []T) {
	s.system.Stiffness.Apply(s.rhs, u)
	for i, v := range s.rhs {
		s.rhs[i] = -s.step * v
	}
	if s.system.Load != nil {
		if s.theta < 1 {
			s.system.Load(t, s.load)
			addTo(s.rhs, s.old, s.load)
		}
		if s.theta > 0 {
			s.system.Load(t+s.dt, s.load)
			addTo(s.rhs, s.next, s.load)
		}
	}
	s.solver.Solve(s.rhs, s.rhs)
	u = u[:len(s.rhs)]
	for i, v := range s.rhs {
		u[i] += v
	}
}

// addTo is y += a x.
func addTo[T Number](y []T, a T, x []T) {
	x = x[:len(y)]
	for i := range y {
		y[i] += a * x[i]
	}
}
