package method

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"abide/diffusion"
	"abide/internal/engine"
	"abide/internal/keyed"
	"abide/operator"
	"abide/potential"
	"abide/prior"
	"abide/problem"
	"abide/sampler"
)

// darcyInversion is log-permeability, a Gaussian field on n×n vertices of the unit square,
// and 30 pressures of a truth that is drawn from it.
type darcyInversion struct {
	prior   *prior.Prior
	solver  *operator.Darcy
	truth   []float64
	y       []float64
	problem *problem.Problem
}

const darcyStd = 0.001 // about 1.4 % of the largest pressure for permeability 1

func newDarcyInversion(t testing.TB, n int, seed uint64) *darcyInversion {
	t.Helper()
	p, err := prior.NewField(prior.Field{Shape: []int{n, n}, Extent: []float64{1, 1}, Kernel: "rbf", Length: 0.2, Variance: 1})
	if err != nil {
		t.Fatal(err)
	}
	points := make([][]float64, 30) // the additive recurrence of the plastic number
	for i := range points {
		points[i] = []float64{math.Mod(0.5+0.7548776662*float64(i+1), 1)*0.9 + 0.05, math.Mod(0.5+0.5698402910*float64(i+1), 1)*0.9 + 0.05}
	}
	o, err := operator.NewDarcy(n, n, [2]float64{1, 1}, []float64{1}, points)
	if err != nil {
		t.Fatal(err)
	}
	d := &darcyInversion{prior: p, solver: o, truth: p.Draw(rand.New(rand.NewPCG(seed, 1)), 1), y: make([]float64, 30)}
	if err := o.At(context.Background(), d.y, d.truth); err != nil {
		t.Fatal(err)
	}
	noise := make([]float64, 30)
	keyed.New(seed, "pressures", 0, 0).Normal(noise)
	for i, v := range noise {
		d.y[i] += darcyStd * v
	}
	normal, err := potential.NewNormal(slices.Repeat([]float64{darcyStd}, 30))
	if err != nil {
		t.Fatal(err)
	}
	y, err := potential.NewHosted("pressures", o, d.y, normal, false)
	if err != nil {
		t.Fatal(err)
	}
	if d.problem, err = problem.New(p, nil, []potential.Potential{y}); err != nil {
		t.Fatal(err)
	}
	return d
}

// levels are spaced as in Karras et al. 2022 from hi to lo, and end with the data.
func hostLevels(t testing.TB, hi, lo float64, n int) diffusion.Grid {
	t.Helper()
	s := make([]float64, n+1)
	for i := range n {
		s[i] = hi * math.Pow(lo/hi, float64(i)/float64(n-1))
	}
	g, err := diffusion.Levels(s)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func runHost(t testing.TB, p *problem.Problem, name string, s Settings) *sampler.Samples {
	t.Helper()
	m, err := Find(name)
	if err != nil {
		t.Fatal(err)
	}
	e, err := engine.Open("go")
	if err != nil {
		t.Fatal(err)
	}
	k, err := m.New(e, p, s)
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	state, err := k.Start(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for state.Step < k.Steps() {
		if err := k.Step(ctx, state); err != nil {
			t.Fatal(err)
		}
	}
	out, err := k.Finish(ctx, state)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// covered is the share of columns whose truth lies between the order statistics that
// hold 90 % of the law, and by column mean and standard deviation.
func covered(x []float64, n, d int, truth []float64) (share float64, mean, std []float64) {
	mean, std = make([]float64, d), make([]float64, d)
	v := make([]float64, n)
	cut := int(math.Round(0.05 * float64(n+1))) // between the cut-th and (n+1−cut)-th of n
	for j := range d {
		for i := range n {
			v[i] = x[i*d+j]
			mean[j] += v[i] / float64(n)
		}
		for _, w := range v {
			std[j] += (w - mean[j]) * (w - mean[j]) / float64(n-1)
		}
		std[j] = math.Sqrt(std[j])
		slices.Sort(v)
		if truth[j] >= v[cut-1] && truth[j] <= v[n-cut] {
			share += 1 / float64(d)
		}
	}
	return share, mean, std
}

// The problem with the solver's tangent at a point in its place is linear: newton-gibbs
// takes every proposal, and its draws have the mean and the variance of the closed form,
// each column's within five standard errors.
func TestNewtonGibbsLinearised(t *testing.T) {
	const n, d, count = 16, 256, 600
	in := newDarcyInversion(t, n, 7)
	at, y, jac := make([]float64, d), make([]float64, 30), make([]float64, 30*d)
	if err := in.solver.Linearise(context.Background(), y, jac, at); err != nil {
		t.Fatal(err)
	}
	rows := make([][]float64, 30)
	for i := range rows {
		rows[i] = jac[i*d : (i+1)*d]
		in.y[i] -= y[i]
	}
	m, err := potential.NewMeasurement("tangent", rows, in.y, []float64{darcyStd})
	if err != nil {
		t.Fatal(err)
	}
	p, err := problem.New(in.prior, nil, []potential.Potential{m})
	if err != nil {
		t.Fatal(err)
	}
	// The closed form, by hand: m = CHᵀS⁻¹y, C − CHᵀS⁻¹HC; the prior has mean 0, variance 1.
	full, err := in.prior.DenseCovariance()
	if err != nil {
		t.Fatal(err)
	}
	c, hm := mat.NewDense(d, d, full), mat.NewDense(30, d, jac)
	var ch, s, gain, shrunk mat.Dense
	var centre mat.VecDense
	ch.Mul(c, hm.T())
	s.Mul(hm, &ch)
	for i := range 30 {
		s.Set(i, i, s.At(i, i)+darcyStd*darcyStd)
	}
	var inverse mat.Dense
	if err := inverse.Inverse(&s); err != nil {
		t.Fatal(err)
	}
	gain.Mul(&ch, &inverse)
	centre.MulVec(&gain, mat.NewVecDense(30, in.y))
	shrunk.Mul(&gain, ch.T())
	out := runHost(t, p, "newton-gibbs", Settings{Samples: count, Seed: 2, Grid: hostLevels(t, 50, 2, 2), Values: Values{"proposals": 1}})
	if !slices.Contains(out.Notes, "100 % of the proposals were taken") {
		t.Errorf("notes %q: every proposal is taken where the operator is linear", out.Notes)
	}
	_, mean, std := covered(out.X, count, d, make([]float64, d))
	sum := 0.0
	for j := range mean {
		want := math.Sqrt(c.At(j, j) - shrunk.At(j, j))
		z := (mean[j] - centre.AtVec(j)) / (want / math.Sqrt(count))
		sum += z * z / d
		if math.Abs(z) > 5 || math.Abs(std[j]/want-1) > 5/math.Sqrt(2*count) {
			t.Errorf("column %d: %.4f ± %.4f, closed form %.4f ± %.4f", j, mean[j], std[j], centre.AtVec(j), want)
		}
	}
	if sum > 1.6 || sum < 0.4 { // about 20 free directions
		t.Errorf("mean square of the standardised means is %.2f", sum)
	}
}
