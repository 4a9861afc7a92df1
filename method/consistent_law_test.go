package method

import (
	"errors"
	"math"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"gonum.org/v1/gonum/mat"

	"abide/diffusion"
	"abide/internal/testkit"
	"abide/potential"
	"abide/problem"
	"abide/sampler"
)

// correlatedPair is the prior of two correlated columns and a measurement of the first, with
// the posterior: what is not measured learns from what is.
func correlatedPair(t *testing.T, std float64) (*problem.Problem, testkit.Gaussian) {
	t.Helper()
	const r = 0.8
	y, err := potential.NewMeasurement("y", [][]float64{{1, 0}}, []float64{1}, []float64{std})
	if err != nil {
		t.Fatal(err)
	}
	p, err := problem.New(rawPrior(t, mat.NewSymDense(2, []float64{1, r, r, 1})), nil, []potential.Potential{y})
	if err != nil {
		t.Fatal(err)
	}
	k := 1 / (1 + std*std)
	return p, testkit.Gaussian{Mean: []float64{k, r * k}, Cov: []float64{1 - k, r * (1 - k), r * (1 - k), 1 - r*r*k}}
}

// Rows that say they do not converge do not: many steps leave their exact law away
// from the posterior by more than a fifth of a standard deviation or of a variance.
// RePaint, which says it does for exact data, comes nearer with steps and resamplings.
func TestLimitsOfConsistentMethods(t *testing.T) {
	off := func(name string, v Values, std float64, n int) float64 {
		p, want := correlatedPair(t, std)
		g, err := diffusion.Uniform(diffusion.VP{Min: 0.1, Max: 20}, n)
		if err != nil {
			t.Fatal(err)
		}
		law := affineLaw(t, name, p, g, sampler.DDIM{Grid: g, Eta: 1}, v, testkit.Gaussian{Mean: []float64{0, 0}, Cov: []float64{1, 0, 0, 1}})
		var worst float64
		for i := range 2 {
			variance := want.Cov[3*i] + 1e-3 // measured columns of exact data have none
			worst = math.Max(worst, math.Abs(law.Mean[i]-want.Mean[i])/math.Sqrt(variance))
			worst = math.Max(worst, math.Abs(law.Cov[3*i]-want.Cov[3*i])/variance)
		}
		t.Logf("%s %v, %d steps: off by %.3f", name, v, n, worst)
		return worst
	}
	for _, r := range []struct {
		name string
		v    Values
		std  float64
	}{
		{"ddim-pigdm", nil, 0.5}, {"ddrm", nil, 0.5}, {"ddnm", nil, 0.5}, {"diffpir", Values{"zeta": 1.0}, 0.5}, {"diffpir", Values{"zeta": 0.0}, 0.5},
		{"ddim-pigdm-pinv", nil, 1e-4}, {"ddnm", Values{"exact": true}, 1e-4}, {"replacement", nil, 1e-4},
	} {
		if e := off(r.name, r.v, r.std, 400); !(e > 0.2) {
			t.Errorf("%s %v is off the posterior by %.3g only after 400 steps: does it converge?", r.name, r.v, e)
		}
	}
	few := off("repaint", Values{"jump_length": 2, "resamplings": 5}, 1e-4, 20)
	many := off("repaint", Values{"jump_length": 2, "resamplings": 10}, 1e-4, 200)
	if !(many < few/2 && many < 0.2) {
		t.Errorf("repaint is off by %.3g with few steps and resamplings, by %.3g with more: does it not converge?", few, many)
	}
}

// Noiseless pseudo-inverse guidance ends within 1e-6 of its data where the last level
// is low enough: what is left of the misfit falls with the square of that level.
func TestPseudoInverseGuidanceMeetsItsData(t *testing.T) {
	p, _ := correlatedPair(t, 1e-4)
	g, err := diffusion.Karras(diffusion.EDM{Min: 0.002, Max: 80, Rho: 7}, 40)
	if err != nil {
		t.Fatal(err)
	}
	law := affineLaw(t, "ddim-pigdm-pinv", p, g, nil, nil, testkit.Gaussian{Mean: []float64{0, 0}, Cov: []float64{1, 0, 0, 1}})
	t.Logf("mean off by %.2g, standard deviation %.2g", math.Abs(law.Mean[0]-1), math.Sqrt(law.Cov[0]))
	if !(math.Abs(law.Mean[0]-1) <= 1e-6 && math.Sqrt(law.Cov[0]) <= 1e-6) {
		t.Errorf("measured column N(%.9f, %.3g²), the data have 1", law.Mean[0], math.Sqrt(law.Cov[0]))
	}
}

// The Gaussian field of kit T4: 64 points on [−5, 5], Matérn 5/2 of length 1, its
// ends held at −1 and 1. Methods for exact data meet the ends; by symmetry the mean
// is odd about the middle. How near the law inside comes to the posterior is printed.
func TestFieldWithEndsHeld(t *testing.T) {
	const n = 64
	c := mat.NewSymDense(n, nil)
	for i := range n {
		for j := range i + 1 {
			r := math.Sqrt(5) * 10 / (n - 1) * float64(i-j)
			c.SetSym(i, j, (1+r+r*r/3)*math.Exp(-r))
		}
		c.SetSym(i, i, c.At(i, i)+1e-4)
	}
	y, err := potential.NewMask("ends", n, []int{0, n - 1}, []float64{-1, 1}, []float64{1e-5})
	if err != nil {
		t.Fatal(err)
	}
	p, err := problem.New(rawPrior(t, c), nil, []potential.Potential{y})
	if err != nil {
		t.Fatal(err)
	}
	g, err := diffusion.Uniform(diffusion.VP{Min: 0.1, Max: 20}, 50)
	if err != nil {
		t.Fatal(err)
	}
	start := testkit.Gaussian{Mean: make([]float64, n), Cov: make([]float64, n*n)}
	for i := range n {
		start.Cov[i*n+i] = 1
	}
	for _, r := range []struct {
		name string
		v    Values
	}{
		{"replacement", nil}, {"repaint", Values{"jump_length": 5, "resamplings": 3}}, {"ddnm", Values{"exact": true}}, {"ddnm", nil},
	} {
		law := affineLaw(t, r.name, p, g, sampler.DDIM{Grid: g, Eta: 1}, r.v, start)
		t.Logf("%s %v: mean %.5f at 5, variance %.5f; posterior -0.64834, 0.57971", r.name, r.v, law.Mean[5], law.Cov[5*n+5])
		for i := range n {
			if !(math.Abs(law.Mean[i]+law.Mean[n-1-i]) <= 1e-9) {
				t.Errorf("%s %v: the mean is not odd at %d: %.12g and %.12g", r.name, r.v, i, law.Mean[i], law.Mean[n-1-i])
			}
		}
		if r.v["exact"] == nil && r.name == "ddnm" {
			continue // which is for data with noise
		}
		for i, want := range map[int]float64{0: -1, n - 1: 1} {
			if !(math.Abs(law.Mean[i]-want) <= 1e-12 && law.Cov[i*n+i] <= 1e-24) {
				t.Errorf("%s %v: end %d has mean %.15g and variance %.3g, want %g and none", r.name, r.v, i, law.Mean[i], law.Cov[i*n+i], want)
			}
		}
	}
}

// squareOfFirst sees the square of the first column.
type squareOfFirst struct{}

func (squareOfFirst) Dims() (d, m int) { return 2, 1 }
func (squareOfFirst) Apply(x *graph.Node) *graph.Node {
	first := graph.MatMul(x, graph.ConstAs(x, [][]float64{{1}, {0}}))
	return graph.Mul(first, first)
}
func (squareOfFirst) ApplyAt(y, x []float64)  { y[0] = x[0] * x[0] }
func (squareOfFirst) VJPAt(g, x, c []float64) { g[0], g[1] = 2*x[0]*c[0], 0 }

// RED-diff takes operators that are not linear and finds both roots of x² = 0.49,
// since it starts at draws; methods by singular values say what they need.
func TestConsistentMethodsAndNonlinearOperators(t *testing.T) {
	noise, err := potential.NewNormal([]float64{0.01})
	if err != nil {
		t.Fatal(err)
	}
	y, err := potential.NewMeasured("square", squareOfFirst{}, []float64{0.49}, noise)
	if err != nil {
		t.Fatal(err)
	}
	p, err := problem.New(rawPrior(t, mat.NewSymDense(2, []float64{1, 0, 0, 1})), nil, []potential.Potential{y})
	if err != nil {
		t.Fatal(err)
	}
	g, err := diffusion.Uniform(diffusion.VP{Min: 0.1, Max: 20}, 400)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range consistentRows {
		if m.Name == "red-diff" {
			continue
		}
		_, err := m.New(nil, p, Settings{Samples: 1, Grid: g, Bridge: sampler.DDIM{Grid: g, Eta: 1}})
		var unsupported *problem.UnsupportedError
		if !errors.As(err, &unsupported) {
			t.Errorf("%s with a square: %v", m.Name, err)
		}
	}
	const rate = 0.05 // Adam's steps are that long until the data and the denoiser agree
	s := sample(t, "red-diff", p, Settings{Samples: 100, Seed: 1, Grid: g, Values: Values{"learning_rate": rate}}).Samples
	positive := 0
	for i := range s.N {
		x := s.X[2*i]
		if !(math.Abs(math.Abs(x)-0.7) <= 2*rate) {
			t.Errorf("point %d ends at %.3f, the roots are ±0.7", i, x)
		}
		if x > 0 {
			positive++
		}
	}
	// 100 signs of fair coins: 20 to 80 but for one time in 10⁹.
	if positive < 20 || positive > 80 {
		t.Errorf("%d of 100 points at the positive root", positive)
	}
}
