package inverse

import (
	"github.com/gomlx/gomlx/core/graph"

	"abide/diffusion"
	"abide/guide"
	"abide/sampler"
)

// MPGD is manifold-preserving guided diffusion without its autoencoder: the clean
// estimate goes down the gradient of a misfit, which does not pass the denoiser,
//
//	z′ = step(z, x̂) − a′ c ∇_x̂ L(x̂),
//
// which under ddim is the published step, x̂ − c∇L with the noise estimate of z (He,
// Murata, Lai, Takida, Uesaka, Kim, Liao, Mitsufuji, Kolter, Salakhutdinov and Ermon
// 2024, algorithm 1). One denoiser call and no vector–Jacobian product, the cheapest
// of its family; any operator and noise. What is not measured moves with nothing
// but the denoiser's next answer: not where it should follow the measurement. The
// move is of order 1 at every step, and has no limit as steps grow.
type MPGD struct {
	around
	Scale float64 // c

	eval Function
}

var (
	_ sampler.Counted   = (*MPGD)(nil)
	_ sampler.Multistep = (*MPGD)(nil)
)

// NewMPGD puts the method after the step of a sampler.
func NewMPGD(m *Model, g diffusion.Grid, step sampler.Bridge, misfit guide.Energy, scale float64) *MPGD {
	s := &MPGD{around: around{step, g}, Scale: scale}
	s.eval = m.Function("denoiser and gradient at its estimate", func(u, sigma *Node) []*Node {
		mean := m.Prior.Denoiser.Denoise(u, sigma)
		return []*Node{mean, slope(misfit, mean)}
	})
	return s
}

// slope is ∇_x of a misfit at x [N, d]; what x was made of is not differentiated.
func slope(misfit guide.Energy, x *Node) *Node {
	x = graph.Identity(graph.StopGradient(x)) // by the node that stops gradients they are 0
	return graph.Gradient(graph.ReduceAllSum(misfit(x)), x)[0]
}

// Calls are those of one step past the sampler's.
func (s *MPGD) Calls(int) (denoiser, vjp int) { return 1, 0 }

// Step is one transition.
func (s *MPGD) Step(p sampler.Points, k int, mean sampler.Mean, noise func([]float64)) error {
	out, err := s.eval.At(p.Z, p.Dim, s.grid.A[k], s.grid.B[k])
	if err != nil {
		return err
	}
	x, g := out[0], out[1]
	if err := s.known(p, k, x, mean, noise); err != nil {
		return err
	}
	for i := range p.Z {
		p.Z[i] -= s.grid.A[k+1] * s.Scale * g[i]
	}
	return nil
}
