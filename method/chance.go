package method

import (
	"abide/constraint"
	"abide/internal/engine"
	"abide/problem"
	"abide/sampler"
)

// chanceRows keep noisy points where their data may obey: with a probability over the
// noise, or by a copy of each point that does.
var chanceRows = []Method{ccfm, casal}

var ccfm = Method{
	Name:       "ccfm",
	Summary:    "after each step moves the noisy point to where each row holds with a probability over the noise, which grows towards the data",
	Corrector:  "projection under chance constraints; projection at the end",
	Bridge:     "any",
	Exact:      biasedRoute + "what the rows cut off ends on their boundary, at every level and at the end, more of it the higher the confidence; potentials are not looked at",
	Needs:      "at least one constraint, all rows linear or a ball",
	Calls:      samplerCalls + "; 1 projection a step",
	References: []string{"liang2025"},
	Parameters: []Parameter{
		{Name: "confidence", Default: 0.95, Max: 1, MinOpen: true, MaxOpen: true, Doc: "probability that a row holds, at the data; where no point obeys all rows with it, what nine tenths of the largest margin give"},
		{Name: "power", Default: 1.0, Max: 100, Doc: "it is confidence times this power of the flow's time 1/(1 + σ); 0: the same at all levels"},
	},
	new: func(e *engine.Engine, p *problem.Problem, s Settings) (sampler.Kernel, error) {
		if p.Law != nil {
			return nil, &problem.UnsupportedError{Method: "ccfm", Needs: "rows of columns", Has: p.Law.Rows()[0].Name + ", a law of fields", Try: "use method project, eci or casal"}
		}
		for _, c := range p.Constraints {
			if _, ok := constraint.Moved(c, p.Prior.Coordinates.Scale, 0); !ok {
				return nil, &problem.UnsupportedError{Method: "ccfm", Needs: "linear rows or a ball", Has: "another in " + c.Name(), Try: "use method project, casal or twisted-smc"}
			}
		}
		k, err := correcting("ccfm", p, s)
		if err != nil {
			return nil, err
		}
		k.Bridge, err = sampler.NewChanceConstrained(s.Bridge, s.Grid, p.Prior.Coordinates, p.Constraints, s.Float("confidence"), s.Float("power"))
		return k.Bind(e), err
	},
}

var casal = Method{
	Name:       "casal",
	Summary:    "annealed Langevin dynamics of a point that explores, pulled by a penalty and a dual to a copy of it that obeys, which is what is returned",
	Corrector:  routeCorrector,
	Bridge:     "split augmented Lagrangian Langevin",
	Exact:      "for convex sets and dual = 0 exact as ratio falls, penalty, levels and steps at each grow and the last level's noise falls; a dual moves points inside, and 1 to 7 % of them stay on the boundary at practical settings; potentials are not looked at",
	Needs:      needsProjection,
	Calls:      "langevin_steps denoiser calls and projections",
	References: []string{"blanke2026"},
	Parameters: []Parameter{
		{Name: "langevin_steps", Default: 10, Min: 1, Max: 1e4, Doc: "Langevin steps at each level"},
		{Name: "ratio", Default: 0.2, Max: 2, MinOpen: true, MaxOpen: true, Doc: "size of a step in units of σ²; times 1 + penalty it stays below 2"},
		{Name: "penalty", Default: 4.0, Max: 1e4, Doc: "strength of the pull between point and copy, in units of 1/σ²"},
		{Name: "dual", Default: 0.1, Max: 1, Doc: "step of the dual towards equality of their means; 0: a penalty alone"},
	},
	new: func(e *engine.Engine, p *problem.Problem, s Settings) (sampler.Kernel, error) {
		k, err := correcting("casal", p, s)
		if err != nil {
			return nil, err
		}
		b := sampler.SplitLangevin{Grid: s.Grid, Correct: k.Correct, Steps: s.Int("langevin_steps"), Ratio: s.Float("ratio"), Penalty: s.Float("penalty"), Dual: s.Float("dual")}
		k.Bridge = b
		return k.Bind(e), b.Check()
	},
}
