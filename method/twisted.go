package method

import (
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
	Needs:      "at most 128 columns",
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
