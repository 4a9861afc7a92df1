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
	Jacobian   string  // "full", "rows" or "auto", the default; see [SMC]
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
// and about 2d³ FLOPs on the host, for at most 128 columns. Problems of m measured
// values with Gaussian noise and nothing else have a form of their own in any number
// of columns, with m + 1 products and 4 m² d + m³ FLOPs; see [measured]. Not where a
// constraint has many thin, separate pieces that the Gaussian cannot see.
type SMC struct {
	Settings
	problem *problem.Problem
	grid    diffusion.Grid
	sigma   []float64
	d       int
	form    form
	twist   *Twist // of the form with constraints; of the other, one that bounds nothing

	equality, all *constraint.Projector
	repair        float64 // standardised distance over which the end may be projected onto inequalities

	view view // what form saw from State.Z
}

var _ sampler.Kernel = (*SMC)(nil)

// maxKept bounds the numbers that are kept of the derivatives of a population of
// default size: 256 MiB.
const maxKept = 1 << 25

// New binds twisted SMC to a problem.
func New(e *engine.Engine, p *problem.Problem, grid diffusion.Grid, s Settings) (*SMC, error) {
	k := &SMC{Settings: s, problem: p, grid: grid, d: p.Dim()}
	for i := range grid.Steps() {
		k.sigma = append(k.sigma, grid.Sigma(i))
	}
	k.sigma = append(k.sigma, 0)
	if k.Threshold == 0 {
		k.Threshold = 0.5
	}
	if k.Chunk == 0 {
		k.Chunk = 512
	}
	k.repair = 6 * p.Prior.Resolution
	size, err := k.choose(e) // numbers that the form keeps of a particle
	if err != nil {
		return nil, err
	}
	if k.Particles == 0 {
		k.Particles = 8192
		if p.Prior.DType == engine.Float32 {
			k.Particles = 4096
		}
		k.Particles = max(min(k.Particles, maxKept/size), k.Samples)
	}
	if k.Particles < k.Samples {
		return nil, fmt.Errorf("particle: twisted-smc: %d particles for %d samples: particles must be at least samples (0 chooses)", k.Particles, k.Samples)
	}
	return k, k.projectors()
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
	err := k.each(ctx, s, "", func(i int, e eye) error {
		soft[i], hard[i] = e.factors(i)
		soft[i] += s.LogW[i]
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

// prepare makes the view from s.Z available.
func (k *SMC) prepare(ctx context.Context, s *sampler.State) (err error) {
	if k.view == nil {
		k.view, err = k.form.see(ctx, s.Z, s.Step)
	}
	return err
}

// each looks at every particle of s, with draws keyed by purpose, chunk and level.
func (k *SMC) each(ctx context.Context, s *sampler.State, purpose string, f func(i int, e eye) error) error {
	return sampler.ForChunks(ctx, s.N, k.Chunk, k.Workers, func(c, lo, hi int) error {
		e, err := k.view.open(lo, hi, purpose, c)
		if err != nil {
			return err
		}
		for i := lo; i < hi; i++ {
			if err := f(i, e); err != nil {
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
	d, next := k.d, make([]float64, len(s.Z))
	ratio := make([]float64, s.N) // log p − log q − log ψ(z)
	err := k.each(ctx, s, "proposal", func(i int, e eye) error {
		psi := e.psi(i, s.Adapted[0])
		ratio[i] = e.propose(next[i*d:(i+1)*d], s.Z[i*d:(i+1)*d]) - psi
		return nil
	})
	if err != nil {
		return err
	}
	ahead, err := k.form.see(ctx, next, s.Step+1)
	if err != nil {
		return err
	}
	s.Z, s.Step, k.view = next, s.Step+1, ahead
	s.DenoiserCalls++
	s.VJPCalls += int64(k.form.products())
	for i := range ratio {
		s.LogW[i] += ratio[i]
	}
	return k.weigh(ctx, s)
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
	k.view = k.view.gather(ancestor)
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
