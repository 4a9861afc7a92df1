package operator

import "math"

// Boundary is what lies beyond the edge of an image.
type Boundary int

const (
	Zero     Boundary = iota // nothing
	Circular                 // the other side
)

// NewBlur convolves images with the product of two kernels, centred, along rows
// (height) and columns (width); lengths are odd. A kernel of length 1 leaves its
// axis. It is a [Separable]: small matrices, never d×d.
func NewBlur(in Image, vertical, horizontal []float64, edge Boundary) (*Separable, error) {
	left, err := convolution(in.Height, vertical, edge)
	if err != nil {
		return nil, err
	}
	right, err := convolution(in.Width, horizontal, edge)
	if err != nil {
		return nil, err
	}
	return NewSeparable(in, left, right)
}

// NewGaussianBlur blurs with a Gaussian of the given standard deviation in pixels,
// cut off at four of them and at the image, of sum 1.
func NewGaussianBlur(in Image, std float64, edge Boundary) (*Separable, error) {
	if !(std > 0) || math.IsInf(std, 0) {
		return nil, fault("blur", "std is %g: want a width in pixels above 0", std)
	}
	kernel := func(n int) []float64 {
		r := min(int(math.Ceil(4*std)), (n-1)/2)
		k := make([]float64, 2*r+1)
		for i := range k {
			t := float64(i-r) / std
			k[i] = math.Exp(-0.5 * t * t)
		}
		return normalised(k)
	}
	return NewBlur(in, kernel(in.Height), kernel(in.Width), edge)
}

// NewUniformBlur averages squares of an odd number of pixels a side, cut to the
// image's own size along axes that are shorter.
func NewUniformBlur(in Image, size int, edge Boundary) (*Separable, error) {
	if size < 1 || size%2 == 0 {
		return nil, fault("blur", "size is %d: want an odd number of pixels", size)
	}
	kernel := func(n int) []float64 {
		k := make([]float64, min(size, n-(n+1)%2))
		for i := range k {
			k[i] = 1
		}
		return normalised(k)
	}
	return NewBlur(in, kernel(in.Height), kernel(in.Width), edge)
}

func normalised(k []float64) []float64 {
	var s float64
	for _, v := range k {
		s += v
	}
	for i := range k {
		k[i] /= s
	}
	return k
}

// convolution is the n×n matrix of a centred kernel.
func convolution(n int, k []float64, edge Boundary) ([][]float64, error) {
	if len(k)%2 == 0 || len(k) > 2*n-1 {
		return nil, fault("blur", "a kernel of %d numbers along an axis of %d pixels: want an odd number of at most %d", len(k), n, 2*n-1)
	}
	for i, v := range k {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fault("blur", "kernel[%d] is %g: want a finite number", i, v)
		}
	}
	a, r := square(n), len(k)/2
	for i := range a {
		for t, v := range k {
			j := i + r - t // a convolution turns its kernel round
			if edge == Circular {
				j = ((j % n) + n) % n
			}
			if j >= 0 && j < n {
				a[i][j] += v
			}
		}
	}
	return a, nil
}

func square(n int) [][]float64 {
	a := make([][]float64, n)
	for i := range a {
		a[i] = make([]float64, n)
	}
	return a
}
