package particle

import (
	"context"
	"fmt"
	"math"

	"abide/constraint"
	"abide/diagnose"
	"abide/diffusion"
	"abide/internal/engine"
	"abide/internal/keyed"
	"abide/prior"
	"abide/problem"
	"abide/sampler"
)

// Settings of twisted sequential Monte Carlo. The zero value of a field is
// replaced by the stated default.
type Settings struct {
	Samples    int     // points wanted
	Particles  int     // population; default: 8192, or 4096 for a network, fewer above 64 columns, and never fewer than Samples
	Threshold  float64 // resample when ESS < Threshold × Particles; default 0.5
	Defensive  float64 // ε of the twist; default 0.1
	DDPM       bool    // isotropic DDPM kernels instead of kernels with Tweedie's covariance
	KeepCopies bool    // do not rejuvenate the points drawn at the end
	Seed       uint64
	Chunk      int // default 512
	Workers    int // default: all cores
}

// SMC is twisted sequential Monte Carlo (Wu, Trippe, Naesseth, Blei and
// Cunningham 2023, algorithm 1; Guarniero, Johansen and Lee 2017 for twists):
// particles follow the prior's reverse kernels p(z′|z), proposed from kernels q
// that look ahead, and carry the weights
//
//	w ← w · p(z′|z) ψ(z′) / ( q(z′|z) ψ(z) ),
//
// resampled systematically when ESS < Threshold·N. The last ψ is the constraint
// itself, so the weighted population follows the constrained law of the prior's
// kernels exactly as N grows, whatever ψ is; ψ decides how large N must be.
//
// With γ = 1 − σ′²/σ², v = σ′²γ and u | z ≈ N(D, C) the kernels are
//
//	p(z′|z) = N( (1−γ)z + γD,  vI + γ²C )
//	q(z′|z) = (1−δ) N( (1−γ)z + γD*, vI + γ²C* ) + δ N( (1−γ)z + γD°, vI + γ²C° )
//
// with D*, C* the moments after all rows, D°, C° those before the inequalities,
// and δ the defensive share (see [Twist]). The covariance γ²C is what the mean
// alone leaves out: with it the kernel is exact for a Gaussian prior at any
// number of steps; without it (DDPM: Ho, Jain and Abbeel 2020, equation 7) it is
// too narrow by O(step).
//
// Cost per step and particle: one denoiser call and d vector–Jacobian products,
// and about 2d³ FLOPs on the host. Not for d above a few hundred, and not where
// a constraint has many thin, separate pieces that the Gaussian cannot see.
type SMC struct {
	Settings
	problem *problem.Problem
	grid    diffusion.Grid
	sigma   []float64
	twist   *Twist
	d       int
	eval    *engine.Function

	equality, all *constraint.Projector
	repair        float64 // standardised distance over which the end may be projected onto inequalities

	cache *cache // denoiser's answers at State.Z
}

var _ sampler.Kernel = (*SMC)(nil)

// cache holds the posterior N(D, C) at the points of one state.
type cache struct{ mean, cov []float64 }

// MaxDim is the largest dimension in which full Jacobians are used.
const MaxDim = 128

// maxJacobian bounds the numbers in the Jacobians of a population of default
// size: 256 MiB.
const maxJacobian = 1 << 25

// New binds twisted SMC to a problem.
func New(e *engine.Engine, p *problem.Problem, grid diffusion.Grid, s Settings) (*SMC, error) {
	d := p.Dim()
	if d > MaxDim {
		return nil, &problem.UnsupportedError{Method: "twisted-smc", Needs: fmt.Sprintf("at most %d columns (full Jacobians)", MaxDim), Has: fmt.Sprint(d), Try: "use method guided or project"}
	}
	if s.Particles == 0 {
		s.Particles = 8192
		if p.Prior.DType == engine.Float32 {
			s.Particles = 4096
		}
		s.Particles = max(min(s.Particles, maxJacobian/(d*d)), s.Samples)
	}
	if s.Particles < s.Samples {
		return nil, fmt.Errorf("particle: twisted-smc: %d particles for %d samples: particles must be at least samples (0 chooses)", s.Particles, s.Samples)
	}
	if s.Threshold == 0 {
		s.Threshold = 0.5
	}
	if s.Chunk == 0 {
		s.Chunk = 512
	}
	k := &SMC{Settings: s, problem: p, grid: grid, d: d}
	for i := range grid.Steps() {
		k.sigma = append(k.sigma, grid.Sigma(i))
	}
	k.sigma = append(k.sigma, 0)
	resolution := math.Max(p.Prior.Resolution, k.sigma[grid.Steps()-1])
	k.repair = 6 * p.Prior.Resolution
	k.twist = newTwist(p, resolution, s.Defensive)
	if p.Prior.Resolution > 0 {
		k.twist.modelError = networkError
	}
	if err := k.projectors(); err != nil {
		return nil, err
	}
	den := p.Prior.Denoiser
	k.eval = e.NewFunction("denoiser and its Jacobian", p.Prior.DType, func(in []*engine.Node) []*engine.Node {
		mean, jac := prior.DenoiseJacobian(den, in[0], in[1])
		return []*engine.Node{mean, jac}
	})
	return k, nil
}

// Steps is the number of transitions.
func (k *SMC) Steps() int { return k.grid.Steps() }

// Start draws the population at the highest noise level and weighs it by ψ.
func (k *SMC) Start(ctx context.Context) (*sampler.State, error) {
	n, d := k.Particles, k.d
	s := &sampler.State{N: n, Dim: d, Z: make([]float64, n*d), LogW: make([]float64, n), Ancestor: make([]int64, n)}
	if err := sampler.DrawStart(ctx, s, k.problem.Prior, 1, k.sigma[0], k.Seed, k.Chunk, k.Workers); err != nil {
		return nil, err
	}
	if err := k.prepare(ctx, s); err != nil {
		return nil, err
	}
	return s, k.weigh(ctx, s)
}

// weigh multiplies the weights, which so far are those of the law without ψ at
// this level, by ψ, after adapting P in it to the population.
func (k *SMC) weigh(ctx context.Context, s *sampler.State) error {
	soft, hard := make([]float64, s.N), make([]float64, s.N)
	err := k.each(ctx, s, func(i int, w *look) error {
		soft[i], hard[i] = s.LogW[i]+w.logSoft, w.logHard
		if math.IsNaN(soft[i]) || math.IsNaN(hard[i]) {
			soft[i], hard[i] = math.Inf(-1), 0
		}
		return nil
	})
	if err != nil {
		return err
	}
	s.Adapted = []float64{0}
	if k.twist.bounded {
		both := make([]float64, s.N)
		for i := range both {
			both[i] = soft[i] + hard[i]
		}
		s.Adapted[0] = diagnose.LogMeanExp(both) - diagnose.LogMeanExp(soft)
	}
	w := &look{}
	for i := range s.LogW {
		w.logSoft, w.logHard = soft[i], hard[i]
		k.twist.defend(w, s.Adapted[0])
		s.LogW[i] = w.logPsi
	}
	s.ESS = append(s.ESS, diagnose.ESS(s.LogW))
	return nil
}

// prepare makes the denoiser's answers at s.Z available.
func (k *SMC) prepare(ctx context.Context, s *sampler.State) error {
	if k.cache != nil {
		return nil
	}
	var err error
	k.cache, err = k.evaluate(ctx, s.Z, s.Step)
	return err
}

// evaluate runs the denoiser and its Jacobian at z on level `level`, in chunks
// of one shape (the last is padded), and makes C = σ² sym(∂D/∂z), the nearest
// positive semi-definite matrix where a network's Jacobian gives none.
func (k *SMC) evaluate(ctx context.Context, z []float64, level int) (*cache, error) {
	d := k.d
	n := len(z) / d
	out := &cache{mean: make([]float64, n*d), cov: make([]float64, n*d*d)}
	err := sampler.ForChunks(ctx, n, k.Chunk, k.Workers, func(_, lo, hi int) error {
		in := z[lo*d : hi*d]
		if hi-lo < k.Chunk {
			in = make([]float64, k.Chunk*d)
			copy(in, z[lo*d:hi*d])
		}
		r, err := k.eval.Call(engine.Rows(in, d), engine.Scalar(k.sigma[level]))
		if err != nil {
			return err
		}
		copy(out.mean[lo*d:hi*d], r[0].F64)
		b, q := make([]float64, d*d), make([]float64, d*d)
		s2 := k.sigma[level] * k.sigma[level]
		for i := lo; i < hi; i++ {
			jac, c := r[1].F64[(i-lo)*d*d:], out.cov[i*d*d:(i+1)*d*d]
			for p := range d {
				for o := range p + 1 {
					v := 0.5 * s2 * (jac[p*d+o] + jac[o*d+p])
					c[p*d+o], c[o*d+p] = v, v
				}
			}
			semidefinite(c, b, q, d)
		}
		return nil
	})
	return out, err
}

// fill sets w.prior to the posterior of point i of a cache.
func (k *SMC) fill(w *look, c *cache, i int) {
	d := k.d
	copy(w.prior.m, c.mean[i*d:(i+1)*d])
	copy(w.prior.s, c.cov[i*d*d:(i+1)*d*d])
}

// each looks ahead from every particle of s.
func (k *SMC) each(ctx context.Context, s *sampler.State, f func(i int, w *look) error) error {
	return sampler.ForChunks(ctx, s.N, k.Chunk, k.Workers, func(_, lo, hi int) error {
		w := k.twist.newLook()
		for i := lo; i < hi; i++ {
			k.fill(w, k.cache, i)
			k.twist.look(w, k.sigma[s.Step])
			if err := f(i, w); err != nil {
				return err
			}
		}
		return nil
	})
}

// Step resamples where the weights ask for it and moves the population one level on.
func (k *SMC) Step(ctx context.Context, s *sampler.State) error {
	if err := k.prepare(ctx, s); err != nil {
		return err
	}
	if err := k.resample(s); err != nil {
		return err
	}
	if s.Step+1 == k.Steps() {
		return k.last(ctx, s)
	}
	next := make([]float64, len(s.Z))
	ratio := make([]float64, s.N) // log p − log q − log ψ(z)
	err := k.eachChunk(ctx, s, func(c, i int, w *look, m *move) error {
		ratio[i] = m.propose(next[i*k.d:(i+1)*k.d], s.Z[i*k.d:(i+1)*k.d], w) - w.logPsi
		return nil
	})
	if err != nil {
		return err
	}
	answers, err := k.evaluate(ctx, next, s.Step+1)
	if err != nil {
		return err
	}
	s.Z, s.Step, k.cache = next, s.Step+1, answers
	s.DenoiserCalls++
	s.VJPCalls += int64(k.d)
	for i := range ratio {
		s.LogW[i] += ratio[i]
	}
	return k.weigh(ctx, s)
}

// eachChunk is each with a proposal mover keyed by chunk and step.
func (k *SMC) eachChunk(ctx context.Context, s *sampler.State, f func(c, i int, w *look, m *move) error) error {
	return sampler.ForChunks(ctx, s.N, k.Chunk, k.Workers, func(c, lo, hi int) error {
		w, m := k.twist.newLook(), k.newMove(s.Step, keyed.New(k.Seed, "proposal", c, s.Step))
		for i := lo; i < hi; i++ {
			k.fill(w, k.cache, i)
			k.twist.look(w, k.sigma[s.Step])
			k.twist.defend(w, s.Adapted[0])
			if err := f(c, i, w, m); err != nil {
				return err
			}
		}
		return nil
	})
}

// resample draws ancestors when the ESS is low and moves everything a particle owns.
func (k *SMC) resample(s *sampler.State) error {
	ess := diagnose.ESS(s.LogW)
	if !(ess > 0) {
		return fmt.Errorf("particle: twisted-smc: every weight is zero after step %d of %d: the constraints may exclude the prior; loosen them or raise particles", s.Step, k.Steps())
	}
	if ess >= k.Threshold*float64(s.N) {
		return nil
	}
	ancestor, _ := Systematic(s.LogW, s.N, keyed.New(k.Seed, "resample", 0, s.Step).Uniform())
	s.LogEvidence += diagnose.LogMeanExp(s.LogW)
	d := k.d
	s.Z = gather(s.Z, ancestor, d)
	k.cache = &cache{gather(k.cache.mean, ancestor, d), gather(k.cache.cov, ancestor, d*d)}
	origin := make([]int64, s.N)
	for i, a := range ancestor {
		origin[i] = s.Ancestor[a]
	}
	s.Ancestor = origin
	clear(s.LogW)
	s.Resampled++
	return nil
}

func gather(x []float64, index []int, d int) []float64 {
	out := make([]float64, len(index)*d)
	for i, a := range index {
		copy(out[i*d:(i+1)*d], x[a*d:(a+1)*d])
	}
	return out
}
