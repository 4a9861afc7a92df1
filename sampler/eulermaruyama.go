package sampler

import (
	"fmt"
	"math"

	"abide/diffusion"
)

// EulerMaruyama integrates the reverse equation of the grid's process,
// z′ = z + (−f z + g² s) Δt + g √Δt n with s = (a x̂ − z)/b², coefficients at the
// left time (Song et al. 2021, equation 6). It converges with order 1 in law.
// One call a step.
type EulerMaruyama struct {
	Grid      diffusion.Grid
	KeepNoise bool // the last step keeps its noise; else it returns the mean

	process diffusion.Process
}

var _ Bridge = EulerMaruyama{}

// NewEulerMaruyama checks that the grid is one of times on a process with a finite drift.
func NewEulerMaruyama(g diffusion.Grid) (EulerMaruyama, error) {
	p, err := processOf("euler-maruyama", g)
	if err != nil {
		return EulerMaruyama{}, err
	}
	for _, t := range g.T[:g.Steps()] {
		if f, d := p.Drift(t); math.IsInf(f, 0) || math.IsInf(d, 0) {
			return EulerMaruyama{}, fmt.Errorf("sampler: euler-maruyama: the drift is infinite at time %g: give times that begin below it, or use ddpm or ode", t)
		}
	}
	return EulerMaruyama{Grid: g, process: p}, nil
}

// processOf is the process of a grid of times.
func processOf(name string, g diffusion.Grid) (diffusion.Process, error) {
	p, ok := g.Path.(diffusion.Process)
	if !ok || g.T == nil {
		return nil, fmt.Errorf("sampler: %s: needs a process and its times, not a grid of noise levels: leave out grid, or use ddpm or heun", name)
	}
	return p, nil
}

// Step is one transition.
func (s EulerMaruyama) Step(p Points, k int, mean Mean, noise func([]float64)) error {
	a, b, dt := s.Grid.A[k], s.Grid.B[k], s.Grid.T[k]-s.Grid.T[k+1]
	f, g := s.process.Drift(s.Grid.T[k])
	x, err := mean(p.Z, a, b)
	if err != nil {
		return err
	}
	h := g * g * dt / (b * b)
	c := g * math.Sqrt(dt)
	if k+1 == s.Grid.Steps() && !s.KeepNoise {
		c = 0
	}
	blend(p.Z, 1-f*dt-h, h*a, x, c, noise)
	return nil
}
