package pde

import (
	"context"
	"fmt"
	"sync"

	"abide/field"
	"abide/grid"
	"abide/sparse"
	"abide/timestep"
)

// heatKind is the heat equation between two ends at zero from a random state,
//
//	u_t = ν u_xx in (0,1),  u = 0 at the ends,  u(0) ~ N(0, σ² (−Δ + 9)⁻²),
//
// by second differences at vertices and the θ-scheme ([timestep.Theta]), all states
// kept. Order 2 in space, in time 2 for θ = ½ and else 1. u is a linear image of a
// Gaussian field: the posterior given values of u has a closed form. What leaves at the
// ends is the scheme's own flux, so that heat is balanced to rounding.
//
// H. S. Carslaw and J. C. Jaeger, "Conduction of Heat in Solids" (1959), section 3.3; the
// law of the initial state is that of the Darcy data of Li et al. (2021), with zero
// ends and in one dimension (σ = 14).
//
// Cost: one tridiagonal solve a step, O(grid · times). θ < ½ needs ν Δt ≤ h²/(2 − 4θ), which
// is checked.
var heatKind = Kind{
	Name:     "heat",
	Equation: "u_t = ν u_xx in (0,1), u = 0 at the ends",
	Scheme:   "second differences, θ-scheme; order 2 in x, 2 (θ = ½) or 1 in t",
	Source:   "Crank and Nicolson 1947; initial states of our own",
	Parameters: []Parameter{
		pointsParameter(64, 4, "cells of (0,1); there is one vertex more"),
		timesParameter(64, "steps from t = 0 to the end"),
		{Name: "end", Default: 1.0, Min: 0, MinOpen: true, Max: 1000, Doc: "last time"},
		{Name: "nu", Default: 0.05, Min: 0, MinOpen: true, Max: 100, Doc: "diffusivity ν"},
		{Name: "theta", Default: 0.5, Min: 0, Max: 1, Doc: "θ: 0 explicit Euler, ½ Crank–Nicolson, 1 implicit Euler"},
	},
	New: newHeat,
}

type heat struct {
	cells, steps  int
	dt, nu, theta float64
	initial       field.Sampler
	steppers      sync.Pool
}

func newHeat(v Values) (Family, error) {
	f := &heat{cells: v.Int("grid"), steps: v.Int("times"), nu: v.Float("nu"), theta: v.Float("theta")}
	f.dt = v.Float("end") / float64(f.steps)
	if limit := 0.5 / (1 - 2*f.theta); f.theta < 0.5 && f.number() > limit {
		return nil, fmt.Errorf("pde: heat: ν Δt/h² = %.3g grows without bound with θ = %g: at most %.3g, by more times or θ ≥ ½", f.number(), f.theta, limit)
	}
	var err error
	if f.initial, err = zeroEnded(f.cells, 14); err != nil {
		return nil, err
	}
	step, err := f.newStepper()
	if err != nil {
		return nil, err
	}
	f.steppers.New = func() any {
		s, err := f.newStepper()
		if err != nil {
			panic(err) // the first one was the same
		}
		return s
	}
	f.steppers.Put(step)
	return f, nil
}

// zeroEnded is the law σ² (−Δ + 9)⁻² at the inner vertices of cells, zero at both ends.
func zeroEnded(cells int, sigma float64) (field.Sampler, error) {
	law := field.Law{Sigma: sigma, Alpha: 2, Tau: 3}
	return field.NewSpectral(law, []grid.Axis{{Cells: cells}})
}

// zeroDifference is a + b δ at the inner vertices of n cells, with −δ the second
// difference between ends that are zero.
func zeroDifference(n int, a, b float64) sparse.Tridiagonal {
	m := sparse.NewTridiagonal(n - 1)
	for i := range m.Diagonal {
		m.Lower[i], m.Diagonal[i], m.Upper[i] = -b, a+2*b, -b
	}
	return m
}

func (f *heat) newStepper() (*timestep.Theta[float64], error) {
	scale := f.nu * float64(f.cells) * float64(f.cells)
	return timestep.NewTheta(timestep.System[float64]{
		Size: f.cells - 1, Stiffness: zeroDifference(f.cells, 0, scale),
		Shifted: func(c float64) (timestep.Solver[float64], error) { return zeroDifference(f.cells, 1, c*scale).Factor() },
	}, f.theta, f.dt)
}

func (f *heat) Arrays() []Array {
	return []Array{{Name: "u", Shape: []int{f.steps + 1, f.cells + 1}, Doc: "temperature (t, x) at vertices, the ends included"}}
}

// number is ν Δt/h².
func (f *heat) number() float64 { return f.nu * f.dt * float64(f.cells) * float64(f.cells) }

func (f *heat) Rows() []Row {
	unit := max(1, 4*f.number())
	return []Row{
		{Name: "equation", Size: f.steps * (f.cells - 1), Unit: unit, Doc: "uⁿ⁺¹ − uⁿ + (Δt/h) (F_{j+½} − F_{j−½}), F = −ν (θ δuⁿ⁺¹ + (1 − θ) δuⁿ)/h"},
		{Name: "boundary", Size: 2 * (f.steps + 1), Unit: 1, Doc: "u at both ends"},
		{Name: "mass", Size: f.steps, Unit: unit, Doc: "h Σ (uⁿ⁺¹ − uⁿ) + Δt (F_right − F_left), over inner vertices with the outermost fluxes"},
	}
}

func (f *heat) Draw(ctx context.Context, seed uint64, index int) (Sample, error) {
	s, n := NewSample(f), f.cells
	f.initial.Sample(s[0][1:n], seed, index)
	step := f.steppers.Get().(*timestep.Theta[float64])
	defer f.steppers.Put(step)
	for k := range f.steps {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		next := level(s[0], k+1, n+1)
		copy(next, level(s[0], k, n+1))
		step.Step(0, next[1:n])
	}
	return s, ctx.Err()
}

func (f *heat) Residual(dst []float64, s Sample) error {
	n, u, number := f.cells, s[0], f.number()
	boundary := dst[f.steps*(n-1):]
	mass := boundary[2*(f.steps+1):]
	for k := range f.steps + 1 {
		now := level(u, k, n+1)
		boundary[2*k], boundary[2*k+1] = now[0], now[n]
		if k == f.steps {
			break
		}
		next := level(u, k+1, n+1)
		flux := func(j int) float64 { // between vertices j and j+1, times Δt/h
			return -number * (f.theta*(next[j+1]-next[j]) + (1-f.theta)*(now[j+1]-now[j]))
		}
		grown, first := 0.0, flux(0)
		left := first
		for j := 1; j < n; j++ {
			right := flux(j)
			dst[k*(n-1)+j-1] = next[j] - now[j] + right - left
			grown += next[j] - now[j]
			left = right
		}
		mass[k] = (grown + left - first) / float64(n)
	}
	return nil
}
