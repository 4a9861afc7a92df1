package pde

import (
	"context"
	"math"

	"abide/internal/keyed"
)

// stokesSecondKind is the flow above a wall that swings in its own plane (Stokes' second
// problem) with drawn penetration and frequency,
//
//	u_t = ω/(2k²) u_yy,  u = 2 e^{−ky} cos(ky − ωt),  k ~ U(2, 20), ω ~ U(2, 8),  y, t ∈ [0, 1].
//
// What the initial state tells is k, what the wall tells is ω. With spacings h and τ the
// values satisfy differences in time and depth without error (rows below).
//
// C. Cheng et al., "Gradient-free generation for hard-constrained systems" (ECI), ICLR
// 2025; D. Hansen et al., "Learning physical models that can respect conservation laws",
// ICML 2023. G. G. Stokes, Trans. Camb. Phil. Soc. 9 (1851).
//
// Cost: one cosine per point.
var stokesSecondKind = Kind{
	Name:     "stokes-second",
	Equation: "u_t = ω/(2k²) u_yy above a wall, u(t, 0) = 2 cos ωt",
	Scheme:   "closed form, exact",
	Source:   "Cheng et al. 2025 (ICLR), ECI",
	Parameters: []Parameter{
		{Name: "grid", Default: 100, Min: 3, Max: 4096, Doc: "points from y = 0 to 1, both ends"},
		{Name: "times", Default: 100, Min: 3, Max: 100000, Doc: "times from 0 to 1, both ends"},
	},
	New: func(v Values) (Family, error) { return &stokesSecond{v.Int("grid"), v.Int("times")}, nil },
}

type stokesSecond struct{ points, times int }

func (f *stokesSecond) Arrays() []Array {
	return []Array{
		{Name: "k", Doc: "inverse depth of penetration k"},
		{Name: "omega", Doc: "frequency ω"},
		{Name: "u", Shape: []int{f.times, f.points}, Doc: "velocity (t, y), both from 0 to 1"},
	}
}

func (f *stokesSecond) Rows() []Row {
	return []Row{
		{Name: "initial", Size: f.points, Unit: 2, Doc: "u(0, y) − 2 e^{−ky} cos ky"},
		{Name: "wall", Size: f.times, Unit: 2, Doc: "u(t, 0) − 2 cos ωt"},
		{Name: "equation", Size: (f.times - 2) * (f.points - 2), Unit: 2, Doc: "sin(kh) (uⁿ⁺¹ − uⁿ⁻¹) + sin(ωτ) (e^{kh} u_{j+1} − e^{−kh} u_{j−1})"},
		{Name: "oscillation", Size: (f.times - 2) * f.points, Unit: 2, Doc: "uⁿ⁺¹ − 2 cos(ωτ) uⁿ + uⁿ⁻¹"},
		{Name: "depth", Size: f.times * (f.points - 2), Unit: 2, Doc: "e^{kh} u_{j+1} − 2 cos(kh) u_j + e^{−kh} u_{j−1}"},
	}
}

func (f *stokesSecond) at(k, omega float64, n, j int) float64 {
	y, t := float64(j)/float64(f.points-1), float64(n)/float64(f.times-1)
	return 2 * math.Exp(-k*y) * math.Cos(k*y-omega*t)
}

func (f *stokesSecond) Draw(ctx context.Context, seed uint64, index int) (Sample, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s, r := NewSample(f), keyed.New(seed, "pde stokes-second", index, 0)
	s[0][0], s[1][0] = 2+18*r.Uniform(), 2+6*r.Uniform()
	for n := range f.times {
		for j := range f.points {
			s[2][n*f.points+j] = f.at(s[0][0], s[1][0], n, j)
		}
	}
	return s, nil
}

func (f *stokesSecond) Residual(dst []float64, s Sample) error {
	k, omega, u := s[0][0], s[1][0], s[2]
	put := func(v float64) { dst[0], dst = v, dst[1:] }
	for j := range f.points {
		put(u[j] - f.at(k, omega, 0, j))
	}
	for n := range f.times {
		put(u[n*f.points] - f.at(k, omega, n, 0))
	}
	kh, turn := k/float64(f.points-1), omega/float64(f.times-1)
	up, down := math.Exp(kh), math.Exp(-kh)
	for n := 1; n < f.times-1; n++ {
		before, now, next := level(u, n-1, f.points), level(u, n, f.points), level(u, n+1, f.points)
		for j := 1; j < f.points-1; j++ {
			put(math.Sin(kh)*(next[j]-before[j]) + math.Sin(turn)*(up*now[j+1]-down*now[j-1]))
		}
	}
	for n := 1; n < f.times-1; n++ {
		before, now, next := level(u, n-1, f.points), level(u, n, f.points), level(u, n+1, f.points)
		for j := range f.points {
			put(next[j] - 2*math.Cos(turn)*now[j] + before[j])
		}
	}
	for n := range f.times {
		now := level(u, n, f.points)
		for j := 1; j < f.points-1; j++ {
			put(up*now[j+1] - 2*math.Cos(kh)*now[j] + down*now[j-1])
		}
	}
	return nil
}
