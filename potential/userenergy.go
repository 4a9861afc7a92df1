package potential

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"

	"abide/expr"
)

// Formula is independent noise of each measured number given by the user's own
// formula of y and at = A(x),
//
//	−log p(y | at) = Σ e(yᵢ, atᵢ) + constant,
//
// such as abs(y - at)/0.1 for Laplace noise or log(1 + ((y - at)/0.1)^2) for Cauchy
// noise. What depends on at has to be in the formula whole; what depends on y alone
// may be left out.
type Formula struct{ e *expr.Expr }

var _ Noise = Formula{}

// NewFormula is noise by a formula with the names y and at.
func NewFormula(source string) (Formula, error) {
	e, err := expr.Parse(source, []string{"at", "y"}, 2)
	if err != nil {
		return Formula{}, err
	}
	if c := e.Columns(); len(c) == 0 || c[0] != 0 {
		return Formula{}, fmt.Errorf("noise formula %q does not use at, so that the data would say nothing: write −log p(y | at) of what the operator gives", source)
	}
	return Formula{e}, nil
}

// Energy is at [N, m] → [N].
func (n Formula) Energy(at *Node, y []float64) *Node {
	dims := at.Shape().Dimensions
	// Pairs (at, y) by sums of products: they have derivatives of every order.
	pairs := graph.Add(
		graph.Mul(graph.ExpandDims(at, -1), graph.ConstAs(at, [][][]float64{{{1, 0}}})),
		graph.Mul(graph.ExpandDims(graph.ConstAs(at, [][]float64{y}), -1), graph.ConstAs(at, [][][]float64{{{0, 1}}})))
	e := n.e.Node(graph.Reshape(pairs, dims[0]*dims[1], 2))
	return graph.ReduceSum(graph.Reshape(e, dims...), -1)
}

// EnergyAt is the energy of one point.
func (n Formula) EnergyAt(at, y, g []float64) float64 {
	var e float64
	var pair, slope [2]float64
	for i, v := range at {
		pair = [2]float64{v, y[i]}
		if g == nil {
			e += n.e.Value(pair[:])
			continue
		}
		e += n.e.Gradient(pair[:], slope[:])
		g[i] = slope[0]
	}
	return e
}
