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
		if len(p.Constraints) == 0 {
			return nil, &problem.UnsupportedError{Method: "project", Needs: "a constraint", Has: "none", Try: "use method none, or twisted-smc for potentials"}
		}
		k := independent(p, s)
		k.Each = true
		return k.Bind(e), projected(k, p)
	},
}

// projected adds the projection onto all rows of p to a kernel.
func projected(k *sampler.Independent, p *problem.Problem) error {
	proj, err := constraint.NewProjector(p.Constraints, p.Prior.Coordinates.Scale)
	if err != nil {
		return err
	}
	k.Correct = &correct.Projection{Coordinates: p.Prior.Coordinates, Projector: proj}
	return nil
}
