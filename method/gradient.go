package method

import (
	"slices"

	"abide/guide"
	"abide/internal/engine"
	"abide/inverse"
	"abide/operator"
	"abide/potential"
	"abide/problem"
	"abide/sampler"
)

// gradientRows add a gradient to a sampler's step: posterior sampling by DPS and
// its relatives.
var gradientRows = []Method{dps, dpsSquared, psPlus, lgd, tfg, mpgd, stsl, mcg}

const (
	needsAny = "a measurement"
	anyCalls = "the sampler's, 1 vector–Jacobian product"
)

// clip is the parameter of published steps that hold pixels in their range.
var clip = Parameter{Name: "clip", Default: 0.0, Max: largest, Doc: "clean estimates stay within so many standard deviations of each column's mean; 0: no bound"}

func scale(doc string, value float64) Parameter {
	return Parameter{Name: "scale", Default: value, Max: largest, Doc: doc}
}

// form is the parameter of gradients that are added to the state, or to the score.
var form = Parameter{Name: "form", Default: "step", Allowed: []string{"step", "score"}, Doc: "what the gradient is added to: the state after a step, as published, or the score, which any sampler integrates"}

// loss is the parameter of gradients of a misfit.
var loss = Parameter{Name: "loss", Default: "norm", Allowed: []string{"norm", "squared", "energy"}, Doc: "misfit of the clean estimate: norm of the residual, its square, or −log likelihood"}

func draws(n int) Parameter {
	return Parameter{Name: "draws", Default: n, Min: 1, Max: 1e6, Doc: "displaced clean estimates that the misfit is averaged over"}
}

// misfits builds a kernel on the misfit of all measurements, whatever their noise.
func misfits(name string, p *problem.Problem, s Settings, loss guide.Loss, build func(p *problem.Problem, misfit guide.Energy) (sampler.Kernel, error)) (sampler.Kernel, error) {
	ys, err := p.Observed(name)
	if err != nil {
		return nil, err
	}
	return build(clipped(p, s), guide.Misfit(ys, p.Prior.Coordinates.Scale, loss))
}

// clipped is the problem with the denoiser held in the range that clip asks for.
func clipped(p *problem.Problem, s Settings) *problem.Problem {
	limit := s.Float("clip")
	if limit == 0 {
		return p
	}
	pr, out := *p.Prior, *p
	pr.Denoiser = guide.Clipped(pr.Denoiser, limit)
	out.Prior = &pr
	return &out
}

// after is the kernel of a row that adds a gradient to the sampler's step.
func after(name string, loss guide.Loss, step func(m *inverse.Model, s Settings, misfit guide.Energy) sampler.Bridge) func(*engine.Engine, *problem.Problem, Settings) (sampler.Kernel, error) {
	return func(e *engine.Engine, p *problem.Problem, s Settings) (sampler.Kernel, error) {
		return misfits(name, p, s, loss, func(p *problem.Problem, misfit guide.Energy) (sampler.Kernel, error) {
			return owning(e, p, s, nil, func(m *inverse.Model) (sampler.Bridge, error) { return step(m, s, misfit), nil })
		})
	}
}

// descent is the kernel of DPS in both forms.
func descent(name string, loss guide.Loss) func(*engine.Engine, *problem.Problem, Settings) (sampler.Kernel, error) {
	step := after(name, loss, func(m *inverse.Model, s Settings, misfit guide.Energy) sampler.Bridge {
		return inverse.NewDPS(m, s.Grid, s.Bridge, misfit, s.Float("scale"))
	})
	return func(e *engine.Engine, p *problem.Problem, s Settings) (sampler.Kernel, error) {
		if s.Text("form") == "step" {
			return step(e, p, s)
		}
		return misfits(name, p, s, loss, func(p *problem.Problem, misfit guide.Energy) (sampler.Kernel, error) {
			return guidedBy(e, p, s, guide.DPS{Misfit: misfit, Scale: s.Float("scale")}, 1)
		})
	}
}

var dps = Method{
	Name:       "dps",
	Summary:    "after each step, moves the state down the gradient of the norm of the residual, through the denoiser",
	Guide:      "DPS",
	Bridge:     "any",
	Corrector:  "projection at the end",
	Exact:      fewStep,
	Needs:      needsAny,
	Calls:      anyCalls,
	References: []string{"chung2023"},
	Parameters: []Parameter{scale("step ζ down the gradient: 0.3 to 1 for images, about 0.05 for few columns; with form = \"score\" the factor of the gradient in the score", 0.3), clip, form},
	new:        descent("dps", guide.NormLoss),
}

var dpsSquared = Method{
	Name:       "dps-squared",
	Summary:    "after each step, moves the state down the gradient of the squared residual, through the denoiser",
	Guide:      "DPS, squared norm",
	Bridge:     "any",
	Corrector:  "projection at the end",
	Exact:      fewStep,
	Needs:      needsAny,
	Calls:      anyCalls,
	References: []string{"chung2023"},
	Parameters: []Parameter{scale("step ζ down the gradient of ‖y − A(x̂)‖²; with form = \"score\" the factor of the gradient in the score", 0.25), clip, form},
	new:        descent("dps-squared", guide.SquaredLoss),
}

var psPlus = Method{
	Name:       "ps+",
	Summary:    "DPS with the norm of the residual averaged over displaced clean estimates",
	Guide:      "DPS, averaged norm",
	Bridge:     "any",
	Corrector:  "projection at the end",
	Exact:      fewStep,
	Needs:      needsAny,
	Calls:      anyCalls,
	References: []string{"chung2023"},
	Parameters: []Parameter{
		scale("step ζ down the gradient: 0.3 to 1 for images, about 0.05 for few columns", 0.3), draws(5),
		{Name: "spread", Default: 0.05, Max: largest, Doc: "displacements are uniform on [0, spread), in standard deviations of each column"}, clip,
	},
	new: after("ps+", guide.NormLoss, func(m *inverse.Model, s Settings, misfit guide.Energy) sampler.Bridge {
		return inverse.NewPSPlus(m, s.Grid, s.Bridge, misfit, s.Float("scale"), s.Int("draws"), s.Float("spread"))
	}),
}

var lgd = Method{
	Name:       "lgd",
	Summary:    "adds to the score the gradient of the likelihood, smoothed by Monte Carlo around the clean estimate",
	Guide:      "LGD",
	Bridge:     "any",
	Corrector:  "projection at the end",
	Exact:      "exact for the prior N(0, I) and linear operators as draws and steps grow; biased for others",
	Needs:      needsAny,
	Calls:      samplerCalls + "; 1 vector–Jacobian product each",
	References: []string{"song2023lgd"},
	Parameters: []Parameter{
		{Name: "weight", Default: 1.0, Max: largest, Doc: "factor of the likelihood's gradient in the score"}, draws(10),
		{Name: "spread", Default: 1.0, Max: largest, Doc: "width of the displacements in units of r = σ/√(1 + σ²)"}, clip,
	},
	new: after("lgd", guide.EnergyLoss, func(m *inverse.Model, s Settings, misfit guide.Energy) sampler.Bridge {
		return inverse.NewLGD(m, s.Grid, s.Bridge, misfit, s.Float("weight"), s.Int("draws"), s.Float("spread"))
	}),
}

var tfg = Method{
	Name:       "tfg",
	Summary:    "training-free guidance: gradients through and past the denoiser, smoothed, with steps repeated; DPS, LGD, MPGD, FreeDoM and UGD are settings of it",
	Guide:      "TFG",
	Bridge:     "any",
	Corrector:  "projection at the end",
	Exact:      fewStep,
	Needs:      needsAny,
	Calls:      "the sampler's and 1 vector–Jacobian product, times recurrence",
	References: []string{"ye2024"},
	Parameters: []Parameter{
		{Name: "recurrence", Default: 1, Min: 1, Max: 1e6, Doc: "how often a step is taken, noised back in between"},
		{Name: "iterations", Default: 1, Min: 1, Max: 1e3, Doc: "gradient steps of the clean estimate past the denoiser"},
		{Name: "rho", Default: 0.25, Max: largest, Doc: "strength of the gradient through the denoiser, its mean over all steps; 0: none"},
		{Name: "mu", Default: 0.25, Max: largest, Doc: "strength of each gradient past the denoiser, its mean over all steps; 0: none"},
		{Name: "sigma", Default: 0.01, Max: largest, Doc: "largest width of the displacements that the misfit is smoothed over; 0: none"},
		draws(4),
		progression("rho_schedule", "increase"), progression("mu_schedule", "increase"), progression("sigma_schedule", "decrease"),
		loss, clip,
	},
	new: func(e *engine.Engine, p *problem.Problem, s Settings) (sampler.Kernel, error) {
		return after("tfg", guide.Loss(s.Text("loss")), func(m *inverse.Model, s Settings, misfit guide.Energy) sampler.Bridge {
			return inverse.NewTFG(m, s.Grid, s.Bridge, misfit, inverse.TFGSettings{
				Recurrence: s.Int("recurrence"), Iterations: s.Int("iterations"), Copies: s.Int("draws"),
				Rho: s.Float("rho"), Mu: s.Float("mu"), Sigma: s.Float("sigma"),
				RhoSchedule:   inverse.Schedule(s.Text("rho_schedule")),
				MuSchedule:    inverse.Schedule(s.Text("mu_schedule")),
				SigmaSchedule: inverse.Schedule(s.Text("sigma_schedule")),
			})
		})(e, p, s)
	},
}

func progression(name, value string) Parameter {
	return Parameter{Name: name, Default: value, Allowed: []string{"increase", "decrease", "constant"}, Doc: "how the strength goes from noise to data"}
}

var mpgd = Method{
	Name:       "mpgd",
	Summary:    "after each step, moves the state by a gradient of the misfit at the clean estimate, which does not pass the denoiser",
	Guide:      "MPGD, no autoencoder",
	Bridge:     "any",
	Corrector:  "projection at the end",
	Exact:      fewStep,
	Needs:      needsAny,
	Calls:      "the sampler's; no vector–Jacobian product",
	References: []string{"he2024"},
	Parameters: []Parameter{scale("step c of the clean estimate down the gradient", 0.25), squared(loss), clip},
	new: func(e *engine.Engine, p *problem.Problem, s Settings) (sampler.Kernel, error) {
		return after("mpgd", guide.Loss(s.Text("loss")), func(m *inverse.Model, s Settings, misfit guide.Energy) sampler.Bridge {
			return inverse.NewMPGD(m, s.Grid, s.Bridge, misfit, s.Float("scale"))
		})(e, p, s)
	},
}

// squared is the loss with the squared norm as its default.
func squared(p Parameter) Parameter {
	p.Default = "squared"
	return p
}

var stsl = Method{
	Name:       "stsl",
	Summary:    "corrects the state by gradients of the norm of the residual and of the trace of the score's Jacobian, then takes a ddpm step; begins at the noised Hᵀy",
	Guide:      "STSL",
	Bridge:     "DDPM with inner corrections",
	Corrector:  "projection at the end",
	Exact:      fewStep,
	Needs:      needsAny,
	Calls:      "2 denoiser calls and 2 vector–Jacobian products for each correction",
	References: []string{"rout2024"},
	Parameters: []Parameter{
		{Name: "lambda", Default: 0.05, Max: largest, Doc: "step down the gradient of the norm"},
		{Name: "gamma", Default: 0.02, Max: largest, Doc: "step down the gradient of the trace; 0: none"},
		{Name: "corrections", Default: 3, Min: 1, Max: 1e3, Doc: "corrections before each step"},
		clip,
	},
	new: func(e *engine.Engine, p *problem.Problem, s Settings) (sampler.Kernel, error) {
		ys, err := p.Observed("stsl")
		if err != nil {
			return nil, err
		}
		return after("stsl", guide.NormLoss, func(m *inverse.Model, s Settings, misfit guide.Energy) sampler.Bridge {
			return inverse.NewSTSL(m, s.Grid, misfit, s.Float("lambda"), s.Float("gamma"), s.Int("corrections"), backProjected(ys, p.Prior.Coordinates.Scale))
		})(e, p, s)
	},
}

// backProjected is Hᵀy in units where columns have variance 1; nil where an
// operator is not linear.
func backProjected(ys []*potential.Measurement, scale []float64) []float64 {
	sum := make([]float64, len(scale))
	x := make([]float64, len(scale))
	for _, m := range ys {
		h, b, ok := operator.Split(m.Op)
		if !ok {
			return nil
		}
		y, unit := slices.Clone(m.Y), guide.Unit(m, scale)
		for i := range y {
			y[i] = (y[i] - b[i]) / (unit * unit)
		}
		h.AdjointAt(x, y)
		for j, v := range x {
			sum[j] += v
		}
	}
	return sum
}

var mcg = Method{
	Name:       "mcg",
	Summary:    "DPS, after whose step what is measured is replaced by the noised measurement",
	Guide:      "DPS",
	Bridge:     "any",
	Corrector:  "replacement of what is measured; projection at the end",
	Exact:      "few-step heuristic: ends on H x = y, noise of the measurement included",
	Needs:      needsLinear,
	Calls:      anyCalls,
	References: []string{"chung2022"},
	Parameters: []Parameter{scale("step ζ down the gradient: 0.3 to 1 for images, about 0.05 for few columns", 0.3), clip},
	new: func(e *engine.Engine, p *problem.Problem, s Settings) (sampler.Kernel, error) {
		y, err := p.MeasuredLinearly("mcg")
		if err != nil {
			return nil, err
		}
		misfit := guide.Misfit([]*potential.Measurement{y}, p.Prior.Coordinates.Scale, guide.NormLoss)
		return owning(e, clipped(p, s), s, y, func(m *inverse.Model) (sampler.Bridge, error) {
			f, err := inverse.NewSpectrum(y)
			return inverse.NewMCG(m, f, s.Grid, s.Bridge, misfit, s.Float("scale")), err
		})
	},
}
