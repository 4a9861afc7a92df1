package problem

import (
	"errors"
	"fmt"
	"slices"

	"abide/constraint"
	"abide/internal/keyed"
	"abide/physics"
	"abide/prior"
)

// Metric is W = 1/scale², in which nearest means nearest in sampler coordinates; nil, the
// identity, where all columns have one scale, so that laws with transforms fit.
func Metric(c prior.Coordinates) physics.Metric {
	if !slices.ContainsFunc(c.Scale, func(s float64) bool { return s != c.Scale[0] }) {
		return nil
	}
	w := make(physics.Metric, len(c.Scale))
	for j, s := range c.Scale {
		w[j] = 1 / (s * s)
	}
	return w
}

// Obeying is the problem with laws of its fields besides. They are checked here, before
// any run: fields of another size, laws that contradict each other and laws that no field
// near the prior's is found to obey are errors that name them. All laws, and rows of
// columns beside them, are one projection, the first of these that fits:
//
//   - linear equations with few entries are stacked: initial values and mass are an
//     overwrite and a shift;
//   - polyhedra, bounds beside sensors say, go together by Dykstra's method;
//   - all else is one system of rows for Gauss and Newton.
func (p *Problem) Obeying(laws ...physics.Constraint) (*Problem, error) {
	for _, law := range laws {
		if law.Dim() != p.Dim() {
			return nil, fmt.Errorf("problem: law %s: fields of %d numbers, the prior has %d columns", law.Rows()[0].Name, law.Dim(), p.Dim())
		}
	}
	all := slices.Clone(laws)
	for _, c := range p.Constraints {
		rows, err := constraint.Laws(c, p.Dim())
		if err != nil {
			return nil, err
		}
		all = append(all, rows...)
	}
	law, err := together(Metric(p.Prior.Coordinates), all)
	if err != nil {
		return nil, err
	}
	if err := reachable(p.Prior.Coordinates, law); err != nil {
		return nil, err
	}
	q := *p
	q.Laws, q.Law = laws, law
	return &q, nil
}

// Rows are all constraints as laws of fields, those of columns too, for methods that take
// residuals and products with their Jacobian instead of a projection.
func (p *Problem) Rows() []physics.Constraint {
	rows := slices.Clone(p.Laws)
	for _, c := range p.Constraints {
		rows = append(rows, constraint.Law(c, p.Dim()))
	}
	return rows
}

// together is one projection for all laws, in the metric where that can be chosen.
func together(w physics.Metric, laws []physics.Constraint) (physics.Projector, error) {
	var sparse, others []physics.Constraint
	for _, law := range laws {
		if _, ok := law.(physics.Sparse); ok {
			sparse = append(sparse, law)
		} else {
			others = append(others, law)
		}
	}
	var projectors []physics.Projector
	if len(sparse) > 0 { // contradictions are found here, whatever else there is
		stack, err := physics.NewStack(w, sparse...)
		if err != nil || len(others) == 0 {
			return stack, err
		}
		projectors = append(projectors, stack)
	}
	polyhedra := true
	for _, law := range others {
		p, ok := law.(physics.Projector)
		if ok && len(laws) == 1 {
			return p, nil
		}
		polyhedra = polyhedra && ok && physics.LinearRows(law)
		projectors = append(projectors, p)
	}
	if polyhedra {
		return physics.NewDykstra(physics.DykstraSettings{}, projectors...)
	}
	all, err := physics.Join(laws...)
	if err != nil {
		return nil, err
	}
	return physics.NewNewton(all, physics.NewtonOptions{Metric: w})
}

// starts are the fields that [reachable] tries.
const starts = 3

// reachable projects some fields of the prior's mean and scale with white noise. Stacked
// linear equations are known to be obeyed by some field.
func reachable(c prior.Coordinates, law physics.Projector) (err error) {
	if _, ok := law.(*physics.Linear); ok {
		return nil
	}
	x := make([]float64, c.Dim())
	for k := range starts {
		keyed.New(0, "reachable", k, 0).Normal(x)
		c.ToX(x, x)
		if err = law.Project(x); err == nil || errors.Is(err, physics.ErrNotNearest) { // some field obeys
			return nil
		}
	}
	return fmt.Errorf("problem: laws from %d fields with the prior's mean and scale: %w: check that they do not contradict each other or the data", starts, err)
}
