// Package timestep advances evolution equations by steps of one size: M u′ + K u =
// f(t) with linear solves ([Theta], [BDF2]), with a further part that is not solved
// for ([IMEX], [ETDRK4]), conservation laws ([SSP]) and waves ([Leapfrog]). States
// are real or complex, the latter for spectra.
//
// All coefficients of a scheme, factors included, are made once per step size and
// operator; steps allocate nothing. Steps that adapt to an error are in package ode.
package timestep

import (
	"fmt"
	"math"
)

// Number is what states are made of.
type Number interface{ float64 | complex128 }

// Operator is dst = A x; every sparse.Operator is an Operator[float64].
type Operator[T Number] interface {
	Apply(dst, x []T)
}

// Solver is dst = A⁻¹ b, where dst may be b; every sparse.Solver is a Solver[float64].
type Solver[T Number] interface {
	Solve(dst, b []T)
}

// Rate writes the rate of change of u at time t to du. It must not keep u or du, nor
// change u.
type Rate[T Number] func(t float64, u, du []T)

// System is M u′ + K u = f(t) with constant M and K.
type System[T Number] struct {
	Size      int
	Mass      Operator[T] // M; nil: the identity
	Stiffness Operator[T] // K
	// Shifted makes a solver of (M + c K) x = b. A scheme asks once for each c it needs.
	Shifted func(c float64) (Solver[T], error)
	// Load writes f(t); nil: zero.
	Load func(t float64, f []T)
}

// Stepper is a scheme on its way: Step replaces u(t) by u(t + Δt). Schemes that look
// back keep what they need, so a Stepper belongs to one trajectory until Reset. One
// goroutine at a time.
type Stepper[T Number] interface {
	Step(t float64, u []T)
	// Reset forgets earlier steps: the next one starts a trajectory.
	Reset()
	// Dt is the size of the steps.
	Dt() float64
}

// March takes n steps from time t on and returns the time reached, t + n Δt.
func March[T Number](s Stepper[T], t float64, n int, u []T) float64 {
	dt := s.Dt()
	for k := range n {
		s.Step(t+float64(k)*dt, u)
	}
	return t + float64(n)*dt
}

// check refuses what cannot be stepped and makes the solver of M + c K.
func (s System[T]) check(scheme string, dt, c float64) (Solver[T], error) {
	switch {
	case s.Size < 1:
		return nil, fmt.Errorf("timestep: %s of %d unknowns: there is at least one", scheme, s.Size)
	case s.Stiffness == nil || s.Shifted == nil:
		return nil, fmt.Errorf("timestep: %s needs the operator K and a solver of M + c K", scheme)
	}
	if err := checkStep(scheme, dt); err != nil {
		return nil, err
	}
	solver, err := s.Shifted(c)
	if err != nil {
		return nil, fmt.Errorf("timestep: %s: M + %g K: %w", scheme, c, err)
	}
	return solver, nil
}

func checkStep(scheme string, dt float64) error {
	if !(dt > 0) || math.IsInf(dt, 1) {
		return fmt.Errorf("timestep: %s with steps of %g: they are positive", scheme, dt)
	}
	return nil
}

// number is x as a T.
func number[T Number](x complex128) T {
	var v T
	switch p := any(&v).(type) {
	case *float64:
		*p = real(x)
	case *complex128:
		*p = x
	}
	return v
}
