package spec

import (
	"abide/constraint"
	"abide/potential"
)

// BuildPotentials makes the potentials of the spec over d = len(names) columns.
func (s *Spec) BuildPotentials(names []string) ([]potential.Potential, error) {
	var all []potential.Potential
	for _, b := range s.Potentials {
		p, err := s.potential(b, names)
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, nil
}

// potential makes the potential of one block.
func (s *Spec) potential(b *Block, names []string) (potential.Potential, error) {
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
		return s.measurement(b, names)
	}
	if err != nil {
		return nil, b.built(err)
	}
	return p, nil
}
