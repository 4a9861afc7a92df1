// Package problem ties a prior, constraints and potentials together: the law
//
//	π(x) ∝ p(x) exp(−Σ Eᵢ(x)) 1[g(x) ≤ 0] δ(h(x))
package problem

import (
	"fmt"

	"abide/constraint"
	"abide/potential"
	"abide/prior"
)

// Problem is what a method is asked to sample.
type Problem struct {
	Prior       *prior.Prior
	Constraints []constraint.Constraint
	Potentials  []potential.Potential
}

// New checks that the parts fit together: contradictory or dependent linear
// rows are an error that names them.
func New(p *prior.Prior, cs []constraint.Constraint, ps []potential.Potential) (*Problem, error) {
	if len(cs) > 0 {
		if err := constraint.Check(cs, p.Coordinates.Shift, p.Coordinates.Scale); err != nil {
			return nil, err
		}
	}
	return &Problem{Prior: p, Constraints: cs, Potentials: ps}, nil
}

// Dim is the number of columns.
func (p *Problem) Dim() int { return p.Prior.Coordinates.Dim() }

// Energy is Σ Eᵢ at one point x.
func (p *Problem) Energy(x []float64) float64 {
	var e float64
	for _, q := range p.Potentials {
		e += q.EnergyAt(x)
	}
	return e
}

// Equalities reports whether any row is an equation.
func (p *Problem) Equalities() bool {
	for _, c := range p.Constraints {
		for _, r := range c.Rows() {
			if r.Kind == constraint.Equality {
				return true
			}
		}
	}
	return false
}

// UnsupportedError says that a method lacks something it needs.
type UnsupportedError struct{ Method, Needs, Has, Try string }

func (e *UnsupportedError) Error() string {
	return fmt.Sprintf("method %s: needs %s, has %s: %s", e.Method, e.Needs, e.Has, e.Try)
}
