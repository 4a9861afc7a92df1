package method

import (
	"slices"

	"abide/internal/engine"
	"abide/inverse"
	"abide/physics"
	"abide/problem"
	"abide/sampler"
)

// controlRows act on the predicted end of a flow: a proximal step on it, or a control of
// the point that moves it.
var controlRows = []Method{proFlow, tocFlow, hardFlow}

var proFlow = Method{
	Name:       "proflow",
	Summary:    "takes the clean estimate to the most probable point near it under softened laws and linear measurements together, then goes back to the flow",
	Corrector:  "proximal step, projection at the end",
	Bridge:     "renoise",
	Exact:      biasedRoute + "each level takes a mode for a draw; its weights of estimate, laws and data are this program's",
	Needs:      needsProjection,
	Calls:      "1 denoiser call",
	References: []string{"yu2026"},
	Parameters: []Parameter{
		{Name: "width", Default: 0.01, Max: largest, MinOpen: true, Doc: "standard deviation τ of the softened laws, in units of their rows"},
		spreadVariance,
		{Name: "reference", Default: "before", Allowed: sampler.References, Doc: "the noise that is put on again: implied before the step or after it, or that of the start"},
		{Name: "rho", Default: 1.0, Max: 1, Doc: "its share ρ in z′ = a′x̃ + b′(ρe + √(1−ρ²)ξ)"},
		{Name: "newton", Default: 5, Min: 1, Max: 1e4, Doc: "Gauss–Newton steps where a law is not linear"},
		{Name: "cg", Default: 100, Min: 1, Max: 1e6, Doc: "products with a law's Jacobian for each of them, at most"},
	},
	new: func(e *engine.Engine, p *problem.Problem, s Settings) (sampler.Kernel, error) {
		laws, err := residuals("proflow", p)
		if err != nil {
			return nil, err
		}
		b := inverse.ProFlow{
			Renoise: sampler.Renoise{Grid: s.Grid, Rho: s.Float("rho"), Reference: sampler.Reference(slices.Index(sampler.References, s.Text("reference")))},
			Laws:    laws, Width: s.Float("width"), DataVariance: s.Float("data_variance"), Newton: s.Int("newton"), Iterations: s.Int("cg"),
		}
		if !slices.ContainsFunc(p.Rows(), kinked) {
			b.Newton = 1
		}
		if len(p.Potentials) > 0 {
			y, err := p.MeasuredLinearly("proflow")
			if err != nil {
				return nil, err
			}
			if b.Spectrum, err = inverse.NewSpectrum(y); err != nil {
				return nil, err
			}
		}
		return owning(e, p, s, nil, func(*inverse.Model) (sampler.Bridge, error) { return b, b.Check() })
	},
}

// kinked tells whether a law is not linear, or has inequalities, of which each step sees
// those that are broken.
func kinked(law physics.Constraint) bool {
	return !physics.LinearRows(law) || slices.ContainsFunc(law.Rows(), func(r physics.Row) bool { return r.Upper })
}

// damping is the parameter of rows that control the point.
func damping(value float64) Parameter {
	return Parameter{Name: "damping", Default: value, Max: largest, MinOpen: true, Doc: "cost κ of control over the whole way, mean of squares over columns, against the residuals' in units of their rows; large: no control, small: the laws at any price"}
}

// controlled is the constructor of a row that lays a control before any sampler's step.
func controlled(name string, iterations, rounds func(Settings) int) func(*engine.Engine, *problem.Problem, Settings) (sampler.Kernel, error) {
	return func(e *engine.Engine, p *problem.Problem, s Settings) (sampler.Kernel, error) {
		laws, err := residuals(name, p)
		if err != nil {
			return nil, err
		}
		if s.Grid.Chain {
			return nil, &problem.UnsupportedError{Method: name, Needs: "a sampler that goes from noise to data", Has: "a chain at one noise level", Try: "use sampler ddim, ddpm or heun"}
		}
		return owning(e, p, s, nil, func(m *inverse.Model) (sampler.Bridge, error) {
			return inverse.NewTerminal(m, s.Grid, s.Bridge, laws, s.Float("damping"), iterations(s), rounds(s)), nil
		})
	}
}

const biasedControl = "feasible, but the law is wrong however many steps are taken: the mean is controlled where the law given z would have to be; potentials are not looked at"

var tocFlow = Method{
	Name:       "tocflow",
	Summary:    "before each step, pushes the point down the gradient, through the denoiser, of the residuals of its predicted end, as far as the line's minimum with a cost of control",
	Guide:      "scalar-damped terminal control",
	Bridge:     "any",
	Corrector:  "projection at the end",
	Exact:      biasedControl,
	Needs:      needsProjection,
	Calls:      samplerCalls + "; 3 more denoiser calls and 3 vector–Jacobian products a step",
	References: []string{"gao2026"},
	Parameters: []Parameter{damping(0.01)},
	new:        controlled("tocflow", func(Settings) int { return 1 }, func(Settings) int { return 1 }),
}

var hardFlow = Method{
	Name:       "hardflow",
	Summary:    "before each step, pushes the point by the smallest control that brings its predicted end, through the denoiser, to the laws, of which the first move is made",
	Guide:      "predictive terminal control",
	Bridge:     "any",
	Corrector:  "projection at the end",
	Exact:      biasedControl,
	Needs:      needsProjection,
	Calls:      samplerCalls + "; for each round 1 more denoiser call, and for each product 2 and 3 vector–Jacobian products",
	References: []string{"li2025hardflow", "hestenes1952"},
	Parameters: []Parameter{
		damping(0.01),
		{Name: "cg", Default: 10, Min: 1, Max: 1e6, Doc: "products with the Jacobian of laws and denoiser for each plan, at most"},
		{Name: "rounds", Default: 1, Min: 1, Max: 1e4, Doc: "linearisations of laws and denoiser for each plan"},
	},
	new: controlled("hardflow", func(s Settings) int { return s.Int("cg") }, func(s Settings) int { return s.Int("rounds") }),
}
