package correct

import (
	"abide/physics"
	"abide/prior"
)

// Step moves clean estimates by some steps of Gauss and Newton towards a law that is not
// linear, and only at the end all the way,
//
//	root:     x ← x − W⁻¹ Jᵀ S⁻¹ c(x)
//	nearest:  x ← x₀ − W⁻¹ Jᵀ S⁻¹ (c(x) + J (x₀ − x)),   S = J W⁻¹ Jᵀ
//
// as U. Utkarsh et al. 2025 (algorithm 1) do on the way to the data, with one step. One
// step is the same in both modes; more of the second end at the nearest point, more of the
// first at some point that obeys. Steps are whole, without a search, and rows that depend
// on others get static pivots in S, where they add 10⁻⁶ to its diagonal. Cost: that of
// [physics.Newton.Steps] a point. Not for linear laws, whose projection is one step.
type Step struct {
	Corrector // the full projection, which Finish is

	each   Field
	newton *physics.Newton
	steps  int
}

// NewStep joins the laws and prepares the steps in the metric w; finish is the projection
// onto all of them.
func NewStep(c prior.Coordinates, w physics.Metric, finish Corrector, root bool, steps int, laws ...physics.Constraint) (*Step, error) {
	all, err := physics.Join(laws...)
	if err != nil {
		return nil, err
	}
	n, err := physics.NewNewton(all, physics.NewtonOptions{Metric: w, Root: root})
	if err != nil {
		return nil, err
	}
	f, err := NewField(c, n)
	if err != nil {
		return nil, err
	}
	return &Step{finish, *f, n, steps}, nil
}

// Correct takes the steps and marks points that could not take them, which stay.
func (s *Step) Correct(u []float64) (infeasible []bool) {
	return s.each.each(u, 0, func(row, _ []float64) bool {
		s.each.coordinates.ToX(row, row)
		err := s.newton.Steps(row, s.steps)
		s.each.coordinates.ToU(row, row)
		return err == nil
	})
}
