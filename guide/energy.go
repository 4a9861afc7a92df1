package guide

import (
	"math"

	. "github.com/gomlx/gomlx/core/graph"

	"abide/constraint"
	"abide/internal/keyed"
	"abide/potential"
	"abide/prior"
)

// RowWidth is the width, in standard deviations of a row under the prior, of
// the penalty that stands in for a hard row while guiding.
const RowWidth = 0.5

// Sum is the energy, in sampler coordinates, of potentials and of broken rows:
// Σ Eᵢ + Σ ½ (violation/(RowWidth·s))², with s the root mean square slope of the
// row over standard normal u, which for a linear row is the standard deviation
// of its residual under uncorrelated columns.
func Sum(at prior.Coordinates, cs []constraint.Constraint, ps []potential.Potential) Energy {
	sizes := make([][]float64, len(cs))
	for i, c := range cs {
		sizes[i] = rowSizes(c, at)
	}
	return func(u *Node) *Node {
		g, t := u.Graph(), u.DType()
		row := func(v []float64) *Node { return ConvertDType(Const(g, [][]float64{v}), t) }
		x := Add(Mul(u, row(at.Scale)), row(at.Shift))
		e := Zeros(g, ReduceSum(u, -1).Shape())
		for _, q := range ps {
			e = Add(e, q.Energy(x))
		}
		zero := ScalarZero(g, t)
		for i, c := range cs {
			both := make([]float64, len(sizes[i])) // 1 where a negative residual counts too
			for j, r := range c.Rows() {
				if r.Kind == constraint.Equality {
					both[j] = 1
				}
			}
			r := Div(c.Residual(x), row(sizes[i]))
			broken := Add(Max(r, zero), Mul(Min(r, zero), row(both)))
			e = Add(e, MulScalar(ReduceSum(Mul(broken, broken), -1), 0.5/(RowWidth*RowWidth)))
		}
		return e
	}
}

// probes is how many points the slope of a row is averaged over.
const probes = 64

func rowSizes(c constraint.Constraint, at prior.Coordinates) []float64 {
	m, d := len(c.Rows()), at.Dim()
	jac, size, count := make([]float64, m*d), make([]float64, m), make([]float64, m)
	x, stream := make([]float64, d), keyed.New(0, "row sizes", 0, 0)
	for range probes {
		stream.Normal(x)
		at.ToX(x, x)
		c.JacobianAt(x, jac)
		for i := range m {
			var s float64
			for j := range d {
				v := jac[i*d+j] * at.Scale[j]
				s += v * v
			}
			if !math.IsNaN(s) && !math.IsInf(s, 0) { // a row need not be defined everywhere
				size[i] += s
				count[i]++
			}
		}
	}
	for i := range m {
		if size[i] > 0 {
			size[i] = math.Sqrt(size[i] / count[i])
		} else {
			size[i] = 1
		}
	}
	return size
}
