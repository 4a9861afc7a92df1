package particle

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"abide/diagnose"
	"abide/problem"
)

// The standard error of the log evidence must be honest: over many seeds the
// errors, in units of it, have mean 0 and a standard deviation of about 1. The
// truth is quasi-Monte Carlo. One run has resampling (threshold 0.9 on few
// particles), so the genealogy takes part.
func TestEvidenceStandardErrorIsHonest(t *testing.T) {
	const runs, n = 60, 400
	cov := []float64{1, 0.6, 0.6, 1}
	pr := gaussianPrior(t, []float64{0, 0}, mat.NewSymDense(2, cov))
	normals, bounds := [][]float64{{1, 0.3}, {-1, 0.5}, {0.2, -1}}, []float64{-0.2, 0.9, 1.1}
	wedge, err := problem.Truncated(pr, normals, bounds)
	if err != nil {
		t.Fatal(err)
	}
	var flat []float64
	for _, v := range normals {
		flat = append(flat, v...)
	}
	p, se := diagnose.GaussianOrthant([]float64{0, 0}, cov, flat, bounds, 3, 100_000, 1)
	if se > 1e-4*p {
		t.Fatalf("truth %g ± %g is too rough", p, se)
	}
	var sum, sum2 float64
	resampled := 0
	for seed := range runs {
		k, err := New(openGo(t), wedge.Problem, karras(t, 16, 0.002, 80), Settings{Samples: n, Particles: n, Threshold: 0.9, Seed: uint64(seed), Defensive: 0.1})
		if err != nil {
			t.Fatal(err)
		}
		s, out := walk(t, k)
		z := (out.LogEvidence - math.Log(p)) / out.EvidenceStd
		sum += z / runs
		sum2 += z * z / runs
		resampled += s.Resampled
	}
	t.Logf("P(C) = %.4f; errors in standard errors: mean %.2f, root mean square %.2f; %d resamplings in %d runs", p, sum, math.Sqrt(sum2), resampled, runs)
	if resampled == 0 {
		t.Error("no run resampled: the test does not reach the genealogy")
	}
	// 4.9σ bands of the mean of 60 standard normals and of their mean square
	// (variance 2/60); systematic resampling may make the error smaller than the
	// estimate says, never larger.
	if math.Abs(sum) > 4.9/math.Sqrt(runs) {
		t.Errorf("mean error is %.2f standard errors: the evidence is biased", sum)
	}
	if sum2 > 1+4.9*math.Sqrt(2./runs) || sum2 < 0.2 {
		t.Errorf("mean square error is %.2f squared standard errors: the standard error is not honest", sum2)
	}
}
