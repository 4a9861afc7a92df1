package cli

import (
	"abide/diffusion"
	"abide/method"
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
		Grid: grid, Bridge: bridge,
	}
	m := s.Method
	switch m.Kind {
	case "guided":
		out.Weight = m.Float("weight")
	case "twisted-smc":
		out.Particles, out.Threshold, out.Defensive = m.Int("particles"), m.Float("ess_threshold"), m.Float("defensive")
		out.DDPM, out.KeepCopies = m.String("kernel") == "ddpm", !m.Bool("rejuvenate")
	}
	return out, nil
}

// newGrid is the list of noise levels of a sampler's block.
func newGrid(b *spec.Block) (grid diffusion.Grid, err error) {
	steps, process := b.Int("steps"), b.Table("process")
	switch {
	case b.Has("grid"):
		grid, err = diffusion.Levels(b.Floats("grid"))
	case process.Kind == "edm":
		grid, err = diffusion.Karras(diffusion.EDM{Min: process.Float("sigma_min"), Max: process.Float("sigma_max"), Rho: process.Float("rho")}, steps)
	case process.Kind == "vp":
		grid, err = diffusion.Uniform(diffusion.VP{Min: process.Float("beta_min"), Max: process.Float("beta_max")}, steps)
	case process.Kind == "ve":
		grid, err = diffusion.Uniform(diffusion.VE{Min: process.Float("sigma_min"), Max: process.Float("sigma_max")}, steps)
	default:
		err = b.Errorf("process", "no grid is known for process %q", process.Kind)
	}
	if err != nil {
		return grid, b.Errorf("", "%v", err)
	}
	return grid, nil
}

func newBridge(b *spec.Block, grid diffusion.Grid) (bridge sampler.Bridge, err error) {
	switch b.Kind {
	case "ddpm":
		bridge = sampler.DDIM{Grid: grid, Eta: 1}
	case "ddim":
		bridge = sampler.DDIM{Grid: grid, Eta: b.Float("eta")}
	case "euler-maruyama":
		bridge, err = sampler.NewEulerMaruyama(grid)
	case "heun":
		bridge, err = sampler.NewHeun(grid)
	}
	if err != nil {
		return nil, b.Errorf("kind", "%v", err)
	}
	return bridge, nil
}
