package sampler

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"abide/diffusion"
	"abide/internal/keyed"
	"abide/internal/testkit"
)

// beyond is the set x ≥ 1 of every column.
type beyond struct{}

func (beyond) Correct(u []float64) []bool {
	for i, v := range u {
		u[i] = max(v, 1)
	}
	return nil
}
func (b beyond) Finish(x []float64, _ int) []bool { return b.Correct(x) }

// flatly is the plane n·x = 1 in three columns.
type flatly struct{ n [3]float64 }

func (f flatly) Correct(u []float64) []bool {
	for i := 0; i < len(u); i += 3 {
		r, s := -1.0, 0.0
		for j, v := range f.n {
			r += v * u[i+j]
			s += v * v
		}
		for j, v := range f.n {
			u[i+j] -= r / s * v
		}
	}
	return nil
}
func (f flatly) Finish(x []float64, _ int) []bool { return f.Correct(x) }

func standardMean(z []float64, a, b float64) ([]float64, error) {
	x := make([]float64, len(z))
	for i, v := range z {
		x[i] = a * v / (a*a + b*b)
	}
	return x, nil
}

// On a plane, for a Gaussian prior, all is linear: every step of point, copy and dual
// is that of matrices written out, with the same noise, on grids with a ≠ 1 too.
func TestSplitLangevinIsItsRecursion(t *testing.T) {
	const r, kappa, eta = 0.3, 0.8, 0.2
	c := flatly{[3]float64{1, -2, 0.5}}
	normal := mat.NewVecDense(3, c.n[:])
	var outer mat.Dense
	outer.Outer(1/mat.Dot(normal, normal), normal, normal)
	plane := func(x *mat.VecDense) *mat.VecDense {
		var out mat.VecDense
		out.MulVec(&outer, x)
		out.SubVec(x, &out)
		out.AddScaledVec(&out, 1/mat.Dot(normal, normal), normal)
		return &out
	}
	grid, err := diffusion.Uniform(diffusion.VP{Min: 0.1, Max: 20}, 6)
	if err != nil {
		t.Fatal(err)
	}
	s := SplitLangevin{Grid: grid, Correct: c, Steps: 3, Ratio: r, Penalty: kappa, Dual: eta}
	p := Points{Z: make([]float64, 6), Memory: make([]float64, 12), Dim: 3}
	keyed.New(2, "z", 0, 0).Normal(p.Z)
	if err := s.Begin(p, nil); err != nil {
		t.Fatal(err)
	}
	var x, y, l [2]*mat.VecDense
	for i := range 2 {
		x[i] = mat.NewVecDense(3, append([]float64(nil), p.Z[3*i:3*i+3]...))
		x[i].ScaleVec(1/grid.A[0], x[i])
		y[i], l[i] = plane(x[i]), mat.NewVecDense(3, nil)
	}
	for k := range grid.Steps() {
		if err := s.Step(p, k, standardMean, keyed.New(3, "noise", k, 0).Normal); err != nil {
			t.Fatal(err)
		}
		a, sigma, noise, n := grid.A[k], grid.Sigma(k), keyed.New(3, "noise", k, 0), make([]float64, 6)
		for range 3 {
			noise.Normal(n)
			for i := range 2 {
				var pull mat.VecDense
				pull.SubVec(x[i], y[i])
				pull.AddVec(&pull, l[i])
				x[i].ScaleVec(1-r+r*a*a/(a*a+a*a*sigma*sigma), x[i])
				x[i].AddScaledVec(x[i], -r*kappa, &pull)
				x[i].AddScaledVec(x[i], math.Sqrt(2*r)*sigma, mat.NewVecDense(3, n[3*i:3*i+3]))
				var to mat.VecDense
				to.AddVec(x[i], l[i])
				y[i] = plane(&to)
				to.SubVec(x[i], y[i])
				l[i].AddScaledVec(l[i], eta, &to)
			}
		}
		next := grid.Sigma(k + 1)
		for i := range 2 {
			end := x[i]
			if next == 0 {
				end = y[i]
			}
			l[i].ScaleVec(next*next/(sigma*sigma), l[i])
			for j := range 3 {
				if got, want := p.Z[3*i+j], grid.A[k+1]*end.AtVec(j); !(math.Abs(got-want) <= 1e-9*(1+math.Abs(want))) {
					t.Fatalf("step %d: point %d is %.12g, want %.12g", k, i, got, want)
				}
				if got, want := p.Memory[6*i+3+j], l[i].AtVec(j); !(math.Abs(got-want) <= 1e-9*(1+math.Abs(want))) {
					t.Fatalf("step %d: dual %d is %.12g, want %.12g", k, i, got, want)
				}
			}
		}
	}
}

// split are draws of a chain at one level, many steps after its start.
func split(t *testing.T, sigma, ratio, kappa, eta float64, steps, n int) []float64 {
	t.Helper()
	s := SplitLangevin{Grid: diffusion.Grid{A: []float64{1, 1}, B: []float64{sigma, sigma}}, Correct: beyond{}, Steps: steps, Ratio: ratio, Penalty: kappa, Dual: eta}
	p := Points{Z: make([]float64, n), Memory: make([]float64, 2*n), Dim: 1}
	for i := range p.Z {
		p.Z[i] = 1.5
	}
	if err := s.Begin(p, nil); err != nil {
		t.Fatal(err)
	}
	if err := s.Step(p, 0, standardMean, keyed.New(5, "chain", 0, 0).Normal); err != nil {
		t.Fatal(err)
	}
	return p.Z
}

// penalised is mean and variance of ∝ exp(−x²/2v − κ (1 − x)₊²/2σ²), by quadrature.
func penalised(sigma, kappa float64) (mean, variance float64) {
	var w, m, q float64
	for x := -8.0; x < 12; x += 1e-4 {
		out := max(1-x, 0) / sigma
		f := math.Exp(-x*x/(2*(1+sigma*sigma)) - kappa*out*out/2)
		w, m, q = w+f, m+x*f, q+x*x*f
	}
	return m / w, q/w - m*m/(w*w)
}

// At a level, without a dual and for short steps, points have the penalised law; with a
// dual they have not: its mean lies further inside.
func TestSplitLangevinHasThePenalisedLaw(t *testing.T) {
	const n = 4000
	for _, c := range []struct{ sigma, kappa float64 }{{0.5, 1}, {0.5, 8}} {
		mean, variance := penalised(c.sigma, c.kappa)
		x := split(t, c.sigma, 0.02, c.kappa, 0, 2500, n)
		square := make([]float64, n)
		for i, v := range x {
			square[i] = (v - mean) * (v - mean)
		}
		testkit.MeanWithin(t, "mean", x, mean, 1e-4)
		testkit.MeanWithin(t, "variance", square, variance, 1e-4)
		got, se := testkit.MeanSE(split(t, c.sigma, 0.02, c.kappa, 0.02, 2500, n))
		t.Logf("σ = %g, κ = %g: mean %.4f ± %.4f with a dual, of the penalised law %.4f", c.sigma, c.kappa, got, se, mean)
	}
}

// The whole way from noise to data: what is returned obeys, and without a dual its law
// comes to the truncated Gaussian (mean 1.5251, standard deviation 0.4462) as steps
// get short and many; a long step and a dual are off by what is logged.
func TestSplitLangevinComesToTheTruncatedGaussian(t *testing.T) {
	const n = 5000
	wantMean := math.Exp(-0.5) / math.Sqrt(2*math.Pi) / (0.5 * math.Erfc(1/math.Sqrt2))
	wantStd := math.Sqrt(1 + wantMean - wantMean*wantMean)
	run := func(levels, steps int, ratio, kappa, eta float64) (mean, std, se, atom float64) {
		grid, err := diffusion.Karras(diffusion.EDM{Min: 0.02, Max: 10, Rho: 7}, levels)
		if err != nil {
			t.Fatal(err)
		}
		s := SplitLangevin{Grid: grid, Correct: beyond{}, Steps: steps, Ratio: ratio, Penalty: kappa, Dual: eta}
		p := Points{Z: make([]float64, n), Memory: make([]float64, 2*n), Dim: 1}
		keyed.New(1, "start", 0, 0).Normal(p.Z)
		for i := range p.Z {
			p.Z[i] *= math.Hypot(1, grid.B[0])
		}
		if err := s.Begin(p, nil); err != nil {
			t.Fatal(err)
		}
		for k := range grid.Steps() {
			if err := s.Step(p, k, standardMean, keyed.New(5, "noise", k, 0).Normal); err != nil {
				t.Fatal(err)
			}
		}
		mean, se = testkit.MeanSE(p.Z)
		for _, x := range p.Z {
			if !(x >= 1) {
				t.Fatalf("%g was returned, outside of x ≥ 1", x)
			}
			std += (x - mean) * (x - mean) / n
			if x == 1 {
				atom += 1.0 / n
			}
		}
		return mean, math.Sqrt(std), se, atom
	}
	for _, c := range []struct {
		levels, steps             int
		ratio, kappa, eta, within float64
	}{{40, 10, 0.2, 1, 0, 0.15}, {40, 10, 0.2, 4, 0.1, 0.06}, {80, 100, 0.1, 16, 0, 0.03}} {
		mean, std, se, atom := run(c.levels, c.steps, c.ratio, c.kappa, c.eta)
		t.Logf("%d levels of %d steps, ratio %g, penalty %g, dual %g: mean %.4f ± %.4f (%.4f), sd %.4f (%.4f), %.1f %% on the boundary", c.levels, c.steps, c.ratio, c.kappa, c.eta, mean, se, wantMean, std, wantStd, 100*atom)
		if !(math.Abs(mean-wantMean) <= c.within) || !(math.Abs(std-wantStd) <= c.within) {
			t.Errorf("mean %.4f, want %.4f; standard deviation %.4f, want %.4f; allowed %g", mean, wantMean, std, wantStd, c.within)
		}
	}
}
