package spec

import (
	"abide/constraint"
	"abide/potential"
)

// BuildPotentials makes the potentials of the spec over d = len(names) columns.
func (s *Spec) BuildPotentials(names []string) ([]potential.Potential, error) {
	var all []potential.Potential
	for _, b := range s.Potentials {
		p, err := b.potential(names)
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, nil
}

// potential makes the potential of one block.
func (b *Block) potential(names []string) (potential.Potential, error) {
	var p potential.Potential
	var err error
	switch b.Kind {
	case "cost":
		e, fault := b.Expr("expr", names)
		if fault != nil {
			return nil, fault
		}
		p, err = potential.NewCost(b.String("name"), e, b.Float("weight"))
	case "penalty":
		rel, fault := b.Relation("expr", names)
		if fault != nil {
			return nil, fault
		}
		c, fault := constraint.NewFormula(b.String("name"), rel, len(names))
		if fault != nil {
			return nil, b.built(fault)
		}
		p, err = potential.NewPenalty(b.String("name"), c, b.Float("weight"))
	default: // measurement
		return b.measurement(names)
	}
	if err != nil {
		return nil, b.built(err)
	}
	return p, nil
}

// measurement makes the potential of y = operator·x + std·n.
func (b *Block) measurement(names []string) (potential.Potential, error) {
	op, y := b.Table("operator"), b.Floats("y")
	var p potential.Potential
	var err error
	if op.Kind == "matrix" {
		if err := op.width("value", len(names)); err != nil {
			return nil, err
		}
		p, err = potential.NewMeasurement(b.String("name"), op.Matrix("value"), y, b.flat("std"))
	} else {
		index, fault := op.columns(names)
		if fault != nil {
			return nil, fault
		}
		p, err = potential.NewMask(b.String("name"), len(names), index, y, b.flat("std"))
	}
	if err != nil {
		return nil, b.built(err)
	}
	return p, nil
}
