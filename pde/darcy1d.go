package pde

import (
	"context"
	"fmt"

	"abide/field"
	"abide/grid"
)

// darcy1dKind is Darcy flow through layers of random position,
//
//	(z u′)′ + f = 0 in (0,1),  u(0) = u(1) = 0,  z = κ₁ where a < 0, κ₂ elsewhere,
//	a = Σ_{1≤j≤20} (π²j² + λ²)^(−2) ξⱼ cos(πjx),  ξⱼ ~ N(0, 1),
//
// with z in n cells and u at their ends: linear elements, exact at vertices for a z that
// is constant in cells.
//
// O. D. Akyildiz, M. Girolami, A. M. Stuart and A. Vadeboncoeur, "Efficient prior
// calibration from indirect data" (2024), section on Darcy flow: κ = (1, 2), λ = 8,
// f = 10, 100 points.
//
// Cost: a field of 20 modes and two sums, O(n log n).
var darcy1dKind = Kind{
	Name:     "darcy1d",
	Equation: "(z u′)′ + f = 0 in (0,1), u(0) = u(1) = 0",
	Scheme:   "linear finite elements with z constant in cells, by quadrature of the flux; exact at vertices",
	Source:   "Akyildiz, Girolami, Stuart and Vadeboncoeur 2024, one-dimensional Darcy flow",
	Parameters: []Parameter{
		{Name: "grid", Default: 100, Min: 2, Max: 1e6, Doc: "cells"},
		{Name: "lambda", Default: 8.0, Min: 0, Max: 1000, Doc: "inverse length scale λ of the level set"},
		{Name: "low", Default: 1.0, Min: 0, MinOpen: true, Max: 1e6, Doc: "κ₁, z where the field is negative"},
		{Name: "high", Default: 2.0, Min: 0, MinOpen: true, Max: 1e6, Doc: "κ₂, z where it is not"},
		{Name: "source", Default: 10.0, Min: 0, MinOpen: true, Max: 1e6, Doc: "f"},
	},
	New: newDarcy1d,
}

type darcy1d struct {
	n           int
	source, low float64
	coefficient field.Sampler
}

func newDarcy1d(v Values) (Family, error) {
	f := &darcy1d{n: v.Int("grid"), source: v.Float("source"), low: min(v.Float("low"), v.Float("high"))}
	law := field.Law{Sigma: 1, Alpha: 4, Tau: v.Float("lambda")}
	z, err := field.NewSpectral(law, []grid.Axis{{Cells: f.n, Centring: grid.Cell, Boundary: grid.Neumann}}, min(20, f.n-1))
	if err != nil {
		return nil, err
	}
	l, err := field.NewLevelSet([]float64{0}, []float64{v.Float("low"), v.Float("high")})
	if err != nil {
		return nil, err
	}
	f.coefficient = field.Pushed{Sampler: z, Push: l}
	return f, nil
}

func (f *darcy1d) Arrays() []Array {
	return []Array{
		{Name: "z", Shape: []int{f.n}, Doc: "permeability in cells"},
		{Name: "u", Shape: []int{f.n + 1}, Doc: "pressure at vertices"},
	}
}

// Rows: 1/(8 z) is the largest u/f of a constant z.
func (f *darcy1d) Rows() []Row {
	n := float64(f.n)
	return []Row{
		{Name: "equation", Size: f.n - 1, Unit: f.source * n * n / 4, Doc: "n² (z₋ (u − u₋) + z₊ (u − u₊)) − f at inner vertices"},
		{Name: "boundary", Size: 2, Unit: f.source / (8 * f.low), Doc: "u at 0 and 1"},
	}
}

func (f *darcy1d) Draw(ctx context.Context, seed uint64, index int) (Sample, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s := NewSample(f)
	f.coefficient.Sample(s[0], seed, index)
	return s, SolveDarcy1D(s[1], s[0], f.source)
}

func (f *darcy1d) Residual(dst []float64, s Sample) error {
	z, u, n := s[0], s[1], float64(f.n)
	for i := 1; i < f.n; i++ {
		dst[i-1] = n*n*(z[i-1]*(u[i]-u[i-1])+z[i]*(u[i]-u[i+1])) - f.source
	}
	dst[f.n-1], dst[f.n] = u[0], u[f.n]
	return nil
}

// SolveDarcy1D writes the solution of (z u′)′ + f = 0 on (0, 1), u = 0 at both ends, at
// the ends of len(z) equal cells with permeability z. With constant f the flux
// q = z u′ is q₀ − f x, so u is a running sum, exact at vertices:
//
//	u_{i+1} = u_i + h (q₀ − f x_{i+½})/z_i,   u_n = 0.
func SolveDarcy1D(u, z []float64, f float64) error {
	n := len(z)
	if len(u) != n+1 || n < 1 {
		return fmt.Errorf("pde: %d values of u for %d cells: one more, and there is a cell", len(u), n)
	}
	h := 1 / float64(n)
	var resistance, moment float64
	for i, v := range z {
		if !(v > 0) {
			return fmt.Errorf("pde: the permeability of cell %d is %g: it is positive", i, v)
		}
		resistance += 1 / v
		moment += (float64(i) + 0.5) * h / v
	}
	start := f * moment / resistance
	u[0] = 0
	for i, v := range z {
		u[i+1] = u[i] + h*(start-f*(float64(i)+0.5)*h)/v
	}
	u[n] = 0 // what rounding has left
	return nil
}
