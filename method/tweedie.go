package method

import (
	"abide/internal/engine"
	"abide/inverse"
	"abide/problem"
	"abide/sampler"
)

// tweedieRows project in the metric of what the prior leaves open.
var tweedieRows = []Method{tweedieProjection}

var tweedieProjection = Method{
	Name:       "tweedie-projection",
	Summary:    "moves the clean estimate onto equations in the metric of Tweedie's covariance, so that what is tied to them follows; projects at the end",
	Guide:      "conditional mean by Tweedie's covariance",
	Bridge:     "any",
	Corrector:  "projection at the end",
	Exact:      "exact for Gaussian priors and linear equations as steps grow, with enough iterations; near it where the data given a noisy point are nearly Gaussian; inequalities are pushed to their edge, and potentials are not looked at",
	Needs:      needsProjection,
	Calls:      samplerCalls + "; up to iterations denoiser calls and vector–Jacobian products more each",
	References: []string{"boys2024", "rozet2024", "eisenstat1983"},
	Parameters: []Parameter{
		{Name: "iterations", Default: 10, Min: 1, Max: 1024, Doc: "of the solver at most, at every point and step: as many as the data given a noisy point have directions that the rows see"},
	},
	new: func(e *engine.Engine, p *problem.Problem, s Settings) (sampler.Kernel, error) {
		k, err := correcting("tweedie-projection", p, s)
		if err != nil {
			return nil, err
		}
		r, err := residuals("tweedie-projection", p)
		if err != nil {
			return nil, err
		}
		k.Bridge = inverse.NewTweedieProjection(inverse.NewModel(e, p.Prior, nil), s.Grid, s.Bridge, r, s.Int("iterations"))
		return k.Bind(e), nil
	},
}
