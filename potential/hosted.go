package potential

import (
	"context"
	"fmt"
	"math"
	"slices"

	"abide/operator"
)

// Hosted is a measurement with Gaussian noise through a solver on the host,
//
//	E(x) = ½ |L⁻¹(y − A(x))|²,  R = L Lᵀ,
//
// which has no graph: methods that ask for one refuse it, and Energy panics as builders
// of graphs do. Each energy is a run of the solver.
type Hosted struct {
	name  string
	Op    operator.Host
	Y     []float64 // m
	Noise *Normal
}

var _ Potential = (*Hosted)(nil)

// NewHosted is the measurement y of A(x). NaN in y stands for a value that was not
// measured, where missing says so.
func NewHosted(name string, op operator.Host, y []float64, noise *Normal, missing bool) (*Hosted, error) {
	fail := failer(name)
	_, m := op.Dims()
	if len(y) != m || len(noise.variance) != m {
		return nil, fail("%d values of y and noise of %d numbers for %d measured rows: give one for each", len(y), len(noise.variance), m)
	}
	var index []int
	for i, v := range y {
		switch {
		case missing && math.IsNaN(v):
		case !finite(v):
			return nil, fail("y[%d] is %g: want a finite number; what was not measured is left out, or NaN with missing = true", i, v)
		default:
			index = append(index, i)
		}
	}
	switch len(index) {
	case m:
		return &Hosted{name, op, slices.Clone(y), noise}, nil
	case 0:
		return nil, fail("all %d values of y are missing: leave the measurement out", m)
	}
	rest, err := noise.rows(index)
	if err != nil {
		return nil, fail("%v", err)
	}
	seen := make([]float64, len(index))
	for k, i := range index {
		seen[k] = y[i]
	}
	return &Hosted{name, operator.HostRows(op, index), seen, rest}, nil
}

// Name is what reports call the measurement.
func (p *Hosted) Name() string { return p.name }

// Energy has no graph.
func (p *Hosted) Energy(*Node) *Node {
	panic(fmt.Errorf("potential: measurement %q: its solver runs on the host and has no graph: use method newton-gibbs or host-guided", p.name))
}

// EnergyAt is E of one point, NaN where the solver fails; see [Hosted.Misfit].
func (p *Hosted) EnergyAt(x []float64) float64 {
	r := make([]float64, len(p.Y))
	if err := p.Misfit(context.Background(), r, x); err != nil {
		return math.NaN()
	}
	return 0.5 * dot(r, r)
}

// GradientAt writes ∂E/∂x to g and returns E; NaN where the solver fails.
func (p *Hosted) GradientAt(x, g []float64) float64 {
	ctx, r := context.Background(), make([]float64, len(p.Y))
	err := p.Op.At(ctx, r, x)
	c := make([]float64, len(r))
	e := p.Noise.EnergyAt(r, p.Y, c)
	if err == nil {
		err = p.Op.VJP(ctx, g, x, c)
	}
	if err != nil {
		for i := range g {
			g[i] = math.NaN()
		}
		return math.NaN()
	}
	return e
}

// Misfit writes r = L⁻¹(y − A(x)), of which E is ½ |r|².
func (p *Hosted) Misfit(ctx context.Context, r, x []float64) error {
	if err := p.Op.At(ctx, r, x); err != nil {
		return fmt.Errorf("potential: measurement %q: %w", p.name, err)
	}
	p.residual(r)
	return nil
}

func (p *Hosted) residual(r []float64) {
	for i, v := range p.Y {
		r[i] = v - r[i]
	}
	p.Noise.WhitenAt(r)
}

// Linearise writes r = L⁻¹(y − A(x)) and L⁻¹ ∂A/∂x, row-major m×d, to jac.
func (p *Hosted) Linearise(ctx context.Context, r, jac, x []float64) error {
	if err := operator.Linearise(ctx, p.Op, r, jac, x); err != nil {
		return fmt.Errorf("potential: measurement %q: %w", p.name, err)
	}
	p.residual(r)
	p.Noise.WhitenRows(jac, len(x))
	return nil
}

// Standardised is the measurement in sampler coordinates u, x = shift + scale ⊙ u, with
// the solver's numbers looked at.
func (p *Hosted) Standardised(shift, scale []float64) *Hosted {
	return &Hosted{p.name, operator.SeenFrom(p.Op, shift, scale), p.Y, p.Noise}
}

// HostForm is a measurement with a graph seen as one without; its noise has to be
// Gaussian.
func (p *Measurement) HostForm() (*Hosted, bool) {
	n, ok := p.Gaussian()
	return &Hosted{p.name, operator.OnHost(p.Op), p.Y, n}, ok
}

// JoinHosted stacks measurements to one.
func JoinHosted(ms []*Hosted) (*Hosted, error) {
	if len(ms) == 1 {
		return ms[0], nil
	}
	out, all, hosts := &Hosted{}, make([]*Measurement, len(ms)), make([]operator.Host, len(ms))
	for i, m := range ms {
		if i > 0 {
			out.name += ", "
		}
		out.name += m.name
		out.Y = append(out.Y, m.Y...)
		hosts[i], all[i] = m.Op, &Measurement{Y: m.Y, Noise: m.Noise}
	}
	out.Op = operator.StackHosts(hosts...)
	var err error
	if out.Noise, err = joinNoise(all, len(out.Y)); err != nil {
		return nil, fmt.Errorf("potential: %s: %w", out.name, err)
	}
	return out, nil
}
