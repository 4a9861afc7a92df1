package inverse

import (
	"abide/diffusion"
	"abide/guide"
	"abide/internal/engine"
	"abide/sampler"
)

// NewPSPlus is DPS with the misfit averaged over K displaced clean estimates,
//
//	z′ = step(z, x̂) − ζ ∇_z (1/K) Σ_k L(x̂(z) + ω u_k),
//
// u_k uniform on [0, 1) in each coordinate and ω = 0.05, K = 5 as in the authors'
// code of DPS ("ps+" of github.com/DPS2022/diffusion-posterior-sampling). The shift
// by ω/2 that such u have is theirs. Costs and limits are those of DPS, with K
// evaluations of the operator.
func NewPSPlus(m *Model, g diffusion.Grid, step sampler.Bridge, misfit guide.Energy, scale float64, copies int, width float64) *DPS {
	s := &DPS{around: around{step, g}, Scale: scale}
	s.draw = func(noise func([]float64), z []float64, d int) []engine.Array {
		return uniforms(noise, z, d, copies, width)
	}
	s.eval = m.gradient("denoiser and gradient of the averaged misfit", func(x *Node, more []*Node) *Node { return average(misfit, x, more) })
	return s
}
