package sampler

import (
	"fmt"
	"math"

	"abide/diffusion"
)

// Bridge is one transition z_k → z_{k+1} of a grid, z = a u + b n, in place.
//
// mean(z, k) gives the (guided, corrected) clean estimates at level k, noise(dst)
// fills dst with N(0, 1).
type Bridge interface {
	Step(z []float64, k int, mean func(z []float64, k int) ([]float64, error), noise func(dst []float64)) error
	// Calls is the number of denoiser calls of step k.
	Calls(k int) int
}

// DDIM is z′ = a′x̂ + √(b′² − c²) ε̂ + c n with ε̂ = (z − a x̂)/b and
// c = η b′ √(1 − (a b′ / a′ b)²), the standard deviation of the DDPM kernel at
// η = 1 (Song, Meng and Ermon 2021, equations 12 and 16). η = 1 is DDPM, the
// ancestral sampler; η = 0 is deterministic.
type DDIM struct {
	Grid diffusion.Grid
	Eta  float64
}

var _ Bridge = DDIM{}

// Calls is 1.
func (DDIM) Calls(int) int { return 1 }

// Step is one transition; at the last level it returns x̂.
func (s DDIM) Step(z []float64, k int, mean func([]float64, int) ([]float64, error), noise func([]float64)) error {
	a, b, a1, b1 := s.Grid.A[k], s.Grid.B[k], s.Grid.A[k+1], s.Grid.B[k+1]
	x, err := mean(z, k)
	if err != nil {
		return err
	}
	r := a * b1 / (a1 * b)
	c := s.Eta * b1 * math.Sqrt(math.Max(1-r*r, 0))
	keep := math.Sqrt(math.Max(b1*b1-c*c, 0))
	// The same sum, with one coefficient for each of x̂, z and n.
	kz := keep / b
	kx := a1 - a*kz
	if c == 0 {
		for i := range z {
			z[i] = kx*x[i] + kz*z[i]
		}
		return nil
	}
	n := make([]float64, len(z))
	noise(n)
	for i := range z {
		z[i] = kx*x[i] + kz*z[i] + c*n[i]
	}
	return nil
}

// EulerMaruyama integrates the reverse equation of the grid's process,
// z′ = z + (−f z + g² s) Δt + g √Δt n with s = (a x̂ − z)/b², coefficients at the
// left time (Song et al. 2021, equation 6). It converges with order 1 in law.
type EulerMaruyama struct {
	Grid diffusion.Grid
	sde  diffusion.SDE
}

var _ Bridge = EulerMaruyama{}

// NewEulerMaruyama checks that the grid is one of times on a process with a drift.
func NewEulerMaruyama(g diffusion.Grid) (EulerMaruyama, error) {
	sde, ok := g.Path.(diffusion.SDE)
	if !ok || g.T == nil {
		return EulerMaruyama{}, fmt.Errorf("sampler: euler-maruyama: needs a time grid of a vp or ve process: use sampler kind ddpm or heun for a grid of noise levels")
	}
	return EulerMaruyama{Grid: g, sde: sde}, nil
}

// Calls is 1.
func (EulerMaruyama) Calls(int) int { return 1 }

// Step is one transition; the last one returns the mean, without noise.
func (s EulerMaruyama) Step(z []float64, k int, mean func([]float64, int) ([]float64, error), noise func([]float64)) error {
	a, b, dt := s.Grid.A[k], s.Grid.B[k], s.Grid.T[k]-s.Grid.T[k+1]
	f, g := s.sde.Drift(s.Grid.T[k])
	x, err := mean(z, k)
	if err != nil {
		return err
	}
	n := make([]float64, len(z))
	if k+1 < s.Grid.Steps() {
		noise(n)
	}
	for i := range z {
		score := (a*x[i] - z[i]) / (b * b)
		z[i] += (-f*z[i]+g*g*score)*dt + g*math.Sqrt(dt)*n[i]
	}
	return nil
}

// Heun integrates the probability-flow equation dz/dσ = (z − x̂)/σ with Heun's
// method, the last step by Euler (Karras et al. 2022, algorithm 1). Order 2.
// The grid must have a = 1 (EDM or VE).
type Heun struct{ Grid diffusion.Grid }

var _ Bridge = Heun{}

// NewHeun checks the grid.
func NewHeun(g diffusion.Grid) (Heun, error) {
	for k, a := range g.A {
		if a != 1 {
			return Heun{}, fmt.Errorf("sampler: heun: level %d has a = %g: needs a process with a = 1, edm or ve", k, a)
		}
	}
	return Heun{g}, nil
}

// Calls is 2, and 1 in the last step.
func (s Heun) Calls(k int) int {
	if k+1 == s.Grid.Steps() {
		return 1
	}
	return 2
}

// Step is one transition.
func (s Heun) Step(z []float64, k int, mean func([]float64, int) ([]float64, error), _ func([]float64)) error {
	b, b1 := s.Grid.B[k], s.Grid.B[k+1]
	x, err := mean(z, k)
	if err != nil {
		return err
	}
	slope, next := make([]float64, len(z)), make([]float64, len(z))
	for i := range z {
		slope[i] = (z[i] - x[i]) / b
		next[i] = z[i] + (b1-b)*slope[i]
	}
	if b1 > 0 {
		if x, err = mean(next, k+1); err != nil {
			return err
		}
		for i := range z {
			next[i] = z[i] + (b1-b)*0.5*(slope[i]+(next[i]-x[i])/b1)
		}
	}
	copy(z, next)
	return nil
}
