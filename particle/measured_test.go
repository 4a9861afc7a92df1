package particle

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"abide/internal/keyed"
	"abide/potential"
	"abide/prior"
	"abide/problem"
)

// randomCovariance is a full-rank covariance of d columns.
func randomCovariance(rng *rand.Rand, d int) *mat.SymDense {
	a := mat.NewDense(d, d, nil)
	for i := range d {
		for j := range d {
			a.Set(i, j, rng.NormFloat64())
		}
	}
	c := mat.NewSymDense(d, nil)
	c.SymOuterK(1, a)
	for i := range d {
		c.SetSym(i, i, c.At(i, i)+0.3)
	}
	return c
}

func identity(d int, scale float64) *mat.SymDense {
	c := mat.NewSymDense(d, nil)
	for i := range d {
		c.SetSym(i, i, scale)
	}
	return c
}

func randomRows(rng *rand.Rand, m, d int) [][]float64 {
	out := make([][]float64, m)
	for i := range out {
		for range d {
			out[i] = append(out[i], rng.NormFloat64())
		}
	}
	return out
}

func measuredProblem(t *testing.T, p *prior.Prior, a [][]float64, y, std []float64) *problem.Problem {
	t.Helper()
	q, err := potential.NewMeasurement("y", a, y, std)
	if err != nil {
		t.Fatal(err)
	}
	out, err := problem.New(p, nil, []potential.Potential{q})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// For Gaussian priors with linear measurements the full form is exact, and so is
// that by rows where C has the rows among its invariant subspaces: after the
// weighting at the start no log-weight changes but by rounding, however few the
// steps and however small the noise, the last transition included, and the evidence
// is that of the closed form but for the spread of ψ at the start.
func TestMeasuredTwistIsExactForGaussians(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	const d, m, n = 5, 2, 200
	zero := make([]float64, d)
	for name, c := range map[string]struct {
		cov      *mat.SymDense
		jacobian string
	}{
		"full":           {randomCovariance(rng, d), "full"},
		"rows isotropic": {identity(d, 2.5), "rows"},
	} {
		for _, std := range []float64{1e-3, 0.5} {
			for _, steps := range []int{2, 30} {
				a, y := randomRows(rng, m, d), []float64{1.3, -0.6}
				p := measuredProblem(t, gaussianPrior(t, zero, c.cov), a, y, []float64{std, 2 * std})
				k, err := New(openGo(t), p, karras(t, steps, 0.01, 3e4), Settings{Samples: n, Seed: 1, Jacobian: c.jacobian, Particles: n})
				if err != nil {
					t.Fatal(err)
				}
				s, err := k.Start(context.Background())
				if err != nil {
					t.Fatal(err)
				}
				start := append([]float64(nil), s.LogW...)
				for s.Step < k.Steps() {
					if err := k.Step(context.Background(), s); err != nil {
						t.Fatal(err)
					}
				}
				out, err := k.Finish(context.Background(), s)
				if err != nil {
					t.Fatal(err)
				}
				// Rounding of r, which is 1/std in units of the noise, is squared in ψ.
				limit := 1e-9 + 1e-14/(std*std)
				for i := range start {
					if got := s.LogW[i] - start[i]; !(math.Abs(got) <= limit) {
						t.Fatalf("%s, std %g, %d steps: log-weight %d changed by %g after the start, limit %g", name, std, steps, i, got, limit)
					}
				}
				_, _, logZ := gaussianPosterior(zero, c.cov, a, y, []float64{std, 2 * std}, zero)
				if got := out.LogEvidence; !(math.Abs(got-logZ) <= 1e-3) {
					t.Errorf("%s, std %g, %d steps: log evidence %.6f, closed form %.6f", name, std, steps, got, logZ)
				}
			}
		}
	}
}

// What both forms see from points of a mixture: ψ, and the shift Fᵀc* of the clean
// estimate, depend on H C Hᵀ and C Hᵀ alone, which both know.
func TestFormsAgree(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	const d, m, n = 4, 2, 30
	var means [][]float64
	for range 3 {
		means = append(means, randomRows(rng, 1, d)[0])
	}
	pr, err := prior.NewMixture([]float64{1, 2, 1}, means, []*mat.SymDense{randomCovariance(rng, d), randomCovariance(rng, d), identity(d, 0.1)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	p := measuredProblem(t, pr, randomRows(rng, m, d), []float64{0.4, -1}, []float64{0.1, 0.3})
	grid := karras(t, 10, 0.01, 50)
	z := make([]float64, n*d)
	keyed.New(1, "points", 0, 0).Normal(z)
	var psi, shift [2][]float64
	var seen [2][][]float64 // FᵀF e
	var rest, most []float64
	var probe []float64
	for j, jacobian := range []string{"rows", "full"} {
		k, err := New(openGo(t), p, grid, Settings{Samples: n, Particles: n, Jacobian: jacobian})
		if err != nil {
			t.Fatal(err)
		}
		for _, level := range []int{0, 4, 7, 9} {
			v, err := k.form.see(context.Background(), z, level)
			if err != nil {
				t.Fatal(err)
			}
			e, err := v.open(0, n, "test", 0)
			if err != nil {
				t.Fatal(err)
			}
			g := e.(*glancer)
			if g.null != nil {
				probe = g.null.probe
			}
			for i := range n {
				if g.null != nil {
					rest, most = append(rest, g.glance.rest[i]), append(most, k.sigma[level]*k.sigma[level]/(1+k.sigma[level]*k.sigma[level]))
				}
				psi[j] = append(psi[j], e.psi(i, 0))
				along := make([]float64, d)
				for a := range d {
					var s float64
					for c := range g.k {
						s += g.f[c*d+a] * g.c[c]
						along[a] += g.f[c*d+a] * dot(g.f[c*d:(c+1)*d], probe)
					}
					shift[j] = append(shift[j], s)
				}
				seen[j] = append(seen[j], along)
			}
		}
	}
	for i, v := range psi[0] {
		if !(math.Abs(v-psi[1][i]) <= 1e-9*(1+math.Abs(v))) {
			t.Fatalf("log ψ at %d: rows %.12g, full %.12g", i, v, psi[1][i])
		}
	}
	for i, v := range shift[0] {
		if !(math.Abs(v-shift[1][i]) <= 1e-9) {
			t.Fatalf("shift %d: rows %.12g, full %.12g", i, v, shift[1][i])
		}
	}
	// λ is what FᵀF of the rows lacks of C along the probe.
	inside := 0
	for i, got := range rest {
		want := (dot(probe, seen[1][i]) - dot(probe, seen[0][i])) / dot(probe, probe)
		if want < most[i] {
			inside++
		}
		if want = math.Min(want, most[i]); !(math.Abs(got-want) <= 1e-9) {
			t.Fatalf("λ at %d is %.12g, by C %.12g", i, got, want)
		}
	}
	if inside < len(rest)/4 {
		t.Errorf("only %d of %d λ are below their bound: the test shows little", inside, len(rest))
	}
}

// The ratio of densities against d×d matrices, and the moments of draws against those
// of the proposal.
func TestRatioAgainstDenseDensities(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	const d, m = 5, 2
	cov := randomCovariance(rng, d)
	p := measuredProblem(t, gaussianPrior(t, make([]float64, d), cov), randomRows(rng, m, d), []float64{0.4, -1}, []float64{0.1, 0.3})
	for _, s := range []Settings{{Jacobian: "rows"}, {Jacobian: "full"}, {Jacobian: "rows", DDPM: true}} {
		s.Samples, s.Particles = 1, 1
		k, err := New(openGo(t), p, karras(t, 10, 0.01, 50), s)
		if err != nil {
			t.Fatal(err)
		}
		z := randomRows(rng, 1, d)[0]
		const level = 6
		v, err := k.form.see(context.Background(), z, level)
		if err != nil {
			t.Fatal(err)
		}
		e, err := v.open(0, 1, "test", 0)
		if err != nil {
			t.Fatal(err)
		}
		e.psi(0, 0)
		g := e.(*glancer)
		f := mat.NewDense(g.k, d, g.f)
		var w mat.Dense // W by its definition
		mm := mat.NewDense(m, g.k, g.m)
		w.Mul(mm.T(), mm)
		for i := range g.k {
			w.Set(i, i, w.At(i, i)+1)
		}
		var inv, shift, pc, qc, wf mat.Dense
		if err := inv.Inverse(&w); err != nil {
			t.Fatal(err)
		}
		r := mat.NewDense(m, 1, g.r)
		shift.Product(f.T(), &inv, mm.T(), r)
		pc.Mul(f.T(), f)
		wf.Mul(&inv, f)
		qc.Mul(f.T(), &wf)
		var base mat.Dense // vI + γ²λN, N by the pseudo-inverse of H
		h := mat.NewDense(m, d, k.form.(*measured).a)
		var hh, n mat.Dense
		hh.Mul(h, h.T())
		if err := hh.Inverse(&hh); err != nil {
			t.Fatal(err)
		}
		n.Product(h.T(), &hh, h)
		base.Apply(func(i, j int, v float64) float64 {
			eye := 0.0
			if i == j {
				eye = 1
			}
			return g.v*eye + g.gamma*g.gamma*g.glance.rest[0]*(eye-v)
		}, &n)
		if (g.glance.rest[0] > 0) != (s == Settings{Jacobian: "rows", Samples: 1, Particles: 1}) {
			t.Errorf("%+v: λ = %g", s, g.glance.rest[0])
		}
		for range 20 {
			next := make([]float64, d)
			got := e.propose(next, z)
			log := func(low *mat.Dense, moved bool) float64 {
				c, x := mat.NewSymDense(d, nil), mat.NewVecDense(d, nil)
				for i := range d {
					for j := range i + 1 {
						if v := g.gamma * g.gamma * low.At(i, j); !s.DDPM {
							c.SetSym(i, j, v)
						}
					}
					for j := range i + 1 {
						c.SetSym(i, j, c.At(i, j)+base.At(i, j))
					}
					mean := (1-g.gamma)*z[i] + g.gamma*g.mean[i]
					if moved {
						mean += g.gamma * shift.At(i, 0)
					}
					x.SetVec(i, next[i]-mean)
				}
				var chol mat.Cholesky
				if !chol.Factorize(c) {
					t.Fatal("not positive definite")
				}
				var y mat.VecDense
				chol.SolveVecTo(&y, x)
				return -0.5*mat.Dot(x, &y) - 0.5*chol.LogDet()
			}
			if want := log(&pc, false) - log(&qc, true); !(math.Abs(got-want) <= 1e-9*(1+math.Abs(want))) {
				t.Fatalf("%+v: log p/q is %.12g, by dense matrices %.12g", s, got, want)
			}
		}
		// Draws have the mean and the covariance of q: 4.9 standard errors of each entry.
		const draws = 20_000
		sum, second := make([]float64, d), make([]float64, d*d)
		next := make([]float64, d)
		for range draws {
			e.propose(next, z)
			for i := range d {
				next[i] -= (1-g.gamma)*z[i] + g.gamma*(g.mean[i]+shift.At(i, 0))
			}
			for i, v := range next {
				sum[i] += v / draws
				for j, w := range next {
					second[i*d+j] += v * w / draws
				}
			}
		}
		c := func(i, j int) float64 {
			v := 0.0
			if !s.DDPM {
				v = g.gamma * g.gamma * qc.At(i, j)
			}
			return v + base.At(i, j)
		}
		for i := range d {
			if !(math.Abs(sum[i]) <= 4.9*math.Sqrt(c(i, i)/draws)) {
				t.Errorf("%+v: mean of draws in column %d is off by %g", s, i, sum[i])
			}
			for j := range d {
				if se := math.Sqrt((c(i, i)*c(j, j) + c(i, j)*c(i, j)) / draws); !(math.Abs(second[i*d+j]-c(i, j)) <= 4.9*se) {
					t.Errorf("%+v: covariance (%d, %d) of draws is %g, want %g ± %g", s, i, j, second[i*d+j], c(i, j), se)
				}
			}
		}
	}
}

// The evidence is unbiased whatever the twist: one that looks for other data than
// those measured, with an error of its own at each level, on a Gaussian prior, whose
// kernels are exact in both forms here, must give the closed form in the mean over
// runs of few particles, which are resampled on the way.
func TestEvidenceIsUnbiasedUnderAWrongTwist(t *testing.T) {
	const d, runs, n = 3, 600, 30
	a, y, std := [][]float64{{1, 0.5, 0}}, []float64{0.8}, []float64{0.5}
	zero := make([]float64, d)
	cov := identity(d, 1)
	p := measuredProblem(t, gaussianPrior(t, zero, cov), a, y, std)
	_, _, logZ := gaussianPosterior(zero, cov, a, y, std, zero)
	e := openGo(t)
	for _, jacobian := range []string{"full", "rows"} {
		var sum, square float64
		resampled := 0
		for seed := range runs {
			k, err := New(e, p, karras(t, 6, 0.05, 1000), Settings{Samples: n, Particles: n, Seed: uint64(seed), Jacobian: jacobian, Threshold: 0.9, Chunk: n, Workers: 1})
			if err != nil {
				t.Fatal(err)
			}
			k.form.(*measured).data[0] += 1.2
			k.twist.modelError = 2
			s, out := walk(t, k)
			z := math.Exp(out.LogEvidence - logZ)
			sum, square = sum+z/runs, square+z*z/runs
			resampled += s.Resampled
		}
		se := math.Sqrt((square - sum*sum) / runs)
		t.Logf("%s: mean of Z over its closed form %.3f ± %.3f, %.1f resamplings a run", jacobian, sum, se, float64(resampled)/runs)
		if !(math.Abs(sum-1) <= 4.9*se) || se > 0.05 || resampled == 0 {
			t.Errorf("%s: mean of Z over its closed form is %.3f ± %.3f after %d resamplings", jacobian, sum, se, resampled)
		}
	}
}

// Rows that are not kept are computed again, in calls of fewer points: the samples
// are the same to the last bit.
func TestRowsComputedAgain(t *testing.T) {
	const d, m, n = 6, 2, 50
	rng := rand.New(rand.NewPCG(9, 10))
	var means [][]float64
	for range 3 {
		means = append(means, randomRows(rng, 1, d)[0])
	}
	pr, err := prior.NewMixture([]float64{1, 2, 1}, means, []*mat.SymDense{identity(d, 0.1), identity(d, 0.2), identity(d, 0.1)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	p := measuredProblem(t, pr, randomRows(rng, m, d), []float64{0.4, -1}, []float64{0.1, 0.3})
	var x [2][]float64
	for i := range x {
		k, err := New(openGo(t), p, karras(t, 12, 0.01, 50), Settings{Samples: n / 2, Particles: n, Jacobian: "rows", Chunk: 16, Threshold: 0.9})
		if err != nil {
			t.Fatal(err)
		}
		if i == 1 {
			f := k.form.(*measured)
			f.kept, f.batch = 0, 5
		}
		_, out := walk(t, k)
		x[i] = append(out.X, out.LogEvidence)
	}
	for i, v := range x[0] {
		if v != x[1][i] {
			t.Fatalf("number %d is %.17g with the rows kept, %.17g without", i, v, x[1][i])
		}
	}
}
