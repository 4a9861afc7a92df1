package pde

import (
	"context"
	"sync"

	"abide/grid"
	"abide/internal/keyed"
	"abide/timestep"
)

// fitzHughNagumoKind is an activator u and an inhibitor v that diffuse and react,
//
//	u_t = D_u Δu + u − u³ − k − v,   v_t = D_v Δv + u − v on (−1, 1)²,  no flux at the walls,
//
// D_u = 1e-3, D_v = 5e-3, k = 5e-3, from N(0, 1) noise in every cell, t ∈ [0, 5]: patterns grow
// out of noise. Five-point finite volumes and Crank–Nicolson with Adams–Bashforth, solved
// by cosine transforms; the first step after each stored state is Euler's, so that the
// next one follows from it alone: the residual is in propagator form. Order 2; from noise
// up to 4 the first states are off by 3e-3 with Δt = 0.01 (against 0.0025).
//
// M. Takamoto et al., "PDEBench", NeurIPS 2022: 128² cells, 101 times, there
// by Runge–Kutta methods of order 4.
//
// Products with the Jacobian of its rows are tangents and adjoints of the steps
// ([timestep.IMEXDerivative]).
//
// Cost: two cosine transforms of n² numbers a step, for what is linear needs none.
var fitzHughNagumoKind = Kind{
	Name:     "fitzhugh-nagumo",
	Equation: "u_t = D_u Δu + u − u³ − k − v, v_t = D_v Δv + u − v on (−1, 1)², no flux",
	Scheme:   "5-point finite volumes, Crank–Nicolson and Adams–Bashforth in cosine modes; order 2",
	Source:   "Takamoto et al. 2022 (NeurIPS), PDEBench",
	Parameters: []Parameter{
		{Name: "grid", Default: 64, Min: 4, Max: 1024, Doc: "cells along each side"},
		{Name: "times", Default: 20, Min: 1, Max: 10000, Doc: "intervals between stored times"},
		{Name: "end", Default: 5.0, Min: 0, MinOpen: true, Max: 1000, Doc: "last time"},
		{Name: "steps", Default: 0, Min: 0, Max: 1000000, Doc: "steps between stored times; 0: Δt = 0.01 or little less"},
	},
	New: func(v Values) (Family, error) {
		f := &fitzHughNagumo{cells: v.Int("grid"), times: v.Int("times")}
		f.interval = v.Float("end") / float64(f.times)
		f.steps = stepsBetween(v.Int("steps"), 100*f.interval)
		f.steppers.New = func() any { return newPatternStepper(f.cells, f.interval/float64(f.steps)) }
		f.derivatives.New = func() any { return newPatternDerivative(f.steppers.New().(*patternStepper)) }
		return f, nil
	},
}

type fitzHughNagumo struct {
	cells, times, steps int
	interval            float64 // between stored times
	steppers            sync.Pool
	derivatives         sync.Pool
}

// patternStepper advances u and v, one after the other, in cells.
type patternStepper struct {
	cells     int // n²
	scheme    *timestep.IMEX[float64]
	transform *grid.Transform
	modes     []float64 // of u and v
	values    []float64 // of u
}

func newPatternStepper(n int, dt float64) *patternStepper {
	side := grid.Axis{Cells: n, Length: 2, Centring: grid.Cell, Boundary: grid.Neumann}
	t, err := grid.NewModes(side, side)
	if err != nil {
		panic(err) // n was checked as a parameter
	}
	cells := n * n
	s := &patternStepper{cells: cells, transform: t, modes: make([]float64, 2*cells), values: make([]float64, cells)}
	l := make([]float64, 2*cells)
	for i := range cells {
		lambda := side.Eigenvalue(grid.Stencil, i/n) + side.Eigenvalue(grid.Stencil, i%n)
		l[i], l[cells+i] = -1e-3*lambda, -5e-3*lambda
	}
	if s.scheme, err = timestep.NewIMEX(timestep.NewDiagonal(l), dt, s.rate, timestep.AdamsBashforth); err != nil {
		panic(err)
	}
	return s
}

// rate is the reaction in modes, of which only −u³ − k asks for values.
func (s *patternStepper) rate(_ float64, modes, rate []float64) {
	s.transform.Inverse(s.values, modes[:s.cells])
	for i, u := range s.values {
		s.values[i] = -u*u*u - 5e-3
	}
	s.transform.Forward(rate[:s.cells], s.values)
	u, v := modes[:s.cells], modes[s.cells:]
	for i, m := range u {
		rate[i] += m - v[i]
		rate[s.cells+i] = m - v[i]
	}
}

// advance takes n steps, the first one of Euler.
func (s *patternStepper) advance(state []float64, n int) {
	s.take(s.modes, state)
	s.scheme.Reset()
	timestep.March(s.scheme, 0, n, s.modes)
	s.give(state, s.modes)
}

// take is the modes of values in cells.
func (s *patternStepper) take(modes, state []float64) {
	s.transform.Forward(modes[:s.cells], state[:s.cells])
	s.transform.Forward(modes[s.cells:], state[s.cells:])
}

// give writes the values of modes in cells.
func (s *patternStepper) give(state, modes []float64) {
	s.transform.Inverse(state[:s.cells], modes[:s.cells])
	s.transform.Inverse(state[s.cells:], modes[s.cells:])
}

func (f *fitzHughNagumo) Arrays() []Array {
	return []Array{{Name: "uv", Shape: []int{f.times + 1, 2, f.cells, f.cells}, Doc: "activator u and inhibitor v (t, which, x, y), x = −1 + (2i + 1)/cells"}}
}

func (f *fitzHughNagumo) Rows() []Row {
	return []Row{{Name: "equation", Size: f.times * 2 * f.cells * f.cells, Unit: 1, Doc: "(u, v)ⁿ⁺¹ − Φ((u, v)ⁿ), Φ the scheme's steps between stored times"}}
}

func (f *fitzHughNagumo) Draw(ctx context.Context, seed uint64, index int) (Sample, error) {
	s, size := NewSample(f), 2*f.cells*f.cells
	keyed.New(seed, "pde fitzhugh-nagumo", index, 0).Normal(s[0][:size])
	return s, f.march(ctx, s)
}

// Complete computes all states from the first one, as Draw does.
func (f *fitzHughNagumo) Complete(s Sample) error { return f.march(context.Background(), s) }

func (f *fitzHughNagumo) march(ctx context.Context, s Sample) error {
	size := 2 * f.cells * f.cells
	step := f.steppers.Get().(*patternStepper)
	defer f.steppers.Put(step)
	for n := range f.times {
		if err := ctx.Err(); err != nil {
			return err
		}
		next := level(s[0], n+1, size)
		copy(next, level(s[0], n, size))
		step.advance(next, f.steps)
		if err := finite("fitzhugh-nagumo", float64(n+1)*f.interval, next); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (f *fitzHughNagumo) Residual(dst []float64, s Sample) error {
	step := f.steppers.Get().(*patternStepper)
	defer f.steppers.Put(step)
	propagated(dst, s[0], 2*f.cells*f.cells, func(state []float64) { step.advance(state, f.steps) })
	return nil
}

// JVP costs 2.5 evaluations of the residual by the count of transforms.
func (f *fitzHughNagumo) JVP(dst []float64, s, v Sample) {
	step := f.derivatives.Get().(*patternDerivative)
	defer f.derivatives.Put(step)
	size, k := 2*f.cells*f.cells, 0
	propagated(dst, v[0], size, func(direction []float64) {
		step.tangent(level(s[0], k, size), direction, f.steps)
		k++
	})
}

// VJP costs 2.5 evaluations of the residual by the count of transforms. It keeps all steps
// of one interval, 2 cells² numbers each.
func (f *fitzHughNagumo) VJP(dst, s Sample, w []float64) {
	step := f.derivatives.Get().(*patternDerivative)
	defer f.derivatives.Put(step)
	size := 2 * f.cells * f.cells
	for k := range f.times {
		g := level(dst[0], k, size)
		copy(g, level(w, k, size))
		step.adjoint(level(s[0], k, size), g, f.steps)
		for i, x := range g {
			g[i] = -x
		}
		if k > 0 {
			for i, x := range level(w, k-1, size) {
				g[i] += x
			}
		}
	}
	copy(level(dst[0], f.times, size), level(w, f.times-1, size))
}
