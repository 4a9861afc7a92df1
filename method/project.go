package method

import (
	"abide/constraint"
	"abide/correct"
	"abide/internal/engine"
	"abide/problem"
	"abide/sampler"
)

var project = Method{
	Name:       "project",
	Summary:    "projects the clean estimate onto the constraints at every step and at the end",
	Corrector:  "projection",
	Bridge:     "any",
	Exact:      "feasible, but the law is wrong: the mass outside ends on the boundary, and columns tied to the projected one do not follow it; potentials are not looked at",
	Needs:      "at least one constraint",
	Calls:      samplerCalls + "; 1 projection each",
	References: []string{"christopher2024"},
	new: func(e *engine.Engine, p *problem.Problem, s Settings) (sampler.Kernel, error) {
		if !p.Constrained() {
			return nil, &problem.UnsupportedError{Method: "project", Needs: "a constraint", Has: "none", Try: "use method none, or twisted-smc for potentials"}
		}
		k := independent(p, s)
		k.Each = true
		return k.Bind(e), projected(k, p)
	},
}

// projected adds the projection onto all rows and laws of p to a kernel.
func projected(k *sampler.Independent, p *problem.Problem) (err error) {
	k.Correct, err = corrector(p)
	if f, ok := k.Correct.(*correct.Field); ok && !f.Nearest() {
		k.Note = "the law projects in a metric of its own: points move to the nearest field in that, not in standard deviations of the columns"
	}
	return err
}

// corrector is the projection onto all rows or laws of a problem.
func corrector(p *problem.Problem) (correct.Corrector, error) {
	if p.Law != nil {
		return correct.NewField(p.Prior.Coordinates, p.Law)
	}
	proj, err := constraint.NewProjector(p.Constraints, p.Prior.Coordinates.Scale)
	if err != nil {
		return nil, err
	}
	return correct.Projection{Coordinates: p.Prior.Coordinates, Projector: proj}, nil
}

// residuals are all rows and laws of a problem in sampler coordinates, for rows of the
// table that take products with their Jacobian besides the projection at the end.
func residuals(name string, p *problem.Problem) (*correct.Residuals, error) {
	if !p.Constrained() {
		return nil, unconstrained(name)
	}
	return correct.NewResiduals(p.Prior.Coordinates, p.Rows()...)
}
