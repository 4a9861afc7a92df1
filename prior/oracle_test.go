package prior

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"abide/internal/engine"
	"abide/internal/keyed"
)

// law is a Gaussian mixture Σ wₖ N(mₖ, Cₖ) seen through Gaussian noise of
// covariance N, by textbook formulas: the independent implementation that
// denoisers are compared with.
type law struct {
	weight []float64
	mean   [][]float64
	cov    []*mat.SymDense
}

// posterior is the mean and covariance of x₀ given x = x₀ + n, n ~ N(0, N), and
// the log density of x. With Sₖ = Cₖ + N,
//
//	rₖ ∝ wₖ N(x; mₖ, Sₖ),  μₖ = mₖ + Cₖ Sₖ⁻¹ (x − mₖ),  Pₖ = Cₖ − Cₖ Sₖ⁻¹ Cₖ
//	mean = Σ rₖ μₖ,  cov = Σ rₖ (Pₖ + μₖ μₖᵀ) − mean meanᵀ
func (l law) posterior(x, noise []float64) (mean []float64, cov *mat.Dense, logp float64) {
	d := len(x)
	logr := make([]float64, len(l.weight))
	mu := make([]*mat.VecDense, len(l.weight))
	p := make([]*mat.Dense, len(l.weight))
	for k := range l.weight {
		s := mat.NewSymDense(d, nil)
		s.CopySym(l.cov[k])
		r := mat.NewVecDense(d, nil)
		for i := range d {
			s.SetSym(i, i, s.At(i, i)+noise[i])
			r.SetVec(i, x[i]-l.mean[k][i])
		}
		var c mat.Cholesky
		if !c.Factorize(s) {
			panic("covariance with noise is not positive definite")
		}
		var sr mat.VecDense
		c.SolveVecTo(&sr, r)
		logr[k] = math.Log(l.weight[k]) - 0.5*(mat.Dot(r, &sr)+c.LogDet()+float64(d)*math.Log(2*math.Pi))
		mu[k] = mat.NewVecDense(d, nil)
		mu[k].MulVec(l.cov[k], &sr)
		mu[k].AddVec(mu[k], mat.NewVecDense(d, l.mean[k]))
		var sc mat.Dense
		c.SolveTo(&sc, l.cov[k])
		p[k] = mat.NewDense(d, d, nil)
		p[k].Mul(l.cov[k], &sc)
		p[k].Sub(l.cov[k], p[k])
	}
	top := logr[0]
	for _, v := range logr {
		top = max(top, v)
	}
	var total float64
	for _, v := range logr {
		total += math.Exp(v - top)
	}
	logp = top + math.Log(total)
	mean, cov = make([]float64, d), mat.NewDense(d, d, nil)
	for k := range logr {
		w := math.Exp(logr[k] - logp)
		for i := range d {
			mean[i] += w * mu[k].AtVec(i)
			for j := range d {
				cov.Set(i, j, cov.At(i, j)+w*(p[k].At(i, j)+mu[k].AtVec(i)*mu[k].AtVec(j)))
			}
		}
	}
	for i := range d {
		for j := range d {
			cov.Set(i, j, cov.At(i, j)-mean[i]*mean[j])
		}
	}
	return mean, cov, logp
}

// randomLaw is K components in d dimensions; diagonal covariances where asked.
func randomLaw(seed uint64, k, d int, diagonal bool) law {
	rng := rand.New(keyed.New(seed, "random law", 0, 0))
	var l law
	for range k {
		m, f := make([]float64, d), mat.NewDense(d, d, nil)
		for i := range d {
			m[i] = 2 * rng.NormFloat64()
			for j := range d {
				if i == j || !diagonal {
					f.Set(i, j, rng.NormFloat64())
				}
			}
		}
		c := mat.NewSymDense(d, nil)
		c.SymOuterK(1, f)
		for i := range d {
			c.SetSym(i, i, c.At(i, i)+0.1)
		}
		l.weight = append(l.weight, 0.2+rng.Float64())
		l.mean = append(l.mean, m)
		l.cov = append(l.cov, c)
	}
	var total float64
	for _, w := range l.weight {
		total += w
	}
	for i := range l.weight {
		l.weight[i] /= total
	}
	return l
}

// denoiser in sampler coordinates, without a change of coordinates.
func (l law) denoiser() *Mixture {
	var m []float64
	for _, row := range l.mean {
		m = append(m, row...)
	}
	return newMixture(l.weight, m, l.cov)
}

func openGo(t testing.TB) *engine.Engine {
	t.Helper()
	e, err := engine.Open("go")
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// denoise runs D in float64 on rows u of d numbers.
func denoise(t testing.TB, p Denoiser, u []float64, d int, sigma engine.Array) []float64 {
	t.Helper()
	f := openGo(t).NewFunction("denoise", engine.Float64, func(in []*engine.Node) []*engine.Node {
		return []*engine.Node{p.Denoise(in[0], in[1])}
	})
	out, err := f.Call(engine.Rows(u, d), sigma)
	if err != nil {
		t.Fatal(err)
	}
	return out[0].F64
}

// jacobian runs ∂D/∂u in float64, row-major [N, d, d].
func jacobian(t testing.TB, p Denoiser, u []float64, d int, sigma engine.Array) []float64 {
	t.Helper()
	f := openGo(t).NewFunction("jacobian", engine.Float64, func(in []*engine.Node) []*engine.Node {
		return []*engine.Node{engine.Jacobian(p.Denoise(in[0], in[1]), in[0])}
	})
	out, err := f.Call(engine.Rows(u, d), sigma)
	if err != nil {
		t.Fatal(err)
	}
	return out[0].F64
}

// near fails where got and want differ by more than tol·max(1, |want|).
func near(t testing.TB, what string, got, want []float64, tol float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d values, want %d", what, len(got), len(want))
	}
	for i := range got {
		if !(math.Abs(got[i]-want[i]) <= tol*math.Max(1, math.Abs(want[i]))) {
			t.Fatalf("%s: value %d is %.17g, want %.17g within %g", what, i, got[i], want[i], tol)
		}
	}
}

// normals is n draws of N(0, 1).
func normals(n, stream int) []float64 {
	x := make([]float64, n)
	keyed.New(1, "prior tests", stream, 0).Normal(x)
	return x
}

// level is the same noise level for n rows, as [n, 1].
func level(n int, sigma float64) engine.Array {
	s := make([]float64, n)
	for i := range s {
		s[i] = sigma
	}
	return engine.Rows(s, 1)
}

var levels = []float64{0.002, 0.1, 0.7, 3, 20, 80}
