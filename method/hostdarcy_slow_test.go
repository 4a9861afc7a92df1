//go:build slow

package method

import (
	"context"
	"math"
	"testing"
	"time"

	"gonum.org/v1/gonum/mat"

	"abide/potential"
	"abide/problem"
)

// darcySettings were chosen on the truths 1001 and 1004, on 32×32 vertices; truths that
// are scored have the numbers 1 to 50.
func darcySettings(t *testing.T) Settings {
	return Settings{Samples: 99, Seed: 1, Grid: hostLevels(t, 200, 1, 6), Values: Values{"proposals": 3}}
}

// Over 50 truths drawn from the prior, on 64×64 vertices with 30 noisy pressures, 90 %
// intervals hold 86 to 94 % of the truth's values.
func TestDarcyCoverage(t *testing.T) {
	const n, truths = 64, 50
	var sum, squares, longest float64
	for seed := range uint64(truths) {
		in, start := newDarcyInversion(t, n, seed+1), time.Now()
		s := darcySettings(t)
		out := runHost(t, in.problem, "newton-gibbs", s)
		seconds := time.Since(start).Seconds()
		share, _, _ := covered(out.X, s.Samples, n*n, in.truth)
		sum, squares, longest = sum+share, squares+share*share, max(longest, seconds)
		t.Logf("truth %d: coverage %.3f, %v, %.1f s", seed+1, share, out.Notes, seconds)
	}
	mean := sum / truths
	t.Logf("coverage %.3f ± %.3f (standard error), longest run %.1f s", mean, math.Sqrt((squares/truths-mean*mean)/(truths-1)), longest)
	if mean < 0.86 || mean > 0.94 {
		t.Errorf("coverage %.3f: want 0.86 to 0.94", mean)
	}
	if longest > 60 {
		t.Errorf("%.1f s for one inversion: want at most 60", longest)
	}
}

// The linearised problem on 64×64 vertices matches its closed form, from the kernel and
// not from the prior's code: the mean to 2 % of its norm, standard deviations to 5 %.
func TestDarcyLinearised(t *testing.T) {
	const n, d, count = 64, 64 * 64, 4000
	in := newDarcyInversion(t, n, 8)
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
	k := mat.NewDense(n, n, nil) // along an axis, ℓ = 0.2
	for i := range n {
		for j := range n {
			r := float64(i-j) / (n - 1) / 0.2
			k.Set(i, j, math.Exp(-r*r/2))
		}
	}
	ch, h := mat.NewDense(30, d, nil), mat.NewDense(30, d, jac)
	for i := range rows {
		var a, b mat.Dense
		a.Mul(k, mat.NewDense(n, n, rows[i]))
		b.Mul(&a, k)
		ch.SetRow(i, b.RawMatrix().Data)
	}
	var s, inverse, gain mat.Dense
	s.Mul(h, ch.T())
	for i := range 30 {
		s.Set(i, i, s.At(i, i)+darcyStd*darcyStd)
	}
	if err := inverse.Inverse(&s); err != nil {
		t.Fatal(err)
	}
	gain.Mul(&inverse, ch)
	start := time.Now()
	out := runHost(t, p, "newton-gibbs", Settings{Samples: count, Seed: 2, Grid: hostLevels(t, 200, 20, 2), Values: Values{"proposals": 1, "tangent": "mode"}})
	seconds := time.Since(start).Seconds()
	_, mean, std := covered(out.X, count, d, make([]float64, d))
	var wrong, size, off float64
	for j := range d {
		var centre, less float64
		for i := range 30 {
			centre += gain.At(i, j) * in.y[i]
			less += gain.At(i, j) * ch.At(i, j)
		}
		wrong, size = wrong+(mean[j]-centre)*(mean[j]-centre), size+centre*centre
		e := std[j]/math.Sqrt(1-less) - 1
		off += e * e / d
	}
	wrong, off = math.Sqrt(wrong/size), math.Sqrt(off)
	t.Logf("mean off by %.4f of its norm, standard deviations by %.4f in the mean square; %d draws in %.1f s", wrong, off, count, seconds)
	if wrong > 0.02 || off > 0.05 {
		t.Errorf("mean off by %.4f, standard deviations by %.4f: want 0.02 and 0.05", wrong, off)
	}
}
