package inverse

import (
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"abide/diffusion"
	"abide/potential"
	"abide/prior"
	"abide/sampler"
)

// NewtonGibbs samples p(x | y), y = A(x) + n through a solver on the host, for a Gaussian
// prior, by draws of the point and of a noisy point in turns. At the level σ = b/a
//
//	x | z, y ∝ N(x; x̂, C) exp(−½|r(x)|²),  r(x) = L⁻¹(y − A(x)),
//	x̂ = D(z, σ),  C = σ² ∂D/∂z  (Tweedie's covariance, exact here)
//	z′ = a′x + b′n
//
// which leaves p(x | y) as it is at every σ, as DAPS does (Zhang et al. 2025) whose C is
// r²I. x is moved by independent proposals from the law with the solver's tangent J at the
// posterior's mode in place of the solver: with S = JCJᵀ + I, δ ~ N(0, C), ε ~ N(0, I)
//
//	x* = x̂ + δ + CJᵀS⁻¹(t + ε − Jδ),   t = r(a) + J(a − x̂)
//
// (randomise, then optimise: Bardsley, Solonen, Haario and Laine 2014), about a point a
// that a few steps of Gauss and Newton with that J lead to from x̂. The Gaussians cancel in
// the acceptance by Metropolis and Hastings,
//
//	log α = e(x*) − e(x),   e(x) = ½|t − J(x − x̂)|² − ½|r(x)|²,
//
// so that a proposal costs one run of the solver, and linear problems take every one: x is
// exact then from the first level on. For others the first levels propose across the whole
// posterior, the last ones steps of length σ nearby that are nearly all taken; levels below
// a tenth of the posterior's width only move points slowly.
//
// A step costs 1 + Proposals denoiser calls and at most Newton + 1 + Proposals runs of the solver
// a point; the tangent m adjoint solutions a few times in all. Not for priors that are no
// Gaussian (host-guided takes them), nor where the posterior has modes that no proposal joins.
type NewtonGibbs struct {
	Proposals int  // a level
	Newton    int  // steps to the point of the tangent, at most
	Local     bool // each point has a tangent of its own; else that of the mode

	grid   diffusion.Grid
	y      *potential.Hosted
	law    prior.Law
	colour func(dst, white []float64)
	mode   *shared[*tangent]
	level  *shared[*gain]
}

var (
	_ sampler.Solving   = (*NewtonGibbs)(nil)
	_ sampler.Multistep = (*NewtonGibbs)(nil)
)

// NewNewtonGibbs ties a measurement in sampler coordinates to the model's prior, which
// has to be Gaussian.
func NewNewtonGibbs(m *Model, y *potential.Hosted, g diffusion.Grid, proposals, newton int, local bool) (*NewtonGibbs, error) {
	if !m.Prior.Gaussian() {
		return nil, fmt.Errorf("inverse: newton-gibbs: the covariance of a clean point given a noisy one depends on the point for a prior of kind %s: take a Gaussian one", m.Prior.Kind)
	}
	colour, err := m.Prior.Colouring(1, 0)
	return &NewtonGibbs{proposals, newton, local, g, y, m.Prior.Law, colour, &shared[*tangent]{}, &shared[*gain]{}}, err
}

// Memory of a point are x, ½|r(x)|², and 1 + the proposals taken, 0 before the first.
func (s *NewtonGibbs) Memory(d int) int { return d + 2 }

// Step is StepIn without a bound.
func (s *NewtonGibbs) Step(p sampler.Points, k int, mean sampler.Mean, noise func([]float64)) error {
	return s.StepIn(context.Background(), p, k, mean, noise)
}

// StepIn is one transition; at the last level it returns x.
func (s *NewtonGibbs) StepIn(ctx context.Context, p sampler.Points, k int, mean sampler.Mean, noise func([]float64)) error {
	d, n, sigma := p.Dim, len(p.Z)/p.Dim, s.grid.Sigma(k)
	wrap := func(i int, err error) error {
		return fmt.Errorf("inverse: newton-gibbs: sample %d of its chunk, σ = %.3g: %w", i, sigma, err)
	}
	g, err := s.gainAt(ctx, sigma, d)
	if err != nil {
		return err
	}
	clean(p.Z, s.grid.A[k])
	centre, err := mean(p.Z, 1, sigma)
	if err != nil {
		return err
	}
	m, delta := len(s.y.Y), make([][]float64, s.Proposals)
	for k := range delta {
		if delta[k], err = s.deviations(n, d, sigma, mean, noise); err != nil {
			return err
		}
	}
	epsilon, coin := make([]float64, s.Proposals*n*m), make([]float64, s.Proposals*n)
	noise(epsilon)
	noise(coin)
	err = sampler.ForChunks(ctx, n, 1, 0, func(i, _, _ int) error {
		at, state := centre[i*d:(i+1)*d], p.Memory[i*(d+2):(i+1)*(d+2)]
		local, data, err := s.approach(ctx, g, at)
		if err != nil {
			return wrap(i, err)
		}
		for k := range delta {
			q := k*n + i
			u := math.Log(0.5 * math.Erfc(-coin[q]/math.Sqrt2))
			if err := s.move(ctx, local, at, data, delta[k][i*d:(i+1)*d], epsilon[q*m:(q+1)*m], state, u); err != nil {
				return wrap(i, err)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for i := range n {
		copy(p.Z[i*d:(i+1)*d], p.Memory[i*(d+2):])
	}
	renoise(p.Z, s.grid.A[k+1], s.grid.B[k+1], noise)
	return nil
}

// deviations are draws of N(0, C): u₀ − D(u₀ + σn, σ) of draws u₀ of the prior.
func (s *NewtonGibbs) deviations(n, d int, sigma float64, mean sampler.Mean, noise func([]float64)) ([]float64, error) {
	white, out, z := make([]float64, n*d), make([]float64, n*d), make([]float64, n*d)
	noise(white)
	for i := range n {
		s.colour(out[i*d:(i+1)*d], white[i*d:(i+1)*d])
	}
	noise(white)
	for i, v := range out {
		z[i] = v + sigma*white[i]
	}
	x, err := mean(z, 1, sigma)
	if err != nil {
		return nil, err
	}
	for i, v := range x {
		out[i] -= v
	}
	return out, nil
}

// approach goes from x̂ to a = x̂ + CJᵀw, down ½|r(a)|² + ½ wᵀ(S − I)w with the mode's
// tangent, and takes the solver's own there; it returns that, its gain and t. Whatever it
// comes to, the law stays, for it knows z alone: only proposals get worse.
func (s *NewtonGibbs) approach(ctx context.Context, g *gain, centre []float64) (*gain, []float64, error) {
	m, d := len(s.y.Y), len(centre)
	w, next, r, a, at := make([]float64, m), make([]float64, m), make([]float64, m), slices.Clone(centre), make([]float64, d)
	if err := s.y.Misfit(ctx, r, centre); err != nil {
		return nil, nil, err
	}
	value, data := 0.5*inner(r, r), slices.Clone(r)
	for range s.Newton {
		target, gained := g.solve(data), 0.0
		for by := 1.0; by > 0.1 && gained == 0; by /= 2 {
			for i := range next {
				next[i] = w[i] + by*(target[i]-w[i])
			}
			copy(at, centre)
			g.add(at, next)
			if err := s.y.Misfit(ctx, r, at); err != nil {
				return nil, nil, err
			}
			seen := g.seen(next)
			if v := 0.5*inner(r, r) + 0.5*inner(next, seen); v < value {
				gained, value = value-v, v
				copy(w, next)
				copy(a, at)
				for i := range data {
					data[i] = r[i] + seen[i]
				}
			}
		}
		if gained < enough {
			break
		}
	}
	if !s.Local {
		return g, data, nil
	}
	j := &tangent{d, make([]float64, m*d)}
	if err := s.y.Linearise(ctx, data, j.row, a); err != nil {
		return nil, nil, err
	}
	local, err := s.newGain(j, g.sigma)
	if err != nil {
		return nil, nil, err
	}
	for i := range a {
		a[i] -= centre[i]
	}
	for i, v := range j.times(a) {
		data[i] += v
	}
	return local, data, nil
}

// enough is what a step towards the tangent's point has to gain of a log-density.
const enough = 0.05

// move is one proposal.
func (s *NewtonGibbs) move(ctx context.Context, g *gain, centre, data, delta, epsilon, state []float64, logUniform float64) error {
	d := len(centre)
	x, energy, taken := state[:d], &state[d], &state[d+1]
	pull := g.j.times(delta)
	for i := range pull {
		pull[i] = data[i] + epsilon[i] - pull[i]
	}
	g.add(delta, g.solve(pull)) // x* − x̂
	left := func(offset []float64) float64 {
		t := g.j.times(offset)
		for i := range t {
			t[i] = data[i] - t[i]
		}
		return 0.5 * inner(t, t)
	}
	excess := left(delta)
	for i, v := range centre {
		delta[i] += v // x*
	}
	r := make([]float64, len(data))
	if err := s.y.Misfit(ctx, r, delta); err != nil {
		return err
	}
	e := 0.5 * inner(r, r)
	excess -= e
	if *taken > 0 {
		offset := make([]float64, d)
		for i, v := range centre {
			offset[i] = x[i] - v
		}
		if !(logUniform < excess-left(offset)+*energy) {
			return nil
		}
	}
	copy(x, delta)
	*energy = e
	*taken++
	return nil
}

// tangent is L⁻¹ ∂A/∂x at a point, row-major m×d.
type tangent struct {
	d   int
	row []float64
}

func (t *tangent) times(x []float64) []float64 {
	out := make([]float64, len(t.row)/t.d)
	for i := range out {
		out[i] = inner(t.row[i*t.d:(i+1)*t.d], x)
	}
	return out
}

// gain is what a tangent and C make: G = CJᵀ, as m rows of d, and S = JG + I.
type gain struct {
	sigma float64
	j     *tangent
	g     []float64
	s     *mat.SymDense
	c     mat.Cholesky
}

// covariance is dst = C v = σ² D(v), with D = u + σ² score by Tweedie's formula: linear, for
// sampler coordinates have mean 0.
func (s *NewtonGibbs) covariance(dst, v []float64, sigma float64) {
	s.law.Score(dst, v, sigma)
	for i, x := range v {
		dst[i] = sigma * sigma * (x + sigma*sigma*dst[i])
	}
}

// newGain is the gain of a tangent at a level.
func (s *NewtonGibbs) newGain(j *tangent, sigma float64) (*gain, error) {
	m, d := len(s.y.Y), j.d
	g := make([]float64, m*d)
	for i := range m {
		s.covariance(g[i*d:(i+1)*d], j.row[i*d:(i+1)*d], sigma)
	}
	out := &gain{sigma: sigma, j: j, g: g, s: mat.NewSymDense(m, nil)}
	for i := range m {
		for k := range i + 1 {
			out.s.SetSym(i, k, inner(j.row[i*j.d:(i+1)*j.d], g[k*j.d:(k+1)*j.d]))
		}
		out.s.SetSym(i, i, out.s.At(i, i)+1)
	}
	if !out.c.Factorize(out.s) {
		return nil, fmt.Errorf("inverse: newton-gibbs: JCJᵀ + I is not positive definite at σ = %g: is the solver's derivative right?", sigma)
	}
	return out, nil
}

func (g *gain) solve(b []float64) []float64 {
	var x mat.VecDense
	// An ill-conditioned S gives a worse proposal, not a wrong law.
	_ = g.c.SolveVecTo(&x, mat.NewVecDense(len(b), b))
	return x.RawVector().Data
}

// add is x ← x + CJᵀw.
func (g *gain) add(x, w []float64) {
	d := len(x)
	for i, v := range w {
		for k, c := range g.g[i*d : (i+1)*d] {
			x[k] += v * c
		}
	}
}

// seen is (S − I) w.
func (g *gain) seen(w []float64) []float64 {
	var x mat.VecDense
	x.MulVec(g.s, mat.NewVecDense(len(w), w))
	out := x.RawVector().Data
	for i, v := range w {
		out[i] -= v
	}
	return out
}
