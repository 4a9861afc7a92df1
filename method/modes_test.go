package method

import (
	"math"
	"os"
	"strconv"
	"testing"
	"time"

	"abide/diagnose"
	"abide/diffusion"
	"abide/problem"
)

func TestExperiment(t *testing.T) {
	get := func(k string, def float64) float64 {
		if v, err := strconv.ParseFloat(os.Getenv(k), 64); err == nil {
			return v
		}
		return def
	}
	d, probs, steps := int(get("D", 8)), int(get("P", 5)), int(get("STEPS", 300))
	grid, _ := diffusion.Uniform(diffusion.VP{Min: 0.1, Max: 25}, steps)
	vals := Values{"particles": int(get("N", 1000))}
	if j := os.Getenv("JAC"); j != "" {
		vals["jacobian"] = j
	}
	if j := os.Getenv("KERNEL"); j != "" {
		vals["kernel"] = j
	}
	vals["ess_threshold"] = get("THR", 0.5)
	for _, m := range []int{1, 2, 4} {
		for _, std := range []float64{.01, .1, 1} {
			var sw, floor, z, zz, essmin, essend, sec float64
			essend = 1
			for i := range probs {
				q, err := problem.NewModes(d, m, std, i)
				if err != nil {
					t.Fatal(err)
				}
				begin := time.Now()
				o := sample(t, "twisted-smc", q.Problem, Settings{Samples: 1000, Seed: 1, Grid: grid, Values: vals})
				sec += time.Since(begin).Seconds() / float64(probs)
				x := q.Exact(1000, 0)
				a := diagnose.SlicedWasserstein1(o.Samples.X, diagnose.Weights(o.Samples.LogW), x, nil, d, 500, 1)
				f := diagnose.SlicedWasserstein1(q.Exact(1000, 1), nil, x, nil, d, 500, 1)
				sw += a / float64(probs)
				floor += f / float64(probs)
				e := (o.Samples.LogEvidence - q.LogEvidence) / o.Samples.EvidenceStd
				z += e / float64(probs)
				zz = math.Max(zz, math.Abs(e))
				essmin += o.Samples.ESSMin / 1000 / float64(probs)
				essend = math.Min(essend, o.Samples.ESSFinal/float64(o.Samples.Population))
			}
			t.Logf("d %d m %d std %.2f: sw %.3f floor %.3f ratio %.2f; z mean %.2f max %.2f; ess mean of min %.2f, least final %.2f; %.2f s", d, m, std, sw, floor, sw/floor, z, zz, essmin, essend, sec)
		}
	}
}
