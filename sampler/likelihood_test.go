package sampler

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"abide/dataio"
	"abide/internal/engine"
	"abide/internal/testkit"
	"abide/prior"
)

// mixtureLogPDF is log Σ wₖ N(x; mₖ, Cₖ), by factorising each covariance.
func mixtureLogPDF(w []float64, m [][]float64, c []*mat.SymDense, x []float64) float64 {
	d := len(x)
	top, logs := math.Inf(-1), make([]float64, len(w))
	for k := range w {
		var chol mat.Cholesky
		chol.Factorize(c[k])
		r := mat.NewVecDense(d, nil)
		for j := range d {
			r.SetVec(j, x[j]-m[k][j])
		}
		var s mat.VecDense
		if err := chol.SolveVecTo(&s, r); err != nil {
			panic(err)
		}
		logs[k] = math.Log(w[k]) - 0.5*(mat.Dot(r, &s)+chol.LogDet()+float64(d)*math.Log(2*math.Pi))
		top = math.Max(top, logs[k])
	}
	sum := 0.0
	for _, l := range logs {
		sum += math.Exp(l - top)
	}
	return top + math.Log(sum)
}

// randomMixture is a mixture of k correlated Gaussians in d columns of quite
// different units, their weights summing to 1.
func randomMixture(t *testing.T, d, k int) (*prior.Prior, func(x []float64) float64) {
	t.Helper()
	rng := rand.New(rand.NewPCG(uint64(d), uint64(k)))
	w, m, c := make([]float64, k), make([][]float64, k), make([]*mat.SymDense, k)
	for i := range k {
		w[i] = 1 / float64(k)
		m[i] = make([]float64, d)
		root := mat.NewDense(d, d, nil)
		for j := range d {
			unit := math.Pow(10, float64(j%4)-2)
			if k > 1 {
				m[i][j] = 1.5 * unit * rng.NormFloat64()
			}
			for l := range d {
				root.Set(j, l, unit*rng.NormFloat64()/math.Sqrt(float64(d)))
			}
			root.Set(j, j, root.At(j, j)+0.5*unit)
		}
		c[i] = mat.NewSymDense(d, nil)
		c[i].SymOuterK(1, root)
	}
	p, err := prior.NewMixture(w, m, c, nil)
	if err != nil {
		t.Fatal(err)
	}
	return p, func(x []float64) float64 { return mixtureLogPDF(w, m, c, x) }
}

func likelihoodOf(t *testing.T, l *Likelihood, x []float64) *Densities {
	t.Helper()
	e, err := engine.Open("go")
	if err != nil {
		t.Fatal(err)
	}
	out, err := l.Bind(e).LogDensity(context.Background(), x)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// log p of Gaussians and mixtures in 2 and 10 correlated columns of different
// units is exact to 1e-4, and the stated error is no less than a third of the true
// one where that can be told from rounding.
func TestLikelihoodOfGaussiansAndMixtures(t *testing.T) {
	for _, c := range []struct{ d, k int }{{2, 1}, {2, 3}, {10, 1}, {10, 3}} {
		p, exact := randomMixture(t, c.d, c.k)
		x := p.Draw(rand.New(rand.NewPCG(3, 4)), 40)
		got := likelihoodOf(t, &Likelihood{Prior: p, Chunk: 16}, x)
		worst, told := 0.0, 0.0
		for i := range got.LogP {
			e := math.Abs(got.LogP[i] - exact(x[i*c.d:(i+1)*c.d]))
			worst, told = math.Max(worst, e), math.Max(told, got.Error[i])
		}
		t.Logf("d = %d, %d components: off by %.1e, told %.1e, %d calls", c.d, c.k, worst, told, got.Calls)
		if !(worst <= 1e-4) {
			t.Errorf("d = %d, %d components: log p is off by %g", c.d, c.k, worst)
		}
		if !(worst <= 3*told+1e-9) {
			t.Errorf("d = %d, %d components: off by %g, but %g is told", c.d, c.k, worst, told)
		}
	}
}

// Probes of random signs give the same within their standard errors.
func TestLikelihoodByProbes(t *testing.T) {
	p, exact := randomMixture(t, 10, 3)
	x := p.Draw(rand.New(rand.NewPCG(5, 6)), 64)
	const probes = 32
	got := likelihoodOf(t, &Likelihood{Prior: p, Probes: probes, Tolerance: 1e-4, Seed: 2}, x)
	var z2 []float64
	for i, l := range got.LogP {
		want := exact(x[i*10 : (i+1)*10])
		testkit.WithinStudent(t, "log p", l, want, got.StdErr[i]+1e-4, probes-1, 0)
		z2 = append(z2, (l-want)*(l-want)/(got.StdErr[i]*got.StdErr[i]))
	}
	// A squared Student statistic has mean ν/(ν−2).
	testkit.MeanWithin(t, "squared error in units of its standard error", z2, (probes-1.)/(probes-3.), 0)
}

// With noise it is the density of u + σn: of a Gaussian, N(0, Σ + σ² scale²); and
// the only density an empirical prior has.
func TestLikelihoodWithNoise(t *testing.T) {
	cov := mat.NewSymDense(2, []float64{4, 1, 1, 9})
	p, err := prior.NewGaussian([]float64{1, -2}, cov, nil)
	if err != nil {
		t.Fatal(err)
	}
	x := []float64{0, 0, 3, -1}
	const sigma = 0.5
	got := likelihoodOf(t, &Likelihood{Prior: p, Noise: sigma}, x)
	noisy := mat.NewSymDense(2, []float64{4 * (1 + sigma*sigma), 1, 1, 9 * (1 + sigma*sigma)})
	for i, l := range got.LogP {
		want := mixtureLogPDF([]float64{1}, [][]float64{{1, -2}}, []*mat.SymDense{noisy}, x[2*i:2*i+2])
		if !(math.Abs(l-want) <= 1e-5) {
			t.Errorf("log p = %.7f, want %.7f", l, want)
		}
	}

	p.Resolution = sigma // what a network does not resolve is noise
	if again := likelihoodOf(t, &Likelihood{Prior: p}, x); again.LogP[0] != got.LogP[0] {
		t.Errorf("log p = %.7f at a resolution of %g, %.7f with noise", again.LogP[0], sigma, got.LogP[0])
	}

	rows := &dataio.Table{Names: []string{"a", "b"}, Rows: 3, Data: []float64{0, 0, 1, 2, 3, -1}}
	q, err := prior.NewEmpirical(rows)
	if err != nil {
		t.Fatal(err)
	}
	e, err := engine.Open("go")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := (&Likelihood{Prior: q}).Bind(e).LogDensity(context.Background(), x); err == nil {
		t.Error("an empirical prior has a density")
	}
	got = likelihoodOf(t, &Likelihood{Prior: q, Noise: sigma}, x)
	var w []float64
	var m [][]float64
	var c []*mat.SymDense
	s := q.Coordinates.Scale
	for i := range 3 {
		w, m = append(w, 1./3), append(m, rows.Data[2*i:2*i+2])
		c = append(c, mat.NewSymDense(2, []float64{s[0] * s[0] * sigma * sigma, 0, 0, s[1] * s[1] * sigma * sigma}))
	}
	for i, l := range got.LogP {
		if want := mixtureLogPDF(w, m, c, x[2*i:2*i+2]); !(math.Abs(l-want) <= 1e-5) {
			t.Errorf("kernel density: log p = %.7f, want %.7f", l, want)
		}
	}
}

// Above 64 columns probes are the default; where the Jacobian is diagonal, signs
// give its trace without error.
func TestLikelihoodInManyColumns(t *testing.T) {
	const d = 100
	mean, cov := make([]float64, d), mat.NewSymDense(d, nil)
	for j := range d {
		mean[j] = float64(j)
		cov.SetSym(j, j, 1+float64(j))
	}
	p, err := prior.NewGaussian(mean, cov, nil)
	if err != nil {
		t.Fatal(err)
	}
	x := p.Draw(rand.New(rand.NewPCG(1, 1)), 4)
	got := likelihoodOf(t, &Likelihood{Prior: p}, x)
	for i, l := range got.LogP {
		want := mixtureLogPDF([]float64{1}, [][]float64{mean}, []*mat.SymDense{cov}, x[i*d:(i+1)*d])
		if !(math.Abs(l-want) <= 1e-3) || !(got.StdErr[i] < 1e-9) {
			t.Errorf("log p = %.6f ± %.1e, want %.6f", l, got.StdErr[i], want)
		}
	}
}
