// Package diffusion holds Gaussian paths z_t = a(t) u + b(t) n and the time
// grids samplers walk along.
package diffusion

import (
	"fmt"
	"math"
)

// Path is a Gaussian path from data (t = 0) to noise (t = 1).
type Path interface {
	// At returns the coefficients a(t) and b(t) of z_t = a u + b n.
	At(t float64) (a, b float64)
}

// SDE is a path with the drift f(t) z and the diffusion g(t) of its forward
// equation dz = f(t) z dt + g(t) dW.
type SDE interface {
	Path
	Drift(t float64) (f, g float64)
}

// VP is the variance-preserving process dz = −½β(t) z dt + √β(t) dW with
// β(t) = Min + t (Max − Min), so that a = exp(−½∫β), b² = 1 − a²
// (Song et al. 2021, section 3.4).
type VP struct{ Min, Max float64 }

var _ SDE = VP{}

// At returns a = exp(−½ t Min − ¼ t² (Max − Min)) and b = √(1 − a²).
func (p VP) At(t float64) (a, b float64) {
	e := -0.5*t*p.Min - 0.25*t*t*(p.Max-p.Min)
	return math.Exp(e), math.Sqrt(-math.Expm1(2 * e))
}

// Drift returns f = −½β(t) and g = √β(t).
func (p VP) Drift(t float64) (f, g float64) {
	beta := p.Min + t*(p.Max-p.Min)
	return -0.5 * beta, math.Sqrt(beta)
}

// VE is the variance-exploding process with σ(t) = Min (Max/Min)^t
// (Song et al. 2021, section 3.4): a = 1, b = σ(t).
type VE struct{ Min, Max float64 }

var _ SDE = VE{}

// At returns a = 1 and b = σ(t).
func (p VE) At(t float64) (a, b float64) { return 1, p.Min * math.Pow(p.Max/p.Min, t) }

// Drift returns f = 0 and g = σ(t) √(2 ln(Max/Min)).
func (p VE) Drift(t float64) (f, g float64) {
	_, s := p.At(t)
	return 0, s * math.Sqrt(2*math.Log(p.Max/p.Min))
}

// EDM is the path of Karras et al. (2022) with the noise level itself as time:
// a = 1, b = σ. Its time runs in levels, σ(t) = (Min^{1/ρ} + t(Max^{1/ρ} − Min^{1/ρ}))^ρ
// (equation 5).
type EDM struct{ Min, Max, Rho float64 }

var _ Path = EDM{}

// At returns a = 1 and b = σ(t).
func (p EDM) At(t float64) (a, b float64) {
	lo, hi := math.Pow(p.Min, 1/p.Rho), math.Pow(p.Max, 1/p.Rho)
	return 1, math.Pow(lo+t*(hi-lo), p.Rho)
}

// Grid is a list of levels from noise to data. Level k has z = A[k] u + B[k] n;
// the last level is the data themselves, B = 0 and A = 1.
type Grid struct {
	Path Path
	T    []float64 // times, decreasing; nil for a grid given by its noise levels
	A, B []float64
}

// Steps is the number of transitions.
func (g Grid) Steps() int { return len(g.A) - 1 }

// Sigma is the noise level of clean-scale coordinates z/a at level k, b/a.
func (g Grid) Sigma(k int) float64 { return g.B[k] / g.A[k] }

// Uniform is the grid t = 1, (n−1)/n, …, 1/n, 0 on a path.
func Uniform(p Path, n int) (Grid, error) {
	if n < 1 {
		return Grid{}, fmt.Errorf("diffusion: %d steps: need at least 1", n)
	}
	t := make([]float64, n+1)
	for k := range t {
		t[k] = float64(n-k) / float64(n)
	}
	return At(p, t)
}

// At is the grid of given times, decreasing; the last must be 0.
func At(p Path, t []float64) (Grid, error) {
	g := Grid{Path: p, T: t, A: make([]float64, len(t)), B: make([]float64, len(t))}
	for k, tk := range t {
		g.A[k], g.B[k] = p.At(tk)
	}
	g.A[len(t)-1], g.B[len(t)-1] = 1, 0
	return g, g.check()
}

// Karras is the grid of n noise levels of an EDM path, then 0.
func Karras(p EDM, n int) (Grid, error) {
	s := make([]float64, n)
	for i := range s {
		t := 1.0
		if n > 1 {
			t = float64(n-1-i) / float64(n-1)
		}
		_, s[i] = p.At(t)
	}
	return Levels(s)
}

// Levels is the grid of given noise levels with a = 1, decreasing; a final 0 is
// added where it is missing.
func Levels(sigma []float64) (Grid, error) {
	if len(sigma) > 0 && sigma[len(sigma)-1] != 0 {
		sigma = append(append([]float64(nil), sigma...), 0)
	}
	g := Grid{A: make([]float64, len(sigma)), B: sigma}
	for k := range g.A {
		g.A[k] = 1
	}
	return g, g.check()
}

func (g Grid) check() error {
	if len(g.A) < 2 {
		return fmt.Errorf("diffusion: a grid needs at least one step")
	}
	for k := range g.A {
		if s := g.Sigma(k); math.IsNaN(s) || math.IsInf(s, 0) || s < 0 {
			return fmt.Errorf("diffusion: noise level %g at place %d: must be finite and ≥ 0", s, k)
		}
		if k > 0 && g.Sigma(k) >= g.Sigma(k-1) {
			return fmt.Errorf("diffusion: noise levels must decrease: %g at place %d after %g", g.Sigma(k), k, g.Sigma(k-1))
		}
	}
	return nil
}
