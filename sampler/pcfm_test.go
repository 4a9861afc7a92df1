package sampler

import (
	"math"
	"testing"

	"abide/correct"
	"abide/diffusion"
	"abide/internal/keyed"
	"abide/physics"
	"abide/prior"
	"abide/sparse"
)

// The descent never goes up, whatever the weight of the laws, where whole steps would
// explode, and with λ = 0 or no steps the walk is Renoise's, to the bit.
func TestPCFMDescends(t *testing.T) {
	const d, n = 6, 4
	rows, err := sparse.FromTriplets(2, d, []int32{0, 0, 1, 1}, []int32{0, 3, 2, 3}, []float64{1, 2, -1, 40})
	if err != nil {
		t.Fatal(err)
	}
	law, err := physics.NewLinear(rows, []float64{0.5, 3}, nil, physics.Label{})
	if err != nil {
		t.Fatal(err)
	}
	at := prior.Coordinates{Names: make([]string, d), Shift: make([]float64, d), Scale: []float64{1, 1, 2, 1, 1, 1}}
	laws, err := correct.NewResiduals(at, law)
	if err != nil {
		t.Fatal(err)
	}
	field, err := correct.NewField(at, law)
	if err != nil {
		t.Fatal(err)
	}
	g, err := diffusion.Uniform(diffusion.VP{Min: 0.1, Max: 20}, 9)
	if err != nil {
		t.Fatal(err)
	}
	draw := func(name string, size int) []float64 {
		x := make([]float64, size)
		keyed.New(1, name, 0, 0).Normal(x)
		return x
	}
	v, start := draw("velocity", n*d), draw("point", n*d)
	const gamma = 0.4
	sum := func(weight float64, w []float64, i int) (f float64) {
		end, r := make([]float64, d), make([]float64, 2)
		for j := range end {
			f += math.Pow(w[i*d+j]-start[i*d+j], 2)
			end[j] = w[i*d+j] + gamma*v[i*d+j]
		}
		laws.At(r, end)
		return f + weight*square(r)
	}
	for _, weight := range []float64{0.1, 1, 1e3, 1e8} {
		last := make([]float64, n)
		for steps := range 12 {
			p := Points{Z: append([]float64(nil), start...), Dim: d}
			PCFM{Laws: laws, Weight: weight, Steps: steps, Size: 0.01}.descend(p, v, gamma)
			for i := range n {
				f := sum(weight, p.Z, i)
				if steps > 0 && !(f <= last[i]*(1+1e-14)) || steps == 1 && f == last[i] {
					t.Errorf("λ = %g: point %d is at %g after %d steps, at %g before the last", weight, i, f, steps, last[i])
				}
				last[i] = f
			}
		}
	}
	mean := func(z []float64, a, b float64) ([]float64, error) {
		x := make([]float64, len(z))
		for i := range z {
			x[i] = math.Tanh(z[i] / (a + b))
		}
		return x, nil
	}
	r := Renoise{Grid: g, Correct: field, Reference: Frozen, Rho: 1}
	walk := func(b Bridge) []float64 {
		p := Points{Z: draw("start", n*d), Memory: draw("noise", n*d), Dim: d}
		for k := range g.Steps() {
			if err := b.Step(p, k, mean, func([]float64) {}); err != nil {
				t.Fatal(err)
			}
		}
		return p.Z
	}
	want := walk(r)
	for _, b := range []PCFM{{Renoise: r, Laws: laws, Steps: 10, Size: 0.01}, {Renoise: r, Laws: laws, Weight: 1, Size: 0.01}} {
		for i, z := range walk(b) {
			if z != want[i] {
				t.Fatalf("number %d is %.17g without a penalty, %.17g by Renoise", i, z, want[i])
			}
		}
	}
}
