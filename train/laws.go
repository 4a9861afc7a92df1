package train

import (
	"fmt"

	. "github.com/gomlx/gomlx/core/graph"

	"abide/constraint"
	"abide/equation"
	"abide/physics"
	"abide/prior"
	"abide/sparse"
)

// Residual is laws as a graph, for losses that train a network to obey them: x [N, d]
// in the user's units → [N, m], each residual over the unit of its row; a row g ≤ 0 is
// max(g, 0).
type Residual interface {
	Graph(x *Node) *Node
}

// ResidualFunc is a function as a Residual.
type ResidualFunc func(x *Node) *Node

// Graph is f(x).
func (f ResidualFunc) Graph(x *Node) *Node { return f(x) }

// Laws are laws of fields as a graph: those of equations as text, and those linear in
// the field with few entries (fixed values, mass, moments, balance, sensors, linear
// equations). Any other has no graph and is an error.
func Laws(laws ...physics.Constraint) (Residual, error) {
	var parts []Residual
	for _, law := range laws {
		rows := law.Rows()
		switch l := law.(type) {
		case *physics.EquationLaw:
			parts = append(parts, scaled(l.Equation, rows))
		case physics.Sparse:
			parts = append(parts, scaled(newAffine(l), rows))
		default:
			return nil, fmt.Errorf("train: %s has no graph that a network could be trained by: write it as an equation, leave it to the projection of a method, or leave physics out of the prior", rows[0].Name)
		}
	}
	return joined(parts), nil
}

// Equation is an equation as text, its blocks over the units of rows; see
// [physics.FromEquation], whose Rows they are.
func Equation(e *equation.Equation, rows []physics.Row) Residual { return scaled(e, rows) }

// Rows are rows over columns, in the unit that their tolerances are in.
func Rows(all ...constraint.Constraint) Residual {
	var parts []Residual
	for _, c := range all {
		rows := c.Rows()
		upper := make([]bool, len(rows))
		for i, r := range rows {
			upper[i] = r.Kind == constraint.Inequality
		}
		parts = append(parts, ResidualFunc(func(x *Node) *Node { return hinged(c.Residual(x), upper) }))
	}
	return joined(parts)
}

// joined are the rows of all parts.
func joined(parts []Residual) Residual {
	return ResidualFunc(func(x *Node) *Node {
		var all []*Node
		for _, p := range parts {
			all = append(all, p.Graph(x))
		}
		if len(all) == 1 {
			return all[0]
		}
		return Concatenate(all, 1)
	})
}

// scaled are residuals over the units of their rows.
func scaled(r Residual, rows []physics.Row) Residual {
	var inverse []float64
	var upper []bool
	for _, row := range rows {
		for range row.Size {
			inverse, upper = append(inverse, 1/row.Unit), append(upper, row.Upper)
		}
	}
	return ResidualFunc(func(x *Node) *Node {
		return hinged(Mul(r.Graph(x), Reshape(ConstAs(x, inverse), 1, len(inverse))), upper)
	})
}

// hinged is max(g, 0) in the columns of inequalities.
func hinged(r *Node, upper []bool) *Node {
	any, mask := false, make([]float64, len(upper))
	for i, u := range upper {
		if any = any || u; u {
			mask[i] = 1
		}
	}
	if !any {
		return r
	}
	m := Reshape(ConstAs(r, mask), 1, len(mask))
	return Add(Mul(OneMinus(m), r), Mul(m, Max(r, ZerosLike(r))))
}

// affine is C x − d with sparse rows, all padded to the longest.
type affine struct {
	rows, wide int
	index      []int32   // [rows·wide]
	value      []float64 // [rows·wide], 0 where padded
	offset     []float64 // −d
}

func newAffine(l physics.Sparse) *affine {
	c := l.Matrix()
	a := &affine{rows: c.Rows, wide: longest(c), offset: make([]float64, c.Rows)}
	l.Residual(a.offset, make([]float64, c.Cols))
	a.index, a.value = make([]int32, a.rows*a.wide), make([]float64, a.rows*a.wide)
	for i := range c.Rows {
		copy(a.index[i*a.wide:], c.Index[c.Ptr[i]:c.Ptr[i+1]])
		copy(a.value[i*a.wide:], c.Value[c.Ptr[i]:c.Ptr[i+1]])
	}
	return a
}

func longest(c *sparse.CSR) int {
	n := int32(1)
	for i := range c.Rows {
		n = max(n, c.Ptr[i+1]-c.Ptr[i])
	}
	return int(n)
}

// Graph is one gather of rows of [d, N], as in package equation.
func (a *affine) Graph(x *Node) *Node {
	n := x.Shape().Dimensions[0]
	taps := Gather(Transpose(x, 0, 1), Reshape(Const(x.Graph(), a.index), len(a.index), 1))
	sums := ReduceSum(Reshape(Mul(taps, Reshape(ConstAs(x, a.value), len(a.value), 1)), a.rows, a.wide, n), 1)
	return Transpose(Add(sums, Reshape(ConstAs(x, a.offset), a.rows, 1)), 0, 1)
}

// inSampler is a residual of points in sampler coordinates, r(shift + scale ⊙ u).
func inSampler(r Residual, at prior.Coordinates) func(u *Node) *Node {
	d := at.Dim()
	return func(u *Node) *Node {
		row := func(v []float64) *Node { return Reshape(ConstAs(u, v), 1, d) }
		return r.Graph(Add(row(at.Shift), Mul(u, row(at.Scale))))
	}
}
