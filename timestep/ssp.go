package timestep

import "fmt"

// SSP is a strong-stability-preserving Runge–Kutta method for u′ = N(t, u): every stage
// is a convex combination of steps of explicit Euler, so whatever those do not let
// grow under a CFL condition (total variation, maxima) does not grow. Order 2 is
//
//	u¹ = u + Δt N(u),   u ← ½ u + ½ (u¹ + Δt N(u¹)),
//
// order 3
//
//	u¹ = u + Δt N(u),   u² = ¾ u + ¼ (u¹ + Δt N(u¹)),   u ← ⅓ u + ⅔ (u² + Δt N(u²)).
//
// C.-W. Shu and S. Osher, "Efficient implementation of essentially non-oscillatory
// shock-capturing schemes", J. Comput. Phys. 77 (1988), 439–471, equations (2.16) and
// (2.18).
//
// As many evaluations of N a step as the order; both allow the steps of explicit
// Euler (C = 1). Not for stiff N.
type SSP[T Number] struct {
	order       int
	dt          float64
	step        T
	rate        Rate[T]
	stage, rise []T
}

// NewSSP prepares steps of size dt for n unknowns; the order is 2 or 3.
func NewSSP[T Number](order, n int, dt float64, rate Rate[T]) (*SSP[T], error) {
	if order != 2 && order != 3 {
		return nil, fmt.Errorf("timestep: a strong-stability-preserving scheme of order %d: allowed are 2 and 3", order)
	}
	if err := checkStep("a strong-stability-preserving scheme", dt); err != nil {
		return nil, err
	}
	return &SSP[T]{order: order, dt: dt, step: number[T](complex(dt, 0)), rate: rate, stage: make([]T, n), rise: make([]T, n)}, nil
}

// Dt is the size of the steps.
func (s *SSP[T]) Dt() float64 { return s.dt }

// Reset does nothing: a step depends on the last state alone.
func (s *SSP[T]) Reset() {}

// Step replaces u(t) by u(t + Δt).
func (s *SSP[T]) Step(t float64, u []T) {
	stage, rise, step := s.stage[:len(u)], s.rise[:len(u)], s.step
	s.rate(t, u, rise)
	for i, v := range u {
		stage[i] = v + step*rise[i]
	}
	s.rate(t+s.dt, stage, rise)
	if s.order == 2 {
		for i, v := range u {
			u[i] = (v + stage[i] + step*rise[i]) * 0.5
		}
		return
	}
	for i, v := range u {
		stage[i] = (3*v + stage[i] + step*rise[i]) * 0.25
	}
	s.rate(t+s.dt/2, stage, rise)
	for i, v := range u {
		u[i] = (v + 2*(stage[i]+step*rise[i])) * (1. / 3)
	}
}
