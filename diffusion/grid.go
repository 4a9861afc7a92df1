package diffusion

import (
	"fmt"
	"math"
	"slices"
)

// Grid is a list of levels from noise to data. Level k has z = A[k] u + B[k] n;
// the last level is the data themselves, B = 0 and A = 1.
type Grid struct {
	Path  Path
	T     []float64 // times, decreasing; nil for a grid given by its noise levels
	A, B  []float64
	Chain bool // one level again and again: a Markov chain, no walk from noise to data
}

// floor is the smallest a/b of a level. A flow begins with a = 0, where clean
// coordinates z/a and the level b/a are infinite; 10⁻⁹ stands for it, which
// changes E[u | z] by a relative 10⁻⁹ and no more.
const floor = 1e-9

// Above returns a, raised to 10⁻⁹ b where it is smaller.
func Above(a, b float64) float64 { return math.Max(a, floor*b) }

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

// At is the grid of given times, decreasing from 1 or less; a last 0, the data,
// is added where it is missing.
func At(p Path, t []float64) (Grid, error) {
	t = slices.Clone(t)
	if len(t) > 0 && t[len(t)-1] != 0 {
		t = append(t, 0)
	}
	for k, tk := range t {
		if !(tk >= 0 && tk <= 1) || (k > 0 && tk >= t[k-1]) {
			return Grid{}, fmt.Errorf("diffusion: time %g at place %d: times must decrease from 1 or less to 0", tk, k)
		}
	}
	if len(t) < 2 {
		return Grid{}, fmt.Errorf("diffusion: %v: a grid of times needs one above 0", t)
	}
	g := Grid{Path: p, T: t, A: make([]float64, len(t)), B: make([]float64, len(t))}
	for k, tk := range t {
		a, b := p.At(tk)
		g.A[k], g.B[k] = Above(a, b), b
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
		sigma = append(slices.Clone(sigma), 0)
	}
	g := Grid{A: make([]float64, len(sigma)), B: sigma}
	for k := range g.A {
		g.A[k] = 1
	}
	return g, g.check()
}

// Constant is n transitions at one noise level and a last one to the data, for
// Markov chains that stay at a level.
func Constant(sigma float64, n int) (Grid, error) {
	if !(sigma > 0) || math.IsInf(sigma, 0) || n < 1 {
		return Grid{}, fmt.Errorf("diffusion: %d steps at noise level %g: need at least one and a positive level", n, sigma)
	}
	g := Grid{A: make([]float64, n+2), B: make([]float64, n+2), Chain: true}
	for k := range g.A {
		g.A[k], g.B[k] = 1, sigma
	}
	g.B[n+1] = 0
	return g, nil
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
