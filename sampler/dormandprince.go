package sampler

import (
	"math"

	"abide/diffusion"
	"abide/ode"
)

// DormandPrince integrates the probability-flow equation in the process' own
// time with steps chosen to a tolerance (see [ode.Adaptive]); the grid only says
// where it pauses. All points of a chunk take the same steps, as small as its
// hardest point needs; chunks do not know of each other. Its memory is the size
// and the error of the last step. Not for laws without a density (empirical).
type DormandPrince struct {
	Grid       diffusion.Grid
	Rtol, Atol float64 // per step, in standard deviations of the prior; default 1e-6
	KeepNoise  bool    // ve and edm: leave the noise of t = 0 in the points

	flow flowODE
}

var _ Multistep = DormandPrince{}

// NewDormandPrince checks the grid.
func NewDormandPrince(g diffusion.Grid, rtol, atol float64) (DormandPrince, error) {
	f, err := newFlowODE("dormand-prince", g)
	return DormandPrince{Grid: g, Rtol: rtol, Atol: atol, flow: f}, err
}

// Memory is the step to try next and the error of the last one.
func (DormandPrince) Memory(int) int { return 2 }

// Step integrates from level to level.
func (s DormandPrince) Step(p Points, k int, mean Mean, _ func([]float64)) error {
	c := ode.Control{Step: math.Inf(1)}
	for i := 0; i < len(p.Memory); i += 2 { // after resampling points come from several chunks
		c.Step, c.Error = math.Min(c.Step, p.Memory[i]), math.Max(c.Error, p.Memory[i+1])
	}
	t1 := s.Grid.T[k+1]
	_, err := ode.Adaptive{Rtol: s.Rtol, Atol: s.Atol, Dim: p.Dim}.Solve(s.flow.velocity(mean), s.Grid.T[k], t1, p.Z, &c, nil)
	if err != nil {
		return err
	}
	for i := 0; i < len(p.Memory); i += 2 {
		p.Memory[i], p.Memory[i+1] = c.Step, c.Error
	}
	if t1 > 0 || s.KeepNoise {
		return nil
	}
	return s.flow.finish(p.Z, mean)
}
