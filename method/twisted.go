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
	Needs:      "at most 128 columns, or only measurements with Gaussian noise, of at most 256 values",
	Calls:      "1 denoiser call and d vector–Jacobian products; for m measured values alone m + 1, above 16 columns and where that is less",
	References: []string{"wu2023", "chopin2020", "efron2011"},
	Weighted:   true,
	Parameters: []Parameter{
		{Name: "particles", Default: 0, Max: 1e9, Doc: "population, at least run.samples; 0: chosen by the method"},
		{Name: "ess_threshold", Default: 0.5, Max: 1, MinOpen: true, Doc: "resample when the effective sample size falls below this share"},
		{Name: "defensive", Default: 0.1, Max: 1, MaxOpen: true, Doc: "share ε of the twist ψ = (1−ε)ψ̃ + εP that looks beyond the Gaussian approximation"},
		{Name: "kernel", Default: "tweedie", Allowed: []string{"tweedie", "ddpm"}, Doc: "variance of the proposal"},
		{Name: "jacobian", Default: "auto", Allowed: []string{"auto", "full", "rows"}, Doc: "of the denoiser: all of it, or the rows that measurements see; auto: rows where there are only measurements, in more than 16 columns and twice their number"},
		{Name: "rejuvenate", Default: true, Doc: "move copies apart after drawing"},
	},
	new: func(e *engine.Engine, p *problem.Problem, s Settings) (sampler.Kernel, error) {
		if err := p.Graphs("twisted-smc"); err != nil {
			return nil, err
		}
		return particle.New(e, p, s.Grid, particle.Settings{
			Samples: s.Samples, Particles: s.Int("particles"), Threshold: s.Float("ess_threshold"), Defensive: s.Float("defensive"),
			DDPM: s.Text("kernel") == "ddpm", KeepCopies: !s.Bool("rejuvenate"), Jacobian: s.Text("jacobian"), Seed: s.Seed, Chunk: s.Chunk, Workers: s.Workers,
		})
	},
}
