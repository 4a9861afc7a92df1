package method

import (
	"context"
	"fmt"

	"abide/internal/engine"
	"abide/inverse"
	"abide/problem"
	"abide/sampler"
)

// hostRows take measurements through solvers on the host, which have no graph, and those
// that have one by their host form.
var hostRows = []Method{hostGuided, newtonGibbs}

var hostGuided = Method{
	Name:       "host-guided",
	Summary:    "leans the clean estimate towards data seen through a solver on the host, by its adjoint pulled back through the denoiser, with a step of Tweedie's covariance",
	Guide:      "Tweedie covariance along the residual",
	Bridge:     "any",
	Corrector:  "projection at the end",
	Exact:      "exact for one value seen linearly of a Gaussian prior as steps grow; with more the samples fit but are no draws of the posterior: newton-gibbs is, for Gaussian priors",
	Needs:      "a measurement with Gaussian noise, on the host or not",
	Calls:      "2 denoiser calls, 1 vector–Jacobian product, 1 run of the solver and of its adjoint; with samplers of several calls as many times",
	References: []string{"boys2024", "efron2011"},
	Parameters: []Parameter{scale("ζ, the share of the step towards the data", 1)},
	new: func(e *engine.Engine, p *problem.Problem, s Settings) (sampler.Kernel, error) {
		y, err := p.Hosted("host-guided")
		if err != nil {
			return nil, err
		}
		return owning(e, p, s, nil, func(m *inverse.Model) (sampler.Bridge, error) {
			return inverse.NewHostGuided(m, y, s.Bridge, s.Float("scale")), nil
		})
	},
}

var newtonGibbs = Method{
	Name:       "newton-gibbs",
	Summary:    "draws a point given its noisy copy and data seen through a solver, by a proposal from the tangent that is taken or refused, and noises it anew, level by level",
	Bridge:     "Gibbs sampling of point and noisy point",
	Corrector:  "projection at the end",
	Exact:      "exact for linear operators; else a Markov chain that keeps the posterior, as levels and proposals grow; constraints are projected onto and not in the law",
	Needs:      "a Gaussian prior and a measurement with Gaussian noise, on the host or not",
	Calls:      "1 + proposals denoiser calls; runs of the solver: proposals and at most newton + 1",
	References: []string{"zhang2025daps", "bardsley2014", "efron2011"},
	Parameters: []Parameter{
		{Name: "proposals", Default: 3, Min: 1, Max: 1e6, Doc: "proposals at each level"},
		{Name: "tangent", Default: "local", Allowed: []string{"local", "mode"}, Doc: "derivative of the solver that proposals are made from: at each point's own place, m adjoint solutions a point and level; or the one at the posterior's mode, which is cheaper and refused more often"},
		{Name: "newton", Default: 3, Max: 1e3, Doc: "steps of Gauss and Newton, at most, to the point about which the solver is taken as linear"},
	},
	new: func(e *engine.Engine, p *problem.Problem, s Settings) (sampler.Kernel, error) {
		y, err := p.Hosted("newton-gibbs")
		if err != nil {
			return nil, err
		}
		if !p.Prior.Gaussian() {
			return nil, &problem.UnsupportedError{Method: "newton-gibbs", Needs: "a Gaussian prior", Has: "kind " + p.Prior.Kind, Try: "use method host-guided; or daps, dps or twisted-smc where the operator has a graph"}
		}
		var k sampler.Kernel
		var b *inverse.NewtonGibbs
		k, err = owning(e, p, s, nil, func(m *inverse.Model) (sampler.Bridge, error) {
			b, err = inverse.NewNewtonGibbs(m, y, s.Grid, s.Int("proposals"), s.Int("newton"), s.Text("tangent") == "local")
			return b, err
		})
		if err != nil {
			return nil, err
		}
		return accepting{k.(*sampler.Independent), s.Int("proposals")}, nil
	},
}

// accepting says how many proposals were taken.
type accepting struct {
	*sampler.Independent
	proposals int
}

// lowAcceptance is the share of proposals below which points hardly moved.
const lowAcceptance = 0.1

// Finish is the kernel's, with a note.
func (k accepting) Finish(ctx context.Context, s *sampler.State) (*sampler.Samples, error) {
	out, err := k.Independent.Finish(ctx, s)
	if err != nil || s.Step == 0 {
		return out, err
	}
	m, taken := s.Dim+2, 0.0
	for i := range s.N {
		taken += s.Memory[i*m+s.Dim+1]
	}
	share := taken / float64(s.N*s.Step*k.proposals)
	out.Notes = append(out.Notes, fmt.Sprintf("%.0f %% of the proposals were taken", 100*share))
	if share < lowAcceptance {
		out.Warnings = append(out.Warnings, fmt.Sprintf("only %.1f %% of the proposals were taken: points may not have reached the posterior; take more levels at small σ, or more noise", 100*share))
	}
	return out, nil
}
