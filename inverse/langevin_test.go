package inverse

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"abide/diffusion"
	"abide/internal/keyed"
	"abide/operator"
	"abide/potential"
	"abide/sampler"

	"github.com/gomlx/gomlx/core/graph"
)

// square is A(x) = x², column by column of the first m.
type square struct{ d, m int }

func (a square) Dims() (d, m int) { return a.d, a.m }

func (a square) Apply(x *Node) *Node {
	return graph.Square(graph.Slice(x, graph.AxisRange(), graph.AxisRange(0, a.m)))
}

func (a square) ApplyAt(y, x []float64) {
	for i := range y {
		y[i] = x[i] * x[i]
	}
}

func (a square) VJPAt(g, x, c []float64) {
	clear(g)
	for i, v := range c {
		g[i] = 2 * x[i] * v
	}
}

var _ operator.Operator = square{}

func measuredSquare(t *testing.T, d, m int, y, std float64) *potential.Measurement {
	t.Helper()
	data, stds := make([]float64, m), make([]float64, m)
	for i := range data {
		data[i], stds[i] = y, std
	}
	noise, err := potential.NewNormal(stds)
	if err != nil {
		t.Fatal(err)
	}
	p, err := potential.NewMeasured("square", square{d, m}, data, noise)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// within fails where a mean of n values is more than 5 standard errors off: a false
// alarm in 1.7 million.
func within(t *testing.T, what string, values []float64, want float64) {
	t.Helper()
	var sum, squares float64
	for _, v := range values {
		sum += v
		squares += v * v
	}
	n := float64(len(values))
	m := sum / n
	se := math.Sqrt((squares/n - m*m) / n)
	t.Logf("%s: %.4f, want %.4f ± %.4f", what, m, want, se)
	if !(math.Abs(m-want) <= 5*se) {
		t.Errorf("%s is %.5f, want %.5f ± %.5f", what, m, want, se)
	}
}

// Chains on a linear measurement have the law of exact draws: means and second
// moments along every pair of columns.
func TestLangevinDrawsAsExactDraws(t *testing.T) {
	n := newNormal(t, 3, 0)
	const points, r = 3000, 0.5
	centre := []float64{0.4, -0.3, 0.1}
	want := n.drawn(t, law{mat.NewDense(3, 1, centre), scale(0, n.c)}, r, true)
	x := make([]float64, points*3)
	for i := range x {
		x[i] = centre[i%3]
	}
	Langevin{Y: n.data, Steps: 120}.Draw(x, 3, r, keyed.New(5, "langevin", 0, 0).Normal)
	values := make([]float64, points)
	for i := range 3 {
		for p := range values {
			values[p] = x[p*3+i]
		}
		within(t, "mean", values, want.m.At(i, 0))
		for j := range i + 1 {
			for p := range values {
				values[p] = (x[p*3+i] - want.m.At(i, 0)) * (x[p*3+j] - want.m.At(j, 0))
			}
			within(t, "covariance", values, want.v.At(i, j))
		}
	}
}

// On y = x² the law is that of a quadrature, with both roots.
func TestLangevinOnASquare(t *testing.T) {
	const points, r, centre, y, std = 4000, 0.6, 0.2, 0.5, 0.3
	var mass, first, second, fourth float64
	for x := -5.0; x <= 5; x += 1e-3 {
		p := math.Exp(-(x-centre)*(x-centre)/(2*r*r) - (x*x-y)*(x*x-y)/(2*std*std))
		mass, first, second, fourth = mass+p, first+x*p, second+x*x*p, fourth+x*x*x*x*p
	}
	x := make([]float64, points)
	for i := range x {
		x[i] = centre
	}
	Langevin{Y: measuredSquare(t, 1, 1, y, std), Steps: 300}.Draw(x, 1, r, keyed.New(6, "langevin", 0, 0).Normal)
	values := make([]float64, points)
	for i, want := range []float64{first, second, fourth} {
		for p, v := range x {
			values[p] = math.Pow(v, []float64{1, 2, 4}[i])
		}
		within(t, "moment", values, want/mass)
	}
}

// However stiff the likelihood is, points are numbers and come to fit it: the misfit
// of m values is that of m normal draws.
func TestLangevinOnStiffLikelihoods(t *testing.T) {
	const points, d, m = 300, 6, 4
	for _, std := range []float64{1e-1, 1e-3, 1e-5} {
		y := measuredSquare(t, d, m, 0.7, std)
		x := make([]float64, points*d)
		keyed.New(7, "centre", 0, 0).Normal(x)
		Langevin{Y: y, Steps: 400}.Draw(x, d, 3, keyed.New(7, "langevin", 0, 0).Normal)
		values := make([]float64, points)
		for i := range values {
			values[i] = 2 * y.EnergyAt(x[i*d:(i+1)*d])
			if !(values[i] < 60) { // above it χ² of 4 is once in 3·10¹¹
				t.Errorf("std %g: point %d has misfit %g", std, i, values[i])
			}
		}
		within(t, "misfit", values, m)
	}
}

// y = x², whose posterior has two modes, with the standard normal as prior, for which
// all of DAPS but the Langevin steps is exact: both modes, their width, and nothing
// done to the column that is not measured. PnP-DM at one ρ has the split law, which is
// a quadrature too.
func TestBothRootsOfASquare(t *testing.T) {
	const points, y = 1200, 0.49
	var levels []float64
	for s := 10.0; s > 0.008; s *= 0.6 {
		levels = append(levels, s)
	}
	falling, err := diffusion.Levels(levels)
	if err != nil {
		t.Fatal(err)
	}
	const rho = 0.2
	constant, err := diffusion.Constant(rho, 12)
	if err != nil {
		t.Fatal(err)
	}
	mean := func(z []float64, a, b float64) ([]float64, error) {
		x := make([]float64, len(z))
		for i, v := range z {
			x[i] = a * v / (a*a + b*b)
		}
		return x, nil
	}
	for _, c := range []struct {
		name   string
		std    float64 // of the measurement
		spread float64 // ρ of the split law
		grid   diffusion.Grid
		bridge func(diffusion.Grid, Conditioner) sampler.Bridge
	}{
		{"daps", 0.02, 0, falling, func(g diffusion.Grid, c Conditioner) sampler.Bridge {
			return DAPS{Grid: g, ODESteps: 1, DataVariance: 1, Given: c}
		}},
		{"pnp-dm", 0.1, rho, constant, func(g diffusion.Grid, c Conditioner) sampler.Bridge {
			return PnPDM{Grid: g, PriorSteps: 1, DataVariance: 1, Given: c}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			given, err := NewConditioner(measuredSquare(t, 2, 1, y, c.std), false, 60)
			if err != nil {
				t.Fatal(err)
			}
			// p(x) p(y | x) with x = u + ρn in the likelihood, over the grid of both.
			var mass, second, fourth float64
			const h = 2e-3
			for x := -2.0; x <= 2; x += h {
				l := math.Exp(-(x*x - y) * (x*x - y) / (2 * c.std * c.std))
				if l < 1e-12 {
					continue
				}
				for u := x - 6*c.spread; u <= x+6*c.spread; u += h {
					p := l * math.Exp(-u*u/2)
					if c.spread > 0 {
						p *= math.Exp(-(x - u) * (x - u) / (2 * c.spread * c.spread))
					}
					mass, second, fourth = mass+p, second+u*u*p, fourth+u*u*u*u*p
				}
			}
			second, fourth = second/mass, fourth/mass
			b, z := c.bridge(c.grid, given), make([]float64, 2*points)
			stream := keyed.New(10, c.name, 0, 0)
			stream.Normal(z)
			for i := range z {
				z[i] *= math.Sqrt(1 + c.grid.Sigma(0)*c.grid.Sigma(0))
			}
			for k := range c.grid.Steps() {
				if err := b.Step(sampler.Points{Z: z, Dim: 2}, k, mean, stream.Normal); err != nil {
					t.Fatal(err)
				}
			}
			values := make([]float64, points)
			each := func(what string, want float64, f func(x, free float64) float64) {
				for i := range values {
					values[i] = f(z[2*i], z[2*i+1])
				}
				within(t, what, values, want)
			}
			each("share of the positive root", 0.5, func(x, _ float64) float64 { return 0.5 + math.Copysign(0.5, x) })
			each("x²", second, func(x, _ float64) float64 { return x * x })
			each("variance of x²", fourth-second*second, func(x, _ float64) float64 { return (x*x - second) * (x*x - second) })
			each("mean of the free column", 0, func(_, f float64) float64 { return f })
			each("its variance", 1, func(_, f float64) float64 { return f * f })
		})
	}
}
