package operator

import (
	"math"

	"github.com/gomlx/gomlx/core/graph"
)

// JPEG sees what JPEG's quantisation leaves of an image: the cosine transform of
// blocks of 8×8 pixels, its coefficients rounded to multiples of the standard's
// luminance table at a quality (ITU-T T.81, table K.1, scaled as by the Independent
// JPEG Group), and transformed back. Every channel by itself; no subsampling of
// colour, no entropy coding, no rounding of pixels: idempotent to rounding.
//
// Rounding has no derivative worth the name. The gradient takes it for the identity
// (straight-through, Bengio, Léonard and Courville 2013), and since the transform is
// orthonormal the whole operator's Jacobian is then the identity.
type JPEG struct {
	in          Image
	step        []float64 // of each of the 64 coefficients, in units of x
	zero        float64   // value of x that is mid-grey
	left, right [][]float64
}

var _ Operator = (*JPEG)(nil)

// luminance is table K.1.
var luminance = [64]float64{
	16, 11, 10, 16, 24, 40, 51, 61,
	12, 12, 14, 19, 26, 58, 60, 55,
	14, 13, 16, 24, 40, 57, 69, 56,
	14, 17, 22, 29, 51, 87, 80, 62,
	18, 22, 37, 56, 68, 109, 103, 77,
	24, 35, 55, 64, 81, 104, 113, 92,
	49, 64, 78, 87, 103, 121, 120, 101,
	72, 92, 95, 98, 112, 100, 103, 99,
}

// NewJPEG is for images whose sides are multiples of 8, of values from black to
// white; quality is 1 to 100.
func NewJPEG(in Image, quality int, black, white float64) (*JPEG, error) {
	if in.Height%8 != 0 || in.Width%8 != 0 {
		return nil, fault("jpeg", "the image is %d×%d: want sides that are multiples of 8", in.Height, in.Width)
	}
	if quality < 1 || quality > 100 {
		return nil, fault("jpeg", "quality is %d: want 1 to 100", quality)
	}
	if !(black < white) || math.IsInf(white-black, 0) {
		return nil, fault("jpeg", "values go from %g to %g: want the first below the second", black, white)
	}
	a := &JPEG{in: in, zero: (black + white) / 2}
	scale := 200 - 2*float64(quality)
	if quality < 50 {
		scale = math.Floor(5000 / float64(quality))
	}
	for _, v := range luminance {
		a.step = append(a.step, math.Min(math.Max(math.Floor((v*scale+50)/100), 1), 255)*(white-black)/255)
	}
	a.left, a.right = cosines(in.Height), cosines(in.Width)
	return a, nil
}

// cosines is the orthonormal cosine transform of blocks of 8 of n numbers.
func cosines(n int) [][]float64 {
	a := square(n)
	for b := 0; b < n; b += 8 {
		for k := range 8 {
			f := 0.5
			if k == 0 {
				f = math.Sqrt(0.125)
			}
			for j := range 8 {
				a[b+k][b+j] = f * math.Cos(math.Pi*float64(k)*(2*float64(j)+1)/16)
			}
		}
	}
	return a
}

// steps are the quantisation steps of every coefficient of the image.
func (a *JPEG) steps() []float64 {
	out := make([]float64, a.in.Size())
	for i := range out {
		p := i / a.in.Channels
		out[i] = a.step[p/a.in.Width%8*8+p%a.in.Width%8]
	}
	return out
}

// Dims are the same.
func (a *JPEG) Dims() (d, m int) { return a.in.Size(), a.in.Size() }

// Apply rounds the coefficients; its gradient is that of x.
func (a *JPEG) Apply(x *Node) *Node {
	steps := graph.ConstAs(x, [][]float64{a.steps()})
	k := along(graph.AddScalar(x, -a.zero), a.in, a.left, a.right)
	k = graph.Mul(graph.Round(graph.Div(k, steps)), steps)
	back := graph.AddScalar(along(k, a.in, transpose(a.left), transpose(a.right)), a.zero)
	return graph.Add(x, graph.StopGradient(graph.Sub(back, x)))
}

// ApplyAt rounds the coefficients.
func (a *JPEG) ApplyAt(y, x []float64) {
	k := make([]float64, len(x))
	for i, v := range x {
		y[i] = v - a.zero
	}
	alongAt(k, y, a.in, a.left, a.right)
	for i, s := range a.steps() {
		k[i] = math.RoundToEven(k[i]/s) * s
	}
	alongAt(y, k, a.in, transpose(a.left), transpose(a.right))
	for i := range y {
		y[i] += a.zero
	}
}

// VJPAt is the identity.
func (a *JPEG) VJPAt(g, _, c []float64) { copy(g, c) }
