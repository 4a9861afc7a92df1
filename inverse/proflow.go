package inverse

import (
	"slices"

	"abide/correct"
	"abide/sampler"
)

// ProFlow takes the clean estimate to a local maximum a posteriori at every level and goes
// back to the flow from there by [sampler.Renoise] (Z. Yu, M. Li, W. Zhang, D. Zou and W.
// Gao 2026: terminal optimisation, then interpolation),
//
//	x̃ = argmin |x − x̂|²/(2ρ²) + ½|L⁻¹(y − H x)|² + |r(x)|²/(2τ²),   ρ² = σ²s²/(σ² + s²),
//
// σ = b/a, with r the laws in units of their rows: laws softened to a width of τ, noisy
// data and the estimate meet in one place. The weights are ours, since those of the paper are
// not known to us: ρ² is the variance that is left of data of variance s² ([spread]), the weight
// of a measurement is that of its noise, and τ → 0 is the hard law.
//
// The measurement is taken in exactly, x̂ → m and ρ²I → C by its singular values
// ([Spectrum]; nil: none), the laws by Newton steps of Gauss and Newton,
//
//	x ← m + C^½ u,   u = argmin |A u − h|² + τ²|u|²,   A = J C^½,   h = J (x − m) − r(x),
//
// each solved by [normalEquations] in at most Iterations products with J and Jᵀ, and halved
// until the sum falls; linear laws need one. One denoiser call a step.
//
// Not where the law has to be right: the next level takes the mode for a draw, as all
// methods here do. Not for stiff equations with small τ: the number of iterations
// grows as ρ|J|/τ.
type ProFlow struct {
	sampler.Renoise
	Laws         *correct.Residuals
	Width        float64   // τ > 0
	Spectrum     *Spectrum // of the measurement; nil: none
	DataVariance float64   // s²
	Newton       int
	Iterations   int
}

var (
	_ sampler.Multistep = ProFlow{}
	_ sampler.Starter   = ProFlow{}
)

// Step is one transition; at the last level it returns x̃.
func (s ProFlow) Step(p sampler.Points, k int, mean sampler.Mean, noise func([]float64)) error {
	at := &proximal{ProFlow: s, d: p.Dim, rho: spread(s.Grid.Sigma(k), s.DataVariance)}
	s.Renoise.Correct = at
	return s.Renoise.Step(p, k, mean, noise)
}

// proximal is the terminal step of one level.
type proximal struct {
	ProFlow
	correct.Corrector // of which Finish is not used
	d                 int
	rho               float64
}

// Correct moves rows x̂ to x̃.
func (s *proximal) Correct(x []float64) (infeasible []bool) {
	d, m := s.d, s.Laws.Size()
	n := len(x) / d
	if s.Spectrum != nil {
		s.Spectrum.Prox(x, d, s.rho)
	}
	centre, u := slices.Clone(x), make([]float64, len(x))
	r, h, away := make([]float64, n*m), make([]float64, n*m), make([]float64, len(x))
	s.Laws.At(r, x)
	for range s.Newton {
		for i := range away {
			away[i] = x[i] - centre[i]
		}
		s.Laws.JVP(h, x, away)
		for i := range h {
			h[i] -= r[i]
		}
		next, err := normalEquations(d, m, h, s.Width*s.Width, s.Iterations, least,
			func(v []float64) ([]float64, error) {
				out := make([]float64, n*m)
				s.Laws.JVP(out, x, s.root(v))
				return out, nil
			},
			func(c []float64) ([]float64, error) {
				g := make([]float64, n*d)
				s.Laws.VJP(g, x, c)
				return s.root(g), nil
			})
		if err != nil {
			return nil // the products above have none
		}
		s.search(x, centre, u, next, r)
	}
	return nil
}

// root is C^½ v.
func (s *proximal) root(v []float64) []float64 {
	out := slices.Clone(v)
	if s.Spectrum != nil {
		s.Spectrum.Root(out, s.d, s.rho)
		return out
	}
	for i := range out {
		out[i] *= s.rho
	}
	return out
}

// halvings of a step that does not go down.
const halvings = 8

// search goes from u towards next by the largest step 1, ½, ¼, … from which the sum
// τ²|u|² + |r|² does not grow, each point by itself, and writes x and r there; where there
// is none it stays.
func (s *proximal) search(x, centre, u, next, r []float64) {
	d, m := s.d, s.Laws.Size()
	n := len(x) / d
	size := make([]float64, n) // of the sum at u
	by := make([]float64, n)   // steps to try; 0: found
	for i := range n {
		size[i] = s.Width*s.Width*squared(u[i*d:(i+1)*d]) + squared(r[i*m:(i+1)*m])
		by[i] = 1
	}
	trial, there := slices.Clone(u), make([]float64, n*m)
	for range halvings {
		for i, t := range by {
			for j := i * d; j < (i+1)*d && t > 0; j++ {
				trial[j] = u[j] + t*(next[j]-u[j])
			}
		}
		at := s.root(trial)
		for j := range at {
			at[j] += centre[j]
		}
		s.Laws.At(there, at)
		left := false
		for i, t := range by {
			ti, ri := trial[i*d:(i+1)*d], there[i*m:(i+1)*m]
			switch {
			case t == 0:
			case s.Width*s.Width*squared(ti)+squared(ri) <= size[i]*(1+1e-12):
				by[i] = 0
				copy(u[i*d:], ti)
				copy(r[i*m:], ri)
				copy(x[i*d:(i+1)*d], at[i*d:])
			default:
				by[i], left = t/2, true
			}
		}
		if !left {
			return
		}
	}
}
