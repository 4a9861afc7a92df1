package sampler

import (
	"math"

	"abide/diffusion"
)

// DPMSolver is DPM-Solver++(2M), the second-order multistep solver of the
// probability-flow equation in the half log-SNR λ = ln(a/b), with h = λ′ − λ and
// r = h₋₁/h (Lu et al. 2022, algorithm 2):
//
//	z′ = (b′/b) z + a′(1 − e^{−h}) D,   D = x̂ + (x̂ − x̂₋₁)/(2r)
//
// The first step, which has no x̂₋₁, and the last, where h is infinite, take
// D = x̂. One call a step; for any path. Its memory is x̂.
type DPMSolver struct{ Grid diffusion.Grid }

var _ Multistep = DPMSolver{}

// Memory is x̂ of the step before.
func (DPMSolver) Memory(d int) int { return d }

// Step is one transition.
func (s DPMSolver) Step(p Points, k int, mean Mean, noise func([]float64)) error {
	a, b, a1, b1 := s.Grid.A[k], s.Grid.B[k], s.Grid.A[k+1], s.Grid.B[k+1]
	x, err := mean(p.Z, a, b)
	if err != nil {
		return err
	}
	w := 0.0 // 1/(2r)
	if k > 0 && b1 > 0 {
		w = 0.5 * s.logSNR(k, k+1) / s.logSNR(k-1, k)
	}
	kz := b1 / b
	kx := a1 - a*kz // a′(1 − e^{−h})
	for i := range p.Z {
		p.Z[i] = kz*p.Z[i] + kx*(x[i]+w*(x[i]-p.Memory[i]))
	}
	copy(p.Memory, x)
	return nil
}

// logSNR is λ of level j less λ of level i.
func (s DPMSolver) logSNR(i, j int) float64 { return math.Log(s.Grid.Sigma(i) / s.Grid.Sigma(j)) }
