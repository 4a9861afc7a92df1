package method

import (
	"math"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"gonum.org/v1/gonum/mat"

	"abide/diffusion"
	"abide/internal/engine"
	"abide/internal/testkit"
	"abide/potential"
	"abide/prior"
	"abide/problem"
	"abide/sampler"
)

// rawGaussian is the denoiser of N(0, C) in coordinates that are not standardised:
// published recursions have a scale of their own. D = C (C + σ²I)⁻¹ u, by the
// eigenvectors of C.
type rawGaussian struct {
	vectors [][]float64 // rows
	values  []float64
}

func (g rawGaussian) Denoise(u, sigma *graph.Node) *graph.Node {
	l := graph.ConstAs(u, [][]float64{g.values})
	q := graph.ConstAs(u, g.vectors)
	r := graph.Mul(graph.MatMul(u, q), graph.Div(l, graph.Add(l, graph.Mul(sigma, sigma))))
	return graph.MatMul(r, graph.TransposeAllAxes(q, 1, 0))
}

// rawPrior is N(0, C) with shift 0 and scale 1.
func rawPrior(t *testing.T, c *mat.SymDense) *prior.Prior {
	t.Helper()
	var f mat.EigenSym
	if !f.Factorize(c, true) {
		t.Fatal("no eigenvalues")
	}
	var v mat.Dense
	f.VectorsTo(&v)
	d := c.SymmetricDim()
	g := rawGaussian{values: f.Values(nil)}
	p := &prior.Prior{Kind: "gaussian", DType: engine.Float64, Covariance: make([]float64, d*d)}
	for i := range d {
		g.vectors = append(g.vectors, mat.Row(nil, i, &v))
		p.Coordinates.Names = append(p.Coordinates.Names, "")
		p.Coordinates.Shift = append(p.Coordinates.Shift, 0)
		p.Coordinates.Scale = append(p.Coordinates.Scale, 1)
		for j := range d {
			p.Covariance[i*d+j] = c.At(i, j)
		}
	}
	p.Denoiser = g
	return p
}

// affineLaw is the exact law of a row's samples for a Gaussian prior and a linear
// measurement, read from the steps that a run takes.
func affineLaw(t *testing.T, name string, p *problem.Problem, g diffusion.Grid, b sampler.Bridge, v Values, start testkit.Gaussian) testkit.Gaussian {
	t.Helper()
	e, err := engine.Open("go")
	if err != nil {
		t.Fatal(err)
	}
	m, err := Find(name)
	if err != nil {
		t.Fatal(err)
	}
	k, err := m.New(e, p, Settings{Samples: 1, Grid: g, Bridge: b, Values: v})
	if err != nil {
		t.Fatal(err)
	}
	d := p.Dim()
	if b, ok := k.(*sampler.Independent).Bridge.(sampler.Starter); ok {
		start = testkit.Carry(t, d, 0, 1, start, func(_ int, z []float64, noise func([]float64)) error {
			return b.Begin(sampler.Points{Z: z, Dim: d}, noise)
		})
	}
	return testkit.Carry(t, d, 0, g.Steps(), start, func(step int, z []float64, noise func([]float64)) error {
		return k.(*sampler.Independent).Transition(sampler.Points{Z: z, Dim: d}, step, noise)
	})
}

// t1 is the scalar problem of the affine oracle: N(0, 0.25), y = x + 0.5 n = 1,
// whose posterior is N(0.5, 0.125).
func t1(t *testing.T) *problem.Problem {
	t.Helper()
	y, err := potential.NewMeasurement("y", [][]float64{{1}}, []float64{1}, []float64{0.5})
	if err != nil {
		t.Fatal(err)
	}
	p, err := problem.New(rawPrior(t, mat.NewSymDense(1, []float64{0.25})), nil, []potential.Potential{y})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// A row of the affine oracle: what the method is, and mean and variance of its
// samples after N = 20, 100, 1000 steps of vp with β from 0.1 to 20.
type oracle struct {
	method string
	values Values
	bridge func(diffusion.Grid) sampler.Bridge
	law    [3][2]float64
}

func withNoise(g diffusion.Grid) sampler.Bridge {
	b, err := sampler.NewEulerMaruyama(g)
	if err != nil {
		panic(err)
	}
	b.KeepNoise = true // the oracle's law is that after the last noisy step
	return b
}

// The printed digits of the oracle (kit T1), through the real steps.
func TestAffineOracleOfGuides(t *testing.T) {
	checkOracle(t, []oracle{
		{"tmpd", nil, withNoise, [3][2]float64{{.512198, .142798}, {.502506, .127044}, {.500251, .125179}}},
		{"pigdm", Values{"data_variance": .25}, withNoise, [3][2]float64{{.512198, .142798}, {.502506, .127044}, {.500251, .125179}}},
		{"pigdm", nil, withNoise, [3][2]float64{{.455100, .148002}, {.438740, .132933}, {.435054, .131219}}},
		{"ddim-pigdm", nil, nil, [3][2]float64{{.502158, .064071}, {.942458, .033522}, {1.000000, .009209}}},
		{"ddim-pigdm", Values{"rows": "sum"}, nil, [3][2]float64{{.502158, .064071}, {.942458, .033522}, {1.000000, .009209}}},
		{"ddrm", nil, nil, [3][2]float64{{.495628, .038611}, {.616543, .029834}, {.807720, .014029}}},
		{"ddim-pigdm", Values{"data_variance": .25}, nil, [3][2]float64{{.410733, .075511}, {.887815, .038364}, {1.000000, .009393}}},
	})
}

func checkOracle(t *testing.T, rows []oracle) {
	t.Helper()
	p := t1(t)
	for _, o := range rows {
		for i, n := range []int{20, 100, 1000} {
			g, err := diffusion.Uniform(diffusion.VP{Min: 0.1, Max: 20}, n)
			if err != nil {
				t.Fatal(err)
			}
			var b sampler.Bridge
			if o.bridge != nil {
				b = o.bridge(g)
			}
			law := affineLaw(t, o.method, p, g, b, o.values, testkit.Gaussian{Mean: []float64{0}, Cov: []float64{1}})
			got := [2]float64{law.Mean[0], law.Cov[0]}
			for j, what := range []string{"mean", "variance"} {
				if !(math.Abs(got[j]-o.law[i][j]) <= 6e-7) {
					t.Errorf("%s %v, %d steps: %s %.7f, the oracle has %.6f", o.method, o.values, n, what, got[j], o.law[i][j])
				}
			}
		}
	}
}
