package problem

import (
	"fmt"
	"slices"

	"abide/constraint"
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
// any run: fields of another size and laws that contradict each other are errors that
// name them. Several laws are one projection: linear ones with few entries are stacked
// (initial values and mass are an overwrite and a shift), others need a projection each
// and go together by Dykstra's method.
func (p *Problem) Obeying(laws ...physics.Constraint) (*Problem, error) {
	if len(p.Constraints) > 0 {
		return nil, fmt.Errorf("problem: constraint %q beside the law %s: rows of columns and laws of fields have no projection together: state the rows as laws (fixed values, bounds)", p.Constraints[0].Name(), laws[0].Rows()[0].Name)
	}
	law, err := together(Metric(p.Prior.Coordinates), laws)
	if err != nil {
		return nil, err
	}
	if law.Dim() != p.Dim() {
		return nil, fmt.Errorf("problem: law %s: fields of %d numbers, the prior has %d columns", law.Rows()[0].Name, law.Dim(), p.Dim())
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
	projectors := make([]physics.Projector, len(laws))
	sparse := true
	for i, law := range laws {
		_, ok := law.(physics.Sparse)
		sparse = sparse && ok
		projectors[i], ok = law.(physics.Projector)
		if !ok && !sparse {
			return nil, fmt.Errorf("problem: law %s has no projection: give it one (Gauss–Newton), or use it as a potential", law.Rows()[0].Name)
		}
	}
	switch {
	case sparse:
		if w != nil && len(w) != laws[0].Dim() {
			return nil, fmt.Errorf("problem: law %s: fields of %d numbers, the prior has %d columns", laws[0].Rows()[0].Name, laws[0].Dim(), len(w))
		}
		return physics.NewStack(w, laws...)
	case len(laws) == 1:
		return projectors[0], nil
	}
	return physics.NewDykstra(physics.DykstraSettings{}, projectors...)
}
