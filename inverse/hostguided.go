package inverse

import (
	"context"
	"fmt"
	"sync"

	"abide/potential"
	"abide/sampler"
)

// HostGuided guides any sampler by a solver on the host: with r = L⁻¹(y − A(x̂)), J its
// tangent at the clean estimate, and the cotangent c = Jᵀr pulled back through the
// denoiser, g = σ² (∂D/∂z)ᵀ c,
//
//	x̂′ = x̂ + ζ g / (1 + c·g/r·r)
//
// which is x̂ + ζ CJᵀS⁻¹r, S = JCJᵀ + I with Tweedie's covariance C (Boys et al. 2024),
// with the Rayleigh quotient rᵀSr/r·r in place of S: no m×m system, and one adjoint
// solution for all values. Exact for one value, a Gaussian prior and a linear solver; else
// a step towards the data that no unit and no noise level makes too long, whose samples
// fit but are no draws of the posterior. Any prior.
//
// An evaluation costs two denoiser calls, one vector–Jacobian product, one run of the
// solver and one of its adjoint a point. For spreads that can be trusted: [NewtonGibbs].
type HostGuided struct {
	Scale float64 // ζ

	step  sampler.Bridge
	y     *potential.Hosted
	split Split
	tally *tally
}

// tally is how many evaluations were guided in the last step that was made, the most of
// any chunk: samplers of several calls guide each of them, and those with steps to a
// tolerance as many as they take.
type tally struct {
	sync.Mutex
	step, most int
}

func (t *tally) add(step, n int) {
	t.Lock()
	defer t.Unlock()
	if t.step != step {
		t.step, t.most = step, 0
	}
	t.most = max(t.most, n)
}

var (
	_ sampler.Solving   = (*HostGuided)(nil)
	_ sampler.Multistep = (*HostGuided)(nil)
	_ sampler.Counted   = (*HostGuided)(nil)
)

// NewHostGuided guides the steps of a sampler.
func NewHostGuided(m *Model, y *potential.Hosted, step sampler.Bridge, scale float64) *HostGuided {
	return &HostGuided{scale, step, y, m.Split(), &tally{step: -1}}
}

// Memory is the sampler's.
func (s *HostGuided) Memory(d int) int { return around{sampler: s.step}.Memory(d) }

// Calls are one past the sampler's, and one product, for each evaluation that step k
// guided when it was made last; one evaluation, the least there is, where it was not the
// last step made.
func (s *HostGuided) Calls(k int) (denoiser, vjp int) {
	s.tally.Lock()
	defer s.tally.Unlock()
	if s.tally.step != k {
		return 1, 1
	}
	return s.tally.most, s.tally.most
}

// Step is StepIn without a bound.
func (s *HostGuided) Step(p sampler.Points, k int, mean sampler.Mean, noise func([]float64)) error {
	return s.StepIn(context.Background(), p, k, mean, noise)
}

// StepIn is the sampler's step with guided estimates.
func (s *HostGuided) StepIn(ctx context.Context, p sampler.Points, k int, mean sampler.Mean, noise func([]float64)) error {
	guided := 0
	err := s.step.Step(p, k, func(z []float64, a, b float64) ([]float64, error) {
		x, err := mean(z, a, b)
		if err != nil || b == 0 {
			return x, err
		}
		guided++
		return x, s.guide(ctx, x, z, p.Dim, a, b)
	}, noise)
	s.tally.add(k, guided)
	return err
}

// guide moves clean estimates x of z.
func (s *HostGuided) guide(ctx context.Context, x, z []float64, d int, a, b float64) error {
	n, m := len(x)/d, len(s.y.Y)
	c, square := make([]float64, n*d), make([]float64, n)
	err := sampler.ForChunks(ctx, n, 1, 0, func(i, _, _ int) error {
		r, at := make([]float64, m), x[i*d:(i+1)*d]
		if err := s.y.Misfit(ctx, r, at); err != nil {
			return fmt.Errorf("inverse: host-guided: sample %d of its chunk, σ = %.3g: %w", i, b/a, err)
		}
		square[i] = inner(r, r)
		s.y.Noise.WhitenTransposeAt(r)
		if err := s.y.Op.VJP(ctx, c[i*d:(i+1)*d], at, r); err != nil {
			return fmt.Errorf("inverse: host-guided: sample %d of its chunk, σ = %.3g: %w", i, b/a, err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	_, g, err := s.split.Pull(z, c, d, a, b)
	if err != nil {
		return err
	}
	for i, sq := range square {
		if sq == 0 {
			continue
		}
		by := b * b / a // Pull is ∂x̂/∂z = a⁻¹ ∂D/∂u: σ² ∂D/∂u = (b²/a) ∂x̂/∂z
		row := g[i*d : (i+1)*d]
		t := s.Scale * by / (1 + max(0, by*inner(c[i*d:(i+1)*d], row)/sq))
		for k, v := range row {
			x[i*d+k] += t * v
		}
	}
	return nil
}
