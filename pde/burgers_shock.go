package pde

import (
	"context"
	"fmt"
	"math"

	"abide/internal/keyed"
)

// burgersShockKind is Burgers' equation without viscosity behind a wall that sends in a
// drawn value: shocks and rarefactions,
//
//	u_t + (u²/2)_x = 0 in (0,1),  u(0, x) = 1/(1 + e^{(x − p)/0.02}),  u(t, 0) = b,
//
// p ~ U(0.2, 0.8), b ~ U(0, 1), nothing reflected on the right, t ∈ [0, 1]; by finite
// volumes with one of three fluxes ([flux]), all states kept. The mass row holds with
// the scheme's own fluxes, which telescope; with fluxes of nodal values, trapezoidal in
// time, it holds only to order one.
//
// U. Utkarsh et al., "Physics-constrained flow matching" (PCFM), NeurIPS 2025, and
// their generate_burgers1d_data.py: there on 101 nodes, of which the first is b from
// the first step on and the last a copy of its neighbour; here in cells, b being outside.
//
// Cost: one flux per cell and step, O(grid · times). Not for viscous flow: [burgersKind].
var burgersShockKind = Kind{
	Name:     "burgers-shock",
	Equation: "u_t + (u²/2)_x = 0 in (0,1), u(0, x) = 1/(1 + e^{(x − p)/0.02}), u(t, 0) = b",
	Scheme:   "finite volumes, explicit Euler, monotone flux; order 1",
	Source:   "Utkarsh et al. 2025 (NeurIPS), PCFM; in cells, with b outside, where they have nodes",
	Parameters: []Parameter{
		pointsParameter(100, 4, "cells of (0,1); Δt = 1/times is at most a cell"),
		{Name: "times", Default: 0, Min: 0, Max: 100000, Doc: "steps to t = 1; 0: as many as cells"},
		{Name: "flux", Default: "godunov", Allowed: []string{"godunov", "engquist-osher", "rusanov"}, Doc: "numerical flux"},
	},
	New: func(v Values) (Family, error) {
		f := &burgersShock{cells: v.Int("grid"), steps: v.Int("times"), flux: fluxes[v.Text("flux")], slope: slopes[v.Text("flux")]}
		if f.steps == 0 {
			f.steps = f.cells
		}
		if f.steps < f.cells {
			return nil, fmt.Errorf("pde: burgers-shock: %d steps for %d cells: a step is shorter than a cell is wide, take at least %d", f.steps, f.cells, f.cells)
		}
		return f, nil
	},
}

type burgersShock struct {
	cells, steps int
	flux         flux
	slope        slope // its derivative
}

func (f *burgersShock) Arrays() []Array {
	return []Array{
		{Name: "p", Doc: "place of the initial step"},
		{Name: "b", Doc: "value at the left wall"},
		{Name: "u", Shape: []int{f.steps + 1, f.cells}, Doc: "cell means (t, x), t from 0 to 1, x = (j + ½)/cells"},
	}
}

func (f *burgersShock) Rows() []Row {
	return []Row{
		{Name: "initial", Size: f.cells, Unit: 1, Doc: "u(0, x) − 1/(1 + e^{(x − p)/0.02})"},
		{Name: "equation", Size: f.steps * f.cells, Unit: 1, Doc: "uⁿ⁺¹ − uⁿ + (Δt/h) (F_{j+½} − F_{j−½})ⁿ"},
		{Name: "mass", Size: f.steps, Unit: 1, Doc: "h Σ (uⁿ⁺¹ − uⁿ) + Δt (F_right − F_left)ⁿ with the scheme's fluxes"},
	}
}

func (f *burgersShock) initial(p float64, j int) float64 {
	return 1 / (1 + math.Exp(((float64(j)+0.5)/float64(f.cells)-p)/0.02))
}

func (f *burgersShock) Draw(ctx context.Context, seed uint64, index int) (Sample, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	r := keyed.New(seed, "pde burgers-shock", index, 0)
	p := 0.2 + 0.6*r.Uniform()
	return f.At([]float64{p, r.Uniform()})
}

func (f *burgersShock) Latents() []Latent { return []Latent{{"p", 0.2, 0.8}, {"b", 0, 1}} }

func (f *burgersShock) At(theta []float64) (Sample, error) {
	s := NewSample(f)
	s[0][0], s[1][0] = theta[0], theta[1]
	return s, f.Complete(s)
}

// ratio is Δt/h.
func (f *burgersShock) ratio() float64 { return float64(f.cells) / float64(f.steps) }

func (f *burgersShock) Residual(dst []float64, s Sample) error {
	u, face := s[2], make([]float64, f.cells+1)
	for j := range f.cells {
		dst[j] = u[j] - f.initial(s[0][0], j)
	}
	equation := dst[f.cells:]
	mass := equation[f.steps*f.cells:]
	for n := range f.steps {
		now, next := level(u, n, f.cells), level(u, n+1, f.cells)
		cellFluxes(face, now, s[1][0], f.flux)
		var grown float64
		for j, v := range now {
			equation[n*f.cells+j] = next[j] - v + f.ratio()*(face[j+1]-face[j])
			grown += next[j] - v
		}
		mass[n] = grown/float64(f.cells) + (face[f.cells]-face[0])/float64(f.steps)
	}
	return nil
}
