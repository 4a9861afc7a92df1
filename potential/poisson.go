package potential

import (
	"fmt"
	"math"

	"github.com/gomlx/gomlx/core/graph"
)

// Poisson is the noise of counts, yᵢ ~ Poisson(gain·max(atᵢ, floor)):
//
//	−log p(y | at) = Σ gain·max(atᵢ, floor) − yᵢ log max(atᵢ, floor) + constant,
//
// without the constant. gain is the mean count for one unit of A(x): photons per unit
// of brightness. floor > 0, in the unit of A(x), is the background that is counted
// where A(x) shows less, nothing or a negative number; there the energy is flat.
// Where counts are large, gain·at ≫ 1, it is close to Gaussian noise of variance
// at/gain on y/gain.
type Poisson struct{ gain, floor float64 }

var _ Noise = Poisson{}

// NewPoisson is the noise of counts with a gain, over a floor.
func NewPoisson(gain, floor float64) (Poisson, error) {
	for _, p := range []struct {
		name string
		v    float64
	}{{"gain", gain}, {"floor", floor}} {
		if !(p.v > 0) || !finite(p.v) {
			return Poisson{}, fmt.Errorf("%s of Poisson noise is %g: want a positive number", p.name, p.v)
		}
	}
	return Poisson{gain, floor}, nil
}

// allows tells whether a number is a count.
func (n Poisson) allows(y float64) bool { return y >= 0 && y == math.Trunc(y) }

// Energy is at [N, m] → [N].
func (n Poisson) Energy(at *Node, y []float64) *Node {
	seen := graph.Max(at, graph.Scalar(at.Graph(), at.DType(), n.floor))
	e := graph.Sub(graph.MulScalar(seen, n.gain), graph.Mul(graph.ConstAs(at, [][]float64{y}), graph.Log(seen)))
	return graph.ReduceSum(e, -1)
}

// EnergyAt is the energy of one point; ∂E/∂atᵢ = gain − yᵢ/atᵢ above the floor.
func (n Poisson) EnergyAt(at, y, g []float64) float64 {
	var e float64
	for i, v := range at {
		seen := max(v, n.floor)
		e += n.gain*seen - y[i]*math.Log(seen)
		if g == nil {
			continue
		}
		if g[i] = 0; v > n.floor {
			g[i] = n.gain - y[i]/v
		}
	}
	return e
}
