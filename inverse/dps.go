package inverse

import (
	"github.com/gomlx/gomlx/core/graph"

	"abide/diffusion"
	"abide/guide"
	"abide/internal/engine"
	"abide/sampler"
)

// DPS is diffusion posterior sampling: after the step of any sampler the state is
// moved down the gradient of a misfit of the clean estimate, through the denoiser,
//
//	z′ = step(z, x̂) − ζ ∇_z L(x̂(z)),   ∇_z = a⁻¹ ∇_u, u = z/a,
//
// published with L = ‖y − A(x̂)‖₂, not squared, ddpm as sampler and 1,000 steps
// (Chung, Kim, McCann, Klasky and Ye 2023, "Diffusion posterior sampling for general
// noisy inverse problems", algorithm 1 and appendix C.2; there ζ is 0.3 to 1 with
// pixels in [−1, 1]). The norm is that of each point by itself. One denoiser call and
// one vector–Jacobian product a step, besides further calls of the sampler; any
// differentiable operator and noise.
//
// ζ is of order 1 at every step, not of the order of the step: the samples have no
// limit as steps grow, ζ is tuned for each problem and number of steps. Not where
// their spread matters; guide.TMPD and twisted-smc have laws.
type DPS struct {
	around
	Scale float64 // ζ

	draw func(noise func([]float64), z []float64, d int) []engine.Array // displacements; nil: none
	eval Function
}

var (
	_ sampler.Counted   = (*DPS)(nil)
	_ sampler.Multistep = (*DPS)(nil)
)

// NewDPS puts a gradient after the step of a sampler.
func NewDPS(m *Model, g diffusion.Grid, step sampler.Bridge, misfit guide.Energy, scale float64) *DPS {
	s := &DPS{around: around{step, g}, Scale: scale}
	s.eval = m.gradient("denoiser and gradient of the misfit", func(x *Node, _ []*Node) *Node { return misfit(x) })
	return s
}

// gradient is the graph of a clean estimate and of ∇_u of a loss [N] of it.
func (m *Model) gradient(name string, loss func(x *Node, more []*Node) *Node) Function {
	return m.FunctionOf(name, func(u, sigma *Node, more []*Node) []*Node {
		mean := m.Prior.Denoiser.Denoise(u, sigma)
		return []*Node{mean, graph.Gradient(graph.ReduceAllSum(loss(mean, more)), u)[0]}
	})
}

// Calls are those of one step past the sampler's.
func (s *DPS) Calls(int) (denoiser, vjp int) { return 1, 1 }

// Step is one transition.
func (s *DPS) Step(p sampler.Points, k int, mean sampler.Mean, noise func([]float64)) error {
	a, b := s.grid.A[k], s.grid.B[k]
	var draws []engine.Array
	if s.draw != nil {
		draws = s.draw(noise, p.Z, p.Dim)
	}
	out, err := s.eval.At(p.Z, p.Dim, a, b, draws...)
	if err != nil {
		return err
	}
	x, g := out[0], out[1]
	if err := s.known(p, k, x, mean, noise); err != nil {
		return err
	}
	for i := range p.Z {
		p.Z[i] -= s.Scale / a * g[i]
	}
	return nil
}
