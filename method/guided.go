package method

import (
	. "github.com/gomlx/gomlx/core/graph"

	"abide/constraint"
	"abide/guide"
	"abide/internal/engine"
	"abide/problem"
	"abide/sampler"
)

var guided = Method{
	Name:       "guided",
	Summary:    "leans the clean estimate by the gradient, through the denoiser, of potentials and broken rows, with a constant weight; projects at the end",
	Guide:      "plug-in gradient",
	Bridge:     "any",
	Corrector:  "projection at the end",
	Exact:      "biased for every weight: too far towards the data and too narrow; compare with twisted-smc before trusting a spread",
	Needs:      "a constraint or a potential",
	Calls:      "1 denoiser call and 1 vector–Jacobian product (heun: 2 and 2)",
	References: []string{"chung2023"},
	New: func(e *engine.Engine, p *problem.Problem, s Settings) (sampler.Kernel, error) {
		if len(p.Constraints)+len(p.Potentials) == 0 {
			return nil, &problem.UnsupportedError{Method: "guided", Needs: "a constraint or a potential", Has: "neither", Try: "use method none"}
		}
		k := independent(p, s)
		k.Guide = guide.PlugIn{Weight: s.Weight, Energy: energy(p)}
		if len(p.Constraints) == 0 {
			return k.Bind(e), nil
		}
		return k.Bind(e), projected(k, p)
	},
}

// rowWidth is the width, in standard deviations of a row under the prior, of
// the penalty that stands in for a hard row while guiding.
const rowWidth = 0.5

// energy is Σ Eᵢ + Σ rows ½ (violation/(0.5·s))² in sampler coordinates, with s
// the typical size of the row's residual under the prior.
func energy(p *problem.Problem) guide.Energy {
	sizes := make([][]float64, len(p.Constraints))
	for i, c := range p.Constraints {
		sizes[i] = rowSizes(c, p.Prior.Coordinates.Shift, p.Prior.Coordinates.Scale)
	}
	at := p.Prior.Coordinates
	return func(u *Node) *Node {
		g, t := u.Graph(), u.DType()
		row := func(v []float64) *Node { return ConvertDType(Const(g, [][]float64{v}), t) }
		x := Add(Mul(u, row(at.Scale)), row(at.Shift))
		e := Zeros(g, ReduceSum(u, -1).Shape())
		for _, q := range p.Potentials {
			e = Add(e, q.Energy(x))
		}
		for i, c := range p.Constraints {
			r := Div(c.Residual(x), row(sizes[i]))
			positive := make([]float64, len(sizes[i])) // 1 where a negative residual counts too
			for j, w := range c.Rows() {
				if w.Kind == constraint.Equality {
					positive[j] = 1
				}
			}
			zero := ScalarZero(g, t)
			broken := Add(Max(r, zero), Mul(Min(r, zero), row(positive)))
			e = Add(e, MulScalar(ReduceSum(Mul(broken, broken), -1), 0.5/(rowWidth*rowWidth)))
		}
		return e
	}
}

// rowSizes is the standard deviation of each row's residual over a box of one
// standard deviation around the prior's mean, to first order.
func rowSizes(c constraint.Constraint, shift, scale []float64) []float64 {
	m, d := len(c.Rows()), len(shift)
	jac, size := make([]float64, m*d), make([]float64, m)
	c.JacobianAt(shift, jac)
	for i := range m {
		var s float64
		for j := range d {
			v := jac[i*d+j] * scale[j]
			s += v * v
		}
		size[i] = sqrtOr1(s)
	}
	return size
}
