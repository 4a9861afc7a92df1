package method

import (
	"math"

	"abide/internal/engine"
	"abide/particle"
	"abide/problem"
	"abide/sampler"
)

var twistedSMC = Method{
	Name:       "twisted-smc",
	Summary:    "a weighted population that looks ahead with Tweedie's covariance: the law itself, with ESS and evidence",
	Guide:      "Gaussian twist",
	Corrector:  "projection of equations at the end",
	Bridge:     "Tweedie or ddpm kernel",
	Population: "twisted SMC",
	Exact:      "exact for the prior's kernels as the population grows",
	Needs:      "at most 256 columns",
	Calls:      "1 denoiser call and d vector–Jacobian products",
	References: []string{"wu2023", "chopin2020", "efron2011"},
	Weighted:   true,
	New: func(e *engine.Engine, p *problem.Problem, s Settings) (sampler.Kernel, error) {
		return particle.New(e, p, s.Grid, particle.Settings{
			Samples: s.Samples, Particles: s.Particles, Threshold: s.Threshold, Defensive: s.Defensive,
			DDPM: s.DDPM, KeepCopies: s.KeepCopies, Seed: s.Seed, Chunk: s.Chunk, Workers: s.Workers,
		})
	},
}

// sqrtOr1 is √v, or 1 where v is zero or not finite.
func sqrtOr1(v float64) float64 {
	if v > 0 && !math.IsInf(v, 0) {
		return math.Sqrt(v)
	}
	return 1
}
