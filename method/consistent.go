package method

import (
	"abide/internal/engine"
	"abide/inverse"
	"abide/problem"
	"abide/sampler"
)

// consistentRows put the measurement into a step of their own: by a pseudo-inverse,
// a proximal step or a replacement.
var consistentRows = []Method{ddimPigdm}

var ddimPigdm = Method{
	Name:       "ddim-pigdm",
	Summary:    "pseudo-inverse guidance as published, added to a DDIM step",
	Guide:      "ΠGDM, state form",
	Bridge:     "DDIM with guidance",
	Corrector:  "projection at the end",
	Exact:      fewStep,
	Needs:      needsLinear,
	Calls:      "1 denoiser call and 1 vector–Jacobian product",
	References: []string{"song2023pigdm"},
	Parameters: []Parameter{dataVariance, eta},
	new: func(e *engine.Engine, p *problem.Problem, s Settings) (sampler.Kernel, error) {
		y, err := p.MeasuredLinearly("ddim-pigdm")
		if err != nil {
			return nil, err
		}
		return owning(e, p, s, y, func(m *inverse.Model) (sampler.Bridge, error) {
			return inverse.NewDDIMPiGDM(m, s.Grid, s.Float("eta"), s.Float("data_variance")), nil
		})
	},
}
