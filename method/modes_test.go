package method

import (
	"math"
	"testing"
	"time"

	"abide/diagnose"
	"abide/diffusion"
	"abide/problem"
	"abide/sampler"
)

// The 25 modes in 8 columns, 2 of them seen: twisted SMC is nearer to the exact
// posterior than TMPD (checklist C33), its log evidence agrees with the closed form,
// and at least a quarter of the population is left at the end. The full table is
// made by `abide bench inverse`.
func TestModesAgainstTMPD(t *testing.T) {
	const n, steps, problems = 500, 100, 4
	grid, err := diffusion.Uniform(diffusion.VP{Min: 0.1, Max: 25}, steps)
	if err != nil {
		t.Fatal(err)
	}
	em, err := sampler.NewEulerMaruyama(grid)
	if err != nil {
		t.Fatal(err)
	}
	for _, jacobian := range []string{"full", "rows"} {
		var smc, tmpd, floor float64
		for i := range problems {
			q, err := problem.NewModes(8, 2, 0.1, i)
			if err != nil {
				t.Fatal(err)
			}
			exact := q.Exact(n, 0)
			distance := func(x, w []float64) float64 {
				return diagnose.SlicedWasserstein1(x, w, exact, nil, 8, 200, 1) / problems
			}
			s := sample(t, "twisted-smc", q.Problem, Settings{Samples: n, Seed: 1, Chunk: n, Grid: grid, Values: Values{"particles": n, "jacobian": jacobian}}).Samples
			smc += distance(s.X, diagnose.Weights(s.LogW))
			floor += distance(q.Exact(n, 1), nil)
			tmpd += distance(sample(t, "tmpd", q.Problem, Settings{Samples: n, Seed: 1, Chunk: n, Grid: grid, Bridge: em}).Samples.X, nil)
			if e := (s.LogEvidence - q.LogEvidence) / s.EvidenceStd; !(math.Abs(e) <= 4.9) {
				t.Errorf("%s, problem %d: log evidence %.4f ± %.4f, closed form %.4f", jacobian, i, s.LogEvidence, s.EvidenceStd, q.LogEvidence)
			}
			if !(s.ESSFinal >= n/4) {
				t.Errorf("%s, problem %d: final ESS %.0f of %d", jacobian, i, s.ESSFinal, n)
			}
		}
		t.Logf("%s: sliced W₁ of twisted SMC %.3f, of TMPD %.3f, of two exact sets %.3f", jacobian, smc, tmpd, floor)
		if !(smc < tmpd) {
			t.Errorf("%s: sliced W₁ %.3f, TMPD has %.3f", jacobian, smc, tmpd)
		}
	}
}

// A thousand particles in 80 columns with 4 measured values: the time of a step of
// twisted SMC, of one of TMPD, and of one without guidance, which no method is below.
func BenchmarkModes(b *testing.B) {
	grid, err := diffusion.Uniform(diffusion.VP{Min: 0.1, Max: 25}, 40)
	if err != nil {
		b.Fatal(err)
	}
	q, err := problem.NewModes(80, 4, 0.1, 0)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		var took [3]time.Duration
		for i, name := range []string{"none", "tmpd", "twisted-smc"} {
			p := q.Problem
			if name == "none" {
				p = &problem.Problem{Prior: p.Prior}
			}
			m, err := Find(name)
			if err != nil {
				b.Fatal(err)
			}
			took[i], _ = walkingTime(b, name, p, Settings{Samples: 1000, Grid: grid, Workers: 1, Bridge: sampler.DDIM{Grid: grid, Eta: 1}, Values: own(m, Values{"particles": 1000})})
		}
		ms := func(d time.Duration) float64 { return d.Seconds() * 1000 }
		b.ReportMetric(ms(took[0]), "ms-unguided")
		b.ReportMetric(ms(took[1]), "ms-tmpd")
		b.ReportMetric(ms(took[2]), "ms-twisted-smc")
		b.ReportMetric(float64(took[2])/float64(took[0]), "unguided-steps")
	}
}
