package pde

import (
	"context"
	"math"

	"abide/internal/keyed"
)

// porousMediumKind is the porous medium equation with a front that moves at speed one
// into emptiness, for drawn exponents,
//
//	u_t = (uᵐ u_x)_x,  u = (m max(t − x, 0))^{1/m},  m ~ U(1, 6),  x, t ∈ [0, 1].
//
// The pressure uᵐ/m is piecewise linear: u has a kink (m = 1) or a cusp at the front. On
// a grid of equal spacings in t and x a travelling wave of speed one is a shift, and
// mass is conserved without error: h Σu grows by what enters at the wall.
//
// D. Hansen et al., "Learning physical models that can respect conservation laws", ICML
// 2023; C. Cheng et al. (ECI), ICLR 2025. G. I. Barenblatt (1952).
//
// Cost: one power per point.
var porousMediumKind = Kind{
	Name:     "porous-medium",
	Equation: "u_t = (uᵐ u_x)_x in (0,1), u(0, x) = 0, u(t, 0) = (m t)^{1/m}",
	Scheme:   "closed form, exact",
	Source:   "Hansen et al. 2023 (ICML); Cheng et al. 2025 (ICLR), ECI",
	Parameters: []Parameter{
		{Name: "grid", Default: 100, Min: 2, Max: 4096, Doc: "points from 0 to 1, both ends, in x and in t"},
	},
	New: func(v Values) (Family, error) { return &porousMedium{v.Int("grid")}, nil },
}

type porousMedium struct{ points int }

func (f *porousMedium) Arrays() []Array {
	return []Array{
		{Name: "m", Doc: "exponent m"},
		{Name: "u", Shape: []int{f.points, f.points}, Doc: "density (t, x), both from 0 to 1"},
	}
}

func (f *porousMedium) Rows() []Row {
	return []Row{
		{Name: "initial", Size: f.points, Unit: 1, Doc: "u(0, x)"},
		{Name: "wall", Size: f.points, Unit: 1, Doc: "u(t, 0)ᵐ − m t"},
		{Name: "equation", Size: (f.points - 1) * (f.points - 1), Unit: 1, Doc: "uⁿ⁺¹_{j+1} − uⁿ_j: a wave of speed one"},
		{Name: "pressure", Size: f.points * f.points, Unit: 1, Doc: "uᵐ − m max(t − x, 0)"},
		{Name: "mass", Size: f.points - 1, Unit: 1, Doc: "h (Σ_j uⁿ⁺¹ − Σ_j uⁿ − uⁿ⁺¹_0 + uⁿ_last)"},
	}
}

func (f *porousMedium) Draw(ctx context.Context, seed uint64, index int) (Sample, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s, r := NewSample(f), keyed.New(seed, "pde porous-medium", index, 0)
	m := 1 + 5*r.Uniform()
	s[0][0] = m
	for n := range f.points {
		for j := range n { // t > x
			s[1][n*f.points+j] = math.Pow(m*f.distance(n, j), 1/m)
		}
	}
	return s, nil
}

// distance is max(t − x, 0), by whole numbers: near the front a power magnifies rounding.
func (f *porousMedium) distance(n, j int) float64 {
	return float64(max(n-j, 0)) / float64(f.points-1)
}

func (f *porousMedium) Residual(dst []float64, s Sample) error {
	m, u, points := s[0][0], s[1], f.points
	put := func(v float64) { dst[0], dst = v, dst[1:] }
	power := func(v float64) float64 { return math.Copysign(math.Pow(math.Abs(v), m), v) }
	for j := range points {
		put(u[j])
	}
	for n := range points {
		put(power(u[n*points]) - m*f.distance(n, 0))
	}
	for n := range points - 1 {
		now, next := level(u, n, points), level(u, n+1, points)
		for j := range points - 1 {
			put(next[j+1] - now[j])
		}
	}
	for n := range points {
		for j, v := range level(u, n, points) {
			put(power(v) - m*f.distance(n, j))
		}
	}
	for n := range points - 1 {
		now, next := level(u, n, points), level(u, n+1, points)
		put((sum(next) - sum(now) - next[0] + now[points-1]) / float64(points-1))
	}
	return nil
}
