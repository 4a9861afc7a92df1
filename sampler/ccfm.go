package sampler

import (
	"fmt"
	"math"

	"abide/constraint"
	"abide/diffusion"
	"abide/prior"
)

// ChanceConstrained is chance-constrained flow matching (J. Liang, Y. Sun, A. Samaddar, S.
// Madireddy and F. Fioretto 2025): after each step of a sampler the noisy point z = a u + b n
// moves to the nearest one whose data obey each row with a probability p over the noise,
//
//	P{ α·(z/a − σ ξ) ≤ β } ≥ p   ⇔   α·z/a + Φ⁻¹(p) σ ‖α‖ ≤ β,   σ = b/a,   ξ ~ N(0, I),
//
// for rows α·u ≤ β in sampler coordinates; an equation as two rows, which for p > ½ is
// itself, and a ball as all its tangents, with the largest deviation of its columns. p =
// p₁ sᵉ grows along the flow's time s = 1/(1 + σ): early points stay where they are. Rows that no point obeys
// with that probability all at once are asked for nine tenths of what some point does. At
// the data σ = 0 and the point is the projection. One projection more a step.
//
// Not where the law has to be right: a row holds with probability p on its boundary where
// the prior would have every probability, so that what was cut off lies there, as a
// projection's does. Not for rows that are not linear, nor a ball.
type ChanceConstrained struct {
	Bridge
	grid        diffusion.Grid
	coordinates prior.Coordinates
	levels      []*constraint.Projector // [levels] nil: all points stay
}

var _ Multistep = (*ChanceConstrained)(nil)

// NewChanceConstrained prepares the projection of every level; confidence is p₁, power e.
// A constraint with other rows is an error.
func NewChanceConstrained(step Bridge, g diffusion.Grid, c prior.Coordinates, cs []constraint.Constraint, confidence, power float64) (*ChanceConstrained, error) {
	s := &ChanceConstrained{Bridge: step, grid: g, coordinates: c}
	most, err := largestMargin(c, cs)
	if err != nil {
		return nil, err
	}
	for k := range g.A {
		sigma := g.Sigma(k)
		p := confidence * math.Pow(1/(1+sigma), power)
		q := -math.Sqrt2 * math.Erfcinv(2*p) // Φ⁻¹(p)
		margin := min(q*sigma, 0.9*most)
		if sigma == 0 {
			margin = 0
		}
		var projector *constraint.Projector
		if margin > -farMargin {
			if projector, err = movedProjector(c, cs, margin); err != nil {
				return nil, err
			}
		}
		s.levels = append(s.levels, projector)
	}
	return s, nil
}

// farMargin is that, in standard deviations, of rows that no point reaches, outward, or of
// a set without bounds, inward.
const farMargin = 1e6

// movedProjector is nil where nothing is left of a row.
func movedProjector(c prior.Coordinates, cs []constraint.Constraint, margin float64) (*constraint.Projector, error) {
	var moved []constraint.Constraint
	for _, one := range cs {
		m, ok := constraint.Moved(one, c.Scale, margin)
		if !ok {
			return nil, fmt.Errorf("sampler: ccfm: constraint %q has rows that are neither linear nor a ball", one.Name())
		}
		if m == nil {
			return nil, nil
		}
		moved = append(moved, m)
	}
	return constraint.NewProjector(moved, c.Scale)
}

// largestMargin is that by which all rows can be moved inward at once, without equations
// the radius of the largest ball in the set in sampler coordinates, by halving.
func largestMargin(c prior.Coordinates, cs []constraint.Constraint) (float64, error) {
	x := make([]float64, c.Dim())
	met := func(margin float64) (bool, error) {
		p, err := movedProjector(c, cs, margin)
		if p == nil || err != nil {
			return false, err
		}
		copy(x, c.Shift)
		return !p.Project(x).Infeasible, nil
	}
	low, high := 0.0, farMargin
	for range 60 {
		middle := (low + high) / 2
		if low == 0 {
			middle = high / 8
		}
		ok, err := met(middle)
		if err != nil {
			return 0, err
		}
		if ok {
			low = middle
		} else {
			high = middle
		}
		if high-low <= 1e-3*low {
			break
		}
	}
	return low, nil
}

// Memory is the sampler's.
func (s *ChanceConstrained) Memory(d int) int { return memoryOf(s.Bridge, d) }

// Step is one transition.
func (s *ChanceConstrained) Step(p Points, k int, mean Mean, noise func([]float64)) error {
	if err := s.Bridge.Step(p, k, mean, noise); err != nil {
		return err
	}
	projector := s.levels[k+1]
	if projector == nil {
		return nil
	}
	a := s.grid.A[k+1]
	rescale(p.Z, 1/a)
	s.coordinates.ToX(p.Z, p.Z)
	projector.ProjectBatch(p.Z, 1)
	s.coordinates.ToU(p.Z, p.Z)
	rescale(p.Z, a)
	return nil
}
