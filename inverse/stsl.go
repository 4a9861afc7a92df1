package inverse

import (
	"github.com/gomlx/gomlx/core/graph"

	"abide/diffusion"
	"abide/guide"
	"abide/internal/engine"
	"abide/prior"
	"abide/sampler"
)

// STSL is the second-order Tweedie sampler from a surrogate loss: Inner corrections
// of the state, then a ddpm step,
//
//	z ← z + ∇_z [ −λ L(x̂(z)) − (γ/d)(nᵀs(z + n) − nᵀs(z)) ],   n ~ N(0, I),
//
// s = (a x̂ − z)/b² the score, L = ‖y − A(x̂)‖ and 3 corrections, with the clean
// estimate of before the last one in the step (Rout, Chen, Kumar, Caramanis,
// Shakkottai and Chu 2024, "Beyond first-order Tweedie", in the form without a
// latent space of the code of Boys et al. 2024, github.com/bb515/tmpd). The second
// term estimates the trace of ∇s, with nᵀ∇s n where s is linear and a step of length
// √d where it is not. It begins at z = a Hᵀy + b n for linear A, in units where
// columns have variance 1. Each correction costs 2 denoiser calls and 2
// vector–Jacobian products, 1 and 1 where γ = 0. λ and γ are of order 1 at every
// step, and there is no limit as steps grow: not where the spread of the samples
// matters. Where modes are much narrower than a step of length √d the trace term is
// noise that throws points out: γ = 0 there.
type STSL struct {
	grid          diffusion.Grid
	step          sampler.DDPM
	lambda, gamma float64
	inner         int
	start         []float64 // Hᵀy; nil: as drawn

	eval Function
}

var (
	_ sampler.Counted = (*STSL)(nil)
	_ sampler.Starter = (*STSL)(nil)
)

// NewSTSL binds the method to a model; start is where the points begin, without
// their noise, or nil.
func NewSTSL(m *Model, g diffusion.Grid, misfit guide.Energy, lambda, gamma float64, inner int, start []float64) *STSL {
	s := &STSL{grid: g, step: sampler.DDPM{Grid: g}, lambda: lambda, gamma: gamma, inner: inner, start: start}
	s.eval = m.FunctionOf("denoiser and gradient of the surrogate loss", func(u, sigma *Node, more []*Node) []*Node {
		mean := m.Prior.Denoiser.Denoise(u, sigma)
		loss := graph.MulScalar(misfit(mean), lambda)
		if gamma > 0 {
			trace := scoreTrace(m.Prior.Denoiser, mean, u, sigma, more[0], more[1])
			loss = graph.Add(loss, graph.MulScalar(trace, gamma/float64(u.Shape().Dimensions[1])))
		}
		return []*Node{mean, graph.Gradient(graph.ReduceAllSum(loss), u)[0]}
	})
	return s
}

// scoreTrace is nᵀs(z + n) − nᵀs(z), [N], at z = a u with D(u, σ) = mean: in u the
// score s is (D − u)/(a σ²), and n moves u by n/a.
func scoreTrace(d prior.Denoiser, mean, u, sigma, n, a *Node) *Node {
	moved := graph.Add(u, graph.Div(n, a))
	there := graph.Sub(d.Denoise(moved, sigma), moved)
	change := graph.ReduceSum(graph.Mul(n, graph.Sub(there, graph.Sub(mean, u))), -1)
	return graph.Div(change, graph.Mul(a, graph.Mul(sigma, sigma)))
}

// Calls are those of one step.
func (s *STSL) Calls(int) (denoiser, vjp int) {
	n := s.inner
	if s.gamma > 0 {
		n *= 2
	}
	return n, n
}

// Begin noises the start.
func (s *STSL) Begin(p sampler.Points, noise func([]float64)) error {
	if s.start == nil {
		return nil
	}
	noise(p.Z)
	for i := range p.Z {
		p.Z[i] = s.grid.A[0]*s.start[i%p.Dim] + s.grid.B[0]*p.Z[i]
	}
	return nil
}

// Step is one transition.
func (s *STSL) Step(p sampler.Points, k int, _ sampler.Mean, noise func([]float64)) error {
	a, b := s.grid.A[k], s.grid.B[k]
	var x []float64
	for range s.inner {
		var more []engine.Array
		if s.gamma > 0 {
			more = append(normals(noise, p.Z, p.Dim, 1, 1), engine.Scalar(a))
		}
		out, err := s.eval.At(p.Z, p.Dim, a, b, more...)
		if err != nil {
			return err
		}
		x = out[0]
		for i, g := range out[1] {
			p.Z[i] -= g / a
		}
	}
	return s.step.Step(p, k, func([]float64, float64, float64) ([]float64, error) { return x, nil }, noise)
}
