package pde

import (
	"context"
	"math"

	"abide/internal/keyed"
)

// stefanKind is a melting front: diffusion where u is above a threshold u*, none below,
//
//	u_t = (k(u) u_x)_x,  k = 1 for u ≥ u*, else 0,  u(t, 0) = 1, u(0, x) = 0,
//	u = 1 − c erf(x/(2√t)) for x < α √t, else 0,   c = (1 − u*)/erf(α/2),
//
// with u* ~ U(0.55, 0.7), x ∈ [0, 1], t ∈ [0, 0.1]. u jumps from u* to 0 at the front,
// whose speed is the flux over the jump: with z = α/2
//
//	(1 − u*) e^{−z²} = √π u* z erf z.
//
// D. Hansen et al., "Learning physical models that can respect conservation laws", ICML
// 2023; C. Cheng et al. (ECI), ICLR 2025. J. Stefan (1891).
//
// Cost: one error function per point. At t = 0 all is 0, the wall too.
var stefanKind = Kind{
	Name:     "stefan",
	Equation: "u_t = (k(u) u_x)_x in (0,1), k = 1 where u ≥ u*, else 0; u(t, 0) = 1, u(0, x) = 0",
	Scheme:   "closed form, exact",
	Source:   "Hansen et al. 2023 (ICML); Cheng et al. 2025 (ICLR), ECI",
	Parameters: []Parameter{
		{Name: "grid", Default: 100, Min: 2, Max: 4096, Doc: "points from x = 0 to 1, both ends"},
		timesParameter(100, "times from 0 to 0.1, both ends"),
	},
	New: func(v Values) (Family, error) { return &stefan{v.Int("grid"), v.Int("times")}, nil },
}

type stefan struct{ points, times int }

func (f *stefan) Arrays() []Array {
	return []Array{
		{Name: "threshold", Doc: "value u* behind the front"},
		{Name: "alpha", Doc: "the front is at α √t"},
		{Name: "u", Shape: []int{f.times, f.points}, Doc: "temperature (t, x), t from 0 to 0.1, x from 0 to 1"},
	}
}

func (f *stefan) Rows() []Row {
	return []Row{
		{Name: "front", Size: 1, Unit: 1, Doc: "(1 − u*) e^{−z²} − √π u* z erf z, z = α/2: flux = jump × speed"},
		{Name: "initial", Size: f.points, Unit: 1, Doc: "u(0, x)"},
		{Name: "wall", Size: f.times - 1, Unit: 1, Doc: "u(t, 0) − 1 for t > 0"},
		{Name: "equation", Size: (f.times - 1) * f.points, Unit: 1, Doc: "u − 1 + c erf(x/(2√t)) for x < α √t, else u: the similarity solution"},
	}
}

func (f *stefan) at(threshold, alpha float64, n, j int) float64 {
	x, root := float64(j)/float64(f.points-1), math.Sqrt(0.1*float64(n)/float64(f.times-1))
	if !(x < alpha*root) {
		return 0
	}
	return 1 - (1-threshold)/math.Erf(alpha/2)*math.Erf(x/(2*root))
}

// stefanFront is flux − jump × speed, times √π erf z √t.
func stefanFront(threshold, z float64) float64 {
	return (1-threshold)*math.Exp(-z*z) - math.Sqrt(math.Pi)*threshold*z*math.Erf(z)
}

// stefanRoot is z where the front is in balance, by bisection to the last bit:
// stefanFront falls from 1 − u* to below zero.
func stefanRoot(threshold float64) float64 {
	low, high := 0.0, 10.0
	for range 100 {
		if middle := (low + high) / 2; stefanFront(threshold, middle) > 0 {
			low = middle
		} else {
			high = middle
		}
	}
	return low
}

func (f *stefan) Draw(ctx context.Context, seed uint64, index int) (Sample, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return f.At([]float64{0.55 + 0.15*keyed.New(seed, "pde stefan", index, 0).Uniform()})
}

func (f *stefan) Latents() []Latent { return []Latent{{"threshold", 0.55, 0.7}} }

func (f *stefan) At(theta []float64) (Sample, error) {
	s := NewSample(f)
	s[0][0] = theta[0]
	s[1][0] = 2 * stefanRoot(s[0][0])
	for n := 1; n < f.times; n++ {
		for j := range f.points {
			s[2][n*f.points+j] = f.at(s[0][0], s[1][0], n, j)
		}
	}
	return s, nil
}

func (f *stefan) Residual(dst []float64, s Sample) error {
	threshold, alpha, u := s[0][0], s[1][0], s[2]
	dst[0] = stefanFront(threshold, alpha/2)
	copy(dst[1:], u[:f.points])
	wall := dst[1+f.points:]
	equation := wall[f.times-1:]
	for n := 1; n < f.times; n++ {
		wall[n-1] = u[n*f.points] - 1
		for j, v := range level(u, n, f.points) {
			equation[(n-1)*f.points+j] = v - f.at(threshold, alpha, n, j)
		}
	}
	return nil
}
