package method

import (
	"slices"

	"abide/correct"
	"abide/internal/engine"
	"abide/physics"
	"abide/problem"
	"abide/sampler"
)

// routeRows correct the clean estimate, or the noisy point, at every level and differ in
// the way from there to the next: whose noise is put on again, how much of it, how often.
var routeRows = []Method{eci, pcfm, ppr, pdm}

const (
	needsProjection = "at least one constraint"
	routeCorrector  = "projection"
	biasedRoute     = "feasible, but the law is wrong however many steps are taken: "
)

// routed is the constructor of a row that owns its transitions through a corrector.
func routed(name string, bridge func(s Settings, b sampler.Renoise) sampler.Renoise) func(*engine.Engine, *problem.Problem, Settings) (sampler.Kernel, error) {
	return func(e *engine.Engine, p *problem.Problem, s Settings) (sampler.Kernel, error) {
		k, err := correcting(name, p, s)
		if err != nil {
			return nil, err
		}
		b := bridge(s, sampler.Renoise{Grid: s.Grid, Correct: k.Correct})
		k.Bridge = b
		return k.Bind(e), b.Check()
	}
}

// correcting is a kernel with a corrector, whose bridge is still to come.
func correcting(name string, p *problem.Problem, s Settings) (*sampler.Independent, error) {
	if !p.Constrained() {
		return nil, &problem.UnsupportedError{Method: name, Needs: "a constraint", Has: "none", Try: "use method none, or twisted-smc for potentials"}
	}
	k := independent(p, s)
	return k, projected(k, p)
}

var eci = Method{
	Name:       "eci",
	Summary:    "extrapolates to the data, corrects, and interpolates back to the noise of the start, several rounds at each level",
	Corrector:  routeCorrector,
	Bridge:     "extrapolation, correction, interpolation",
	Exact:      biasedRoute + "frozen noise keeps the start's choice, and what the projection leaves free does not follow it; potentials are not looked at",
	Needs:      needsProjection,
	Calls:      "mixing denoiser calls and projections",
	References: []string{"cheng2025"},
	Parameters: []Parameter{
		{Name: "mixing", Default: 1, Min: 1, Max: 1e4, Doc: "rounds of extrapolation, correction and interpolation at each level"},
		{Name: "resample", Default: 0, Max: 1e9, Doc: "the noise is drawn anew every so many rounds; 0: never"},
	},
	new: routed("eci", func(s Settings, b sampler.Renoise) sampler.Renoise {
		b.Reference, b.Rho, b.Rounds, b.Redraw = sampler.Frozen, 1, s.Int("mixing")-1, s.Int("resample")
		return b
	}),
}

var pcfm = Method{
	Name:       "pcfm",
	Summary:    "projects the end of the flow onto the constraints, by Gauss–Newton steps where they are not linear, goes back along the line to the noise of the start, and takes some steps down the residuals of the end from there",
	Corrector:  routeCorrector,
	Bridge:     "line to the start's noise, penalty",
	Exact:      biasedRoute + "frozen noise keeps the start's choice, and what the projection leaves free does not follow it; potentials are not looked at",
	Needs:      needsProjection,
	Calls:      "1 denoiser call and projection",
	References: []string{"utkarsh2025"},
	Parameters: []Parameter{
		{Name: "mode", Default: "root", Allowed: []string{"root", "nearest"}, Doc: "steps of Gauss and Newton towards constraints that are not linear: from where the last one led, or from the estimate to the nearest point"},
		{Name: "iterations", Default: 1, Max: 1e4, Doc: "of them at each level; 0: all the way. Linear constraints are projected onto, and so is the end"},
		{Name: "penalty", Default: 1.0, Max: largest, Doc: "weight λ of the squared residuals of the end, in units of their rows, against the distance to the line; 0: no penalty"},
		{Name: "penalty_steps", Default: 10, Max: 1e6, Doc: "steps of gradient descent on both"},
		{Name: "penalty_size", Default: 0.01, Max: 1, MinOpen: true, Doc: "their length, at most that to the minimum along the gradient"},
	},
	new: func(e *engine.Engine, p *problem.Problem, s Settings) (sampler.Kernel, error) {
		k, err := correcting("pcfm", p, s)
		if err != nil {
			return nil, err
		}
		rows := p.Rows()
		if n := s.Int("iterations"); n > 0 && slices.ContainsFunc(rows, func(law physics.Constraint) bool { return !physics.LinearRows(law) }) {
			c := p.Prior.Coordinates
			if k.Correct, err = correct.NewStep(c, problem.Metric(c), k.Correct, s.Text("mode") == "root", n, rows...); err != nil {
				return nil, err
			}
		}
		b := sampler.PCFM{
			Renoise: sampler.Renoise{Grid: s.Grid, Correct: k.Correct, Reference: sampler.Frozen, Rho: 1},
			Weight:  s.Float("penalty"), Steps: s.Int("penalty_steps"), Size: s.Float("penalty_size"),
		}
		if b.Laws, err = residuals("pcfm", p); err != nil {
			return nil, err
		}
		k.Bridge = b
		return k.Bind(e), b.Check()
	},
}

var ppr = Method{
	Name:       "ppr",
	Summary:    "predicts, projects and puts new noise on, several rounds at each level, then goes on with a chosen share of the old noise; projects the clean estimate itself, not through the denoiser",
	Corrector:  routeCorrector,
	Bridge:     "predict, project, renoise",
	Exact:      biasedRoute + "the mean is projected where a draw would have to be, so that rounds with new noise shift even the unconstrained law; with rounds = 0 and rho = 1, or ddpm, that is kept; potentials are not looked at",
	Needs:      needsProjection,
	Calls:      "rounds + 1 denoiser calls and projections",
	References: []string{"rochman2026"},
	Parameters: []Parameter{
		{Name: "rounds", Default: 1, Max: 1e4, Doc: "corrections with new noise at each level before going on"},
		{Name: "rho", Default: 0.0, Max: 1, Doc: "share ρ of the old noise in z′ = a′x̃ + b′(ρe + √(1−ρ²)ξ)"},
		{Name: "ddpm", Default: false, Doc: "ρ of the DDPM kernel instead, (a b′)/(a′ b)"},
		{Name: "reference", Default: "before", Allowed: sampler.References, Doc: "the old noise e: implied before the correction, or after it, or frozen at the start"},
	},
	new: routed("ppr", func(s Settings, b sampler.Renoise) sampler.Renoise {
		b.Reference = sampler.Reference(slices.Index(sampler.References, s.Text("reference")))
		b.Rho, b.DDPM, b.Rounds, b.Fresh = s.Float("rho"), s.Bool("ddpm"), s.Int("rounds"), true
		return b
	}),
}

var pdm = Method{
	Name:       "pdm",
	Summary:    "annealed Langevin dynamics with the noisy point projected after every step",
	Corrector:  routeCorrector,
	Bridge:     "projected Langevin",
	Exact:      biasedRoute + "points that are noisy everywhere but where they are projected are none that the denoiser knows, and Langevin steps of this size are too wide; potentials are not looked at",
	Needs:      needsProjection,
	Calls:      "langevin_steps denoiser calls and projections",
	References: []string{"christopher2024", "song2019"},
	Parameters: []Parameter{
		{Name: "langevin_steps", Default: 25, Min: 1, Max: 1e4, Doc: "Langevin steps at each level; published with 10 levels"},
		{Name: "ratio", Default: 0.6, Max: 2, MinOpen: true, MaxOpen: true, Doc: "size of a step in units of σ²; published as ε/σ_min² = 1.5e-5/0.005²"},
	},
	new: func(e *engine.Engine, p *problem.Problem, s Settings) (sampler.Kernel, error) {
		k, err := correcting("pdm", p, s)
		if err != nil {
			return nil, err
		}
		k.Bridge = sampler.ProjectedLangevin{Grid: s.Grid, Correct: k.Correct, Steps: s.Int("langevin_steps"), Ratio: s.Float("ratio")}
		return k.Bind(e), nil
	},
}
