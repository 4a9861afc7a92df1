package method

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"abide/diagnose"
	"abide/diffusion"
	"abide/internal/engine"
	"abide/internal/keyed"
	"abide/prior"
	"abide/problem"
	"abide/run"
	"abide/sampler"
)

// sample runs one row of the table with its defaults on 64 Karras steps.
func sample(t *testing.T, name string, p *problem.Problem, s Settings) *run.Outcome {
	t.Helper()
	e, err := engine.Open("go")
	if err != nil {
		t.Fatal(err)
	}
	m, err := Find(name)
	if err != nil {
		t.Fatal(err)
	}
	if s.Grid.A == nil {
		if s.Grid, err = diffusion.Karras(diffusion.EDM{Min: 0.002, Max: 80, Rho: 7}, 64); err != nil {
			t.Fatal(err)
		}
	}
	if s.Bridge == nil {
		s.Bridge = sampler.DDIM{Grid: s.Grid, Eta: 1}
	}
	k, err := m.New(e, p, s)
	if err != nil {
		t.Fatal(err)
	}
	o, err := run.Loop(context.Background(), k, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// own are those of some parameters that a row has.
func own(m Method, v Values) Values {
	out := Values{}
	for _, p := range m.Parameters {
		if x, ok := v[p.Name]; ok {
			out[p.Name] = x
		}
	}
	return out
}

// exactSet draws n points of the truncated law; sets of different keys are independent.
func exactSet(d *problem.Demonstration, purpose string, i, n int) []float64 {
	x, _ := d.Exact(rand.New(keyed.New(99, purpose, i, 0)), n)
	return x
}

// The demonstration problem over ten seeds: the samples must be as near to
// exact ones as two exact sets are to each other, up to a factor of 2 in the
// energy distance, in at least 9 of 10 seeds; all feasible; ESS never below a
// quarter of the population.
func TestTwistedSMCOnTheDemonstration(t *testing.T) {
	const n = 2000
	demo, err := problem.Demo()
	if err != nil {
		t.Fatal(err)
	}
	floor := diagnose.EnergyFloor(func(i int) []float64 { return exactSet(demo, "floor", i, n) }, 2, 8)
	good := 0
	for seed := range 10 {
		o := sample(t, "twisted-smc", demo.Problem, Settings{Samples: n, Seed: uint64(seed)})
		if checkTruncated(t, demo, o, exactSet(demo, "truth", seed, n), floor, seed) <= 2 {
			good++
		}
	}
	if good < 9 {
		t.Errorf("within twice the floor in %d of 10 seeds, want at least 9", good)
	}
}

// checkTruncated demands feasibility and ESS, and returns distance/floor.
func checkTruncated(t *testing.T, d *problem.Demonstration, o *run.Outcome, truth []float64, floor float64, seed int) float64 {
	t.Helper()
	s := o.Samples
	for i := range s.N {
		if !d.Feasible(s.X[i*s.Dim : (i+1)*s.Dim]) {
			t.Errorf("case %d: point %v is outside", seed, s.X[i*s.Dim:(i+1)*s.Dim])
			break
		}
	}
	if s.ESSMin < 0.25*float64(s.Population) {
		t.Errorf("case %d: ESS fell to %.0f of %d, want at least a quarter", seed, s.ESSMin, s.Population)
	}
	ratio := diagnose.EnergyDistance(s.X, truth, s.Dim) / floor
	t.Logf("case %d: distance %.2f × floor %.4f, min ESS %.0f of %d, P(C) ≈ %.4f ± %.4f, %.2f s",
		seed, ratio, floor, s.ESSMin, s.Population, math.Exp(s.LogEvidence), math.Exp(s.LogEvidence)*s.EvidenceStd, o.Seconds)
	return ratio
}

// Ten random mixtures in ten random polytopes with P(C) from 0.05 to 0.4.
func TestTwistedSMCOnRandomPolytopes(t *testing.T) {
	const n = 2000
	good := 0
	for c := range 10 {
		d := randomTruncated(t, c, 0.05+0.35*float64(c)/9)
		floor := diagnose.EnergyFloor(func(i int) []float64 { return exactSet(d, "floor", i, n) }, 2, 8)
		o := sample(t, "twisted-smc", d.Problem, Settings{Samples: n, Seed: uint64(c)})
		if checkTruncated(t, d, o, exactSet(d, "truth", c, n), floor, c) <= 2 {
			good++
		}
	}
	if good < 9 {
		t.Errorf("within twice the floor in %d of 10 cases, want at least 9", good)
	}
}

// randomTruncated is a random mixture of 3 to 8 Gaussians with full covariances
// inside 3 to 5 random half-spaces, scaled so that P(C) is about p.
func randomTruncated(t *testing.T, c int, p float64) *problem.Demonstration {
	t.Helper()
	rng := rand.New(keyed.New(7, "random polytope", c, 0))
	k := 3 + rng.IntN(6)
	weight, mean, cov := make([]float64, k), make([][]float64, k), make([]*mat.SymDense, k)
	for i := range k {
		weight[i] = 0.3 + rng.Float64()
		mean[i] = []float64{3 * rng.NormFloat64(), 3 * rng.NormFloat64()}
		a, b, r := 0.3+0.9*rng.Float64(), 0.3+0.9*rng.Float64(), 1.6*rng.Float64()-0.8
		cov[i] = mat.NewSymDense(2, []float64{a * a, r * a * b, r * a * b, b * b})
	}
	pr, err := prior.NewMixture(weight, mean, cov, nil)
	if err != nil {
		t.Fatal(err)
	}
	m := 3 + rng.IntN(3)
	normals := make([][]float64, m)
	for i := range m {
		a := 2*math.Pi*float64(i)/float64(m) + 0.8*rng.Float64()
		normals[i] = []float64{math.Cos(a), math.Sin(a)}
	}
	centre := mean[rng.IntN(k)] // a polytope around a mode, so that P grows from 0 to 1 with its size
	draws := pr.Draw(rng, 20000)
	bounds := func(size float64) []float64 {
		b := make([]float64, m)
		for i, n := range normals {
			b[i] = n[0]*centre[0] + n[1]*centre[1] + size
		}
		return b
	}
	share := func(size float64) float64 {
		d := &problem.Demonstration{Normals: normals, Bounds: bounds(size)}
		in := 0
		for i := 0; i < len(draws); i += 2 {
			if d.Feasible(draws[i : i+2]) {
				in++
			}
		}
		return float64(in) / float64(len(draws)/2)
	}
	lo, hi := 0.0, 30.0
	for range 40 {
		if mid := (lo + hi) / 2; share(mid) < p {
			lo = mid
		} else {
			hi = mid
		}
	}
	d, err := problem.Truncated(pr, normals, bounds(hi))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// N(0, I₁₀) cut by three random half-spaces with P(C) ≈ 0.05: the log evidence
// against quasi-Monte Carlo, the means against exact draws.
func TestTwistedSMCEvidence(t *testing.T) {
	const d, m = 10, 3
	rng := rand.New(keyed.New(3, "evidence", 0, 0))
	eye := mat.NewSymDense(d, nil)
	for i := range d {
		eye.SetSym(i, i, 1)
	}
	pr, err := prior.NewGaussian(make([]float64, d), eye, nil)
	if err != nil {
		t.Fatal(err)
	}
	normals, flat := make([][]float64, m), []float64{}
	for i := range m {
		v := make([]float64, d)
		for j := range v {
			v[j] = rng.NormFloat64()
		}
		normals[i] = v
		flat = append(flat, v...)
	}
	cov := make([]float64, d*d)
	for i := range d {
		cov[i*d+i] = 1
	}
	// Equal thresholds in standard deviations, chosen for P(C) ≈ 0.05.
	bounds := func(level float64) []float64 {
		b := make([]float64, m)
		for i, v := range normals {
			b[i] = level * math.Sqrt(v[0]*v[0]+dotTail(v))
		}
		return b
	}
	lo, hi := -3.0, 3.0
	for range 30 {
		mid := (lo + hi) / 2
		if p, _ := diagnose.GaussianOrthant(make([]float64, d), cov, flat, bounds(mid), m, 2000, 1); p < 0.05 {
			lo = mid
		} else {
			hi = mid
		}
	}
	demo, err := problem.Truncated(pr, normals, bounds(hi))
	if err != nil {
		t.Fatal(err)
	}
	p, se := diagnose.GaussianOrthant(make([]float64, d), cov, flat, bounds(hi), m, 200_000, 2)
	o := sample(t, "twisted-smc", demo.Problem, Settings{Samples: 8192, Seed: 5})
	s := o.Samples
	std := math.Hypot(s.EvidenceStd, se/p)
	t.Logf("P(C) = %.6f (truth %.6f ± %.6f), %.2f standard errors, min ESS %.0f of %d", math.Exp(s.LogEvidence), p, se, (s.LogEvidence-math.Log(p))/std, s.ESSMin, s.Population)
	if math.Abs(s.LogEvidence-math.Log(p)) > 3*std {
		t.Errorf("log evidence %.4f, want %.4f ± %.4f", s.LogEvidence, math.Log(p), std)
	}
	const draws = 100_000
	exact, _ := demo.Exact(rand.New(keyed.New(3, "exact", 0, 0)), draws)
	for j := range d {
		var want, v float64
		for i := range draws {
			want += exact[i*d+j] / draws
		}
		for i := range draws {
			v += (exact[i*d+j] - want) * (exact[i*d+j] - want) / draws
		}
		got := weightedMean(s, j)
		band := math.Sqrt(v/s.ESSFinal + v/draws)
		if math.Abs(got-want) > 4*band {
			t.Errorf("mean of x[%d] is %.4f, want %.4f ± %.4f", j, got, want, band)
		}
	}
}

func dotTail(v []float64) float64 {
	var s float64
	for _, x := range v[1:] {
		s += x * x
	}
	return s
}

func weightedMean(s *sampler.Samples, j int) float64 {
	top := math.Inf(-1)
	for _, l := range s.LogW {
		top = math.Max(top, l)
	}
	var num, den float64
	for i, l := range s.LogW {
		w := math.Exp(l - top)
		num += w * s.X[i*s.Dim+j]
		den += w
	}
	return num / den
}
