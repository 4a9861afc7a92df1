package method

import (
	"context"
	"fmt"

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
	References: []string{"boys2024", "rozet2024", "eisenstat1983", "hutchinson1990"},
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
		return solving{k.Bind(e)}, nil
	},
}

// solving says what the solver left.
type solving struct{ *sampler.Independent }

// muchLeft is the residual, in units of what noise of the prior's spread has, from which
// samples did not follow the rows: on flows without divergence through readings (see
// TestTweedieProjectionOfUnlikeRows) errors grew by a tenth at 0.02, by a third at 0.04,
// fourfold at 0.09 and two-hundredfold at 0.6.
const muchLeft = 0.05

// Finish is the kernel's, with a note.
func (k solving) Finish(ctx context.Context, s *sampler.State) (*sampler.Samples, error) {
	out, err := k.Independent.Finish(ctx, s)
	if err != nil || s.Step == 0 {
		return out, err
	}
	m, left, curved := len(s.Memory)/s.N, 0.0, 0.0
	for i := range s.N {
		left += s.Memory[(i+1)*m-2] / float64(s.N)
		curved += s.Memory[(i+1)*m-1] / float64(s.N*s.Step)
	}
	out.Notes = append(out.Notes, fmt.Sprintf("the solver left %.2g of the rows' residual at its worst level, mean over points; noise of the prior's spread has 1", left))
	if left > muchLeft {
		out.Warnings = append(out.Warnings, fmt.Sprintf("the solver left %.2g of the rows' residual: what is tied to the rows did not follow them; raise method.iterations", left))
	}
	if curved > 0 {
		out.Notes = append(out.Notes, fmt.Sprintf("in %.0f %% of the steps rows see directions of no positive covariance, by the error of a network or by rounding: these were left to the last projection", 100*curved))
	}
	return out, nil
}
