package pde

import (
	"context"
	"math"

	"abide/internal/keyed"
)

// heatClosedKind is the heat equation on a circle with one mode, whose rate and phase
// are drawn,
//
//	u_t = ν u_xx,  u = sin(x + φ) e^{−νt},  ν ~ U(1, 5), φ ~ U(0, π),  x ∈ [0, 2π), t ∈ [0, 1].
//
// The law of u is known exactly: a first test of everything. With τ and h the spacings
// in t and x the values satisfy the difference equation with denominators of R. E.
// Mickens ("Nonstandard finite difference models of differential equations", 1994),
//
//	(uⁿ⁺¹ − uⁿ)/((1 − e^{−ντ})/ν) = ν (u_{j+1} − 2u_j + u_{j−1})/(4 sin² h/2),
//
// without error, where common differences have one of order τ + h².
//
// C. Cheng et al., "Gradient-free generation for hard-constrained systems" (ECI), ICLR
// 2025; U. Utkarsh et al., "Physics-constrained flow matching", NeurIPS 2025.
//
// Cost: one sine per point.
var heatClosedKind = Kind{
	Name:     "heat-closed",
	Equation: "u_t = ν u_xx on the circle of length 2π, u(0, x) = sin(x + φ)",
	Scheme:   "closed form, exact",
	Source:   "Cheng et al. 2025 (ICLR), ECI",
	Parameters: []Parameter{
		{Name: "grid", Default: 100, Min: 3, Max: 1024, Doc: "points on the circle"},
		timesParameter(100, "times from 0 to 1, both ends"),
	},
	New: func(v Values) (Family, error) { return &heatClosed{v.Int("grid"), v.Int("times")}, nil },
}

type heatClosed struct{ points, times int }

func (f *heatClosed) Arrays() []Array {
	return []Array{
		{Name: "nu", Doc: "diffusivity ν"},
		{Name: "phi", Doc: "phase φ of the initial state"},
		{Name: "u", Shape: []int{f.times, f.points}, Doc: "states (t, x), t from 0 to 1, x = 2πj/points"},
	}
}

func (f *heatClosed) Rows() []Row {
	return []Row{
		{Name: "initial", Size: f.points, Unit: 1, Doc: "u(0, x) − sin(x + φ)"},
		{Name: "equation", Size: (f.times - 1) * f.points, Unit: 1, Doc: "uⁿ⁺¹ − uⁿ − (1 − e^{−ντ}) (u_{j+1} − 2u_j + u_{j−1})ⁿ/(4 sin² h/2)"},
		{Name: "mode", Size: f.times * f.points, Unit: 1, Doc: "u_{j+1} − 2 cos(h) u_j + u_{j−1}: the wave number is one"},
		{Name: "mass", Size: f.times, Unit: 2 * math.Pi, Doc: "h Σ u"},
	}
}

func (f *heatClosed) Draw(ctx context.Context, seed uint64, index int) (Sample, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s, r := NewSample(f), keyed.New(seed, "pde heat-closed", index, 0)
	nu, phi := 1+4*r.Uniform(), math.Pi*r.Uniform()
	s[0][0], s[1][0] = nu, phi
	for n := range f.times {
		decay := math.Exp(-nu * float64(n) / float64(f.times-1))
		for j, u := 0, level(s[2], n, f.points); j < f.points; j++ {
			u[j] = decay * math.Sin(f.x(j)+phi)
		}
	}
	return s, nil
}

func (f *heatClosed) x(j int) float64 { return 2 * math.Pi * float64(j) / float64(f.points) }

func (f *heatClosed) Residual(dst []float64, s Sample) error {
	nu, phi, u := s[0][0], s[1][0], s[2]
	for j := range f.points {
		dst[j] = u[j] - math.Sin(f.x(j)+phi)
	}
	equation := dst[f.points:]
	mode := equation[(f.times-1)*f.points:]
	mass := mode[f.times*f.points:]
	h := f.x(1)
	root := 2 * math.Sin(h/2)
	factor := -math.Expm1(-nu/float64(f.times-1)) / (root * root)
	cos := math.Cos(h)
	for n := range f.times {
		a := level(u, n, f.points)
		for j, v := range a {
			sides := a[(j+1)%f.points] + a[(j+f.points-1)%f.points]
			mode[n*f.points+j] = sides - 2*cos*v
			if n+1 < f.times {
				equation[n*f.points+j] = u[(n+1)*f.points+j] - v - factor*(sides-2*v)
			}
		}
		mass[n] = h * sum(a)
	}
	return nil
}
