package inverse

import (
	"slices"

	"abide/diffusion"
	"abide/sampler"
)

// around is a sampler's step that a method adds to.
type around struct {
	sampler sampler.Bridge
	grid    diffusion.Grid
}

// Memory is the sampler's.
func (s around) Memory(d int) int {
	if m, ok := s.sampler.(sampler.Multistep); ok {
		return m.Memory(d)
	}
	return 0
}

// known is the sampler's step from points whose clean estimates x are known already:
// what it asks about other points or levels goes to mean.
func (s around) known(p sampler.Points, k int, x []float64, mean sampler.Mean, noise func([]float64)) error {
	z := slices.Clone(p.Z)
	return s.sampler.Step(p, k, func(at []float64, a, b float64) ([]float64, error) {
		if a == s.grid.A[k] && b == s.grid.B[k] && slices.Equal(at, z) {
			return slices.Clone(x), nil
		}
		return mean(at, a, b)
	}, noise)
}
