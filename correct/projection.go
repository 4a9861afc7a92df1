// Package correct holds clean-space correctors: maps from a clean estimate to
// one that obeys.
package correct

import (
	"abide/constraint"
	"abide/prior"
)

// Projection moves clean estimates to the nearest point, in standard deviations
// of the columns, that obeys every row (Christopher, Baek and Fioretto 2024
// project likewise, but the noisy point). Feasible is not right: the mass that
// the prior has outside ends on the boundary, and columns tied to the projected
// one by the prior do not follow it.
type Projection struct {
	Coordinates prior.Coordinates
	Projector   *constraint.Projector
}

// Correct projects rows of u in place and marks those that cannot be met.
func (p Projection) Correct(u []float64) (infeasible []bool) {
	p.Coordinates.ToX(u, u)
	infeasible = p.Projector.ProjectBatch(u, 1)
	p.Coordinates.ToU(u, u)
	return infeasible
}

// Finish projects rows of x in place and marks those that cannot be met.
func (p Projection) Finish(x []float64, workers int) (infeasible []bool) {
	return p.Projector.ProjectBatch(x, workers)
}
