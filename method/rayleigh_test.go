//go:build slow

package method

import (
	"math"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"gonum.org/v1/gonum/mat"

	"abide/internal/engine"
	"abide/internal/testkit"
	"abide/potential"
	"abide/prior"
	"abide/sampler"
)

// modulus sees |x₀| of two columns.
type modulus struct{}

func (modulus) Dims() (d, m int) { return 2, 1 }

func (modulus) Apply(x *graph.Node) *graph.Node {
	return graph.Abs(graph.MatMul(x, graph.ConstAs(x, [][]float64{{1}, {0}})))
}

func (modulus) ApplyAt(y, x []float64) { y[0] = math.Abs(x[0]) }

func (modulus) VJPAt(g, x, c []float64) { g[0], g[1] = math.Copysign(c[0], x[0]), 0 }

// The Rayleigh problem: N(0, I₂), y = |x₀| = 0.7 with noise 0.01. Its posterior has
// two modes of equal weight and width 0.01, and leaves x₁ alone. The family finds
// both modes; their width it has wrong, each method by its own strength, which the
// test prints.
func TestRayleighOfTheGradientFamily(t *testing.T) {
	const n = 5000
	pr, err := prior.NewGaussian([]float64{0, 0}, mat.NewSymDense(2, []float64{1, 0, 0, 1}), nil)
	if err != nil {
		t.Fatal(err)
	}
	noise, err := potential.NewNormal([]float64{0.01})
	if err != nil {
		t.Fatal(err)
	}
	y, err := potential.NewMeasured("y", modulus{}, []float64{0.7}, noise)
	if err != nil {
		t.Fatal(err)
	}
	p := measuredBy(t, pr, y)
	g := vpGrid(t, 1000)
	for _, c := range []struct {
		name   string
		values Values
	}{
		{"dps", Values{"scale": 0.05}},
		{"dps", Values{"scale": 0.02}},
		{"dps", Values{"scale": 50.0, "form": "score"}},
		{"dps-squared", Values{"scale": 0.1}},
		{"ps+", Values{"scale": 0.05, "spread": 0.005}},
		{"lgd", nil},
		{"tfg", Values{"loss": "squared", "rho": 0.1, "mu": 0.1}},
		{"mpgd", Values{"scale": 0.1}},
		{"stsl", nil},
	} {
		m, err := Find(c.name)
		if err != nil {
			t.Fatal(err)
		}
		e, err := engine.Open("go")
		if err != nil {
			t.Fatal(err)
		}
		k, err := m.New(e, p, Settings{Samples: n, Seed: 1, Grid: g, Bridge: sampler.DDPM{Grid: g}, Values: c.values})
		if err != nil {
			t.Fatal(err)
		}
		s, err := k.Start(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for range k.Steps() {
			if err := k.Step(t.Context(), s); err != nil {
				t.Fatalf("%s %v: %v", c.name, c.values, err)
			}
		}
		var side [2]float64
		var width, free []float64
		for i := range n {
			x := s.Z[2*i]
			free = append(free, s.Z[2*i+1]*s.Z[2*i+1])
			if r := math.Abs(x) - 0.7; math.Abs(r) < 0.1 { // 10 standard deviations
				width = append(width, r*r)
				if x < 0 {
					side[0]++
				} else {
					side[1]++
				}
			}
		}
		w, _ := testkit.MeanSE(width)
		t.Logf("%s %v: %.1f %% at −0.7 and %.1f %% at 0.7, width %.4f (posterior 0.0100)", c.name, c.values, 100*side[0]/n, 100*side[1]/n, math.Sqrt(w))
		for _, v := range side {
			if !(v >= 0.4*n && v <= 0.6*n) {
				t.Errorf("%s %v: a mode has %.1f %% of the samples", c.name, c.values, 100*v/n)
			}
		}
		testkit.MeanWithin(t, c.name+": variance of the free column", free, 1, 0)
	}
}
