package method

import (
	"abide/guide"
	"abide/internal/engine"
	"abide/inverse"
	"abide/potential"
	"abide/problem"
	"abide/sampler"
)

const (
	needsMeasurement = "a measurement with Gaussian noise"
	needsLinear      = "a linear measurement with Gaussian noise"
	fewStep          = "few-step heuristic: does not converge to the posterior as steps grow"
)

// dataVariance is the parameter of pseudo-inverse guidance.
var dataVariance = Parameter{Name: "data_variance", Default: 1.0, Max: largest, MinOpen: true, Doc: "variance of the data that r² assumes, as a share of each column's variance"}

// guidedBy is the kernel of a row whose guide any sampler can take; constraints are
// projected onto at the end. vjps is the guide's cost at each use.
func guidedBy(e *engine.Engine, p *problem.Problem, s Settings, g guide.Guide, vjps int) (sampler.Kernel, error) {
	k := independent(p, s)
	k.Guide, k.VJPs = g, vjps
	k.Bind(e)
	if p.Constrained() {
		return k, projected(k, p)
	}
	return k, nil
}

// owning is the kernel of a row with transitions of its own.
func owning(e *engine.Engine, p *problem.Problem, s Settings, y *potential.Measurement, step func(*inverse.Model) (sampler.Bridge, error)) (sampler.Kernel, error) {
	b, err := step(inverse.NewModel(e, p.Prior, y))
	if err != nil {
		return nil, err
	}
	s.Bridge = b
	return guidedBy(e, p, s, nil, 0)
}

// eta is the parameter of steps of DDIM.
var eta = Parameter{Name: "eta", Default: 1.0, Max: 1, Doc: "noise of a step: 0 is deterministic, 1 that of ddpm"}
