package inverse

import (
	"math"

	"abide/correct"
	"abide/diffusion"
	"abide/guide"
	"abide/potential"
	"abide/sampler"
)

// DiffusionPDE guides by two gradients through Heun's step: of the misfit to measurements
// and of the residuals c of laws,
//
//	z′ = Heun(z) − ∇_z ( ζ_obs Σ ‖y − A(x̂)‖ + ζ_pde Σ ‖c(x̂)‖₂/m ),
//
// x̂ the clean estimate of Heun's second stage, differentiated through both. Published
// (J. Huang, G. Yang, Z. Wang and J. J. Park 2024, algorithm 1, and their code): edm, 2,000
// steps, ζ_obs alone for 80 % of them, then ζ_obs/10 and ζ_pde. FunDPS (J. Yao et al. 2025)
// has both times σ once σ ≤ 1, ζ_obs alone before, none in the last step, mean squares of
// data, or their roots, instead of norms, and Huber's loss of c, in 200 to 500 steps; its
// noise that is a random field, and its steps from grid to grid, are not here.
//
// Norms are of each point by itself; data count as in [guide.Misfit], in standard
// deviations of the columns; residuals are those of the law, spacings included, m numbers
// in its own unit. Heun's step is z′ = z + Δa (x̂₁ + x̂₂)/2 + Δb (ε̂₁ + ε̂₂)/2, ε̂ = (z − a x̂)/b,
// the published one where a = 1. Four denoiser calls and two vector–Jacobian products a
// guided step. The weights are of order 1 a step and
// tuned for each problem and number of steps: the samples have no limit, and no law. Not
// where their spread matters.
type DiffusionPDE struct {
	grid    diffusion.Grid
	split   Split
	data    []observed
	laws    *correct.Residuals // nil: none
	weights func(k int) (obs, pde float64)
	loss    correct.Loss
}

var _ sampler.Counted = (*DiffusionPDE)(nil)

// observed is a measurement and the derivative of its loss by its energy ½ rᵀR⁻¹r.
type observed struct {
	*potential.Measurement
	slope func(energy float64) float64
}

// root is the slope of κ√(2E), a norm; at the data itself it has no direction.
func root(kappa float64) func(float64) float64 {
	return func(energy float64) float64 {
		if energy > 0 {
			return kappa / math.Sqrt(2*energy)
		}
		return 0
	}
}

// NewDiffusionPDE takes measurements in sampler coordinates, scale the deviations of the
// columns.
func NewDiffusionPDE(m *Model, g diffusion.Grid, ys []*potential.Measurement, scale []float64, laws *correct.Residuals, obs, pde float64) *DiffusionPDE {
	s := newDiffusionPDE(m, g, ys, laws, func(y *potential.Measurement) func(float64) float64 { return root(guide.Kappa(y, scale)) })
	s.weights = func(k int) (float64, float64) {
		if float64(k) <= 0.8*float64(g.Steps()) {
			return obs, 0
		}
		return 0.1 * obs, pde
	}
	return s
}

// NewFunDPS is NewDiffusionPDE with the other weights and losses; squared takes mean
// squares of data and not their roots.
func NewFunDPS(m *Model, g diffusion.Grid, ys []*potential.Measurement, scale []float64, laws *correct.Residuals, obs, pde float64, squared bool) *DiffusionPDE {
	s := newDiffusionPDE(m, g, ys, laws, func(y *potential.Measurement) func(float64) float64 {
		kappa := guide.Kappa(y, scale) / math.Sqrt(float64(len(y.Y)))
		if squared {
			return func(float64) float64 { return 2 * kappa * kappa }
		}
		return root(kappa)
	})
	s.loss = correct.HuberLoss
	s.weights = func(k int) (float64, float64) {
		sigma := g.Sigma(k)
		switch {
		case k+1 == g.Steps():
			return 0, 0
		case sigma > 1:
			return obs, 0
		}
		return sigma * obs, sigma * pde
	}
	return s
}

func newDiffusionPDE(m *Model, g diffusion.Grid, ys []*potential.Measurement, laws *correct.Residuals, slope func(*potential.Measurement) func(float64) float64) *DiffusionPDE {
	s := &DiffusionPDE{grid: g, split: m.Split(), laws: laws}
	for _, y := range ys {
		o := observed{y, func(float64) float64 { return 1 }} // energies of noise that is not Gaussian
		if _, gaussian := y.Gaussian(); gaussian {
			o.slope = slope(y)
		}
		s.data = append(s.data, o)
	}
	return s
}

// active are the weights of step k of what there is.
func (s *DiffusionPDE) active(k int) (obs, pde float64) {
	obs, pde = s.weights(k)
	if len(s.data) == 0 {
		obs = 0
	}
	if s.laws == nil {
		pde = 0
	}
	return obs, pde
}

// Calls are those past Heun's.
func (s *DiffusionPDE) Calls(k int) (denoiser, vjp int) {
	obs, pde := s.active(k)
	switch {
	case obs == 0 && pde == 0:
		return 0, 0
	case s.grid.B[k+1] == 0:
		return 1, 1
	}
	return 2, 2
}

// Step is one transition.
func (s *DiffusionPDE) Step(p sampler.Points, k int, mean sampler.Mean, _ func([]float64)) error {
	a, b, a1, b1 := s.grid.A[k], s.grid.B[k], s.grid.A[k+1], s.grid.B[k+1]
	z := p.Z
	x, err := mean(z, a, b)
	if err != nil {
		return err
	}
	e := make([]float64, len(z)) // Euler's step
	for i := range e {
		e[i] = b1/b*z[i] + (a1-a*b1/b)*x[i]
	}
	next := e
	if b1 > 0 {
		x2, err := mean(e, a1, b1)
		if err != nil {
			return err
		}
		next = make([]float64, len(z))
		for i := range next {
			noises := (z[i]-a*x[i])/b + (e[i]-a1*x2[i])/b1
			next[i] = z[i] + (a1-a)*(x[i]+x2[i])/2 + (b1-b)*noises/2
		}
		x = x2
	}
	g, err := s.slope(z, e, x, p.Dim, k)
	if err != nil {
		return err
	}
	copy(z, next)
	for i, v := range g {
		z[i] -= v
	}
	return nil
}

// slope is the gradient in z of the losses at x, the estimate of e or, at the data, of z;
// nil where there are none.
func (s *DiffusionPDE) slope(z, e, x []float64, d, k int) ([]float64, error) {
	obs, pde := s.active(k)
	if obs == 0 && pde == 0 {
		return nil, nil
	}
	c := s.cotangent(x, d, obs, pde)
	a, b, a1, b1 := s.grid.A[k], s.grid.B[k], s.grid.A[k+1], s.grid.B[k+1]
	if b1 == 0 {
		_, g, err := s.split.Pull(z, c, d, a, b)
		return g, err
	}
	_, back, err := s.split.Pull(e, c, d, a1, b1)
	if err != nil {
		return nil, err
	}
	_, g, err := s.split.Pull(z, back, d, a, b)
	for i := range g {
		g[i] = b1/b*back[i] + (a1-a*b1/b)*g[i]
	}
	return g, err
}

// cotangent is the gradient of the weighted losses at clean estimates x.
func (s *DiffusionPDE) cotangent(x []float64, d int, obs, pde float64) []float64 {
	c := make([]float64, len(x))
	if pde > 0 {
		s.laws.Slope(c, x, s.loss)
		for i := range c {
			c[i] *= pde
		}
	}
	if obs == 0 {
		return c
	}
	g := make([]float64, d)
	for _, y := range s.data {
		for lo := 0; lo < len(x); lo += d {
			size := obs * y.slope(y.GradientAt(x[lo:lo+d], g))
			for j, v := range g {
				c[lo+j] += size * v
			}
		}
	}
	return c
}
