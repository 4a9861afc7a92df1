package method

import (
	"fmt"

	"abide/correct"
	"abide/diffusion"
	"abide/internal/engine"
	"abide/inverse"
	"abide/potential"
	"abide/problem"
	"abide/sampler"
)

// residualRows go down the residuals of laws, by themselves or through the denoiser;
// they need no projection and make one at the end where it is asked for.
var residualRows = []Method{cocogen, diffusionPDE, funDPS}

const needsResiduals = "at least one constraint; a projection of it only where projected = true"

// last is the parameter of rows whose constraints are soft but for a last projection.
var last = Parameter{Name: "projected", Default: true, Doc: "project onto the constraints once, at the end; false, as published, leaves residuals where the gradients left them"}

// softly is the kernel of a bridge that leaves constraints to the last projection, if any.
func softly(e *engine.Engine, p *problem.Problem, s Settings, b sampler.Bridge) (sampler.Kernel, error) {
	s.Bridge = b
	k := independent(p, s).Bind(e)
	if p.Constrained() && s.Bool("projected") {
		return k, projected(k, p)
	}
	return k, nil
}

var cocogen = Method{
	Name:       "cocogen",
	Summary:    "takes steps down the residuals of laws at the clean estimates of the last steps, and more at the data; preconditioned where a law has a reference operator, so that steps do not grow with the grid",
	Bridge:     "any",
	Corrector:  "residual descent in the last steps; projection at the end",
	Exact:      "no law: residuals fall while the samples leave the prior, to the nearest solution and not to a draw; the more steps, the further; potentials are not looked at",
	Needs:      needsResiduals,
	Calls:      samplerCalls + "; no vector–Jacobian product of the denoiser",
	References: []string{"jacobsen2025", "kirby2010"},
	Parameters: []Parameter{
		{Name: "before", Default: 50, Max: 1e6, Doc: "of the last so many steps each clean estimate takes one step down; published: 50 of 2,000"},
		{Name: "after", Default: 10, Max: 1e6, Doc: "steps down at the data"},
		{Name: "rate", Default: 1.0, Max: 2, MinOpen: true, MaxOpen: true, Doc: "step in units of the inverse of the largest curvature, the same for any grid and unit"},
		{Name: "norm", Default: "preconditioned", Allowed: correct.Norms, Doc: "norm of residuals: preconditioned by the law's reference operator, dual to it, or l2 in the unit of the rows; a law without such an operator has l2"},
		last,
	},
	new: func(e *engine.Engine, p *problem.Problem, s Settings) (sampler.Kernel, error) {
		if !p.Constrained() {
			return nil, unconstrained("cocogen")
		}
		d, err := correct.NewDescent(p.Prior.Coordinates, s.Text("norm"), s.Float("rate"), p.Rows()...)
		if err != nil {
			return nil, err
		}
		return softly(e, p, s, inverse.NewCoCoGen(s.Grid, s.Bridge, d, s.Int("before"), s.Int("after")))
	},
}

func unconstrained(name string) error {
	return &problem.UnsupportedError{Method: name, Needs: "a constraint", Has: "none", Try: "use method none, or twisted-smc for potentials"}
}

const (
	needsEither = "at least one constraint, or data measured with noise; noise levels that are not a flow's"
	pdeExact    = fewStep + ": weights are of order 1 at every step, and the data's and the laws' gradients at the mean are not those of the posterior"
)

// pdeGuided is the constructor of both rows that guide by data and laws.
func pdeGuided(name string, of func(m *inverse.Model, p *problem.Problem, s Settings, ys []*potential.Measurement, laws *correct.Residuals) sampler.Bridge) func(*engine.Engine, *problem.Problem, Settings) (sampler.Kernel, error) {
	return func(e *engine.Engine, p *problem.Problem, s Settings) (sampler.Kernel, error) {
		if err := bounded(name, s.Grid); err != nil {
			return nil, err
		}
		ys, err := apart(p, name)
		if err != nil {
			return nil, err
		}
		var laws *correct.Residuals
		if p.Constrained() {
			if laws, err = residuals(name, p); err != nil {
				return nil, err
			}
		}
		if laws == nil && len(ys) == 0 {
			return nil, &problem.UnsupportedError{Method: name, Needs: "a constraint or a measurement", Has: "neither", Try: "use method none"}
		}
		return softly(e, p, s, of(inverse.NewModel(e, p.Prior, nil), p, s, ys, laws))
	}
}

// mostNoise is the largest level b/a that Heun's steps are taken from: the largest that a
// spec can ask for.
const mostNoise = 1e6

// bounded refuses levels that Heun's steps in σ are not published for: those of a flow,
// even in its time, and any that begin where σ is without bound. A step by ζ∇ of z = a u
// + b n moves u by ζ∇/a², so that a weight tuned on edm's levels, where a = 1, is another
// one on a flow's: on heat with initial values and mass (16×16, 40 steps, no projection)
// fundps with ζ_pde = 100 has an error of the mean of 2.4e-3 on edm's levels and 3.9e-2 on a flow's.
func bounded(name string, g diffusion.Grid) error {
	has := ""
	switch _, flow := g.Path.(diffusion.Flow); {
	case flow:
		has = "the levels of a flow, whose σ has no bound at t = 1"
	case len(g.A) > 0 && !(g.Sigma(0) <= mostNoise):
		has = fmt.Sprintf("levels from σ = %.3g on", g.Sigma(0))
	default:
		return nil
	}
	return &problem.UnsupportedError{Method: name, Needs: "noise levels σ with a bound, for it takes Heun's steps in σ", Has: has,
		Try: `set process = { kind = "edm" } in [sampler]`}
}

// apart are the measurements of a problem in sampler coordinates, one by one: each has a
// norm of its own.
func apart(p *problem.Problem, name string) ([]*potential.Measurement, error) {
	var ys []*potential.Measurement
	for _, q := range p.Potentials {
		one := *p
		one.Potentials = []potential.Potential{q}
		y, err := one.Observed(name)
		if err != nil {
			return nil, err
		}
		ys = append(ys, y...)
	}
	return ys, nil
}

var diffusionPDE = Method{
	Name:       "diffusionpde",
	Summary:    "Heun's steps, each followed by gradients through the denoiser: of the norm of the misfit to data for 80 % of the steps, then of a tenth of it and of the norm of the laws' residuals",
	Guide:      "DPS on data, then on residuals",
	Bridge:     "Heun",
	Corrector:  "projection at the end",
	Exact:      pdeExact,
	Needs:      needsEither,
	Calls:      "4 denoiser calls and 2 vector–Jacobian products",
	References: []string{"huang2024", "karras2022"},
	Parameters: []Parameter{
		{Name: "zeta_obs", Default: 1.0, Max: largest, Doc: "weight of the misfit's norm, values in standard deviations of the columns; published for Navier–Stokes with 2,000 steps: 1; for other tasks 0.8 (source) to 5,000 (pressure of Darcy) in the data's units, for Poisson and Helmholtz 1 to 2 times the deviation of what was measured"},
		{Name: "zeta_pde", Default: 1.0, Max: largest, Doc: "weight of ‖c‖₂/m of each law's residuals, in its unit and not divided by that of the row; published: 1 for Poisson, Helmholtz and Navier–Stokes, 100 for Darcy and Burgers with residuals that lack their spacings"},
		last,
	},
	new: pdeGuided("diffusionpde", func(m *inverse.Model, p *problem.Problem, s Settings, ys []*potential.Measurement, laws *correct.Residuals) sampler.Bridge {
		return inverse.NewDiffusionPDE(m, s.Grid, ys, p.Prior.Coordinates.Scale, laws, s.Float("zeta_obs"), s.Float("zeta_pde"))
	}),
}

var funDPS = Method{
	Name:       "fundps",
	Summary:    "as diffusionpde with fewer steps: gradients of mean squares of data, and from σ = 1 on both data's and laws', times σ; without noise that is a random field and steps from grid to grid",
	Guide:      "DPS on data, and on residuals at low noise",
	Bridge:     "Heun",
	Corrector:  "projection at the end",
	Exact:      pdeExact,
	Needs:      needsEither,
	Calls:      "4 denoiser calls and 2 vector–Jacobian products",
	References: []string{"yao2025", "karras2022"},
	Parameters: []Parameter{
		{Name: "zeta_obs", Default: 1.0, Max: largest, Doc: "weight of the mean square misfit, values in standard deviations; published with 500 steps and 500 of 128² values of smooth fields, over hundreds of which a denoiser spreads the gradient: 2,000 to 10,000 (Navier–Stokes; forward), 20,000 and 50,000 (Poisson, Darcy inverse), 5,000 and 7,500 of the root (Helmholtz, Navier–Stokes inverse)"},
		{Name: "loss", Default: "squared", Allowed: []string{"squared", "norm"}, Doc: "mean square of the misfit, or its root"},
		{Name: "zeta_pde", Default: 1.0, Max: largest, Doc: "weight of the mean Huber loss of each law's residuals in its unit; published: 1 (Helmholtz; Navier–Stokes forward), 10 to 100 (others of Navier–Stokes), 0 (Darcy, Poisson)"},
		last,
	},
	new: pdeGuided("fundps", func(m *inverse.Model, p *problem.Problem, s Settings, ys []*potential.Measurement, laws *correct.Residuals) sampler.Bridge {
		return inverse.NewFunDPS(m, s.Grid, ys, p.Prior.Coordinates.Scale, laws, s.Float("zeta_obs"), s.Float("zeta_pde"), s.Text("loss") == "squared")
	}),
}
