package sampler

import (
	"math"
	"testing"

	"abide/diffusion"
	"abide/internal/keyed"
)

// With nothing to correct, all implied noise kept is DDIM without noise and the DDPM
// share of it is DDIM with η = 1, draw by draw, on paths with a = 1 and without.
func TestRenoiseIsDDIMWhereNothingIsCorrected(t *testing.T) {
	mean := func(z []float64, a, b float64) ([]float64, error) { // of N(0.3, 1)
		x := make([]float64, len(z))
		for i := range z {
			x[i] = (0.3*b*b + a*z[i]) / (a*a + b*b)
		}
		return x, nil
	}
	for name, path := range map[string]diffusion.Path{"flow": diffusion.Flow{}, "vp": diffusion.VP{Min: 0.1, Max: 20}, "ve": diffusion.VE{Min: 0.01, Max: 50}} {
		g, err := diffusion.Uniform(path, 9)
		if err != nil {
			t.Fatal(err)
		}
		for _, pair := range [][2]Bridge{
			{Renoise{Grid: g, Rho: 1}, DDIM{Grid: g}},
			{Renoise{Grid: g, Rho: 1, Reference: After}, DDIM{Grid: g}},
			{Renoise{Grid: g, DDPM: true}, DDIM{Grid: g, Eta: 1}},
		} {
			var z [2][]float64
			for i, b := range pair {
				z[i] = make([]float64, 5)
				keyed.New(1, "start", 0, 0).Normal(z[i])
				for k := range g.Steps() {
					if err := b.Step(Points{Z: z[i], Dim: 5}, k, mean, keyed.New(1, "step", 0, k).Normal); err != nil {
						t.Fatal(err)
					}
				}
			}
			for j := range z[0] {
				if !(math.Abs(z[0][j]-z[1][j]) <= 1e-9) {
					t.Errorf("%s, %+v: number %d is %.12g, by DDIM %.12g", name, pair[0], j, z[0][j], z[1][j])
				}
			}
		}
	}
}
