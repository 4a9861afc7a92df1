package operator

import (
	"math"

	"github.com/gomlx/gomlx/core/graph"
)

// luma are the weights of red, green and blue in the brightness of a pixel (ITU-R
// BT.601); what a colour picture loses in black and white.
var luma = []float64{0.299, 0.587, 0.114}

// Grey sees the brightness of colour pixels: to guess their colours is colourisation.
type Grey struct{ pixels int }

var (
	_ Linear   = Grey{}
	_ Spectral = Grey{}
)

// NewGrey is for images of three channels.
func NewGrey(in Image) (Grey, error) {
	if in.Channels != 3 {
		return Grey{}, fault("grey", "the image has %d channels: want 3, red, green and blue", in.Channels)
	}
	return Grey{in.Height * in.Width}, nil
}

// Dims are three numbers a pixel, and one.
func (a Grey) Dims() (d, m int) { return 3 * a.pixels, a.pixels }

// Apply weighs the channels.
func (a Grey) Apply(x *Node) *Node {
	w := graph.ConstAs(x, [][]float64{{luma[0]}, {luma[1]}, {luma[2]}})
	n := x.Shape().Dimensions[0]
	return graph.Reshape(graph.MatMul(graph.Reshape(x, n*a.pixels, 3), w), n, a.pixels)
}

// Adjoint gives each channel its weight of the brightness.
func (a Grey) Adjoint(y *Node) *Node {
	n := y.Shape().Dimensions[0]
	return graph.Reshape(graph.MatMul(graph.Reshape(y, n*a.pixels, 1), graph.ConstAs(y, [][]float64{luma})), n, 3*a.pixels)
}

// ApplyAt is the brightness of one image.
func (a Grey) ApplyAt(y, x []float64) {
	for i := range y {
		y[i] = luma[0]*x[3*i] + luma[1]*x[3*i+1] + luma[2]*x[3*i+2]
	}
}

// AdjointAt gives each channel its weight of the brightness.
func (a Grey) AdjointAt(x, y []float64) {
	for i, v := range y {
		for c, w := range luma {
			x[3*i+c] = w * v
		}
	}
}

// VJPAt is the adjoint.
func (a Grey) VJPAt(g, _, c []float64) { a.AdjointAt(g, c) }

// SVD has one value, ‖luma‖, for every pixel.
func (a Grey) SVD() SVD {
	s := make([]float64, a.pixels)
	for i := range s {
		s[i] = a.norm()
	}
	return SVD{S: s, U: identity(a.pixels), V: greyBasis{a}}
}

func (a Grey) norm() float64 {
	return math.Sqrt(luma[0]*luma[0] + luma[1]*luma[1] + luma[2]*luma[2])
}

// greyBasis is the adjoint divided by ‖luma‖.
type greyBasis struct{ Grey }

func (b greyBasis) Coefficients(c, x []float64) { b.ApplyAt(c, x); b.scale(c) }
func (b greyBasis) Combine(x, c []float64)      { b.AdjointAt(x, c); b.scale(x) }

func (b greyBasis) scale(v []float64) {
	n := b.norm()
	for i := range v {
		v[i] /= n
	}
}
