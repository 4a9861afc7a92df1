package constraint

import (
	"fmt"
	"math"
	"slices"

	"github.com/gomlx/gomlx/core/graph"
)

// ball is the set ‖x − c‖ ≤ r, residual ‖x − c‖ − r: a distance in the unit of x.
type ball struct {
	name   string
	rows   []Row
	center []float64
	radius float64
}

var _ Constraint = (*ball)(nil)

// NewBall is the set { x : ‖x − center‖₂ ≤ radius }, one row called name (or
// "ball"). The residual ‖x − center‖ − radius is a distance in the unit of x, so
// the columns should share one. It fails on an empty or non-finite centre and on
// a radius that is not a finite number above 0.
func NewBall(name string, center []float64, radius float64) (Constraint, error) {
	if name == "" {
		name = "ball"
	}
	if len(center) == 0 {
		return nil, fmt.Errorf("constraint: ball %q: center is empty", name)
	}
	for j, v := range center {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("constraint: ball %q: center[%d] is %g: want a finite number", name, j, v)
		}
	}
	if !(radius > 0) || math.IsInf(radius, 0) {
		return nil, fmt.Errorf("constraint: ball %q: radius is %g: want a finite number above 0 (to fix a point use kind fixed)", name, radius)
	}
	return &ball{
		name:   name,
		rows:   []Row{{Name: name, Kind: Inequality, Scale: 1, Tolerance: DefaultTolerance}},
		center: slices.Clone(center),
		radius: radius,
	}, nil
}

func (b *ball) Name() string { return b.name }
func (b *ball) Rows() []Row  { return b.rows }
func (b *ball) Dim() int     { return len(b.center) }

// Residual is ‖x − c‖ − r: [N, d] → [N, 1]. The square is kept off 0, where the
// norm has no derivative; the gradient there is 0.
func (b *ball) Residual(x *Node) *Node {
	square := graph.ReduceAndKeep(graph.Square(graph.Sub(x, graph.ConstAs(x, [][]float64{b.center}))), graph.ReduceSum, 1)
	return graph.AddScalar(graph.Sqrt(graph.MaxScalar(square, 1e-30)), -b.radius)
}

func (b *ball) ResidualAt(x, r []float64) { r[0] = b.distance(x) - b.radius }

// JacobianAt writes (x − c)/‖x − c‖, or 0 at the centre.
func (b *ball) JacobianAt(x, jac []float64) {
	distance := b.distance(x)
	for j, c := range b.center {
		if jac[j] = 0; distance > 0 {
			jac[j] = (x[j] - c) / distance
		}
	}
}

func (b *ball) distance(x []float64) float64 {
	var s float64
	for j, c := range b.center {
		s += (x[j] - c) * (x[j] - c)
	}
	return math.Sqrt(s)
}
