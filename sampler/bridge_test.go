package sampler

import (
	"fmt"
	"math"
	"testing"

	"abide/diffusion"
)

// variance walks a bridge over data N(0, s²). Every step is affine in z and in
// the noise, z′ = α z + β n, so the law of the output is known exactly: the
// variance obeys V ← α² V + β². No Monte Carlo, no tolerance but rounding.
func variance(t *testing.T, b Bridge, g diffusion.Grid, s2, start float64) float64 {
	t.Helper()
	mean := func(z []float64, k int) ([]float64, error) {
		a, sd := g.A[k], g.B[k]
		out := make([]float64, len(z))
		for i := range z {
			out[i] = a * s2 * z[i] / (a*a*s2 + sd*sd)
		}
		return out, nil
	}
	v := start
	for k := range g.Steps() {
		z := []float64{1, 0} // one point for α, one for β
		err := b.Step(z, k, mean, func(dst []float64) { dst[0], dst[1] = 0, 1 })
		if err != nil {
			t.Fatal(err)
		}
		v = z[0]*z[0]*v + z[1]*z[1]
	}
	return v
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// Reference variances of the affine oracle for VP with β from 0.1 to 20 on the
// grid k/N, recomputed independently from the formulas of each solver. The last
// Euler–Maruyama step of the reference adds its noise, ours returns the mean, so
// its β²Δt is added back.
func TestBridgesOnGaussianData(t *testing.T) {
	vp := diffusion.VP{Min: 0.1, Max: 20}
	for _, c := range []struct {
		kind string
		s2   float64
		n    int
		want float64
	}{
		{"em", .25, 20, .274768}, {"em", .25, 100, .253747}, {"em", .25, 1000, .250353},
		{"ddpm", .25, 20, .153280}, {"ddpm", .25, 100, .219212}, {"ddpm", .25, 1000, .246110},
		{"ddim", .25, 20, .185942}, {"ddim", .25, 100, .235605}, {"ddim", .25, 1000, .248487},
		{"em", 4, 20, 4.163094}, {"em", 4, 100, 4.032878}, {"em", 4, 1000, 4.003296},
		{"ddim", 4, 20, 3.440288}, {"ddim", 4, 100, 3.880782}, {"ddim", 4, 1000, 3.987408},
		{"ddpm", 4, 20, 3.03307}, {"ddpm", 4, 100, 3.764875}, {"ddpm", 4, 1000, 3.974814},
	} {
		g := must(diffusion.Uniform(vp, c.n))
		var b Bridge
		extra := 0.0
		switch c.kind {
		case "em":
			b = must(NewEulerMaruyama(g))
			_, d := vp.Drift(g.T[c.n-1])
			extra = d * d / float64(c.n)
		case "ddpm":
			b = DDIM{Grid: g, Eta: 1}
		case "ddim":
			b = DDIM{Grid: g}
		}
		if got := variance(t, b, g, c.s2, 1) + extra; math.Abs(got-c.want) > 6e-7*math.Max(1, c.want) {
			t.Errorf("%s, data variance %g, %d steps: variance %.6f, want %.6f", c.kind, c.s2, c.n, got, c.want)
		}
	}
}

// Karras et al.'s grid and integrators on N(0, 0.25), start variance 80²; exact .249990.
func TestHeunOnGaussianData(t *testing.T) {
	for n, want := range map[int][2]float64{
		9: {.122145, .408398}, 18: {.178956, .278388}, 36: {.212518, .256134}, 72: {.230755, .251428},
	} {
		g := must(diffusion.Karras(diffusion.EDM{Min: .002, Max: 80, Rho: 7}, n))
		if got := variance(t, DDIM{Grid: g}, g, .25, 6400); math.Abs(got-want[0]) > 1e-6 {
			t.Errorf("Euler, %d levels: variance %.6f, want %.6f", n, got, want[0])
		}
		if got := variance(t, must(NewHeun(g)), g, .25, 6400); math.Abs(got-want[1]) > 1e-6 {
			t.Errorf("Heun, %d levels: variance %.6f, want %.6f", n, got, want[1])
		}
	}
}

// The observed order of Heun's method in the variance is 2.
func TestHeunOrder(t *testing.T) {
	e := func(n int) float64 {
		g := must(diffusion.Karras(diffusion.EDM{Min: .002, Max: 80, Rho: 7}, n))
		return math.Abs(variance(t, must(NewHeun(g)), g, .25, 6400) - .249990)
	}
	if order := math.Log2(e(128) / e(256)); math.Abs(order-2) > 0.15 {
		t.Errorf("observed order %.3f, want 2", order)
	}
}

// DDPM on a VP grid and on the same noise levels with a = 1 are one process in
// two scalings: z/a takes the same steps.
func TestDDPMDoesNotDependOnScaling(t *testing.T) {
	g := must(diffusion.Uniform(diffusion.VP{Min: .1, Max: 20}, 40))
	levels := make([]float64, g.Steps())
	for k := range levels {
		levels[k] = g.Sigma(k)
	}
	h := must(diffusion.Levels(levels))
	a0 := g.A[0]
	got, want := variance(t, DDIM{Grid: g, Eta: 1}, g, .7, 1), variance(t, DDIM{Grid: h, Eta: 1}, h, .7, 1/(a0*a0))
	if math.Abs(got-want) > 1e-12 {
		t.Errorf("variance %.15f in VP, %.15f in VE scaling", got, want)
	}
}

func TestBridgeErrors(t *testing.T) {
	g := must(diffusion.Karras(diffusion.EDM{Min: .002, Max: 80, Rho: 7}, 8))
	if _, err := NewEulerMaruyama(g); err == nil {
		t.Error("Euler–Maruyama accepted a grid without a drift")
	}
	if _, err := NewHeun(must(diffusion.Uniform(diffusion.VP{Min: .1, Max: 20}, 8))); err == nil {
		t.Error("Heun accepted a VP grid")
	}
	for _, bad := range [][]float64{{1, 2}, {1, 1}, {}, {math.NaN(), 1}, {0}} {
		if _, err := diffusion.Levels(bad); err == nil {
			t.Errorf("grid %v was accepted", bad)
		}
	}
}

func ExampleDDIM() {
	g, _ := diffusion.Uniform(diffusion.VP{Min: 0.1, Max: 20}, 4)
	z := []float64{1}
	standard := func(z []float64, k int) ([]float64, error) { return []float64{g.A[k] * z[0]}, nil } // D of N(0, 1) data
	for k := range g.Steps() {
		DDIM{Grid: g}.Step(z, k, standard, nil)
	}
	fmt.Printf("%.4f\n", z[0])
	// Output: 0.6097
}
