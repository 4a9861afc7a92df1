package method

import (
	"abide/internal/engine"
	"abide/inverse"
	"abide/particle"
	"abide/problem"
	"abide/sampler"
)

// splitRows decouple the denoiser from the measurement, or optimise a whole path.
var splitRows = []Method{daps, pnpDM, pnpFlow, flower, dFlow, mcgDiff}

const perStep = " denoiser calls"

// Parameters of rows that draw given the measurement by itself.
var (
	spreadVariance = Parameter{Name: "data_variance", Default: 1.0, Max: largest, Doc: "variance s² of the data in r² = σ²s²/(σ² + s²), as a share of each column's variance; 0: r = σ"}
	langevin       = Parameter{Name: "langevin", Default: false, Doc: "draw given the measurement by Langevin steps even where it is linear and drawn from exactly"}
	langevinSteps  = Parameter{Name: "langevin_steps", Default: 100, Min: 1, Max: 1e6, Doc: "adjusted Langevin steps for each draw given a measurement that is not linear"}
)

var daps = Method{
	Name:       "daps",
	Summary:    "goes to the data by a few steps of the flow, draws a point nearby that fits the measurement, and noises it anew, level by level",
	Bridge:     "decoupled annealing",
	Corrector:  "projection at the end",
	Exact:      "exact for standard Gaussian priors and linear operators with ode_steps = 1; with more, directions that are not measured come out too wide, by up to √2 in standard deviation",
	Needs:      needsMeasurement,
	Calls:      "ode_steps" + perStep,
	References: []string{"zhang2025daps", "roberts1996"},
	Parameters: []Parameter{
		{Name: "ode_steps", Default: 5, Min: 1, Max: 1e4, Doc: "Euler steps of the probability flow to the data at each level; 1: the posterior mean"},
		spreadVariance, langevin, langevinSteps,
	},
	new: func(e *engine.Engine, p *problem.Problem, s Settings) (sampler.Kernel, error) {
		y, err := p.Measured("daps")
		if err != nil {
			return nil, err
		}
		return owning(e, p, s, y, func(m *inverse.Model) (sampler.Bridge, error) {
			c, err := inverse.NewConditioner(y, s.Bool("langevin"), s.Int("langevin_steps"))
			return inverse.DAPS{Grid: s.Grid, ODESteps: s.Int("ode_steps"), DataVariance: s.Float("data_variance"), Given: c}, err
		})
	},
}

var pnpDM = Method{
	Name:       "pnp-dm",
	Summary:    "Gibbs sampling of likelihood and prior in turns, coupled by a distance that falls with the noise level",
	Bridge:     "split Gibbs",
	Corrector:  "projection at the end",
	Exact:      "exact for any prior as levels fall ever more slowly, rho_min → 0 and prior_steps grow; for linear operators at any langevin_steps",
	Needs:      needsMeasurement,
	Calls:      "prior_steps" + perStep,
	References: []string{"wu2024pnpdm", "roberts1996"},
	Parameters: []Parameter{
		{Name: "prior_steps", Default: 10, Min: 1, Max: 1e4, Doc: "steps of the reverse diffusion at each level"},
		{Name: "rho_min", Default: 0.02, Max: largest, Doc: "smallest distance between the two halves, in standard deviations of the data; levels below stay there"},
		spreadVariance, langevin, langevinSteps,
	},
	new: func(e *engine.Engine, p *problem.Problem, s Settings) (sampler.Kernel, error) {
		y, err := p.Measured("pnp-dm")
		if err != nil {
			return nil, err
		}
		return owning(e, p, s, y, func(m *inverse.Model) (sampler.Bridge, error) {
			c, err := inverse.NewConditioner(y, s.Bool("langevin"), s.Int("langevin_steps"))
			return inverse.PnPDM{Grid: s.Grid, PriorSteps: s.Int("prior_steps"), Least: s.Float("rho_min"), DataVariance: s.Float("data_variance"), Given: c}, err
		})
	},
}

var pnpFlow = Method{
	Name:       "pnp-flow",
	Summary:    "steps down the misfit, noises to the level of the grid and denoises, over and over: a restoration",
	Bridge:     "plug-and-play flow",
	Corrector:  "projection at the end",
	Exact:      "a restoration: near the posterior's mean or mode, with a spread that is none of the posterior's",
	Needs:      needsMeasurement,
	Calls:      "num_samples" + perStep,
	References: []string{"martin2025"},
	Parameters: []Parameter{
		{Name: "rate", Default: 1.0, Max: 2, MinOpen: true, MaxOpen: true, Doc: "step down the misfit, as a share of the inverse of its largest curvature"},
		{Name: "alpha", Default: 1.0, Max: 1e3, Doc: "power of 1 − t with which the step falls along the flow"},
		{Name: "num_samples", Default: 5, Min: 1, Max: 1e4, Doc: "draws of noise that each denoised point is a mean over"},
	},
	new: func(e *engine.Engine, p *problem.Problem, s Settings) (sampler.Kernel, error) {
		y, err := p.Measured("pnp-flow")
		if err != nil {
			return nil, err
		}
		return owning(e, p, s, y, func(*inverse.Model) (sampler.Bridge, error) {
			return inverse.NewPnPFlow(y, s.Grid, s.Float("rate"), s.Float("alpha"), s.Int("num_samples")), nil
		})
	},
}

var flower = Method{
	Name:       "flower",
	Summary:    "estimates a flow's destination, refines it by the measurement, and goes on towards it with fresh noise",
	Bridge:     "destination refinement",
	Corrector:  "projection at the end",
	Exact:      fewStep + "; exact for standard Gaussian priors with gamma = 1, too narrow with 0",
	Needs:      needsLinear,
	Calls:      "1 denoiser call",
	References: []string{"pourya2026"},
	Parameters: []Parameter{
		{Name: "gamma", Default: 0, Max: 1, Doc: "1: the refined destination is a draw given the measurement; 0: its mean"},
		spreadVariance,
	},
	new: func(e *engine.Engine, p *problem.Problem, s Settings) (sampler.Kernel, error) {
		y, err := p.MeasuredLinearly("flower")
		if err != nil {
			return nil, err
		}
		return owning(e, p, s, y, func(*inverse.Model) (sampler.Bridge, error) {
			q, err := inverse.NewSpectrum(y)
			return inverse.Flower{Grid: s.Grid, Full: s.Int("gamma") == 1, DataVariance: s.Float("data_variance"), Spectrum: q}, err
		})
	},
}

var dFlow = Method{
	Name:       "d-flow",
	Summary:    "optimises the noise that the flow starts from until its end fits the measurement; the sampler's grid is that of the flow",
	Bridge:     "L-BFGS through the flow",
	Corrector:  "projection at the end",
	Exact:      "no sampler: modes of the starting noise given the measurement, one from each start",
	Needs:      needsMeasurement,
	Calls:      "for each step of the grid 4 denoiser calls and 2 vector–Jacobian products, at each of the iterations",
	References: []string{"benhamu2024", "nocedal2006"},
	Parameters: []Parameter{
		{Name: "iterations", Default: 20, Min: 1, Max: 1e6, Doc: "values and gradients of what is optimised"},
		{Name: "regularisation", Default: 1.0, Max: largest, Doc: "weight λ of ½|z|² beside the measurement's energy; 1: the mode of z"},
	},
	new: func(e *engine.Engine, p *problem.Problem, s Settings) (sampler.Kernel, error) {
		y, err := p.Measured("d-flow")
		if err != nil {
			return nil, err
		}
		flow := s.Grid
		s.Grid = inverse.Iterations(flow, s.Int("iterations"))
		return owning(e, p, s, y, func(m *inverse.Model) (sampler.Bridge, error) {
			return inverse.NewDFlow(m, flow, s.Float("regularisation")), nil
		})
	},
}

var mcgDiff = Method{
	Name:       "mcgdiff",
	Summary:    "a weighted population that is led to each measured value at the noise level at which the diffusion would show it",
	Guide:      "Gaussian potentials in the operator's basis",
	Bridge:     "conditioned DDPM kernel",
	Population: "particle filter",
	Exact:      "exact for the prior's kernels as the population grows",
	Needs:      needsLinear + ", and no constraints",
	Calls:      "1 denoiser call",
	References: []string{"cardoso2024", "chopin2020"},
	Weighted:   true,
	Parameters: []Parameter{
		{Name: "particles", Default: 0, Max: 1e9, Doc: "population, at least run.samples; 0: 1,024 or as many as samples"},
		{Name: "ess_threshold", Default: 0.5, Max: 1, MinOpen: true, Doc: "resample when the effective sample size falls below this share"},
		{Name: "kappa", Default: 1e-4, Max: 1, MinOpen: true, Doc: "variance added to the potentials above a value's own level, as a share of the noised data's there"},
		spreadVariance,
	},
	new: func(e *engine.Engine, p *problem.Problem, s Settings) (sampler.Kernel, error) {
		if len(p.Constraints) > 0 {
			return nil, &problem.UnsupportedError{Method: "mcgdiff", Needs: "no constraints", Has: "some", Try: "use method twisted-smc"}
		}
		y, err := p.MeasuredLinearly("mcgdiff")
		if err != nil {
			return nil, err
		}
		q, err := inverse.NewSpectrum(y)
		if err != nil {
			return nil, err
		}
		left := y.EnergyAt(make([]float64, p.Dim()))
		for i, v := range q.Y {
			left -= 0.5 * q.S[i] * q.S[i] * v * v
		}
		return particle.NewMCGDiff(e, p.Prior, particle.Rotated{S: q.S, Y: q.Y, V: q.V, Left: left}, s.Grid, particle.MCGSettings{
			Samples: s.Samples, Particles: s.Int("particles"), Threshold: s.Float("ess_threshold"), Kappa: s.Float("kappa"),
			DataVariance: s.Float("data_variance"), Seed: s.Seed, Chunk: s.Chunk, Workers: s.Workers,
		})
	},
}
