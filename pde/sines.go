package pde

import (
	"math"

	"abide/internal/keyed"
)

// wave is A sin(2πk x + φ).
type wave struct {
	k                float64
	amplitude, phase float64
}

// drawWaves draws n waves with whole numbers k ~ U{1, …, highest}, A ~ U(0, 1) and φ ~
// U(0, 2π): the initial states of PDEBench in one dimension (M. Takamoto et al., NeurIPS
// 2022), where waves that are drawn twice add up to one of twice k, and
// here to two of the same k.
func drawWaves(r *keyed.Stream, n, highest int) []wave {
	w := make([]wave, n)
	for i := range w {
		w[i] = wave{k: math.Ceil(float64(highest) * r.Uniform()), amplitude: r.Uniform(), phase: 2 * math.Pi * r.Uniform()}
	}
	return w
}

// waveSum is the sum of waves at x.
func waveSum(waves []wave, x float64) (u float64) {
	for _, w := range waves {
		u += w.amplitude * math.Sin(2*math.Pi*w.k*x+w.phase)
	}
	return u
}
