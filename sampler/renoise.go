package sampler

import (
	"fmt"
	"math"

	"abide/correct"
	"abide/diffusion"
)

// Reference is the noise that a step keeps.
type Reference int

const (
	Before Reference = iota // (z − a x̂)/b, implied by the estimate before it was corrected
	After                   // (z − a x̃)/b, implied by the corrected estimate
	Frozen                  // that of the start
)

// References are their names, in order.
var References = []string{"before", "after", "frozen"}

// Renoise goes through a corrected clean estimate x̃ = C(D(z)) and puts noise on it
// again, some of it old and some new,
//
//	z′ = a′ x̃ + b′ (ρ e + √(1−ρ²) ξ),   e = (z − a x̂)/b | (z − a x̃)/b | e₀,
//
// after so many more rounds at the level that it leaves, z ← a x̃ + b e or, fresh,
// z ← a x̃ + b ξ. Special cases: ρ = 1 with implied noise is the probability flow by
// Euler's method (DDIM); ρ = 1 with frozen noise is ECI (C. Cheng et al. 2025,
// algorithm 1) and PCFM without its penalty (U. Utkarsh et al. 2025, algorithm 1); ρ = 0
// with fresh rounds is predict, project, renoise (2026). Rounds + 1 denoiser calls and
// corrections a step; at the data it returns x̃.
//
// Not where the law has to be right: a mean is put where a draw of x given z would have
// to be, and with nothing to correct only ρ = 1 implied and ρ = (a b′)/(a′ b), the DDPM
// kernel, keep the prior. Smaller ρ are biased however many steps are taken, and so is
// frozen noise.
type Renoise struct {
	Grid      diffusion.Grid
	Correct   correct.Corrector // nil: none
	Reference Reference
	Rho       float64
	DDPM      bool // ρ = (a b′)/(a′ b) instead
	Rounds    int  // at each level, before the step
	Fresh     bool // rounds with new noise; else with e
	Redraw    int  // frozen noise is drawn anew every so many corrections; 0: never
}

var (
	_ Multistep = Renoise{}
	_ Starter   = Renoise{}
)

// Check tells what does not fit together.
func (s Renoise) Check() error {
	switch {
	case !(s.Rho >= 0 && s.Rho <= 1):
		return fmt.Errorf("sampler: renoise: ρ = %g: want 0 to 1", s.Rho)
	case s.Rounds < 0 || s.Redraw < 0:
		return fmt.Errorf("sampler: renoise: %d rounds, noise redrawn every %d: want no negative numbers", s.Rounds, s.Redraw)
	case s.Reference < Before || s.Reference > Frozen:
		return fmt.Errorf("sampler: renoise: reference %d: want one of %v", s.Reference, References)
	}
	return nil
}

// Memory is the frozen noise.
func (s Renoise) Memory(d int) int {
	if s.Reference == Frozen {
		return d
	}
	return 0
}

// Begin freezes the noise of the start: z itself, in its own standard deviations. What
// the prior has in it is a share of (a/b)² of its variance.
func (s Renoise) Begin(p Points, _ func([]float64)) error {
	c := 1 / math.Hypot(s.Grid.A[0], s.Grid.B[0])
	for i := range p.Memory {
		p.Memory[i] = c * p.Z[i]
	}
	return nil
}

// Step is one transition.
func (s Renoise) Step(p Points, k int, mean Mean, noise func([]float64)) error {
	a, b := s.Grid.A[k], s.Grid.B[k]
	e := p.Memory
	if s.Reference != Frozen {
		e = make([]float64, len(p.Z))
	}
	for j := range s.Rounds + 1 {
		x, err := mean(p.Z, a, b)
		if err != nil {
			return err
		}
		if s.Reference == Before {
			implied(e, p.Z, x, a, b)
		}
		if s.Correct != nil {
			s.Correct.Correct(x)
		}
		switch {
		case s.Reference == After:
			implied(e, p.Z, x, a, b)
		case s.Reference == Frozen && s.Redraw > 0 && (k*(s.Rounds+1)+j+1)%s.Redraw == 0:
			noise(e)
		}
		a1, b1, rho := a, b, 1.0
		switch {
		case j == s.Rounds:
			a1, b1, rho = s.Grid.A[k+1], s.Grid.B[k+1], s.Rho
			if s.DDPM {
				rho = a * b1 / (a1 * b)
			}
		case s.Fresh:
			rho = 0
		}
		copy(p.Z, e)
		blend(p.Z, b1*rho, a1, x, b1*math.Sqrt(max(1-rho*rho, 0)), noise)
	}
	return nil
}

// implied is the noise (z − a x)/b of points whose data are x.
func implied(e, z, x []float64, a, b float64) {
	for i := range e {
		e[i] = (z[i] - a*x[i]) / b
	}
}
