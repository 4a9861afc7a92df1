package sampler

import (
	"abide/diffusion"
	"abide/ode"
)

// flowODE is the probability-flow equation of a process,
//
//	dz/dt = a′ x̂ + b′ ε̂,   ε̂ = (z − a x̂)/b   (Song et al. 2021, equation 13).
//
// At t = 0 of a process with b(0) = 0 it is the limit a′ z/a for a law with a
// density, where b′ is finite; where b′ is infinite (vp) times below
// [diffusion.Begin], with b/a = 10⁻³, count as that time.
type flowODE struct {
	process diffusion.Process
	begin   float64
}

func newFlowODE(name string, g diffusion.Grid) (flowODE, error) {
	p, err := processOf(name, g)
	if err != nil {
		return flowODE{}, err
	}
	return flowODE{p, diffusion.Begin(p)}, nil
}

// velocity is the equation as a system for an integrator.
func (f flowODE) velocity(mean Mean) ode.System {
	return func(t float64, z, dz []float64) error {
		t = max(t, f.begin)
		a, b := f.process.At(t)
		da, db := f.process.Rate(t)
		a = diffusion.Above(a, b)
		if b == 0 {
			for i, v := range z {
				dz[i] = da / a * v
			}
			return nil
		}
		x, err := mean(z, a, b)
		if err != nil {
			return err
		}
		kz, kx := db/b, da-db*a/b
		for i := range z {
			dz[i] = kz*z[i] + kx*x[i]
		}
		return nil
	}
}

// finish takes the noise away that a process keeps at t = 0 (ve, edm): by one more
// call the points are replaced by their clean estimates.
func (f flowODE) finish(z []float64, mean Mean) error {
	a, b := f.process.At(0)
	if b == 0 {
		return nil
	}
	x, err := mean(z, a, b)
	if err == nil {
		copy(z, x)
	}
	return err
}

// ProbabilityFlow integrates the probability-flow equation in the process' own
// time, one step of a Runge–Kutta method from time to time. Calls: the method's
// stages a step; none for a stage at t = 0 of flow or sub-vp. Not for laws
// without a density (empirical), whose equation is singular at t = 0.
type ProbabilityFlow struct {
	Grid      diffusion.Grid
	Method    *ode.Tableau
	KeepNoise bool // ve and edm: leave the noise of t = 0 in the points

	flow flowODE
}

var _ Bridge = ProbabilityFlow{}

// NewProbabilityFlow checks the grid.
func NewProbabilityFlow(g diffusion.Grid, m *ode.Tableau) (ProbabilityFlow, error) {
	f, err := newFlowODE("ode", g)
	return ProbabilityFlow{Grid: g, Method: m, flow: f}, err
}

// Step is one transition.
func (s ProbabilityFlow) Step(p Points, k int, mean Mean, _ func([]float64)) error {
	t, t1 := s.Grid.T[k], s.Grid.T[k+1]
	if err := s.Method.Step(s.flow.velocity(mean), t, t1-t, p.Z, p.Z, s.Method.NewWork(len(p.Z))); err != nil {
		return err
	}
	if t1 > 0 || s.KeepNoise {
		return nil
	}
	return s.flow.finish(p.Z, mean)
}
