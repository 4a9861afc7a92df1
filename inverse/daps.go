package inverse

import (
	"abide/diffusion"
	"abide/sampler"
)

// DAPS is decoupled annealing posterior sampling (Zhang, Chu, Berner, Meng, Anandkumar
// and Song 2025, algorithm 1): at each level σ = b/a
//
//	x̂ = probability flow from z/a at level σ to the data, ODESteps Euler steps
//	x ~ N(x̂, r²I) given the measurement
//	z′ = a′ x + b′ n
//
// with r = σ as published, or r² = σ²s²/(σ² + s²) for data of variance s². With one
// ODE step, x̂ = E[u | z], and that r it is exact for the prior N(0, s²I) at any
// number of levels; more ODE steps end at a point of the prior instead of a mean, and
// directions that are not measured come out too wide (for N(0, 1) their variance is
// 1.5 at 5 ODE steps and tends to 2). ODESteps denoiser calls a step. The
// measurement's draw is exact for linear operators, [Langevin] for others.
type DAPS struct {
	Grid         diffusion.Grid
	ODESteps     int
	DataVariance float64 // s² in sampler coordinates; 0: r = σ
	Given        Conditioner
}

var _ sampler.Bridge = DAPS{}

// Step is one transition; at the last level it returns x.
func (s DAPS) Step(p sampler.Points, k int, mean sampler.Mean, noise func([]float64)) error {
	sigma := s.Grid.Sigma(k)
	clean(p.Z, s.Grid.A[k])
	if err := flow(p.Z, sigma, s.ODESteps, mean); err != nil {
		return err
	}
	s.Given.Draw(p.Z, p.Dim, spread(sigma, s.DataVariance), noise)
	renoise(p.Z, s.Grid.A[k+1], s.Grid.B[k+1], noise)
	return nil
}

// clean is u = z/a.
func clean(z []float64, a float64) {
	if a != 1 {
		for i := range z {
			z[i] /= a
		}
	}
}

// renoise is z = a u + b n with a draw n of its own; none where b = 0.
func renoise(u []float64, a, b float64, noise func([]float64)) {
	n := make([]float64, len(u))
	if b > 0 {
		noise(n)
	}
	for i, v := range n {
		u[i] = a*u[i] + b*v
	}
}
