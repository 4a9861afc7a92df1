package grid

import (
	"fmt"
	"math"
)

// Complex8 is a complex number in each of eight lanes: real parts, imaginary parts.
type Complex8 = [2][8]float64

// LaneFFT is the discrete Fourier transform of eight complex arrays at once, along
// all axes, in place, the sign and scale those of [FFT]:
//
//	ŷ_k = Σ_j x_j e^{−2πi Σ_d j_d k_d/n_d},   x_j = (1/Π n_d) Σ_k ŷ_k e^{+2πi …}.
//
// Axes are powers of two. The lanes are eight arrays of a data set (eight flows, say):
// nothing is moved between lanes, so that a transform of rows and one of columns
// differ in a stride alone and no array is transposed. For one array see [ArrayFFT].
//
// The method is Stockham's self-sorting one in radix 4, a step of radix 2 at the end
// where the length wants it (C. Van Loan, "Computational Frameworks for the Fast
// Fourier Transform", SIAM 1992, §1.7 and §2.4): 34 operations a butterfly, 4.25
// N log₂N in all, and one pass over memory per radix. Products are rounded before they
// are added: all builds and processors give the same bits.
//
// Not for: lengths that are no powers of two ([FFT] has them all), arrays of which
// eight leave the second cache (128 bytes a number), where memory sets the pace.
//
// A LaneFFT owns work space: one goroutine at a time.
type LaneFFT struct {
	shape []int
	size  int
	lines []*laneLine
	minus []int32 // place of −k
}

// laneLine transforms lines of n numbers.
type laneLine struct {
	n        int
	roots    []root // of all steps, forward
	conj     []root // the same for the inverse
	from, to []Complex8
	kernels  *laneKernels
}

// root is the three factors w, w², w³ of a butterfly, real and imaginary parts.
type root [6]float64

// laneKernels are the loops for one set of instructions. A step of radix r takes
// lines of count·r numbers, s of them side by side, to r times as many of count: y at
// places q + s·(r·p + i), x at q + s·(p + count·i), q < s, p < count. Places count
// in units of ys and xs.
type laneKernels struct {
	name string
	// first has s = 1, last has count = 1 and so no roots, middle both strides 1.
	first  func(y, x []Complex8, xs int, roots []root, inverse bool)
	middle func(y, x []Complex8, s int, roots []root, inverse bool)
	last   func(y []Complex8, ys int, x []Complex8, xs, s int, inverse bool)
	two    func(y []Complex8, ys int, x []Complex8, xs, s int)

	// scale is x·by, separate and join are those of LaneFFT.
	scale    func(x []Complex8, by float64)
	separate func(a, b, z []Complex8, minus []int32)
	join     func(z, a, b []Complex8)

	// products is dst_r = Σ_k t[r, k] x_k in the order of k, for four rows of a table.
	products func(dst *[4]Complex8, t []float64, x []Complex8)
}

// NewLaneFFT makes the transform of arrays of a shape.
func NewLaneFFT(shape ...int) (*LaneFFT, error) {
	if len(shape) == 0 {
		return nil, fmt.Errorf("grid: a Fourier transform has at least one axis")
	}
	f := &LaneFFT{size: 1}
	for d, n := range shape {
		if n < 1 || n&(n-1) != 0 {
			return nil, fmt.Errorf("grid: axis %d has %d numbers: eight arrays at once want a power of two; FFT takes any number", d, n)
		}
		f.shape, f.lines = append(f.shape, n), append(f.lines, newLaneLine(n))
		f.size *= n
	}
	f.minus = make([]int32, f.size)
	for k := range f.minus {
		for d, unit := len(shape)-1, 1; d >= 0; d-- {
			f.minus[k] += int32(unit * (-(k / unit) & (shape[d] - 1)))
			unit *= shape[d]
		}
	}
	return f, nil
}

func newLaneLine(n int) *laneLine {
	l := &laneLine{n: n, from: make([]Complex8, n), to: make([]Complex8, n), kernels: &fastestLanes}
	for m := n; m > 4; m /= 4 {
		for p := range m / 4 {
			var r, c root
			for i := 1; i <= 3; i++ {
				sin, cos := math.Sincos(2 * math.Pi * float64(i*p) / float64(m))
				r[2*i-2], r[2*i-1] = cos, -sin
				c[2*i-2], c[2*i-1] = cos, sin
			}
			l.roots, l.conj = append(l.roots, r), append(l.conj, c)
		}
	}
	return l
}

// Size is the number of numbers of an array.
func (f *LaneFFT) Size() int { return f.size }

// Forward transforms the eight arrays in x, row-major.
func (f *LaneFFT) Forward(x []Complex8) { f.all(x, false) }

// Inverse undoes Forward.
func (f *LaneFFT) Inverse(x []Complex8) {
	f.all(x, true)
	f.lines[0].kernels.scale(x[:f.size], 1/float64(f.size))
}

// all transforms every line of every axis, without scale.
func (f *LaneFFT) all(x []Complex8, inverse bool) {
	x = x[:f.size]
	after := f.size
	for d, n := range f.shape {
		after /= n
		for block := 0; block < f.size; block += n * after {
			for i := range after {
				f.lines[d].transform(x[block+i:], after, inverse)
			}
		}
	}
}

// transform does the line of every stride-th number of x.
func (l *laneLine) transform(x []Complex8, stride int, inverse bool) {
	roots := l.roots
	if inverse {
		roots = l.conj
	}
	k := l.kernels
	from, xs, s, m := x, stride, 1, l.n
	to, next := l.to, l.from
	for ; m > 4; m /= 4 {
		step := roots[:m/4]
		roots = roots[m/4:]
		if s == 1 {
			k.first(to, from, xs, step, inverse)
		} else {
			k.middle(to, from, s, step, inverse)
		}
		s *= 4
		from, xs, to, next = to, 1, next, to
	}
	switch m {
	case 4:
		k.last(x, stride, from, xs, s, inverse)
	case 2:
		k.two(x, stride, from, xs, s)
	}
}

// Separate takes the transform z of a + ib, a and b real, apart: into those of a and b,
//
//	â_k = (z_k + z̄_{−k})/2,   b̂_k = (z_k − z̄_{−k})/2i:
//
// one transform for two real arrays. Join of both and Inverse give a + ib again. z is
// neither a nor b.
func (f *LaneFFT) Separate(a, b, z []Complex8) {
	f.lines[0].kernels.separate(a[:f.size], b[:f.size], z[:f.size], f.minus)
}

// Join is z = a + ib. z may be a or b.
func (f *LaneFFT) Join(z, a, b []Complex8) {
	f.lines[0].kernels.join(z[:f.size], a[:f.size], b[:f.size])
}
