package method

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"abide/internal/keyed"
	"abide/potential"
	"abide/prior"
	"abide/sampler"
)

// A run counts what it calls, and clipped estimates end in their range.
func TestGradientRunsCountTheirCalls(t *testing.T) {
	const n = 6
	g := veGrid(t, n)
	heun, err := sampler.NewHeun(g, sampler.Churn{})
	if err != nil {
		t.Fatal(err)
	}
	ddpm := sampler.DDPM{Grid: g}
	p := newDense(t, 3, 2, 6).problem
	for _, c := range []struct {
		name          string
		values        Values
		b             sampler.Bridge
		denoiser, vjp int64
	}{
		{"dps", nil, ddpm, n, n},
		{"dps", nil, heun, 2*n - 1, n},
		{"dps", Values{"form": "score"}, heun, 2*n - 1, 2*n - 1},
		{"lgd", nil, heun, 2*n - 1, 2*n - 1},
		{"mpgd", nil, ddpm, n, 0},
		{"tfg", Values{"recurrence": 3}, ddpm, 3 * n, 3 * n},
		{"tfg", Values{"recurrence": 3, "rho": 0.0}, ddpm, 3 * n, 0},
		{"stsl", nil, ddpm, 6 * n, 6 * n},
		{"stsl", Values{"gamma": 0.0, "corrections": 2}, ddpm, 2 * n, 2 * n},
		{"mcg", Values{"clip": 0.01}, ddpm, n, n},
		{"dps", Values{"clip": 0.01, "scale": 0.0}, ddpm, n, n},
	} {
		k := gradientKernel(t, c.name, p, g, c.b, c.values)
		s, err := k.Start(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for range k.Steps() {
			if err := k.Step(t.Context(), s); err != nil {
				t.Fatal(err)
			}
		}
		if s.DenoiserCalls != c.denoiser || s.VJPCalls != c.vjp {
			t.Errorf("%s %v: %d denoiser calls and %d vector–Jacobian products, want %d and %d", c.name, c.values, s.DenoiserCalls, s.VJPCalls, c.denoiser, c.vjp)
		}
		for _, z := range s.Z {
			if _, clipped := c.values["clip"]; clipped && c.name == "dps" && math.Abs(z) > 0.01 {
				t.Errorf("a clipped estimate is %g", z)
			}
		}
	}
}

// stsl begins at the noised Hᵀy, in units of variance 1.
func TestSTSLBeginsAtTheBackprojection(t *testing.T) {
	g := vpGrid(t, 3)
	p := newDense(t, 3, 2, 6)
	k := gradientKernel(t, "stsl", p.problem, g, nil, nil)
	z, n := make([]float64, 3), make([]float64, 3)
	keyed.New(1, "begin", 0, 0).Normal(n)
	if err := k.Bridge.(sampler.Starter).Begin(sampler.Points{Z: z, Dim: 3}, keyed.New(1, "begin", 0, 0).Normal); err != nil {
		t.Fatal(err)
	}
	var back mat.VecDense
	back.MulVec(p.h.T(), mat.NewVecDense(2, p.y))
	for i := range z {
		if want := g.A[0]*back.AtVec(i) + g.B[0]*n[i]; math.Abs(z[i]-want) > 1e-14 {
			t.Errorf("column %d begins at %g, want %g", i, z[i], want)
		}
	}
	// In the user's unit: a column of mean 3 and standard deviation 7, seen at 24.
	pr, err := prior.NewGaussian([]float64{1, 3}, mat.NewSymDense(2, []float64{49, 0, 0, 49}), nil)
	if err != nil {
		t.Fatal(err)
	}
	y, err := potential.NewMask("y", 2, []int{1}, []float64{24}, []float64{1})
	if err != nil {
		t.Fatal(err)
	}
	k = gradientKernel(t, "stsl", measuredBy(t, pr, y), g, nil, nil)
	z = make([]float64, 2)
	if err := k.Bridge.(sampler.Starter).Begin(sampler.Points{Z: z, Dim: 2}, func(n []float64) { clear(n) }); err != nil {
		t.Fatal(err)
	}
	if z[0] != 0 || math.Abs(z[1]-3*g.A[0]) > 1e-15 {
		t.Errorf("begins at %v, want [0 %g]", z, 3*g.A[0])
	}
}

// The smoothing of lgd is exact for the prior N(0, 1): with as many draws as it takes
// its score is that of pigdm, which follows the posterior. The draws here are
// quantiles, so that the mean over them is a quadrature.
func TestLGDSmoothsToTheLikelihood(t *testing.T) {
	const n = 20001
	g := vpGrid(t, 6)
	pr, err := prior.NewGaussian([]float64{0}, mat.NewSymDense(1, []float64{1}), nil)
	if err != nil {
		t.Fatal(err)
	}
	y, err := potential.NewMeasurement("y", [][]float64{{1}}, []float64{1.2}, []float64{0.5})
	if err != nil {
		t.Fatal(err)
	}
	p := measuredBy(t, pr, y)
	for step := range g.Steps() {
		at := func(name string, v Values, draws int) float64 {
			z := []float64{-0.4}
			err := gradientKernel(t, name, p, g, sampler.DDPM{Grid: g}, v).Transition(sampler.Points{Z: z, Dim: 1}, step, func(dst []float64) {
				clear(dst)
				if draws > 0 {
					dst[0] = math.Sqrt2 * math.Erfinv(2*(float64(draws)-0.5)/n-1)
					draws--
				}
			})
			if err != nil {
				t.Fatal(err)
			}
			return z[0]
		}
		plain := at("none", nil, 0)
		got, want := at("lgd", Values{"draws": n}, n)-plain, at("pigdm", nil, 0)-plain
		if math.Abs(got-want) > 1e-4*math.Abs(want) {
			t.Errorf("step %d: the shift is %.9g, of the exact likelihood %.9g", step, got, want)
		}
	}
}
