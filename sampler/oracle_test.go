package sampler

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"abide/diffusion"
	"abide/internal/engine"
	"abide/internal/keyed"
	"abide/internal/testkit"
	"abide/prior"
)

// oracleHeat is the heat oracle on a grid of so many points along both axes.
func oracleHeat(t testing.TB, points int, phi prior.Range) *prior.Prior {
	t.Helper()
	return must(prior.NewHeat(points, points, prior.Range{Low: 1, High: 5}, phi, 1))
}

// oracleFlow is n samples by 100 steps of flow matching.
func oracleFlow(t testing.TB, p *prior.Prior, n int, bridge func(g diffusion.Grid) Bridge, seed uint64) []float64 {
	t.Helper()
	g := must(diffusion.Uniform(diffusion.Flow{}, 100))
	k := (&Independent{Prior: p, Grid: g, Bridge: bridge(g), Samples: n, Seed: seed, Chunk: 64}).Bind(must(engine.Open("go")))
	ctx := context.Background()
	s := must(k.Start(ctx))
	for s.Step < k.Steps() {
		if err := k.Step(ctx, s); err != nil {
			t.Fatal(err)
		}
	}
	return must(k.Finish(ctx, s)).X
}

// oracleErrors are MMSE and SMSE: how far the mean and the standard deviation at every
// point are, squared and averaged, from those of ν ~ U(1, 5) at φ = π/4.
func oracleErrors(x []float64, points int) (mmse, smse float64) {
	d := points * points
	n := len(x) / d
	for j := range d {
		var sum, square float64
		for i := range n {
			sum += x[i*d+j] / float64(n)
		}
		for i := range n {
			square += (x[i*d+j] - sum) * (x[i*d+j] - sum) / float64(n-1)
		}
		time, wave := float64(j/points)/float64(points-1), math.Sin(2*math.Pi*float64(j%points)/float64(points)+math.Pi/4)
		m1, m2 := meanDecay(time), meanDecay(2*time)
		mmse += math.Pow(sum-wave*m1, 2) / float64(d)
		smse += math.Pow(math.Sqrt(square)-math.Abs(wave)*math.Sqrt(math.Max(m2-m1*m1, 0)), 2) / float64(d)
	}
	return mmse, smse
}

// meanDecay is E e^{−νt}, ν ~ U(1, 5).
func meanDecay(t float64) float64 {
	if t == 0 {
		return 1
	}
	return (math.Exp(-t) - math.Exp(-5*t)) / (4 * t)
}

// Flows of the oracle with no constraint give its law: ν and φ are uniform, alone and
// together, and MMSE and SMSE are those of independent draws; with φ known they are at
// the floor of independent draws of that law.
func TestOracleHeatFlows(t *testing.T) {
	checkOracleFlows(t, 12, 96, map[string]func(g diffusion.Grid) Bridge{
		"dpm-solver++": func(g diffusion.Grid) Bridge { return DPMSolver{g} },
	})
}

func checkOracleFlows(t *testing.T, points, n int, bridges map[string]func(g diffusion.Grid) Bridge) {
	t.Helper()
	free, known := oracleHeat(t, points, prior.Range{High: math.Pi}), oracleHeat(t, points, prior.Range{Low: math.Pi / 4, High: math.Pi / 4})
	for name, bridge := range bridges {
		x := oracleFlow(t, free, n, bridge, 4)
		latentsAreUniform(t, name, free.Law.(*prior.Latent), x, points*points, false)
		oracleIsIndependent(t, name+", no constraint", free, x, points)
		x = oracleFlow(t, known, n, bridge, 5)
		latentsAreUniform(t, name+", φ known", known.Law.(*prior.Latent), x, points*points, true)
		oracleIsIndependent(t, name+", φ known", known, x, points)
	}
}

// latentsAreUniform looks at means and squares of the parameters of all samples; φ may
// be known.
func latentsAreUniform(t *testing.T, name string, l *prior.Latent, x []float64, d int, known bool) {
	t.Helper()
	var nu, phi, nu2, phi2, both []float64
	for i := 0; i < len(x); i += d {
		a, b := l.Estimate(x[i : i+d])
		a, b = (a-3)/2, (b-math.Pi/2)/(math.Pi/2) // U(−1, 1)
		nu, phi, nu2, phi2, both = append(nu, a), append(phi, b), append(nu2, a*a), append(phi2, b*b), append(both, a*b)
	}
	mean, sd := 0.0, 0.0
	for _, v := range nu {
		mean += v / float64(len(nu))
	}
	for _, v := range nu {
		sd += (v - mean) * (v - mean) / float64(len(nu)-1)
	}
	t.Logf("%s: ν %.3f ± %.3f (3 ± 1.155)", name, 3+2*mean, 2*math.Sqrt(sd))
	testkit.MeanWithin(t, name+": mean of ν", nu, 0, 0)
	testkit.MeanWithin(t, name+": mean of ν²", nu2, 1./3, 0)
	if known {
		return
	}
	testkit.MeanWithin(t, name+": mean of φ", phi, 0, 0)
	testkit.MeanWithin(t, name+": mean of φ²", phi2, 1./3, 0)
	testkit.MeanWithin(t, name+": mean of νφ", both, 0, 0)
}

// oracleIsIndependent holds MMSE and SMSE against those of independent draws: below their
// quantile, and above the lower one.
func oracleIsIndependent(t *testing.T, name string, p *prior.Prior, x []float64, points int) {
	t.Helper()
	n := len(x) / (points * points)
	mmse, smse := oracleErrors(x, points)
	const sims = 200
	var floor [2]float64
	var null [2][sims]float64
	for s := range sims {
		draws := p.Draw(rand.New(keyed.New(uint64(s), "oracle floor", 0, 0)), n)
		null[0][s], null[1][s] = oracleErrors(draws, points)
		for k := range null {
			floor[k] += null[k][s] / sims
		}
	}
	t.Logf("%s: MMSE %.3e (independent draws %.3e), SMSE %.3e (%.3e), N = %d, %d×%d points", name, mmse, floor[0], smse, floor[1], n, points, points)
	for k, got := range []float64{mmse, smse} {
		for _, sign := range []float64{1, -1} {
			limit := testkit.NullQuantile(t, sims, func(seed uint64) float64 { return sign * math.Log(null[k][seed]) }, 1-1e-6)
			if sign*math.Log(got) > limit {
				t.Errorf("%s: %s = %.3e, independent draws have %.3e on average", name, [2]string{"MMSE", "SMSE"}[k], got, floor[k])
			}
		}
	}
}
