package pde

import (
	"context"
	"fmt"
	"math"
	"sync"

	"abide/field"
	"abide/sparse"
	"abide/timestep"
)

// waveKind is the vibrating string from a random shape and velocity,
//
//	u_tt = c² u_xx in (0,1),  u = 0 at the ends,  u(0), u_t(0) ~ N(0, σ² (−Δ + 9)⁻²),
//
// by second differences at vertices and leap-frog ([timestep.Leapfrog]), all states kept.
// Order 2; with a Courant number c Δt/h = 1 exact at the vertices. The discrete energy
//
//	Eⁿ⁺½ = ½ h Σ ((uⁿ⁺¹ − uⁿ)/Δt)² + ½ c² h Σ (δuⁿ⁺¹/h) (δuⁿ/h)
//
// is the same at all times to rounding, which no sum over one state alone is.
//
// R. Courant, K. Friedrichs and H. Lewy, Math. Ann. 100 (1928), section II.
//
// Cost: five operations per vertex and step. c Δt ≤ h is checked.
var waveKind = Kind{
	Name:     "wave",
	Equation: "u_tt = c² u_xx in (0,1), u = 0 at the ends",
	Scheme:   "second differences, leap-frog; order 2",
	Source:   "Courant, Friedrichs and Lewy 1928; initial states of our own",
	Parameters: []Parameter{
		pointsParameter(64, 4, "cells of (0,1); there is one vertex more"),
		timesParameter(128, "steps from t = 0 to the end"),
		{Name: "end", Default: 1.0, Min: 0, MinOpen: true, Max: 1000, Doc: "last time"},
		{Name: "c", Default: 1.0, Min: 0, MinOpen: true, Max: 1000, Doc: "speed of waves c"},
	},
	New: func(v Values) (Family, error) {
		f := &vibration{cells: v.Int("grid"), steps: v.Int("times"), c: v.Float("c")}
		f.dt = v.Float("end") / float64(f.steps)
		if courant := f.c * f.dt * float64(f.cells); courant > 1+1e-12 {
			return nil, fmt.Errorf("pde: wave: a Courant number c Δt/h of %.3g: at most 1, by %.0f times or more", courant, math.Ceil(courant*float64(f.steps)-1e-9))
		}
		var err error
		f.initial, err = zeroEnded(f.cells, 14)
		f.steppers.New = func() any { return f.newStepper() }
		return f, err
	},
}

type vibration struct {
	cells, steps int
	dt, c        float64
	initial      field.Sampler
	steppers     sync.Pool
}

func (f *vibration) operator() sparse.Tridiagonal {
	return zeroDifference(f.cells, 0, -f.c*f.c*float64(f.cells)*float64(f.cells))
}

func (f *vibration) newStepper() *timestep.Leapfrog {
	s, err := timestep.NewLeapfrog(f.operator(), f.cells-1, f.dt)
	if err != nil {
		panic(err) // sizes and steps were checked as parameters
	}
	return s
}

func (f *vibration) Arrays() []Array {
	return []Array{
		{Name: "v", Shape: []int{f.cells + 1}, Doc: "velocity at t = 0 at vertices, the ends included"},
		{Name: "u", Shape: []int{f.steps + 1, f.cells + 1}, Doc: "displacement (t, x) at vertices, the ends included"},
	}
}

func (f *vibration) Rows() []Row {
	return []Row{
		{Name: "start", Size: f.cells - 1, Unit: 1, Doc: "u¹ − u⁰ − Δt v − ½ (c Δt/h)² δ²u⁰"},
		{Name: "equation", Size: (f.steps - 1) * (f.cells - 1), Unit: 1, Doc: "uⁿ⁺¹ − 2uⁿ + uⁿ⁻¹ − (c Δt/h)² δ²uⁿ"},
		{Name: "boundary", Size: 2*(f.steps+1) + 2, Unit: 1, Doc: "u and v at both ends"},
		{Name: "energy", Size: f.steps - 1, Unit: max(1, f.c*f.c), Doc: "Eⁿ⁺½ − E^½, E = ½ h Σ ((uⁿ⁺¹ − uⁿ)/Δt)² + ½ c² h Σ (δuⁿ⁺¹/h) (δuⁿ/h)"},
	}
}

func (f *vibration) Draw(ctx context.Context, seed uint64, index int) (Sample, error) {
	s, n := NewSample(f), f.cells
	f.initial.Sample(s[1][1:n], seed, 2*index)
	f.initial.Sample(s[0][1:n], seed, 2*index+1)
	step := f.steppers.Get().(*timestep.Leapfrog)
	defer f.steppers.Put(step)
	step.Start(s[0][1:n])
	for k := range f.steps {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		next := level(s[1], k+1, n+1)
		copy(next, level(s[1], k, n+1))
		step.Step(0, next[1:n])
	}
	return s, ctx.Err()
}

func (f *vibration) Residual(dst []float64, s Sample) error {
	n, v, u := f.cells, s[0], s[1]
	square := f.c * f.dt * float64(n)
	square *= square
	equation := dst[n-1:]
	boundary := equation[(f.steps-1)*(n-1):]
	energy := boundary[2*(f.steps+1)+2:]
	boundary[2*(f.steps+1)], boundary[2*(f.steps+1)+1] = v[0], v[n]
	var first float64
	for k := range f.steps + 1 {
		now := level(u, k, n+1)
		boundary[2*k], boundary[2*k+1] = now[0], now[n]
		if k == f.steps {
			break
		}
		next := level(u, k+1, n+1)
		var e float64
		for j := 1; j <= n; j++ {
			rate := (next[j] - now[j]) / f.dt
			e += rate*rate + f.c*f.c*float64(n)*float64(n)*(next[j]-next[j-1])*(now[j]-now[j-1])
			if j == n {
				break
			}
			bend := now[j+1] - 2*now[j] + now[j-1]
			if k == 0 {
				dst[j-1] = next[j] - now[j] - f.dt*v[j] - square/2*bend
			} else {
				equation[(k-1)*(n-1)+j-1] = next[j] - 2*now[j] + u[(k-1)*(n+1)+j] - square*bend
			}
		}
		e /= 2 * float64(n)
		if k == 0 {
			first = e
		} else {
			energy[k-1] = e - first
		}
	}
	return nil
}
