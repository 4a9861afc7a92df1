package operator

import (
	"math"

	"github.com/gomlx/gomlx/core/graph"
)

// Clip sees numbers cut off at two bounds, as a sensor does that saturates. The
// derivative is 1 between them and 0 beyond: what is cut off says no more than that.
type Clip struct {
	d            int
	lower, upper float64
}

var _ Operator = Clip{}

// NewClip cuts points of d columns off below lower and above upper.
func NewClip(d int, lower, upper float64) (Clip, error) {
	if !(lower < upper) || math.IsInf(lower, 0) && math.IsInf(upper, 0) {
		return Clip{}, fault("clip", "lower %g and upper %g: want lower below upper, one of them finite", lower, upper)
	}
	return Clip{d, lower, upper}, nil
}

// Dims are the same.
func (a Clip) Dims() (d, m int) { return a.d, a.d }

// Apply is min(max(x, lower), upper).
func (a Clip) Apply(x *Node) *Node {
	if !math.IsInf(a.lower, 0) {
		x = graph.Max(x, graph.Scalar(x.Graph(), x.DType(), a.lower))
	}
	if !math.IsInf(a.upper, 0) {
		x = graph.Min(x, graph.Scalar(x.Graph(), x.DType(), a.upper))
	}
	return x
}

// ApplyAt is min(max(x, lower), upper).
func (a Clip) ApplyAt(y, x []float64) {
	for i, v := range x {
		y[i] = math.Min(math.Max(v, a.lower), a.upper)
	}
}

// VJPAt passes c where x lies between the bounds.
func (a Clip) VJPAt(g, x, c []float64) {
	for i, v := range x {
		g[i] = 0
		if v > a.lower && v < a.upper {
			g[i] = c[i]
		}
	}
}
