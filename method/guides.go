package method

import (
	"abide/guide"
	"abide/internal/engine"
	"abide/problem"
	"abide/sampler"
)

// guideRows are the guides that any sampler takes.
var guideRows = []Method{tmpd, pigdm}

var tmpd = Method{
	Name:       "tmpd",
	Summary:    "leans the clean estimate to the measurement with Tweedie's covariance, by the rows of the Jacobian that the measurement sees",
	Guide:      "TMPD",
	Bridge:     "any",
	Corrector:  "projection at the end",
	Exact:      "exact for Gaussian priors and linear operators as steps grow; weighs the modes of others wrongly",
	Needs:      needsMeasurement,
	Calls:      samplerCalls + "; m vector–Jacobian products each",
	References: []string{"boys2024"},
	new: func(e *engine.Engine, p *problem.Problem, s Settings) (sampler.Kernel, error) {
		y, err := p.Measured("tmpd")
		if err != nil {
			return nil, err
		}
		return guidedBy(e, p, s, guide.TMPD{Y: y}, len(y.Y))
	},
}

var pigdm = Method{
	Name:       "pigdm",
	Summary:    "leans the clean estimate to the measurement with the covariance r²I of a Gaussian of given variance",
	Guide:      "ΠGDM, score form",
	Bridge:     "any",
	Corrector:  "projection at the end",
	Exact:      "exact for the prior N(μ, s²I) as steps grow; biased for others",
	Needs:      needsLinear,
	Calls:      samplerCalls + "; 1 vector–Jacobian product each",
	References: []string{"song2023pigdm"},
	Parameters: []Parameter{dataVariance},
	new: func(e *engine.Engine, p *problem.Problem, s Settings) (sampler.Kernel, error) {
		y, err := p.MeasuredLinearly("pigdm")
		if err != nil {
			return nil, err
		}
		return guidedBy(e, p, s, guide.PiGDM{Y: y, DataVariance: s.Float("data_variance")}, 1)
	},
}
