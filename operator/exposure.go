package operator

import (
	"math"

	"github.com/gomlx/gomlx/core/graph"
)

// ExposureBlur is a nonlinear blur without a network: light is blurred before a
// logarithmic sensor (Debevec and Malik 1997, equation 2) turns it into pixels,
//
//	y = log( K e^{c x} + 1 − K 1 ) / c,
//
// K a linear blur of numbers ≥ 0 that sum to at most 1 in every row; what comes from
// beyond the image has pixel value 0. For c → 0 it is K x; the larger the contrast c
// > 0, the more bright pixels spread over dark ones.
type ExposureBlur struct {
	blur     Linear
	contrast float64
	beyond   []float64 // 1 − K 1
}

var _ Operator = (*ExposureBlur)(nil)

// NewExposureBlur puts a logarithmic sensor behind a blur.
func NewExposureBlur(blur Linear, contrast float64) (*ExposureBlur, error) {
	if !(contrast > 0) || math.IsInf(contrast, 0) {
		return nil, fault("nonlinear-blur", "contrast is %g: want a positive number", contrast)
	}
	d, m := blur.Dims()
	ones := make([]float64, d)
	for i := range ones {
		ones[i] = 1
	}
	a := &ExposureBlur{blur, contrast, make([]float64, m)}
	blur.ApplyAt(a.beyond, ones)
	for i, v := range a.beyond {
		if v > 1+1e-9 {
			return nil, fault("nonlinear-blur", "row %d of the blur sums to %g: want at most 1", i, v)
		}
		a.beyond[i] = math.Max(1-v, 0)
	}
	return a, nil
}

// Dims are those of the blur.
func (a *ExposureBlur) Dims() (d, m int) { return a.blur.Dims() }

// Apply is y; see the type. Exponents above 80 are cut off, so that single precision
// does not overflow.
func (a *ExposureBlur) Apply(x *Node) *Node {
	light := graph.Exp(graph.Min(graph.MulScalar(x, a.contrast), graph.Scalar(x.Graph(), x.DType(), 80.0)))
	seen := graph.Add(a.blur.Apply(light), graph.ConstAs(x, [][]float64{a.beyond}))
	return graph.MulScalar(graph.Log(graph.Max(seen, graph.Scalar(x.Graph(), x.DType(), darkest))), 1/a.contrast)
}

// darkest is the least light that the sensor tells from none.
const darkest = 1e-30

func (a *ExposureBlur) light(x []float64) (light, seen []float64) {
	_, m := a.blur.Dims()
	light, seen = make([]float64, len(x)), make([]float64, m)
	for i, v := range x {
		light[i] = math.Exp(math.Min(a.contrast*v, 80))
	}
	a.blur.ApplyAt(seen, light)
	for i, v := range a.beyond {
		seen[i] = math.Max(seen[i]+v, darkest)
	}
	return light, seen
}

// ApplyAt is y; see the type.
func (a *ExposureBlur) ApplyAt(y, x []float64) {
	_, seen := a.light(x)
	for i, v := range seen {
		y[i] = math.Log(v) / a.contrast
	}
}

// VJPAt is e^{cx} Kᵀ(c/seen).
func (a *ExposureBlur) VJPAt(g, x, c []float64) {
	light, seen := a.light(x)
	for i, v := range c {
		seen[i] = v / seen[i]
	}
	a.blur.AdjointAt(g, seen)
	for i, v := range light {
		g[i] *= v
	}
}
