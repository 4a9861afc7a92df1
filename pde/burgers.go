package pde

import (
	"context"
	"fmt"
	"math"
	"math/bits"
	"sync"

	"abide/field"
	"abide/grid"
)

// burgersKind is Burgers' equation with viscosity on a circle from a random state,
//
//	u_t + (u²/2)_x = ν u_xx,  x ∈ [0, 1) periodic, t ∈ [0, 1],  u(0) ~ N(0, 49² (−Δ + 49)^(−2.5)),
//
// by Fourier modes |k| < n/3 of n points, for products to be free of aliasing (the 2/3
// rule), and ETDRK4 ([timestep.ETDRK4]): spectral order in x, order 4 in t. Every state
// is stored on all n points, from which the scheme goes on to the next one: the
// residual is in propagator form. n ≥ 1/ν resolves fronts: with ν = 0.0125 the error against
// Cole and Hopf is 2e-6 on 64 points and 1e-11 on 128 (TestBurgersColeHopf). Steps are
// chosen so that they add 2e-9 with the defaults (against steps a quarter as long).
//
// Z. Li et al., "Fourier neural operator for parametric partial differential
// equations", ICLR 2021, by its generator (gen_burgers1.m: this law, 200 times, ν = 1e-3; the text of
// section A.3.1 has another one, see [field.Burgers]), of
// fine grids of which a sub-sample is kept, so that the data lose modes that their
// equation needs. J. Huang et al., "DiffusionPDE", NeurIPS 2024: ν = 0.01, 128 × 128.
// S. A. Orszag, "On the elimination of aliasing in finite-difference schemes by
// filtering high-wavenumber components", J. Atmos. Sci. 28 (1971).
//
// Products with the Jacobian of its rows are tangents and adjoints of the steps
// ([timestep.ETDRK4Derivative]), of sixteen intervals side by side.
//
// Sixteen samples are advanced side by side ([burgersStepper]), two of neighbouring index
// in one complex array: one sample alone costs as much as sixteen.
//
// Cost: eight transforms of n points a step, half of one complex array per sample. Not
// for ν → 0: [burgersShockKind].
var burgersKind = Kind{
	Name:     "burgers",
	Equation: "u_t + u u_x = ν u_xx on the circle of length 1",
	Scheme:   "Fourier modes with the 2/3 rule, ETDRK4; spectral order in x, order 4 in t",
	Source:   "Li et al. 2021 (ICLR), generator of the data; ν = 0.01: Huang et al. 2024 (NeurIPS)",
	Parameters: []Parameter{
		pointsParameter(256, 8, "points on the circle, a power of two"),
		timesParameter(100, "intervals between stored times, from 0 to 1"),
		{Name: "nu", Default: 0.01, Min: 0, MinOpen: true, Max: 10, Doc: "viscosity ν"},
		stepsParameter,
	},
	New: func(v Values) (Family, error) {
		n := v.Int("grid")
		if n&(n-1) != 0 {
			return nil, fmt.Errorf("pde: burgers: %d points: a power of two, as %d", n, 1<<bits.Len(uint(n)))
		}
		f := &burgers{points: n, times: v.Int("times"), nu: v.Float("nu")}
		f.steps = stepsBetween(v.Int("steps"), 2*float64(n)/float64(f.times))
		var err error
		if f.initial, err = field.NewSpectral(field.Burgers, []grid.Axis{{Cells: n, Boundary: grid.Periodic}}, band(n)); err != nil {
			return nil, err
		}
		f.steppers.New = func() any { return newBurgersStepper(n, f.nu, 1/float64(f.times*f.steps)) }
		f.derivatives.New = func() any { return newBurgersDerivative(f.steppers.New().(*burgersStepper)) }
		return f, nil
	},
}

var stepsParameter = Parameter{Name: "steps", Default: 0, Min: 0, Max: 1000000, Doc: "steps of the scheme between stored times; 0: Δt = 1/(2 grid) or little less"}

// stepsBetween is what was asked for, or what is needed at least.
func stepsBetween(given int, needed float64) int {
	if given > 0 {
		return given
	}
	return max(1, int(math.Ceil(needed-1e-9)))
}

// band is the highest wave number k of n points for which products of two waves up to k
// do not come back as waves up to k: 3k < n.
func band(n int) int { return (n - 1) / 3 }

type burgers struct {
	points, times, steps int
	nu                   float64
	initial              field.Sampler
	steppers             sync.Pool
	derivatives          sync.Pool
}

var _ Batched = (*burgers)(nil)

func (f *burgers) Arrays() []Array {
	return []Array{{Name: "u", Shape: []int{f.times + 1, f.points}, Doc: "states (t, x), t from 0 to 1, x = j/points"}}
}

func (f *burgers) Rows() []Row {
	return []Row{
		{Name: "band", Size: f.points, Unit: 1, Doc: "what waves |k| ≥ points/3 contribute to u(0, x)"},
		{Name: "equation", Size: f.times * f.points, Unit: 1, Doc: "uⁿ⁺¹ − Φ(uⁿ), Φ the scheme's steps between stored times"},
		{Name: "mass", Size: f.times + 1, Unit: 1, Doc: "mean of u: zero"},
	}
}

// Batch is the number of flows of a stepper.
func (f *burgers) Batch() int { return flows }

func (f *burgers) Draw(ctx context.Context, seed uint64, index int) (Sample, error) {
	s, err := f.DrawBatch(ctx, seed, index, 1)
	if err != nil {
		return nil, err
	}
	return s[0], nil
}

// DrawBatch runs whole pairs 2i, 2i + 1, so that a sample never depends on which others
// were asked for.
func (f *burgers) DrawBatch(ctx context.Context, seed uint64, first, n int) ([]Sample, error) {
	out := make([]Sample, n)
	step := f.steppers.Get().(*burgersStepper)
	defer f.steppers.Put(step)
	for from := first &^ 1; from < first+n; from += flows {
		states := make([][]float64, min(flows, (first+n-from+1)&^1))
		for i := range states {
			states[i] = make([]float64, f.points)
			f.initial.Sample(states[i], seed, from+i)
		}
		for k := range f.times + 1 {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			if k > 0 {
				step.advance(states, f.steps)
				for _, u := range states {
					if err := finite("burgers", float64(k)/float64(f.times), u); err != nil {
						return nil, err
					}
				}
			}
			for i, u := range states {
				if at := from + i - first; at >= 0 && at < n {
					if k == 0 {
						out[at] = NewSample(f)
					}
					copy(level(out[at][0], k, f.points), u)
				}
			}
		}
	}
	return out, ctx.Err()
}

// Complete computes all states from the first one, as Draw does but for the rounding of
// pairs. What the first has beyond the band is lost on the way.
func (f *burgers) Complete(s Sample) error {
	step := f.steppers.Get().(*burgersStepper)
	defer f.steppers.Put(step)
	for k := range f.times {
		next := level(s[0], k+1, f.points)
		copy(next, level(s[0], k, f.points))
		step.advance([][]float64{next}, f.steps)
		if err := finite("burgers", float64(k+1)/float64(f.times), next); err != nil {
			return err
		}
	}
	return nil
}

func (f *burgers) Residual(dst []float64, s Sample) error {
	step := f.steppers.Get().(*burgersStepper)
	defer f.steppers.Put(step)
	u, n := s[0], f.points
	copy(dst[:n], u)
	step.advance([][]float64{dst[:n]}, 0)
	for j, v := range u[:n] {
		dst[j] = v - dst[j]
	}
	equation := dst[n : n+f.times*n]
	copy(equation, u)
	f.intervals(equation, equation, func(states, _ [][]float64) { step.advance(states, f.steps) })
	for i, v := range u[n:] {
		equation[i] = v - equation[i]
	}
	mass := dst[n+f.times*n:]
	for k := range mass {
		mass[k] = sum(level(u, k, n)) / float64(n)
	}
	return nil
}

// intervals calls march with the states of sixteen intervals, or those that are left, and with
// what belongs to them in v.
func (f *burgers) intervals(u, v []float64, march func(u, v [][]float64)) {
	for k := 0; k < f.times; k += flows {
		var states, others [][]float64
		for i := k; i < min(k+flows, f.times); i++ {
			states, others = append(states, level(u, i, f.points)), append(others, level(v, i, f.points))
		}
		march(states, others)
	}
}

// JVP costs 2.5 evaluations of the residual by the count of transforms.
func (f *burgers) JVP(dst []float64, s, v Sample) {
	step := f.derivatives.Get().(*burgersDerivative)
	defer f.derivatives.Put(step)
	u, du, n := s[0], v[0], f.points
	copy(dst[:n], du)
	step.advance([][]float64{dst[:n]}, 0)
	for j, x := range du[:n] {
		dst[j] = x - dst[j]
	}
	equation := dst[n : n+f.times*n]
	copy(equation, du)
	f.intervals(u, equation, func(u, v [][]float64) { step.tangent(u, v, f.steps) })
	for i, x := range du[n:] {
		equation[i] = x - equation[i]
	}
	mass := dst[n+f.times*n:]
	for k := range mass {
		mass[k] = sum(level(du, k, n)) / float64(n)
	}
}

// VJP costs 3.25 evaluations of the residual by the count of transforms. It keeps the
// steps of sixteen intervals, or some of them if they are many.
func (f *burgers) VJP(dst, s Sample, w []float64) {
	step := f.derivatives.Get().(*burgersDerivative)
	defer f.derivatives.Put(step)
	g, n := dst[0], f.points
	equation, mass := w[n:n+f.times*n], w[n+f.times*n:]
	copy(g, equation)
	f.intervals(s[0], g[:f.times*n], func(u, g [][]float64) { step.adjoint(u, g, f.steps) })
	clear(g[f.times*n:])
	first := append([]float64(nil), w[:n]...) // dropping a band is symmetric
	step.advance([][]float64{first}, 0)
	for j, x := range w[:n] {
		g[j] = x - first[j] - g[j]
	}
	for i, x := range equation {
		g[n+i] = x - g[n+i]
	}
	for k, x := range mass {
		for j := range n {
			g[k*n+j] += x / float64(n)
		}
	}
}
