package potential

import (
	"fmt"
	"math"

	"github.com/gomlx/gomlx/core/graph"

	"abide/expr"
)

var (
	_ Potential = cost{}
	_ Linear    = linearCost{}
)

// cost is E(x) = weight·e(x).
type cost struct {
	name   string
	e      *expr.Expr
	weight float64
}

// linearCost is a cost with an affine formula.
type linearCost struct {
	cost
	c  []float64
	c0 float64
}

// NewCost is E(x) = weight·e(x) for a formula e. The weight has the inverse unit
// of the formula; a negative one rewards what it measures, 0 switches the cost
// off. The result is a [Linear] where the formula is affine.
func NewCost(name string, e *expr.Expr, weight float64) (Potential, error) {
	if math.IsNaN(weight) || math.IsInf(weight, 0) {
		return nil, fmt.Errorf("potential: cost %q: weight %g: want a finite number", name, weight)
	}
	if len(e.Columns()) == 0 {
		return nil, fmt.Errorf("potential: cost %q: formula %q uses no column, so it favours nothing: name a column in it", name, e.Source())
	}
	k := cost{name, e, weight}
	c, c0, ok := e.Affine()
	if !ok {
		return k, nil
	}
	scaled := make([]float64, len(c))
	for i, v := range c {
		scaled[i] = weight * v
	}
	return linearCost{k, scaled, weight * c0}, nil
}

func (k cost) Name() string { return k.name }

// Energy is x [N, d] → [N].
func (k cost) Energy(x *Node) *Node { return graph.MulScalar(k.e.Node(x), k.weight) }

func (k cost) EnergyAt(x []float64) float64 { return k.weight * k.e.Value(x) }

func (k cost) GradientAt(x, g []float64) float64 {
	v := k.e.Gradient(x, g)
	for i := range g {
		g[i] *= k.weight
	}
	return k.weight * v
}

// Coefficients returns c and c0 of E(x) = c·x + c0. c must not be changed.
func (k linearCost) Coefficients() (c []float64, c0 float64) { return k.c, k.c0 }
