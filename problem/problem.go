// Package problem ties a prior, constraints and potentials together: the law
//
//	π(x) ∝ p(x) exp(−Σ Eᵢ(x)) 1[g(x) ≤ 0] δ(h(x))
package problem

import (
	"fmt"

	"abide/constraint"
	"abide/physics"
	"abide/potential"
	"abide/prior"
)

// Problem is what a method is asked to sample.
type Problem struct {
	Prior       *prior.Prior
	Constraints []constraint.Constraint
	Potentials  []potential.Potential

	Laws []physics.Constraint // of whole fields; see Obeying
	Law  physics.Projector    // all of them together; nil: none
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

// Observed are the measurements of the problem in sampler coordinates, for methods
// that take noise of any kind; those with Gaussian noise are stacked to the first.
func (p *Problem) Observed(method string) ([]*potential.Measurement, error) {
	var gaussian, others []*potential.Measurement
	for _, q := range p.Potentials {
		m, err := graphed(method, q)
		if err != nil {
			return nil, err
		}
		if _, ok := m.Gaussian(); ok {
			gaussian = append(gaussian, m)
		} else {
			others = append(others, m)
		}
	}
	if len(gaussian) > 0 {
		joined, err := potential.Join(gaussian)
		if err != nil {
			return nil, err
		}
		others = append([]*potential.Measurement{joined}, others...)
	}
	if len(others) == 0 {
		return nil, &UnsupportedError{Method: method, Needs: "a measurement", Has: "none", Try: "add [[potential]] kind = \"measurement\", or use method none"}
	}
	for i, m := range others {
		others[i] = m.Standardised(p.Prior.Coordinates.Shift, p.Prior.Coordinates.Scale)
	}
	return others, nil
}

// Measured is the measurement y = A(x) + n of the problem in sampler coordinates,
// several of them stacked to one, for methods that understand Gaussian noise and
// nothing else: what they cannot use is an [UnsupportedError] of the given method.
func (p *Problem) Measured(method string) (*potential.Measurement, error) {
	var ms []*potential.Measurement
	for _, q := range p.Potentials {
		m, err := graphed(method, q)
		if err != nil {
			return nil, err
		}
		if _, gaussian := m.Gaussian(); !gaussian {
			return nil, &UnsupportedError{Method: method, Needs: "Gaussian noise", Has: fmt.Sprintf("another of measurement %q", q.Name()), Try: "use method guided, dps or twisted-smc"}
		}
		ms = append(ms, m)
	}
	if len(ms) == 0 {
		return nil, &UnsupportedError{Method: method, Needs: "a measurement", Has: "none", Try: "add [[potential]] kind = \"measurement\", or use method none"}
	}
	joined, err := potential.Join(ms)
	if err != nil {
		return nil, err
	}
	return joined.Standardised(p.Prior.Coordinates.Shift, p.Prior.Coordinates.Scale), nil
}

// MeasuredLinearly is Measured for methods that need linear operators: H and y of
// y = H u + n, with the noise.
func (p *Problem) MeasuredLinearly(method string) (*potential.Measurement, error) {
	m, err := p.Measured(method)
	if err != nil {
		return nil, err
	}
	h, y, ok := m.Linear()
	if !ok {
		return nil, &UnsupportedError{Method: method, Needs: "linear operators", Has: fmt.Sprintf("another in %q", m.Name()), Try: "use method dps, daps or twisted-smc"}
	}
	return potential.NewMeasured(m.Name(), h, y, m.Noise)
}

// Constrained reports whether there is any constraint, of columns or of fields.
func (p *Problem) Constrained() bool { return len(p.Constraints) > 0 || p.Law != nil }

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

// UnsupportedError says that a method lacks something it needs; with Method empty,
// that no exact law is known.
type UnsupportedError struct{ Method, Needs, Has, Try string }

func (e *UnsupportedError) Error() string {
	if e.Method == "" {
		return fmt.Sprintf("exact law: needs %s, has %s: %s", e.Needs, e.Has, e.Try)
	}
	return fmt.Sprintf("method %s: needs %s, has %s: %s", e.Method, e.Needs, e.Has, e.Try)
}
