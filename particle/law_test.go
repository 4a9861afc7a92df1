package particle

import (
	"context"
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"abide/diffusion"
	"abide/internal/engine"
	"abide/potential"
	"abide/prior"
	"abide/problem"
	"abide/sampler"
)

func gaussianPrior(t *testing.T, mean []float64, cov *mat.SymDense) *prior.Prior {
	t.Helper()
	p, err := prior.NewGaussian(mean, cov, nil)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// walk runs a kernel to the end.
func walk(t *testing.T, k sampler.Kernel) (*sampler.State, *sampler.Samples) {
	t.Helper()
	ctx := context.Background()
	s, err := k.Start(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for s.Step < k.Steps() {
		if err := k.Step(ctx, s); err != nil {
			t.Fatal(err)
		}
	}
	out, err := k.Finish(ctx, s)
	if err != nil {
		t.Fatal(err)
	}
	return s, out
}

func karras(t *testing.T, n int, min, max float64) diffusion.Grid {
	t.Helper()
	g, err := diffusion.Karras(diffusion.EDM{Min: min, Max: max, Rho: 7}, n)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func openGo(t *testing.T) *engine.Engine {
	t.Helper()
	e, err := engine.Open("go")
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// For a Gaussian prior with a linear measurement and a linear cost the twist and
// the kernels are exact: after the first level no weight may change but by
// rounding, whatever the number of steps, and the posterior has the closed form
//
//	Λ = Σ⁻¹ + AᵀR⁻¹A,  m = Λ⁻¹(Σ⁻¹μ + AᵀR⁻¹y − c),  log Z = log N(y; Aμ', AΣAᵀ+R) − c·μ + ½cᵀΣc
//
// (μ' = μ − Σc). A wrong factor or sign anywhere in the twist, the kernels or
// the weights shows in the second decimal of the weights.
func TestTwistIsExactForGaussians(t *testing.T) {
	mean, cov := []float64{1, -2, 0.5}, mat.NewSymDense(3, []float64{2, 0.7, -0.3, 0.7, 1, 0.2, -0.3, 0.2, 0.5})
	a, y, r := [][]float64{{1, 0.5, 0}, {0, 1, -1}}, []float64{2, -1.5}, []float64{0.3, 0.2}
	c := []float64{0.4, -0.2, 0.3}
	pr := gaussianPrior(t, mean, cov)
	meas, err := potential.NewMeasurement("y", a, y, r)
	if err != nil {
		t.Fatal(err)
	}
	p, err := problem.New(pr, nil, []potential.Potential{meas, linearCost{c}})
	if err != nil {
		t.Fatal(err)
	}
	const n = 4000
	for _, steps := range []int{4, 32} {
		k, err := New(openGo(t), p, karras(t, steps, 1e-4, 1000), Settings{Samples: n, Particles: n, Seed: 1, Defensive: 0.1})
		if err != nil {
			t.Fatal(err)
		}
		s, out := walk(t, k)
		// The start law N(0, σ²+1) ignores correlations of relative size 1/σ² = 1e-6,
		// and the clean point is the mean at σ = 1e-4.
		lo, hi := math.Inf(1), math.Inf(-1)
		for _, l := range s.LogW {
			lo, hi = math.Min(lo, l), math.Max(hi, l)
		}
		if hi-lo > 0.02 {
			t.Errorf("%d steps: log-weights spread over %g, want equal weights", steps, hi-lo)
		}
		post, postCov, logZ := gaussianPosterior(mean, cov, a, y, r, c)
		if math.Abs(out.LogEvidence-logZ) > 2e-3 {
			t.Errorf("%d steps: log evidence %.6f, want %.6f", steps, out.LogEvidence, logZ)
		}
		for j := range 3 {
			var m, v float64
			for i := range n {
				m += out.X[i*3+j] / n
			}
			for i := range n {
				v += (out.X[i*3+j] - m) * (out.X[i*3+j] - m) / n
			}
			sd := math.Sqrt(postCov.At(j, j))
			// 4.9σ bands: false alarm 1e-6 each.
			if math.Abs(m-post[j]) > 4.9*sd/math.Sqrt(n) {
				t.Errorf("%d steps: mean of x[%d] is %.4f, want %.4f ± %.4f", steps, j, m, post[j], sd/math.Sqrt(n))
			}
			if math.Abs(v/(sd*sd)-1) > 4.9*math.Sqrt(2./n) {
				t.Errorf("%d steps: variance of x[%d] is %.4f, want %.4f", steps, j, v, sd*sd)
			}
		}
	}
}

type linearCost struct{ c []float64 }

func (l linearCost) Name() string                            { return "cost" }
func (l linearCost) Energy(x *engine.Node) *engine.Node      { panic("not used") }
func (l linearCost) EnergyAt(x []float64) float64            { return dot(l.c, x) }
func (l linearCost) GradientAt(x, g []float64) float64       { copy(g, l.c); return dot(l.c, x) }
func (l linearCost) Coefficients() (c []float64, c0 float64) { return l.c, 0 }

func gaussianPosterior(mean []float64, cov *mat.SymDense, a [][]float64, y, std, c []float64) ([]float64, *mat.SymDense, float64) {
	d, m := len(mean), len(y)
	var prec mat.Dense
	prec.Inverse(cov)
	h := mat.NewVecDense(d, nil)
	h.MulVec(&prec, mat.NewVecDense(d, mean))
	for j := range d {
		h.SetVec(j, h.AtVec(j)-c[j])
	}
	for i := range m {
		w := 1 / (std[i] * std[i])
		for j := range d {
			h.SetVec(j, h.AtVec(j)+w*a[i][j]*y[i])
			for l := range d {
				prec.Set(j, l, prec.At(j, l)+w*a[i][j]*a[i][l])
			}
		}
	}
	var post mat.Dense
	post.Inverse(&prec)
	var mu mat.VecDense
	mu.MulVec(&post, h)
	sym := mat.NewSymDense(d, nil)
	for i := range d {
		for j := range i + 1 {
			sym.SetSym(i, j, post.At(i, j))
		}
	}
	// Evidence: tilt first, then the density of y.
	shifted := append([]float64(nil), mean...)
	var quad float64
	for i := range d {
		for j := range d {
			shifted[i] -= cov.At(i, j) * c[j]
			quad += c[i] * cov.At(i, j) * c[j]
		}
	}
	logZ := 0.5 * quad
	for j := range d {
		logZ -= c[j] * mean[j]
	}
	s := mat.NewSymDense(m, nil)
	res := mat.NewVecDense(m, nil)
	for i := range m {
		v := y[i]
		for j := range d {
			v -= a[i][j] * shifted[j]
		}
		res.SetVec(i, v)
		for l := range i + 1 {
			var q float64
			for j := range d {
				for k := range d {
					q += a[i][j] * cov.At(j, k) * a[l][k]
				}
			}
			if l == i {
				q += std[i] * std[i]
			}
			s.SetSym(i, l, q)
		}
	}
	var chol mat.Cholesky
	chol.Factorize(s)
	var sol mat.VecDense
	chol.SolveVecTo(&sol, res)
	logZ += -0.5*mat.Dot(res, &sol) - 0.5*chol.LogDet() - 0.5*float64(m)*log2pi
	// The energy of a measurement is r²/2v, without the density's constant.
	for _, s := range std {
		logZ += 0.5 * math.Log(2*math.Pi*s*s)
	}
	return mu.RawVector().Data, sym, logZ
}
