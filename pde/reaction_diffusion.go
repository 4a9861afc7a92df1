package pde

import (
	"context"
	"math"
	"sync"

	"abide/internal/keyed"
	"abide/sparse"
	"abide/timestep"
)

// reactionDiffusionKind is the equation of Fisher and Kolmogorov between two walls
// through which drawn fluxes come in,
//
//	u_t = ν u_xx + ρ u (1 − u) in (0,1),  −ν u_x = g_L at 0, g_R at 1,
//
// g_L ~ U(0, 0.05), g_R ~ U(−0.05, 0), rounded to three digits, t ∈ [0, 0.99]; by finite
// volumes, Crank–Nicolson for diffusion and Adams–Bashforth for the reaction, after a
// first step of Euler ([timestep.IMEX]), all states kept. Order 2. The mass row holds
// with the scheme's own fluxes and source.
//
// U. Utkarsh et al., "Physics-constrained flow matching" (PCFM), NeurIPS 2025, and their
// generate_RD1d_data.py: ν = 0.005, ρ = 0.01, 128 cells, steps of 0.01 between stored
// states and many explicit ones within; the initial states are sums of up to three
// waves, a tenth of them folded (|u|), a tenth cut by a window, scaled to [0, 1].
// Ours differ on purpose: two waves always, of whole numbers on [0, 1] (there k·128/127,
// 2k where one is drawn twice, and constants of those not drawn, which fold and window
// see), and implicit steps of order 2 (there an exact logistic step of order 1, with
// fluxes at half a step).
//
// Cost: one tridiagonal solve a step, O(grid · times).
var reactionDiffusionKind = Kind{
	Name:     "reaction-diffusion",
	Equation: "u_t = ν u_xx + ρ u (1 − u) in (0,1), −ν u_x = g_L at 0, g_R at 1",
	Scheme:   "finite volumes, Crank–Nicolson and Adams–Bashforth; order 2",
	Source:   "Utkarsh et al. 2025 (NeurIPS), PCFM; scheme and the waves of initial states of our own",
	Parameters: []Parameter{
		pointsParameter(128, 4, "cells of (0,1)"),
		{Name: "times", Default: 100, Min: 2, Max: 100000, Doc: "stored times from 0 on, both ends"},
		{Name: "end", Default: 0.99, Min: 0, MinOpen: true, Max: 100, Doc: "last time"},
		{Name: "nu", Default: 0.005, Min: 0, MinOpen: true, Max: 10, Doc: "diffusivity ν"},
		{Name: "rho", Default: 0.01, Min: 0, Max: 100, Doc: "rate ρ of the reaction"},
	},
	New: func(v Values) (Family, error) {
		f := &reactionDiffusion{cells: v.Int("grid"), steps: v.Int("times") - 1, nu: v.Float("nu"), rho: v.Float("rho")}
		f.dt = v.Float("end") / float64(f.steps)
		f.steppers.New = func() any { return f.newStepper() }
		return f, nil
	},
}

type reactionDiffusion struct {
	cells, steps int
	dt, nu, rho  float64
	steppers     sync.Pool
}

// fisherStepper is the scheme with fluxes that may be changed between trajectories.
type fisherStepper struct {
	*timestep.IMEX[float64]
	fluxes func(t float64) (left, right float64)
}

func (f *reactionDiffusion) newStepper() *fisherStepper {
	s := &fisherStepper{}
	stiffness := f.shifted(0, f.nu*float64(f.cells)*float64(f.cells))
	system := timestep.System[float64]{
		Size: f.cells, Stiffness: stiffness,
		Shifted: func(c float64) (timestep.Solver[float64], error) {
			return f.shifted(1, c*f.nu*float64(f.cells)*float64(f.cells)).Factor()
		},
		Load: func(t float64, load []float64) {
			clear(load)
			left, right := s.fluxes(t)
			load[0] += left * float64(f.cells)
			load[f.cells-1] -= right * float64(f.cells)
		},
	}
	var err error
	s.IMEX, err = timestep.NewIMEX(system, f.dt, f.reaction, timestep.AdamsBashforth)
	if err != nil {
		panic(err) // sizes and steps were checked as parameters
	}
	return s
}

// shifted is a + b δ with −δ the second difference between walls without flux.
func (f *reactionDiffusion) shifted(a, b float64) sparse.Tridiagonal {
	m := sparse.NewTridiagonal(f.cells)
	for i := range f.cells {
		m.Lower[i], m.Diagonal[i], m.Upper[i] = -b, a+2*b, -b
	}
	m.Diagonal[0] -= b
	m.Diagonal[f.cells-1] -= b
	return m
}

func (f *reactionDiffusion) reaction(_ float64, u, du []float64) {
	for i, v := range u {
		du[i] = f.rho * v * (1 - v)
	}
}

func (f *reactionDiffusion) Arrays() []Array {
	return []Array{
		{Name: "left", Doc: "flux g_L into the domain at 0"},
		{Name: "right", Doc: "flux g_R out of the domain at 1"},
		{Name: "u", Shape: []int{f.steps + 1, f.cells}, Doc: "cell means (t, x), x = (j + ½)/cells"},
	}
}

func (f *reactionDiffusion) Rows() []Row {
	h := 1 / float64(f.cells)
	return []Row{
		{Name: "equation", Size: f.steps * f.cells, Unit: max(1, 4*f.nu*f.dt/(h*h)),
			Doc: "uⁿ⁺¹ − uⁿ + (Δt/h) (F_{j+½} − F_{j−½}) − Δt R, F = −ν (δu/h)ⁿ⁺½ and g at walls, R = ρ (³⁄₂ u(1 − u)ⁿ − ½ u(1 − u)ⁿ⁻¹)"},
		{Name: "mass", Size: f.steps, Unit: 1, Doc: "h Σ (uⁿ⁺¹ − uⁿ) + Δt (g_R − g_L) − Δt h Σ R"},
	}
}

func (f *reactionDiffusion) Draw(ctx context.Context, seed uint64, index int) (Sample, error) {
	s, r := NewSample(f), keyed.New(seed, "pde reaction-diffusion", index, 0)
	s[0][0] = math.Round(50*r.Uniform()) / 1000
	s[1][0] = -math.Round(50*r.Uniform()) / 1000
	f.initial(level(s[2], 0, f.cells), r)
	return s, f.march(ctx, s)
}

// march computes all states from the first one and the fluxes.
func (f *reactionDiffusion) march(ctx context.Context, s Sample) error {
	step := f.steppers.Get().(*fisherStepper)
	defer f.steppers.Put(step)
	step.Reset()
	step.fluxes = func(float64) (float64, float64) { return s[0][0], s[1][0] }
	for n := range f.steps {
		if err := ctx.Err(); err != nil {
			return err
		}
		next := level(s[2], n+1, f.cells)
		copy(next, level(s[2], n, f.cells))
		step.Step(float64(n)*f.dt, next)
		if err := finite("reaction-diffusion", float64(n+1)*f.dt, next); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// initial draws waves, two of three wave numbers at random with replacement, and scales
// them to [0, 1].
func (f *reactionDiffusion) initial(u []float64, r *keyed.Stream) {
	waves := drawWaves(r, 2, 3)
	fold, sign, cut := r.Uniform() < 0.1, math.Copysign(1, r.Uniform()-0.5), r.Uniform() < 0.1
	from, to := 0.1+0.35*r.Uniform(), 0.55+0.35*r.Uniform()
	for j := range u {
		x := (float64(j) + 0.5) / float64(len(u))
		v := sign * waveSum(waves, x)
		if fold {
			v = sign * math.Abs(v)
		}
		if cut {
			v *= (math.Tanh((x-from)/0.01) - math.Tanh((x-to)/0.01)) / 2
		}
		u[j] = v
	}
	low, high := u[0], u[0]
	for _, v := range u {
		low, high = min(low, v), max(high, v)
	}
	for j := range u {
		u[j] = (u[j] - low) / (high - low)
	}
}

func (f *reactionDiffusion) Residual(dst []float64, s Sample) error {
	u, equation := s[2], dst
	mass := dst[f.steps*f.cells:]
	h := 1 / float64(f.cells)
	for n := range f.steps {
		now, next := level(u, n, f.cells), level(u, n+1, f.cells)
		before, weight := now, 0.0
		if n > 0 {
			before, weight = level(u, n-1, f.cells), 0.5
		}
		var grown, source float64
		left := s[0][0]
		for j, v := range now {
			right := s[1][0]
			if j+1 < f.cells {
				right = -f.nu * (now[j+1] - v + next[j+1] - next[j]) / (2 * h)
			}
			rate := f.rho * ((1+weight)*v*(1-v) - weight*before[j]*(1-before[j]))
			equation[n*f.cells+j] = next[j] - v + f.dt/h*(right-left) - f.dt*rate
			grown += next[j] - v
			source += rate
			left = right
		}
		mass[n] = h*grown + f.dt*(s[1][0]-s[0][0]) - f.dt*h*source
	}
	return nil
}
