package operator

import (
	"math"

	"github.com/gomlx/gomlx/core/graph"
)

// FourierMagnitude sees the magnitudes of the discrete Fourier transform of an
// image, padded by zeros to an oversampled grid, and not the phases: phase
// retrieval. With F = (C − iS) along each axis,
//
//	y = √( (C X Cᵀ − S X Sᵀ)² + (C X Sᵀ + S X Cᵀ)² + ε² ) / √(pixels of the grid),
//
// ε = 1e-6, so that it has a gradient where a coefficient is zero. The transform is
// by small dense matrices: no FFT, cost in proportion to pixels times sides. A
// picture and its shifts and point reflections look the same.
type FourierMagnitude struct {
	in, out                Image
	cosH, sinH, cosW, sinW [][]float64
	perPixel               float64
}

var _ Operator = (*FourierMagnitude)(nil)

const smallMagnitude = 1e-6

// NewFourierMagnitude is for images of one channel; the grid's sides are those of
// the image times oversample ≥ 1.
func NewFourierMagnitude(in Image, oversample int) (*FourierMagnitude, error) {
	if in.Channels != 1 {
		return nil, fault("fourier-magnitude", "the image has %d channels: want one", in.Channels)
	}
	if oversample < 1 || oversample > 16 {
		return nil, fault("fourier-magnitude", "oversample is %d: want 1 to 16", oversample)
	}
	side := func(n int) int {
		if n == 1 {
			return 1
		}
		return n * oversample
	}
	a := &FourierMagnitude{in: in, out: Image{side(in.Height), side(in.Width), 1}}
	a.cosH, a.sinH = dft(a.out.Height, in.Height)
	a.cosW, a.sinW = dft(a.out.Width, in.Width)
	a.perPixel = 1 / math.Sqrt(float64(a.out.Size()))
	return a, nil
}

// dft are cos and sin of 2π k j / n for k < n, j < m.
func dft(n, m int) (c, s [][]float64) {
	for k := range n {
		ck, sk := make([]float64, m), make([]float64, m)
		for j := range m {
			sk[j], ck[j] = math.Sincos(2 * math.Pi * float64(k*j%n) / float64(n))
		}
		c, s = append(c, ck), append(s, sk)
	}
	return c, s
}

// Dims are the pixels of the image and of the grid.
func (a *FourierMagnitude) Dims() (d, m int) { return a.in.Size(), a.out.Size() }

// Apply is y; see the type.
func (a *FourierMagnitude) Apply(x *Node) *Node {
	re := graph.Sub(along(x, a.in, a.cosH, a.cosW), along(x, a.in, a.sinH, a.sinW))
	im := graph.Add(along(x, a.in, a.cosH, a.sinW), along(x, a.in, a.sinH, a.cosW))
	square := graph.AddScalar(graph.Add(graph.Square(re), graph.Square(im)), smallMagnitude*smallMagnitude)
	return graph.MulScalar(graph.Sqrt(square), a.perPixel)
}

func (a *FourierMagnitude) parts(x []float64) (re, im []float64) {
	m := a.out.Size()
	re, im, t := make([]float64, m), make([]float64, m), make([]float64, m)
	alongAt(re, x, a.in, a.cosH, a.cosW)
	alongAt(t, x, a.in, a.sinH, a.sinW)
	for i, v := range t {
		re[i] -= v
	}
	alongAt(im, x, a.in, a.cosH, a.sinW)
	alongAt(t, x, a.in, a.sinH, a.cosW)
	for i, v := range t {
		im[i] += v
	}
	return re, im
}

// ApplyAt is y; see the type.
func (a *FourierMagnitude) ApplyAt(y, x []float64) {
	re, im := a.parts(x)
	for i := range y {
		y[i] = math.Sqrt(re[i]*re[i]+im[i]*im[i]+smallMagnitude*smallMagnitude) * a.perPixel
	}
}

// VJPAt is the transform's adjoint of c times the cosines and sines of the phases.
func (a *FourierMagnitude) VJPAt(g, x, c []float64) {
	re, im := a.parts(x)
	for i, v := range c {
		size := math.Sqrt(re[i]*re[i] + im[i]*im[i] + smallMagnitude*smallMagnitude)
		re[i] *= v * a.perPixel / size
		im[i] *= v * a.perPixel / size
	}
	t := make([]float64, len(g))
	clear(g)
	for _, p := range []struct {
		of          []float64
		left, right [][]float64
		sign        float64
	}{{re, a.cosH, a.cosW, 1}, {re, a.sinH, a.sinW, -1}, {im, a.cosH, a.sinW, 1}, {im, a.sinH, a.cosW, 1}} {
		alongAt(t, p.of, a.out, transpose(p.left), transpose(p.right))
		for i, v := range t {
			g[i] += p.sign * v
		}
	}
}
