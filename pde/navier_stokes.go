package pde

import (
	"context"
	"math"
	"sync"

	"abide/field"
	"abide/grid"
	"abide/internal/keyed"
)

// navierStokesKind is flow in two dimensions as vorticity, stirred by a steady force,
//
//	w_t + u·∇w = ν Δw + f on [0,1)² periodic,  u = (ψ_y, −ψ_x), −Δψ = w,
//	w(0) ~ N(0, 7³ (−Δ + 49)^(−2.5)),  f = 0.1 √2 sin(2π(x + y) + φ),
//
// φ = π/4 or drawn from U(0, π/2), by Fourier modes |k| < n/3 along both axes (the 2/3
// rule). Steps are ETDRK4, order 4, or Crank–Nicolson with explicit Euler, order 1, as
// in the published data. Every state is stored on all n² points: the residual is in
// propagator form. ETDRK4 is stable with Δt = 1/n for velocities up to about one, and at T
// = 10 on 64² points then off by 4e-11 of a vorticity of 1.1; Crank–Nicolson with Euler and
// Δt = 1e-3 by 2e-5 (against steps a quarter as long).
//
// Z. Li et al., "Fourier neural operator for parametric partial differential
// equations", ICLR 2021, section A.3.3 and their ns_2d.py: ν = 1e-3, 256² points of which
// 64² are kept, Δt = 1e-4, T = 50. C. Cheng et al. (ECI), ICLR 2025, and U. Utkarsh et al. (PCFM),
// NeurIPS 2025: φ on 100 equal steps of [0, π/2], each with each of 100 initial states (here φ and
// state are drawn together), 64², Δt = 1e-3, T = 49, 50 states.
//
// Advection is in the form of C. Basdevant, J. Comput. Phys. 50 (1983), 209–214,
//
//	u·∇w = (∂_xx − ∂_yy)(uv) + ∂_xy(v² − u²),
//
// two real transforms each way where products with ∇w take five; without aliasing it is the
// same to rounding. Two real arrays are one complex one.
//
// Products with the Jacobian of its rows, by phase and states, are tangents and adjoints of
// the steps ([timestep.Differential]).
//
// Cost: two complex transforms of n² points per evaluation of advection, of which ETDRK4
// takes four a step and Euler one; lengths that are powers of two are some times faster.
var navierStokesKind = Kind{
	Name:     "navier-stokes",
	Equation: "w_t + u·∇w = ν Δw + f on the torus of side 1, u = (ψ_y, −ψ_x), −Δψ = w",
	Scheme:   "Fourier modes with the 2/3 rule; ETDRK4: order 4 in t, Crank–Nicolson with Euler: order 1",
	Source:   "Li et al. 2021 (ICLR), section A.3.3; force of varied phase: Cheng et al. 2025 (ICLR), ECI",
	Parameters: []Parameter{
		{Name: "grid", Default: 64, Min: 8, Max: 1024, Doc: "points along each side"},
		{Name: "times", Default: 10, Min: 1, Max: 10000, Doc: "intervals between stored times"},
		{Name: "end", Default: 10.0, Min: 0, MinOpen: true, Max: 1000, Doc: "last time; the first is 0"},
		{Name: "nu", Default: 1e-3, Min: 0, MinOpen: true, Max: 10, Doc: "viscosity ν"},
		{Name: "force", Default: "fixed", Allowed: []string{"fixed", "random"}, Doc: "phase φ of the force: π/4 or drawn"},
		{Name: "scheme", Default: "etdrk4", Allowed: []string{"etdrk4", "cn-euler"}, Doc: "steps in time"},
		{Name: "steps", Default: 0, Min: 0, Max: 10000000, Doc: "steps between stored times; 0: Δt = 1/grid for etdrk4, 1e-3 for cn-euler, or little less"},
	},
	New: func(v Values) (Family, error) {
		n := v.Int("grid")
		f := &navierStokes{points: n, times: v.Int("times"), drawn: v.Text("force") == "random"}
		needed := float64(n)
		f.interval = v.Float("end") / float64(f.times)
		explicit := v.Text("scheme") == "cn-euler"
		if explicit {
			needed = 1000
		}
		f.steps = stepsBetween(v.Int("steps"), f.interval*needed)
		var err error
		side := grid.Axis{Cells: n, Boundary: grid.Periodic}
		if f.initial, err = field.NewSpectral(field.NavierStokes, []grid.Axis{side, side}, band(n), band(n)); err != nil {
			return nil, err
		}
		f.steppers.New = func() any {
			return newVorticityStepper(n, v.Float("nu"), f.interval/float64(f.steps), explicit)
		}
		f.derivatives.New = func() any { return newVorticityDerivative(f.steppers.New().(*vorticityStepper)) }
		return f, nil
	},
}

type navierStokes struct {
	points, times, steps int
	interval             float64 // between stored times
	drawn                bool
	initial              field.Sampler
	steppers             sync.Pool
	derivatives          sync.Pool
}

func (f *navierStokes) Arrays() []Array {
	return []Array{
		{Name: "phi", Doc: "phase φ of the force"},
		{Name: "w", Shape: []int{f.times + 1, f.points, f.points}, Doc: "vorticity (t, x, y), x = i/points"},
	}
}

func (f *navierStokes) Rows() []Row {
	n := f.points * f.points
	return []Row{
		{Name: "band", Size: n, Unit: 1, Doc: "what waves |k| ≥ points/3 contribute to w(0)"},
		{Name: "equation", Size: f.times * n, Unit: 1, Doc: "wⁿ⁺¹ − Φ(wⁿ), Φ the scheme's steps between stored times"},
		{Name: "mean", Size: f.times + 1, Unit: 1, Doc: "mean of w: zero"},
	}
}

func (f *navierStokes) Draw(ctx context.Context, seed uint64, index int) (Sample, error) {
	s, n := NewSample(f), f.points*f.points
	s[0][0] = math.Pi / 4
	if f.drawn {
		s[0][0] = math.Pi / 2 * keyed.New(seed, "pde navier-stokes", index, 0).Uniform()
	}
	f.initial.Sample(level(s[1], 0, n), seed, index)
	return s, f.march(ctx, s)
}

// Complete computes all states from the first one and the force, as Draw does. What the
// first has beyond the band is lost on the way.
func (f *navierStokes) Complete(s Sample) error { return f.march(context.Background(), s) }

func (f *navierStokes) march(ctx context.Context, s Sample) error {
	n := f.points * f.points
	step := f.steppers.Get().(*vorticityStepper)
	defer f.steppers.Put(step)
	step.setForce(s[0][0])
	for k := range f.times {
		if err := ctx.Err(); err != nil {
			return err
		}
		next := level(s[1], k+1, n)
		copy(next, level(s[1], k, n))
		step.advance(next, f.steps)
		if err := finite("navier-stokes", float64(k+1)*f.interval, next); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (f *navierStokes) Residual(dst []float64, s Sample) error {
	step := f.steppers.Get().(*vorticityStepper)
	defer f.steppers.Put(step)
	step.setForce(s[0][0])
	w, n := s[1], f.points*f.points
	copy(dst[:n], w)
	step.advance(dst[:n], 0)
	for j, v := range w[:n] {
		dst[j] = v - dst[j]
	}
	propagated(dst[n:], w, n, func(w []float64) { step.advance(w, f.steps) })
	mean := dst[n+f.times*n:]
	for k := range mean {
		mean[k] = sum(level(w, k, n)) / float64(n)
	}
	return nil
}

// JVP costs 2.5 evaluations of the residual by the count of transforms.
func (f *navierStokes) JVP(dst []float64, s, v Sample) {
	step := f.derivatives.Get().(*vorticityDerivative)
	defer f.derivatives.Put(step)
	step.setForce(s[0][0])
	w, dw, n := s[1], v[1], f.points*f.points
	copy(dst[:n], dw)
	step.advance(dst[:n], 0)
	for j, x := range dw[:n] {
		dst[j] = x - dst[j]
	}
	k := 0
	propagated(dst[n:], dw, n, func(dw []float64) {
		step.tangent(level(w, k, n), dw, v[0][0], f.steps)
		k++
	})
	mean := dst[n+f.times*n:]
	for k := range mean {
		mean[k] = sum(level(dw, k, n)) / float64(n)
	}
}

// VJP costs 3.25 evaluations of the residual by the count of transforms with ETDRK4, 2.5
// with Euler. It keeps the steps of one interval, or some of them if they are many.
func (f *navierStokes) VJP(dst, s Sample, w []float64) {
	step := f.derivatives.Get().(*vorticityDerivative)
	defer f.derivatives.Put(step)
	step.setForce(s[0][0])
	n := f.points * f.points
	equation, mean := w[n:], w[n+f.times*n:]
	state := make([]float64, n)
	dst[0][0] = 0
	for k := range f.times + 1 {
		g := level(dst[1], k, n)
		if k > 0 {
			copy(g, level(equation, k-1, n))
		} else { // dropping a band is symmetric
			copy(g, w[:n])
			step.advance(g, 0)
			for j, x := range w[:n] {
				g[j] = x - g[j]
			}
		}
		clear(state)
		if k < f.times {
			copy(state, level(equation, k, n))
			dst[0][0] -= step.adjoint(level(s[1], k, n), state, f.steps)
		}
		for j, x := range state {
			g[j] += mean[k]/float64(n) - x
		}
	}
}
