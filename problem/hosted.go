package problem

import (
	"fmt"

	"abide/potential"
)

// Graphs refuses measurements through solvers on the host, for methods that put
// potentials into a graph.
func (p *Problem) Graphs(method string) error {
	for _, q := range p.Potentials {
		if h, ok := q.(*potential.Hosted); ok {
			return hostOnly(method, h)
		}
	}
	return nil
}

func hostOnly(method string, h *potential.Hosted) error {
	return &UnsupportedError{Method: method, Needs: "operators with a graph", Has: fmt.Sprintf("%q, a solver on the host", h.Name()), Try: "use method newton-gibbs or host-guided, or none to ignore it"}
}

// graphed is a potential that has to be a measurement with a graph.
func graphed(method string, q potential.Potential) (*potential.Measurement, error) {
	switch q := q.(type) {
	case *potential.Measurement:
		return q, nil
	case *potential.Hosted:
		return nil, hostOnly(method, q)
	}
	return nil, &UnsupportedError{Method: method, Needs: "measurements and no other potential", Has: fmt.Sprintf("%q", q.Name()), Try: "use method guided or twisted-smc, which take any"}
}

// Hosted are all measurements stacked to one on the host, in sampler coordinates:
// through solvers, and through operators with a graph, whose host form is taken. What is
// no measurement with Gaussian noise is an [UnsupportedError] of the method.
func (p *Problem) Hosted(method string) (*potential.Hosted, error) {
	var all []*potential.Hosted
	for _, q := range p.Potentials {
		h, ok := q.(*potential.Hosted)
		if !ok {
			m, err := graphed(method, q)
			if err != nil {
				return nil, err
			}
			if h, ok = m.HostForm(); !ok {
				return nil, &UnsupportedError{Method: method, Needs: "Gaussian noise", Has: fmt.Sprintf("another of measurement %q", q.Name()), Try: "use method guided, dps or twisted-smc"}
			}
		}
		all = append(all, h)
	}
	if len(all) == 0 {
		return nil, &UnsupportedError{Method: method, Needs: "a measurement", Has: "none", Try: "add [[potential]] kind = \"measurement\", or use method none"}
	}
	joined, err := potential.JoinHosted(all)
	if err != nil {
		return nil, err
	}
	return joined.Standardised(p.Prior.Coordinates.Shift, p.Prior.Coordinates.Scale), nil
}
