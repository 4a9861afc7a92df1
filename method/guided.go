package method

import (
	"abide/guide"
	"abide/internal/engine"
	"abide/problem"
	"abide/sampler"
)

var guided = Method{
	Name:       "guided",
	Summary:    "leans the clean estimate by the gradient, through the denoiser, of potentials and broken rows, with a constant weight; projects at the end",
	Guide:      "plug-in gradient",
	Bridge:     "any",
	Corrector:  "projection at the end",
	Exact:      "biased for every weight: too far towards the data and too narrow; compare with twisted-smc before trusting a spread",
	Needs:      "a constraint or a potential",
	Calls:      samplerCalls + "; 1 vector–Jacobian product each",
	References: []string{"chung2023"},
	Parameters: []Parameter{
		{Name: "weight", Default: 1.0, Max: largest, Doc: "strength of the pull"},
	},
	new: func(e *engine.Engine, p *problem.Problem, s Settings) (sampler.Kernel, error) {
		if len(p.Constraints)+len(p.Potentials) == 0 {
			return nil, &problem.UnsupportedError{Method: "guided", Needs: "a constraint or a potential", Has: "neither", Try: "use method none"}
		}
		if err := p.Graphs("guided"); err != nil {
			return nil, err
		}
		k := independent(p, s)
		k.VJPs = 1
		k.Guide = guide.PlugIn{Weight: s.Float("weight"), Energy: guide.Sum(p.Prior.Coordinates, p.Constraints, p.Potentials)}
		if !p.Constrained() {
			return k.Bind(e), nil
		}
		return k.Bind(e), projected(k, p)
	},
}
