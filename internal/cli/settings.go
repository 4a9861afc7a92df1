package cli

import (
	"fmt"
	"math"

	"abide/diffusion"
	"abide/method"
	"abide/ode"
	"abide/prior"
	"abide/sampler"
	"abide/spec"
)

// newSettings are the method's settings of a spec: grid, bridge and the method's own keys.
func newSettings(s *spec.Spec) (method.Settings, error) {
	grid, err := newGrid(s.Sampler)
	if err != nil {
		return method.Settings{}, err
	}
	bridge, err := newBridge(s.Sampler, grid)
	if err != nil {
		return method.Settings{}, err
	}
	out := method.Settings{
		Samples: s.Run.Int("samples"), Seed: uint64(s.Run.Int("seed")), Chunk: s.Run.Int("chunk"), Workers: s.Run.Int("workers"),
		Grid: grid, Bridge: bridge, Trajectory: s.Run.Bool("trajectory"), Values: s.MethodValues(),
	}
	row, err := method.Find(s.Method.Kind)
	if err != nil {
		return out, err
	}
	if row.Bridge != "any" && grid.Chain {
		return out, s.Sampler.Errorf("kind", "%q stays at one noise level, and method %s walks through all: use another sampler, or method none or guided", s.Sampler.Kind, row.Name)
	}
	if row.Population != "" && out.Trajectory {
		return out, s.Run.Errorf("trajectory", "the points of %s are drawn anew on their way and have no trajectory: use method none, project or guided", row.Name)
	}
	return out, nil
}

// samplerWarnings say what of [sampler] a method with transitions of its own leaves
// out, and where a sampler is at its limits.
func samplerWarnings(s *spec.Spec, m method.Method, p *prior.Prior) (list []string) {
	b := s.Sampler
	switch {
	case m.Bridge != "any" && b.Kind != "ddpm" && b.Kind != m.Bridge:
		list = append(list, fmt.Sprintf("sampler.kind = %q does nothing here: method %s has transitions of its own, and takes from [sampler] the noise levels alone", b.Kind, m.Name))
	case m.Bridge != "any" && b.Int("corrector_steps") > 0:
		list = append(list, fmt.Sprintf("sampler.corrector_steps does nothing here: method %s has transitions of its own", m.Name))
	case (b.Kind == "ode" || b.Kind == "dormand-prince") && !p.HasDensity() && b.Table("process").Kind != "edm" && b.Table("process").Kind != "ve": // which keep noise at t = 0
		list = append(list, fmt.Sprintf("sampler.kind = %q looks for a density, which a prior that draws rows of a file does not have: the last step is not exact; ddpm, heun and dpm-solver++ end on the rows", b.Kind))
	}
	if !isTransport(s.Prior) {
		return list
	}
	if grid, err := newGrid(b); err == nil && grid.Sigma(0) < 1000 {
		// With n = u the path is n throughout, of variance 1; the start has (1 + σ²)/(1 + σ)².
		narrow := 1 - math.Hypot(1, grid.Sigma(0))/(1+grid.Sigma(0))
		list = append(list, fmt.Sprintf("the sampler starts at noise level %.3g, and a flow of optimal transport is standard normal only where there is nothing but noise: samples come out up to %.2g %% too narrow; sampler.process.kind = \"flow\" with dpm-solver++, ode, dormand-prince or ddim starts there", grid.Sigma(0), 100*narrow))
	}
	return list
}

// newGrid is the list of noise levels of a sampler's block.
func newGrid(b *spec.Block) (grid diffusion.Grid, err error) {
	steps := b.Int("steps")
	switch {
	case b.Kind == "langevin":
		grid, err = diffusion.Constant(b.Float("sigma"), steps)
	case b.Has("grid"):
		grid, err = diffusion.Levels(b.Floats("grid"))
	case b.Has("times"):
		grid, err = diffusion.At(newProcess(b.Table("process")), b.Floats("times"))
	default:
		p := newProcess(b.Table("process"))
		if edm, ok := p.(diffusion.EDM); ok && !inTime[b.Kind] {
			grid, err = diffusion.Karras(edm, steps)
		} else {
			grid, err = diffusion.Uniform(p, steps)
		}
	}
	if err != nil {
		return grid, b.Errorf("", "%v", err)
	}
	return grid, nil
}

// inTime are the kinds that integrate in the time of the process; the others see
// its noise levels alone, and take Karras et al.'s of an edm process.
var inTime = map[string]bool{"euler-maruyama": true, "ode": true, "dormand-prince": true}

func newProcess(b *spec.Block) diffusion.Process {
	switch b.Kind {
	case "vp":
		return diffusion.VP{Min: b.Float("beta_min"), Max: b.Float("beta_max")}
	case "vp-cosine":
		return diffusion.Cosine{Offset: b.Float("offset"), Max: b.Float("beta_max")}
	case "sub-vp":
		return diffusion.SubVP{Min: b.Float("beta_min"), Max: b.Float("beta_max")}
	case "ve":
		return diffusion.VE{Min: b.Float("sigma_min"), Max: b.Float("sigma_max")}
	case "edm":
		return diffusion.EDM{Min: b.Float("sigma_min"), Max: b.Float("sigma_max"), Rho: b.Float("rho")}
	}
	return diffusion.Flow{}
}

// rules are the methods of sampler kind ode.
var rules = map[string]*ode.Tableau{"euler": &ode.Euler, "heun": &ode.Heun, "rk4": &ode.RK4}

func newBridge(b *spec.Block, grid diffusion.Grid) (bridge sampler.Bridge, err error) {
	switch b.Kind {
	case "ddpm":
		bridge = sampler.DDPM{Grid: grid}
	case "ddim":
		bridge = sampler.DDIM{Grid: grid, Eta: b.Float("eta")}
	case "smld":
		bridge, err = sampler.NewSMLD(grid)
	case "euler-maruyama":
		s, e := sampler.NewEulerMaruyama(grid)
		s.KeepNoise = !b.Bool("denoise")
		bridge, err = s, e
	case "euler":
		bridge, err = sampler.NewEuler(grid, newChurn(b))
	case "heun":
		bridge, err = sampler.NewHeun(grid, newChurn(b))
	case "ode":
		s, e := sampler.NewProbabilityFlow(grid, rules[b.String("rule")])
		s.KeepNoise = !b.Bool("denoise")
		bridge, err = s, e
	case "dormand-prince":
		s, e := sampler.NewDormandPrince(grid, b.Float("rtol"), b.Float("atol"))
		s.KeepNoise = !b.Bool("denoise")
		bridge, err = s, e
	case "dpm-solver++":
		bridge = sampler.DPMSolver{Grid: grid}
	case "langevin":
		return sampler.Langevin{Grid: grid, Eta: b.Float("step"), KeepNoise: !b.Bool("denoise")}, nil
	}
	if err != nil {
		return nil, b.Errorf("kind", "%v", err)
	}
	if n := b.Int("corrector_steps"); n > 0 {
		bridge = sampler.PredictorCorrector{Predictor: bridge, Grid: grid, Steps: n, SNR: b.Float("snr")}
	}
	return bridge, nil
}

func newChurn(b *spec.Block) sampler.Churn {
	return sampler.Churn{S: b.Float("churn"), Min: b.Float("churn_min"), Max: b.Float("churn_max"), Noise: b.Float("churn_noise")}
}
