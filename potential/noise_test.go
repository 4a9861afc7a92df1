package potential

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/graph"

	"abide/operator"
)

// lawOf is a noise with log p(y | at) of one number, written by hand.
type lawOf struct {
	name  string
	noise Noise
	log   func(y, at float64) float64
	y     []float64
}

func laws(t testing.TB) []lawOf {
	t.Helper()
	poisson, err := NewPoisson(20, 0.05)
	if err != nil {
		t.Fatal(err)
	}
	cauchy, err := NewFormula("log(1 + ((y - at)/0.3)^2)")
	if err != nil {
		t.Fatal(err)
	}
	// Multiplicative noise y = at·(1 + 0.1 n): the variance depends on at.
	speckle, err := NewFormula("(y - at)**2/(2*(0.1*at)**2) + log(abs(at))")
	if err != nil {
		t.Fatal(err)
	}
	return []lawOf{
		{"poisson", poisson, func(y, at float64) float64 {
			// The probability of a count as a product, not by logarithms: ∏ λ/k · e^{−λ}.
			mean, p := 20*math.Max(at, 0.05), 1.0
			for k := range int(y) {
				p *= mean / float64(k+1)
			}
			return math.Log(p * math.Exp(-mean))
		}, []float64{0, 3, 31, 1}},
		{"cauchy", cauchy, func(y, at float64) float64 {
			return math.Log(1 / (math.Pi * 0.3 * (1 + (y-at)*(y-at)/0.09)))
		}, []float64{0, -1.5, 2, 7}},
		{"speckle", speckle, func(y, at float64) float64 {
			return math.Log(math.Exp(-0.5*math.Pow((y-at)/(0.1*at), 2)) / (0.1 * math.Abs(at) * math.Sqrt(2*math.Pi)))
		}, []float64{0.9, 1, 1.1, 1.4}},
	}
}

// E + log p(y | at) may not depend on at: that is what a likelihood is. Between
// points the energies differ by the log-ratio of probabilities.
func TestNoiseIsItsLaw(t *testing.T) {
	at := [][]float64{{0.7, 1.2, 1.1, 1.3}, {1.4, 0.9, 1.5, 1}, {0.8, 0.06, 0.9, 1.6}}
	for _, l := range laws(t) {
		log := func(at []float64) (sum float64) {
			for i, y := range l.y {
				sum += l.log(y, at[i])
			}
			return sum
		}
		for _, a := range at {
			if l.name == "speckle" && slices.Contains(a, 0.06) {
				continue // p underflows
			}
			got := l.noise.EnergyAt(a, l.y, nil) - l.noise.EnergyAt(at[0], l.y, nil)
			if want := log(at[0]) - log(a); !near(got, want, 1e-11) {
				t.Errorf("%s at %v: energy difference %g, by probabilities %g", l.name, a, got, want)
			}
		}
	}
}

// Host and graph agree, and the gradients are those of differences.
func TestNoiseOnHostAndInGraph(t *testing.T) {
	rows := []float64{0.7, 1.2, 1.1, 1.3, 1.4, 0.9, 1.5, 1, 0.8, 0.06, 0.9, 1.6, -0.5, 0.02, -2, 0.3}
	g, differ := make([]float64, 4), make([]float64, 4)
	for _, l := range laws(t) {
		graphOf := func(f func(x *Node) *Node) []float64 { return runRows(t, rows, 4, f) }
		energy := graphOf(func(x *Node) *Node { return l.noise.Energy(x, l.y) })
		gradient := graphOf(func(x *Node) *Node {
			return graph.Gradient(graph.ReduceAllSum(l.noise.Energy(x, l.y)), x)[0]
		})
		for i := range energy {
			at := slices.Clone(rows[4*i : 4*i+4])
			e := l.noise.EnergyAt(at, l.y, g)
			if e != l.noise.EnergyAt(at, l.y, nil) || !near(e, energy[i], 1e-11) {
				t.Errorf("%s at %v: host %g, graph %g", l.name, at, e, energy[i])
			}
			// h = 1e-5 leaves h²/6·E‴ ≤ 1e-7·E′ here, E‴ = 2y/at³ being the largest.
			differences(func(x []float64) float64 { return l.noise.EnergyAt(x, l.y, nil) }, at, differ)
			for j := range g {
				if !near(g[j], gradient[4*i+j], 1e-11) {
					t.Errorf("%s at %v: ∂E/∂at[%d]: host %g, graph %g", l.name, at, j, g[j], gradient[4*i+j])
				}
				if !near(g[j], differ[j], 1e-6) {
					t.Errorf("%s at %v: ∂E/∂at[%d] = %g, differences give %g", l.name, at, j, g[j], differ[j])
				}
			}
		}
	}
}

// A measurement with some values missing is the measurement of the rows that are
// left, written by hand, for every form of operator and noise.
func TestMissingRowsAreLeftOut(t *testing.T) {
	nan := math.NaN()
	a := [][]float64{{1, 2, 0}, {0, -1, 3}, {1, 1, 1}, {2, 0, 1}}
	cov := [][]float64{{2, 0.3, 0.1, 0}, {0.3, 1, -0.2, 0.4}, {0.1, -0.2, 1.5, 0.2}, {0, 0.4, 0.2, 3}}
	matrix := must(operator.NewMatrix(a))
	y := []float64{0.5, nan, -1, nan}
	keep := [][]float64{a[0], a[2]}
	kept := must(operator.NewMatrix(keep))
	shifted := func(m operator.Linear, b ...float64) operator.Operator { return operator.Shifted(m, b) }
	square := curve{}
	counts := must(NewPoisson(2, 0.01))
	for _, c := range []struct {
		name      string
		got, want *Measurement
	}{
		{"matrix", must(NewMissing("m", matrix, y, must(NewNormal([]float64{1, 2, 3, 4})))),
			must(NewMeasured("m", kept, []float64{0.5, -1}, must(NewNormal([]float64{1, 3}))))},
		{"affine", must(NewMissing("m", shifted(matrix, 1, 2, 3, 4), y, must(NewNormal([]float64{1, 2, 3, 4})))),
			must(NewMeasured("m", shifted(kept, 1, 3), []float64{0.5, -1}, must(NewNormal([]float64{1, 3}))))},
		{"mask", must(NewMissing("m", must(operator.NewMask(3, []int{2, 0, 1})), []float64{nan, 1, 2}, must(NewNormal([]float64{1, 2, 3})))),
			must(NewMeasured("m", must(operator.NewMask(3, []int{0, 1})), []float64{1, 2}, must(NewNormal([]float64{2, 3}))))},
		{"correlated", must(NewMissing("m", matrix, y, must(NewCorrelated(cov)))),
			must(NewMeasured("m", kept, []float64{0.5, -1}, must(NewCorrelated([][]float64{{2, 0.1}, {0.1, 1.5}}))))},
		{"counts", must(NewMissing("m", matrix, []float64{3, nan, 0, nan}, counts)),
			must(NewMeasured("m", kept, []float64{3, 0}, counts))},
		{"nonlinear", must(NewMissing("m", square, []float64{nan, 1, 2}, must(NewNormal([]float64{1, 2, 3})))),
			must(NewMeasured("m", must(operator.Compose(must(operator.NewMask(3, []int{1, 2})), square)), []float64{1, 2}, must(NewNormal([]float64{2, 3}))))},
		{"none missing", must(NewMissing("m", matrix, []float64{1, 2, 3, 4}, must(NewCorrelated(cov)))),
			must(NewMeasured("m", matrix, []float64{1, 2, 3, 4}, must(NewCorrelated(cov))))},
	} {
		g, h := make([]float64, dim), make([]float64, dim)
		x := points(5)
		energy := run(t, x, c.got.Energy)
		for i := range energy {
			p := x[i*dim : (i+1)*dim]
			e, want := c.got.GradientAt(p, g), c.want.GradientAt(p, h)
			if !near(e, want, 1e-11) || !near(energy[i], want, 1e-11) {
				t.Errorf("%s at %v: %g, graph %g, want %g", c.name, p, e, energy[i], want)
			}
			for j := range g {
				if !near(g[j], h[j], 1e-11) {
					t.Errorf("%s at %v: gradient %v, want %v", c.name, p, g, h)
				}
			}
		}
		_, _, got := c.got.Linear()
		if _, _, want := c.want.Linear(); got != want {
			t.Errorf("%s: linear is %t, want %t", c.name, got, want)
		}
	}
}

// curve is A(x) = x², entry by entry.
type curve struct{}

func (curve) Dims() (d, m int)    { return dim, dim }
func (curve) Apply(x *Node) *Node { return graph.Square(x) }
func (curve) ApplyAt(y, x []float64) {
	for i, v := range x {
		y[i] = v * v
	}
}
func (curve) VJPAt(g, x, c []float64) {
	for i, v := range x {
		g[i] = 2 * v * c[i]
	}
}

// Joined measurements have the sum of their energies, correlated or not, in any order.
func TestJoinedEnergies(t *testing.T) {
	wide := must(NewCorrelated([][]float64{{0.4, 0.1, 0}, {0.1, 0.5, 0.3}, {0, 0.3, 0.7}}))
	narrow := must(NewCorrelated([][]float64{{0.2, -0.1}, {-0.1, 0.3}}))
	parts := []*Measurement{
		must(NewMeasured("a", must(operator.NewMask(dim, []int{2, 0, 1})), []float64{1, -1, 0.5}, wide)),
		must(NewMeasured("b", must(operator.NewMatrix([][]float64{{1, 2, 3}})), []float64{2}, must(NewNormal([]float64{0.6})))),
		must(NewMeasured("c", must(operator.NewMask(dim, []int{1, 0})), []float64{0.3, 0.1}, narrow)),
	}
	for range parts {
		parts = append(parts[1:], parts[0])
		for _, p := range [][]*Measurement{parts, parts[:2]} {
			joined := must(Join(p))
			x := points(5)
			energy := run(t, x, joined.Energy)
			for i := range energy {
				var want float64
				for _, q := range p {
					want += q.EnergyAt(x[i*dim : (i+1)*dim])
				}
				if got := joined.EnergyAt(x[i*dim : (i+1)*dim]); !near(got, want, 1e-11) || !near(energy[i], want, 1e-11) {
					t.Errorf("%s: %g, graph %g, the parts sum to %g", joined.Name(), got, energy[i], want)
				}
			}
		}
	}
}

func TestNoiseErrors(t *testing.T) {
	id := must(operator.NewMask(dim, []int{0, 1, 2}))
	counts := must(NewPoisson(1, 1e-3))
	normal := must(NewNormal([]float64{1, 1, 1}))
	nan := math.NaN()
	failure := func(_ any, err error) string {
		if err == nil {
			return "no error"
		}
		return err.Error()
	}
	for _, c := range []struct{ got, want string }{
		{failure(NewPoisson(0, 1)), "gain of Poisson noise is 0: want a positive number"},
		{failure(NewPoisson(1, nan)), "floor of Poisson noise is NaN: want a positive number"},
		{failure(NewMeasured("m", id, []float64{1, -2, 3}, counts)), "y[1] is -2: Poisson noise is of counts"},
		{failure(NewMeasured("m", id, []float64{1, 2.5, 3}, counts)), "y[1] is 2.5: Poisson noise is of counts"},
		{failure(NewMissing("m", id, []float64{nan, 2, 0.5}, counts)), "y[2] is 0.5: Poisson noise is of counts"},
		{failure(NewMeasured("m", id, []float64{1, nan, 3}, normal)), "y[1] is NaN: want a finite number"},
		{failure(NewMissing("m", id, []float64{1, nan, math.Inf(1)}, normal)), "y[2] is +Inf: want a finite number"},
		{failure(NewMissing("m", id, []float64{nan, nan, nan}, normal)), "all 3 values of y are missing"},
		{failure(NewMissing("m", id, []float64{nan, 1}, normal)), "2 values of y for 3 measured rows"},
		{failure(NewFormula("y^2")), "does not use at"},
		{failure(NewFormula("(y - z)^2")), "z"},
		{failure(NewCorrelated([][]float64{{1, 1}, {1, 1}})), "not positive definite"},
	} {
		if !strings.Contains(c.got, c.want) {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}
