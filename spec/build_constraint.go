package spec

import (
	"math"

	"abide/constraint"
)

// BuildConstraints makes the constraints of the spec over d = len(names) columns; none
// where there are laws of whole fields, which [Spec.BuildLaws] makes of all of them.
func (s *Spec) BuildConstraints(names []string) ([]constraint.Constraint, error) {
	var all []constraint.Constraint
	if s.HasLaws() {
		return nil, nil
	}
	for _, b := range s.Constraints {
		c, err := b.constraint(names)
		if err != nil {
			return nil, err
		}
		if tol := b.Float("tolerance"); tol != constraint.DefaultTolerance {
			c = constraint.WithTolerance(c, tol)
		}
		all = append(all, c)
	}
	return all, nil
}

// constraint makes the constraint of one block.
func (b *Block) constraint(names []string) (constraint.Constraint, error) {
	var c constraint.Constraint
	var err error
	d, name := len(names), b.String("name")
	for _, key := range []string{"normal", "center"} {
		if b.kind.Key(key) != nil {
			if err := b.length(key, len(b.Floats(key)), d, "the prior"); err != nil {
				return nil, err
			}
		}
	}
	if b.kind.Key("matrix") != nil {
		if err := b.width("matrix", d); err != nil {
			return nil, err
		}
	}
	switch b.Kind {
	case "formula":
		rel, fault := b.Relation("expr", names)
		if fault != nil {
			return nil, fault
		}
		c, err = constraint.NewFormula(name, rel, d)
	case "half-space":
		c, err = constraint.NewHalfSpace(name, b.Floats("normal"), b.Float("offset"))
	case "polytope":
		c, err = constraint.NewPolytope(name, b.Matrix("matrix"), b.Floats("bound"))
	case "linear-equality":
		c, err = constraint.NewLinearEquality(name, b.Matrix("matrix"), b.Floats("value"))
	case "ball":
		c, err = constraint.NewBall(name, b.Floats("center"), b.Float("radius"))
	case "box":
		lower, upper, fault := b.bounds(names)
		if fault != nil {
			return nil, fault
		}
		c, err = constraint.NewBox(name, lower, upper, names)
	default: // fixed
		index, fault := b.columns(names)
		if fault != nil {
			return nil, fault
		}
		c, err = constraint.NewFixed(name, d, index, b.Spread("value", len(index)), names)
	}
	if err != nil {
		return nil, b.built(err)
	}
	return c, nil
}

// width refuses a matrix whose rows do not have one number per column.
func (b *Block) width(key string, d int) error {
	if got := len(b.Matrix(key)[0]); got != d {
		return b.fault(key, "the rows have length %d, the prior has %d columns", got, d).allowed("length %d", d)
	}
	return nil
}

// bounds spreads the bounds of a box over all d columns.
func (b *Block) bounds(names []string) (lower, upper []float64, err error) {
	index, err := b.columns(names)
	if err != nil {
		return nil, nil, err
	}
	if index == nil {
		for j := range names {
			index = append(index, j)
		}
	}
	spread := func(key string, free float64) ([]float64, error) {
		all := make([]float64, len(names))
		for j := range all {
			all[j] = free
		}
		if !b.Has(key) {
			return all, nil
		}
		given := b.Spread(key, len(index))
		if err := b.length(key, len(given), len(index), "the prior"); err != nil {
			return nil, err
		}
		for i, j := range index {
			all[j] = given[i]
		}
		return all, nil
	}
	if lower, err = spread("lower", math.Inf(-1)); err != nil {
		return nil, nil, err
	}
	upper, err = spread("upper", math.Inf(1))
	return lower, upper, err
}
