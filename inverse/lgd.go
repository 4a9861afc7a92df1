package inverse

import (
	"math"
	"sync/atomic"

	"abide/diffusion"
	"abide/guide"
	"abide/internal/engine"
	"abide/sampler"
)

// LGD is loss-guided diffusion: the likelihood of the clean estimate, smoothed by
// Monte Carlo over what the noise level leaves open, added to the score,
//
//	D′ = D + w σ² ∇_u log (1/K) Σ_k exp(−E(D + r n_k)),   r = ρ σ/√(1 + σ²),
//
// E = −log p(y | x) and ρ = 1 (Song, Zhang, Yin, Mardani, Liu, Kautz, Chen and
// Vahdat 2023, "Loss-guided diffusion models for plug-and-play controllable
// generation", the estimate LGD-MC: r² is the variance of N(μ, I) given z, so that for
// that prior and a linear operator the limit of many draws is exact). ρ = 0 is DPS-D.
// One denoiser call, one vector–Jacobian product and K evaluations of E for each
// call of the sampler; any operator and noise. The logarithm of a mean is biased
// low, and many more draws than measured numbers would be needed where the noise
// is small: with m > 10 it is hardly smoother than DPS-D.
//
// While σ is above the noise of the measurement the score is stiff, and steps are
// too long for it: a shift of the estimate by more than 10 standard deviations a
// coordinate (√d·10 in all) is shortened to that, as in guide.PlugIn.
type LGD struct {
	around
	Weight float64 // w
	Copies int     // K
	Spread float64 // ρ

	eval  Function
	calls atomic.Int64 // the most of a chunk in the step that was taken last
}

var (
	_ sampler.Counted   = (*LGD)(nil)
	_ sampler.Multistep = (*LGD)(nil)
)

// NewLGD puts the method before the step of a sampler.
func NewLGD(m *Model, g diffusion.Grid, step sampler.Bridge, energy guide.Energy, weight float64, copies int, spread float64) *LGD {
	s := &LGD{around: around{step, g}, Weight: weight, Copies: copies, Spread: spread}
	s.eval = m.gradient("denoiser and gradient of the smoothed energy", func(x *Node, more []*Node) *Node { return smoothed(energy, x, more) })
	return s
}

// Calls are those of the step taken last.
func (s *LGD) Calls(int) (denoiser, vjp int) {
	n := int(s.calls.Swap(0))
	return n, n
}

// longest is the longest shift of an estimate, in standard deviations a coordinate.
const longest = 10

// descend is x ← x − c g, with a longer shift cut to longest·√d.
func descend(x, g []float64, c float64) {
	var length float64
	for _, v := range g {
		length = math.Hypot(length, c*v)
	}
	if most := longest * math.Sqrt(float64(len(x))); length > most {
		c *= most / length
	}
	for i, v := range g {
		x[i] -= c * v
	}
}

// Step is one transition.
func (s *LGD) Step(p sampler.Points, k int, _ sampler.Mean, noise func([]float64)) error {
	var draws []float64 // the same for all calls of a step, which an adaptive sampler compares
	if s.Spread > 0 {
		draws = drawn(noise, len(p.Z), s.Copies)
	}
	n := int64(0)
	err := s.sampler.Step(p, k, func(z []float64, a, b float64) ([]float64, error) {
		n++
		sigma := b / a
		var cloud []engine.Array
		if s.Spread > 0 {
			cloud = displaced(draws, p.Dim, s.Spread*sigma/math.Hypot(1, sigma))
		}
		out, err := s.eval.At(z, p.Dim, a, b, cloud...)
		if err != nil {
			return nil, err
		}
		x, g := out[0], out[1]
		for lo := 0; lo < len(x); lo += p.Dim {
			descend(x[lo:lo+p.Dim], g[lo:lo+p.Dim], s.Weight*sigma*sigma)
		}
		return x, nil
	}, noise)
	for most := s.calls.Load(); n > most && !s.calls.CompareAndSwap(most, n); most = s.calls.Load() {
	}
	return err
}
