package method

import (
	"abide/internal/engine"
	"abide/problem"
	"abide/sampler"
)

// samplerCalls is what methods cost that leave the transitions to the sampler.
const samplerCalls = "1 denoiser call (heun: 2; ode: 1 to 4; dormand-prince: as its tolerance asks), and 1 per corrector step"

var none = Method{
	Name:       "none",
	Summary:    "samples the prior and ignores constraints and potentials: the baseline",
	Bridge:     "any",
	Exact:      "exact for the prior as steps grow; the constraints are not looked at",
	Calls:      samplerCalls,
	References: []string{"song2021sde"},
	new: func(e *engine.Engine, p *problem.Problem, s Settings) (sampler.Kernel, error) {
		return independent(p, s).Bind(e), nil
	},
}

func independent(p *problem.Problem, s Settings) *sampler.Independent {
	return &sampler.Independent{Prior: p.Prior, Grid: s.Grid, Bridge: s.Bridge, Samples: s.Samples, Seed: s.Seed, Chunk: s.Chunk, Workers: s.Workers, Trajectory: s.Trajectory}
}
