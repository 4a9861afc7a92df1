package method

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"abide/diffusion"
	"abide/internal/keyed"
	"abide/potential"
	"abide/prior"
	"abide/problem"
	"abide/sampler"
)

// fieldProblem is a Matérn-5/2 field of correlation length 1 on an axis or a square
// of 10, seen at columns with noise of variance 0.01: y_k = sin k (kit T4).
func fieldProblem(t testing.TB, shape, seen []int) (*problem.Problem, *problem.Exact) {
	t.Helper()
	extent := make([]float64, len(shape))
	d := 1
	for a, n := range shape {
		extent[a] = 10
		d *= n
	}
	p, err := prior.NewField(prior.Field{Shape: shape, Extent: extent, Kernel: "matern52", Length: 1, Variance: 1, Nugget: 1e-4})
	if err != nil {
		t.Fatal(err)
	}
	y := make([]float64, len(seen))
	for k := range y {
		y[k] = math.Sin(float64(k))
	}
	m, err := potential.NewMask("points", d, seen, y, []float64{0.1})
	if err != nil {
		t.Fatal(err)
	}
	q, err := problem.New(p, nil, []potential.Potential{m})
	if err != nil {
		t.Fatal(err)
	}
	e, err := q.Exact()
	if err != nil {
		t.Fatal(err)
	}
	return q, e
}

// heun are steps of the probability flow with second-order accuracy.
func heun(t testing.TB, steps int) Settings {
	t.Helper()
	g, err := diffusion.Karras(diffusion.EDM{Min: 0.002, Max: 100, Rho: 7}, steps)
	if err != nil {
		t.Fatal(err)
	}
	b, err := sampler.NewHeun(g, sampler.Churn{})
	if err != nil {
		t.Fatal(err)
	}
	return Settings{Grid: g, Bridge: b, Seed: 3}
}

// TMPD is exact for Gaussians, and the exact conditional denoiser for everything: on
// a field of 64 points seen at eight, n of their samples are as far from the
// posterior, in the Bures distance, as n direct draws, whose distance is the mean of
// many sets here. A fifth more is the bar; guides with another covariance are beyond it.
func TestFieldPosteriorIsSampledAsByDirectDraws(t *testing.T) {
	const n = 93
	q, e := fieldProblem(t, []int{64}, []int{4, 12, 20, 28, 36, 44, 52, 60})
	var direct float64
	const sets = 20
	for k := range sets {
		direct += bures(e.Law, e.Law.Draw(rand.New(keyed.New(uint64(k), "direct", 0, 0)), n)) / sets
	}
	conditioned, err := problem.New(e.Law, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	const several = 5 // sets of a method, whose mean is taken
	s := heun(t, 32)
	s.Samples = several * n
	for _, c := range []struct {
		name    string
		p       *problem.Problem
		attains bool
	}{{"none", conditioned, true}, {"tmpd", q, true}, {"pigdm", q, false}, {"none", q, false}} {
		x, ratio := sample(t, c.name, c.p, s).Samples.X, 0.0
		for k := range several {
			ratio += bures(e.Law, x[k*n*64:(k+1)*n*64]) / (several * direct)
		}
		t.Logf("%s (conditioned: %v): %.3f times the W₂² of direct draws, %.3f", c.name, c.p == conditioned, ratio, direct)
		if attained := ratio <= 1.2; attained != c.attains {
			t.Errorf("%s: W₂² is %.3f times that of direct draws; within a fifth: %v, want %v", c.name, ratio, attained, c.attains)
		}
	}
}

// bures is W₂² between a Gaussian and the Gaussian with mean and covariance of rows x:
// with the rows centred in X [n, d], ‖m − x̄‖² + tr C + tr XᵀX/n − 2 tr (X C Xᵀ/n)^½.
func bures(q *prior.Prior, x []float64) float64 {
	d := q.Coordinates.Dim()
	n := len(x) / d
	rows, c := mat.NewDense(n, d, append([]float64(nil), x...)), mat.NewSymDense(d, nil)
	var w float64
	for i := range d {
		var mean float64
		for r := range n {
			mean += rows.At(r, i) / float64(n)
		}
		for r := range n {
			v := rows.At(r, i) - mean
			rows.Set(r, i, v)
			w += v * v / float64(n)
		}
		mean -= q.Coordinates.Shift[i]
		w += mean * mean
		for j := range i + 1 {
			c.SetSym(i, j, q.Covariance[i*d+j]*q.Coordinates.Scale[i]*q.Coordinates.Scale[j])
		}
		w += c.At(i, i)
	}
	var xc, xcx mat.Dense
	xc.Mul(rows, c)
	xcx.Mul(&xc, rows.T())
	s := mat.NewSymDense(n, nil)
	for i := range n {
		for j := range i + 1 {
			s.SetSym(i, j, xcx.At(i, j)/float64(n))
		}
	}
	var f mat.EigenSym
	f.Factorize(s, false)
	for _, l := range f.Values(nil) {
		w -= 2 * math.Sqrt(max(l, 0))
	}
	return w
}
