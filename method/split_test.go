package method

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"gonum.org/v1/gonum/mat"

	"abide/diagnose"
	"abide/diffusion"
	"abide/internal/engine"
	"abide/internal/testkit"
	"abide/operator"
	"abide/potential"
	"abide/prior"
	"abide/problem"
)

// Rows whose steps are exact for the prior N(0, s²) end at the posterior of the
// oracle's problem, N(0.5, 0.125), in however few steps; PnP-DM at the law of its
// split at one ρ, N(0.25/(0.5 + ρ²), 0.25 (0.25 + ρ²)/(0.5 + ρ²)).
func TestSplitRowsAreExactForTheirGaussian(t *testing.T) {
	p := t1(t)
	flow, err := diffusion.Uniform(diffusion.Flow{}, 4)
	if err != nil {
		t.Fatal(err)
	}
	const rho = 0.3
	chain, err := diffusion.Constant(rho, 300)
	if err != nil {
		t.Fatal(err)
	}
	const r2 = 0.25 + rho*rho // what the split adds to the measurement's variance
	start := testkit.Gaussian{Mean: []float64{0}, Cov: []float64{1}}
	for _, c := range []struct {
		method string
		grid   diffusion.Grid
		values Values
		law    [2]float64
	}{
		{"daps", flow, Values{"ode_steps": 1, "data_variance": .25}, [2]float64{.5, .125}},
		{"flower", flow, Values{"gamma": 1, "data_variance": .25}, [2]float64{.5, .125}},
		{"pnp-dm", chain, Values{"prior_steps": 3, "data_variance": .25}, [2]float64{.25 / (.25 + r2), .25 * r2 / (.25 + r2)}},
	} {
		law := affineLaw(t, c.method, p, c.grid, nil, c.values, start)
		if !(math.Abs(law.Mean[0]-c.law[0]) <= 1e-8 && math.Abs(law.Cov[0]-c.law[1]) <= 1e-8) {
			t.Errorf("%s: mean %.10f and variance %.10f, want %.10f and %.10f", c.method, law.Mean[0], law.Cov[0], c.law[0], c.law[1])
		}
	}
}

// D-Flow with weight 1 finds the posterior's mean from every start; its grid is the
// flow's, its steps are the iterations.
func TestDFlowRowFindsThePosteriorMean(t *testing.T) {
	flow, err := diffusion.Uniform(diffusion.Flow{}, 100)
	if err != nil {
		t.Fatal(err)
	}
	out := sample(t, "d-flow", t1(t), Settings{Samples: 5, Chunk: 4, Seed: 2, Grid: flow, Values: Values{"iterations": 12}})
	for i, x := range out.Samples.X {
		if !(math.Abs(x-0.5) <= 1e-6) { // midpoint steps: error of order 100⁻³
			t.Errorf("sample %d is %.9f, want 0.5", i, x)
		}
	}
	if d, v := out.DenoiserCalls, out.VJPCalls; d != 12*400 || v != 12*200 {
		t.Errorf("%d denoiser calls and %d vector–Jacobian products, want 4800 and 2400", d, v)
	}
}

// absolute is A(x) = |x|, which is not linear.
type absolute struct{}

func (absolute) Dims() (d, m int)                { return 1, 1 }
func (absolute) Apply(x *graph.Node) *graph.Node { return graph.Abs(x) }
func (absolute) ApplyAt(y, x []float64)          { y[0] = math.Abs(x[0]) }
func (absolute) VJPAt(g, x, c []float64)         { g[0] = c[0] * math.Copysign(1, x[0]) }

var _ operator.Operator = absolute{}

// What is not linear: all rows take it but those for linear ones, and end at a root, whose posterior
// for y = |x| = 0.7 with noise 0.01 and N(0, 0.25) is N(±0.7, 0.01²) to three digits.
func TestSplitRowsTakeNonlinearOperators(t *testing.T) {
	noise, err := potential.NewNormal([]float64{0.01})
	if err != nil {
		t.Fatal(err)
	}
	y, err := potential.NewMeasured("y", absolute{}, []float64{0.7}, noise)
	if err != nil {
		t.Fatal(err)
	}
	q, err := problem.New(t1(t).Prior, nil, []potential.Potential{y})
	if err != nil {
		t.Fatal(err)
	}
	g, err := diffusion.Karras(diffusion.EDM{Min: 0.005, Max: 40, Rho: 7}, 60)
	if err != nil {
		t.Fatal(err)
	}
	e, err := engine.Open("go")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range splitRows {
		s := Settings{Samples: 200, Chunk: 200, Seed: 1, Grid: g, Values: own(m, Values{"rho_min": 0.0, "alpha": 0.0})}
		if strings.HasPrefix(m.Needs, needsLinear) {
			var unsupported *problem.UnsupportedError
			if _, err := m.New(e, q, s); !errors.As(err, &unsupported) {
				t.Errorf("%s: error %v", m.Name, err)
			}
			continue
		}
		positive, off := 0, 0.0
		for _, x := range sample(t, m.Name, q, s).Samples.X {
			if x > 0 {
				positive++
			}
			off = math.Max(off, math.Abs(math.Abs(x)-0.7))
		}
		t.Logf("%s: %d of 200 at the positive root, at most %.3f from a root", m.Name, positive, off)
		// Both roots alike, to six standard errors of 200 coins; noise and the last ρ.
		if math.Abs(float64(positive)-100) > 6*math.Sqrt(50) || !(off < 0.1) {
			t.Errorf("%s: %d of 200 at the positive root, %.3f from a root", m.Name, positive, off)
		}
	}
}

// MCGDiff on the standard Gaussian, for which its kernels are exact: its estimate of
// the evidence is unbiased and its weighted means are those of the posterior, with
// values whose own levels are among and below those of the grid. Means over 20 seeds
// against their own standard errors: t of 19 degrees passes 6 once in 10⁵.
func TestMCGDiffEvidenceAndMoments(t *testing.T) {
	cov := mat.NewSymDense(3, []float64{1, 0, 0, 0, 1, 0, 0, 0, 1})
	p, err := prior.NewGaussian([]float64{0, 0, 0}, cov, nil)
	if err != nil {
		t.Fatal(err)
	}
	// The first row is seen twice: what the two say differently is no u's fault.
	rows, data, std := [][]float64{{1, 0.3, 0}, {0, 1, -1}, {1, 0.3, 0}}, []float64{0.8, -0.5, 0.7}, []float64{0.05, 0.6, 0.1}
	y, err := potential.NewMeasurement("y", rows, data, std)
	if err != nil {
		t.Fatal(err)
	}
	q, err := problem.New(p, nil, []potential.Potential{y})
	if err != nil {
		t.Fatal(err)
	}
	h := mat.NewDense(3, 3, []float64{1, 0.3, 0, 0, 1, -1, 1, 0.3, 0})
	var s, hc mat.Dense
	hc.Mul(h, cov)
	s.Mul(&hc, h.T())
	for i, v := range std {
		s.Set(i, i, s.At(i, i)+v*v)
	}
	var solved mat.VecDense
	if err := solved.SolveVec(&s, mat.NewVecDense(3, data)); err != nil {
		t.Fatal(err)
	}
	want := -0.5*mat.Dot(mat.NewVecDense(3, data), &solved) - 0.5*math.Log(mat.Det(&s)) + math.Log(std[0]*std[1]*std[2])
	var mean mat.VecDense
	mean.MulVec(hc.T(), &solved)
	for _, c := range []struct {
		name  string
		least float64
	}{{"levels below", 0.004}, {"levels above", 0.2}} {
		g, err := diffusion.Karras(diffusion.EDM{Min: c.least, Max: 10, Rho: 7}, 40)
		if err != nil {
			t.Fatal(err)
		}
		const seeds = 20
		var sum, squares float64
		moments := make([][]float64, 3)
		for seed := range uint64(seeds) {
			out := sample(t, "mcgdiff", q, Settings{Samples: 1000, Seed: seed, Grid: g, Values: Values{"particles": 1000}}).Samples
			z := math.Exp(out.LogEvidence - want)
			sum, squares = sum+z/seeds, squares+z*z/seeds
			w := diagnose.Weights(out.LogW)
			for j := range moments {
				var m float64
				for i, wi := range w {
					m += wi * out.X[i*3+j]
				}
				moments[j] = append(moments[j], m)
			}
			if seed == 0 {
				t.Logf("%s: log evidence %.4f ± %.4f, closed form %.4f; smallest ESS %.0f of 1000", c.name, out.LogEvidence, out.EvidenceStd, want, out.ESSMin)
			}
		}
		se := math.Sqrt((squares - sum*sum) / (seeds - 1))
		t.Logf("%s: evidence over its closed form %.3f ± %.3f", c.name, sum, se)
		if !(math.Abs(sum-1) <= 6*se) {
			t.Errorf("%s: evidence over its closed form is %.3f ± %.3f, want 1", c.name, sum, se)
		}
		for j, m := range moments {
			var s1, s2 float64
			for _, v := range m {
				s1, s2 = s1+v/seeds, s2+v*v/seeds
			}
			se := math.Sqrt((s2 - s1*s1) / (seeds - 1))
			t.Logf("%s: mean of column %d %.4f ± %.4f, posterior %.4f", c.name, j, s1, se, mean.AtVec(j))
			if !(math.Abs(s1-mean.AtVec(j)) <= 6*se) {
				t.Errorf("%s: mean of column %d is %.4f ± %.4f, want %.4f", c.name, j, s1, se, mean.AtVec(j))
			}
		}
	}
}
