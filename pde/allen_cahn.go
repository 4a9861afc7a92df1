package pde

import (
	"context"
	"fmt"
	"math"
	"sync"

	"abide/field"
	"abide/grid"
	"abide/sparse"
)

// allenCahnKind is the separation of two phases u = ±1 between walls without flux,
//
//	u_t = ε² u_xx + u − u³ in (0,1),  u_x = 0 at the ends,
//
// from a random state, in cells, by the convex splitting of the double well W = (u² −
// 1)²/4 into u⁴/4, taken at the new time, and −u²/2, at the old,
//
//	(uⁿ⁺¹ − uⁿ)/Δt = ε² δ²uⁿ⁺¹/h² − (uⁿ⁺¹)³ + uⁿ,
//
// each step solved by Newton's method to rounding. Order 2 in space, 1 in time; the
// energy E = h Σ (½ ε² (δu/h)² + W) does not rise with any Δt, which is a row: max(0, Eⁿ⁺¹ −
// Eⁿ) = 0.
//
// D. J. Eyre, "Unconditionally gradient stable time marching the Cahn–Hilliard equation",
// MRS Proc. 529 (1998); S. M. Allen and J. W. Cahn, Acta Metall. 27 (1979).
//
// Cost: about five tridiagonal factors a step. Its error in time is large where Δt is:
// convex splitting slows motion down.
var allenCahnKind = Kind{
	Name:     "allen-cahn",
	Equation: "u_t = ε² u_xx + u − u³ in (0,1), u_x = 0 at the ends",
	Scheme:   "finite volumes, convex splitting, Newton's method; order 2 in x, 1 in t",
	Source:   "Eyre 1998 (MRS Proc. 529); initial states of our own",
	Parameters: []Parameter{
		pointsParameter(64, 4, "cells of (0,1)"),
		timesParameter(100, "steps from t = 0 to the end"),
		{Name: "end", Default: 10.0, Min: 0, MinOpen: true, Max: 10000, Doc: "last time"},
		{Name: "epsilon", Default: 0.03, Min: 0, MinOpen: true, Max: 10, Doc: "width ε of the layers between phases"},
	},
	New: func(v Values) (Family, error) {
		f := &allenCahn{cells: v.Int("grid"), steps: v.Int("times"), epsilon: v.Float("epsilon")}
		f.dt = v.Float("end") / float64(f.steps)
		law := field.Law{Sigma: 14, Alpha: 2, Tau: 3}
		var err error
		f.initial, err = field.NewSpectral(law, []grid.Axis{{Cells: f.cells, Centring: grid.Cell, Boundary: grid.Neumann}})
		f.solvers.New = func() any { return f.newSolver() }
		return f, err
	},
}

type allenCahn struct {
	cells, steps int
	dt, epsilon  float64
	initial      field.Sampler
	solvers      sync.Pool
}

// allenCahnSolver is one step of the scheme with its work space.
type allenCahnSolver struct {
	f                                *allenCahn
	tangent                          sparse.Tridiagonal
	factor                           *sparse.TridiagonalFactor
	residual, change, trial, trialed []float64
}

func (f *allenCahn) newSolver() *allenCahnSolver {
	s := &allenCahnSolver{f: f, tangent: sparse.NewTridiagonal(f.cells)}
	for _, p := range []*[]float64{&s.residual, &s.change, &s.trial, &s.trialed} {
		*p = make([]float64, f.cells)
	}
	for i := range f.cells {
		s.tangent.Diagonal[i] = 1
	}
	s.factor, _ = s.tangent.Factor()
	return s
}

// step writes the residual of the scheme between two states.
func (f *allenCahn) step(dst, now, next []float64) {
	b := f.dt * f.epsilon * f.epsilon * float64(f.cells) * float64(f.cells)
	for j, v := range next {
		var bend float64
		if j > 0 {
			bend += next[j-1] - v
		}
		if j+1 < f.cells {
			bend += next[j+1] - v
		}
		dst[j] = v - now[j] - b*bend + f.dt*(v*v*v-now[j])
	}
}

// solve finds next, which begins as a guess: the minimum of a strictly convex function,
// with the tangent 1 + 3 Δt u² − Δt ε² δ²/h². Newton's steps are halved while they do not
// make the residual smaller.
func (s *allenCahnSolver) solve(now, next []float64) error {
	f := s.f
	b := f.dt * f.epsilon * f.epsilon * float64(f.cells) * float64(f.cells)
	f.step(s.residual, now, next)
	size := largest(s.residual)
	trial, r := s.trial, s.trialed
	for range 100 {
		if size <= 1e-15*max(1, 4*b) {
			return nil
		}
		for j, v := range next {
			d := 1 + 3*f.dt*v*v
			s.tangent.Lower[j], s.tangent.Upper[j] = 0, 0
			if j > 0 {
				s.tangent.Lower[j] = -b
				d += b
			}
			if j+1 < f.cells {
				s.tangent.Upper[j] = -b
				d += b
			}
			s.tangent.Diagonal[j] = d
		}
		if err := s.factor.Refactor(s.tangent); err != nil {
			return fmt.Errorf("pde: allen-cahn: %w", err)
		}
		s.factor.Solve(s.change, s.residual)
		better := false
		for scale := 1.0; scale > 1e-6 && !better; scale /= 2 {
			for j, c := range s.change {
				trial[j] = next[j] - scale*c
			}
			f.step(r, now, trial)
			better = largest(r) < size
		}
		if !better { // rounding
			break
		}
		copy(next, trial)
		copy(s.residual, r)
		size = largest(r)
	}
	if size > 1e-12*max(1, 4*b) || math.IsNaN(size) {
		return fmt.Errorf("pde: allen-cahn: Newton's method stops at a residual of %g: take more times", size)
	}
	return nil
}

func largest(r []float64) (m float64) {
	for _, v := range r {
		m = max(m, math.Abs(v))
	}
	return m
}

// energy is h Σ (½ ε² (δu/h)² + W(u)).
func (f *allenCahn) energy(u []float64) (e float64) {
	a := f.epsilon * float64(f.cells)
	for j, v := range u {
		w := v*v - 1
		e += w * w / 4
		if j > 0 {
			d := a * (v - u[j-1])
			e += d * d / 2
		}
	}
	return e / float64(f.cells)
}

func (f *allenCahn) Arrays() []Array {
	return []Array{{Name: "u", Shape: []int{f.steps + 1, f.cells}, Doc: "order parameter (t, x) in cells, x = (j + ½)/cells"}}
}

func (f *allenCahn) Rows() []Row {
	b := f.dt * f.epsilon * f.epsilon * float64(f.cells) * float64(f.cells)
	return []Row{
		{Name: "equation", Size: f.steps * f.cells, Unit: max(1, 4*b, f.dt), Doc: "uⁿ⁺¹ − uⁿ − Δt (ε² δ²uⁿ⁺¹/h² − (uⁿ⁺¹)³ + uⁿ)"},
		{Name: "energy", Size: f.steps, Unit: 1, Doc: "max(0, E(uⁿ⁺¹) − E(uⁿ)), E = h Σ (½ ε² (δu/h)² + (u² − 1)²/4)"},
	}
}

func (f *allenCahn) Draw(ctx context.Context, seed uint64, index int) (Sample, error) {
	s := NewSample(f)
	f.initial.Sample(s[0][:f.cells], seed, index)
	return s, f.march(ctx, s)
}

// march computes all states from the first one.
func (f *allenCahn) march(ctx context.Context, s Sample) error {
	solver := f.solvers.Get().(*allenCahnSolver)
	defer f.solvers.Put(solver)
	for n := range f.steps {
		if err := ctx.Err(); err != nil {
			return err
		}
		now, next := level(s[0], n, f.cells), level(s[0], n+1, f.cells)
		copy(next, now)
		if err := solver.solve(now, next); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (f *allenCahn) Residual(dst []float64, s Sample) error {
	if err := f.SignedResidual(dst, s); err != nil {
		return err
	}
	energy := dst[f.steps*f.cells:]
	for n, g := range energy {
		energy[n] = max(0, g)
	}
	return nil
}
