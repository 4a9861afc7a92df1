package sampler

import (
	"fmt"
	"math"

	"abide/diffusion"
)

// SMLD is the ancestral sampler of score matching with Langevin dynamics,
//
//	z′ = (σ′²/σ²) z + (1 − σ′²/σ²) x̂ + √(σ′²(σ² − σ′²)/σ²) n,
//
// with σ′ = 0 in the last step (Song et al. 2021, appendix F). The grid must
// have a = 1 (ve or edm). One call a step.
type SMLD struct{ Grid diffusion.Grid }

var _ Bridge = SMLD{}

// NewSMLD checks the grid.
func NewSMLD(g diffusion.Grid) (SMLD, error) { return SMLD{g}, unscaled("smld", g) }

// unscaled says whether a = 1 at every level.
func unscaled(name string, g diffusion.Grid) error {
	for k, a := range g.A {
		if a != 1 {
			return fmt.Errorf("sampler: %s: level %d has a = %g: needs a process with a = 1, edm or ve", name, k, a)
		}
	}
	return nil
}

// Step is one transition; at the last level it returns x̂.
func (s SMLD) Step(p Points, k int, mean Mean, noise func([]float64)) error {
	x, err := mean(p.Z, 1, s.Grid.B[k])
	if err != nil {
		return err
	}
	v, v1 := s.Grid.B[k]*s.Grid.B[k], s.Grid.B[k+1]*s.Grid.B[k+1]
	blend(p.Z, v1/v, 1-v1/v, x, math.Sqrt(v1*(v-v1)/v), noise)
	return nil
}
