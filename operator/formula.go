package operator

import (
	"github.com/gomlx/gomlx/core/graph"

	"abide/expr"
)

// NewFormula sees the values of formulas, one for each measured number; it is a
// [Shifted] [Matrix] where all of them are affine.
func NewFormula(d int, formulas []*expr.Expr) (Operator, error) {
	if len(formulas) == 0 {
		return nil, fault("formula", "there is none: give one for each value of y")
	}
	rows, offset := make([][]float64, len(formulas)), make([]float64, len(formulas))
	affine, constant := true, true
	for i, f := range formulas {
		if len(f.Columns()) == 0 {
			return nil, fault("formula", "%q uses no column and measures nothing", f.Source())
		}
		c, c0, ok := f.Affine()
		rows[i], offset[i] = c, c0
		affine, constant = affine && ok, constant && c0 == 0
	}
	if !affine {
		return formula{d, formulas}, nil
	}
	m, err := NewMatrix(rows)
	if err != nil {
		return nil, err
	}
	if constant {
		return m, nil
	}
	return Shifted(m, offset), nil
}

type formula struct {
	d  int
	of []*expr.Expr
}

func (a formula) Dims() (d, m int) { return a.d, len(a.of) }

func (a formula) Apply(x *Node) *Node {
	out := make([]*Node, len(a.of))
	for i, f := range a.of {
		out[i] = graph.ExpandDims(f.Node(x), -1)
	}
	return graph.Concatenate(out, -1)
}

func (a formula) ApplyAt(y, x []float64) {
	for i, f := range a.of {
		y[i] = f.Value(x)
	}
}

func (a formula) VJPAt(g, x, c []float64) {
	row := make([]float64, len(g))
	clear(g)
	for i, f := range a.of {
		f.Gradient(x, row)
		for j, v := range row {
			g[j] += c[i] * v
		}
	}
}
