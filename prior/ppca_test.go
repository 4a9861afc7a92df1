package prior

import (
	"fmt"
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"abide/dataio"
)

// The likelihood is that of the Gaussian of the decoded points, and no direction
// of W or s² raises it: the closed form is its maximum.
func TestPPCAIsMaximumLikelihood(t *testing.T) {
	tab := sampleOf(t, randomLaw(9, 1, 5, false), 150, 9)
	p, err := FitPPCA(tab, 2)
	if err != nil {
		t.Fatal(err)
	}
	q, err := p.Prior(tab)
	if err != nil {
		t.Fatal(err)
	}
	d := 5
	likelihood := func() (sum float64) {
		l := law{weight: []float64{1}, mean: [][]float64{make([]float64, d)}, cov: []*mat.SymDense{p.Covariance()}}
		u := make([]float64, d)
		for i := range tab.Rows {
			p.Coordinates.ToU(u, tab.Data[i*d:(i+1)*d])
			_, _, logp := l.posterior(u, same(d, 0))
			sum += logp
		}
		for _, s := range p.Coordinates.Scale {
			sum -= float64(tab.Rows) * math.Log(s)
		}
		return sum
	}
	best := likelihood()
	near(t, "log-likelihood", []float64{p.LogLikelihood}, []float64{best}, 1e-10)
	var byPrior float64
	for i := range tab.Rows {
		l, _ := q.LogDensity(tab.Data[i*d : (i+1)*d])
		byPrior += l
	}
	near(t, "log-likelihood of the prior", []float64{byPrior}, []float64{best}, 1e-10)
	near(t, "BIC", []float64{p.BIC}, []float64{-2*best + 15*math.Log(150)}, 1e-10) // 5·2 − 1 + 1 + 5
	slope := func(what string, move func(dx float64)) {
		t.Helper()
		s := difference(func(dx float64) float64 {
			move(dx)
			l := likelihood()
			move(-dx)
			return l
		})
		// Sums of 150 logarithms over a step of 1e-3, and fifth derivatives.
		if !(math.Abs(s) <= 1e-6*150) {
			t.Errorf("%s: slope %g", what, s)
		}
		for _, dx := range []float64{-0.05, 0.05} {
			move(dx)
			if l := likelihood(); l > best+1e-9 {
				t.Errorf("%s moved by %g: log-likelihood rises by %g", what, dx, l-best)
			}
			move(-dx)
		}
	}
	for i := range d {
		for j := range 2 {
			slope(fmt.Sprintf("W[%d][%d]", i, j), func(dx float64) { p.W.Set(i, j, p.W.At(i, j)+dx) })
		}
	}
	slope("s²", func(dx float64) { p.Noise += dx / 5 })
}

// With the exact encoder the evidence lower bound of the linear autoencoder,
// E_q[log p(u|z)] − KL(q ‖ N(0, I)), is the log-likelihood itself; with any other
// encoder it is lower.
func TestEvidenceLowerBoundIsTightForTheExactEncoder(t *testing.T) {
	tab := sampleOf(t, randomLaw(9, 1, 4, false), 150, 9)
	p, err := FitPPCA(tab, 2)
	if err != nil {
		t.Fatal(err)
	}
	l := law{weight: []float64{1}, mean: [][]float64{make([]float64, 4)}, cov: []*mat.SymDense{p.Covariance()}}
	bound := func(u, mean []float64, cov *mat.SymDense) float64 {
		r := mat.NewVecDense(4, nil)
		r.MulVec(p.W, mat.NewVecDense(2, mean))
		r.SubVec(mat.NewVecDense(4, u), r)
		var wc, wcw mat.Dense
		wc.Mul(p.W, cov)
		wcw.Mul(&wc, p.W.T())
		e := -0.5*(mat.Dot(r, r)+mat.Trace(&wcw))/p.Noise - 2*math.Log(2*math.Pi*p.Noise)
		kl := 0.5 * (mat.Trace(cov) + mean[0]*mean[0] + mean[1]*mean[1] - 2 - math.Log(mat.Det(cov)))
		return e - kl
	}
	u := make([]float64, 4)
	for i := range 5 {
		p.Coordinates.ToU(u, tab.Data[4*i:4*i+4])
		_, _, logp := l.posterior(u, same(4, 0))
		mean, cov, err := p.Encode(u)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "bound", []float64{bound(u, mean, cov)}, []float64{logp}, 1e-10)
		mean[0] += 0.1
		if b := bound(u, mean, cov); b >= logp {
			t.Errorf("another encoder has the bound %g above %g", b, logp)
		}
	}
}

func TestPPCAErrors(t *testing.T) {
	tab := sampleOf(t, randomLaw(9, 1, 3, false), 20, 9)
	flat := &dataio.Table{Names: []string{"a", "b"}, Rows: 3, Data: []float64{1, 2, 2, 4, 3, 6}}
	for name, c := range map[string]struct {
		table *dataio.Table
		q     int
		want  string
	}{
		"none":     {tab, 0, "0 latent dimensions for 3 columns"},
		"all":      {tab, 3, "must be from 1 to 2"},
		"explains": {flat, 1, "explain all of the 2 columns"},
	} {
		p, err := FitPPCA(c.table, c.q)
		if p != nil {
			t.Errorf("%s: fitted", name)
		}
		wantError(t, name, nil, err, c.want)
	}
}
