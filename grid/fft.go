package grid

import (
	"fmt"

	"gonum.org/v1/gonum/dsp/fourier"
)

// FFT is the discrete Fourier transform of complex arrays along all axes,
//
//	ŷ_k = Σ_j x_j e^{−2πi Σ_d j_d k_d/n_d},   x_j = (1/Π n_d) Σ_k ŷ_k e^{+2πi …},
//
// O(N log N), gonum's along lines. An FFT owns work space: one goroutine at a time.
type FFT struct {
	shape   []int
	size    int
	lines   []*fourier.CmplxFFT
	columns []complex128
}

// NewFFT makes the transform of arrays of a shape.
func NewFFT(shape ...int) (*FFT, error) {
	if len(shape) == 0 {
		return nil, fmt.Errorf("grid: a Fourier transform has at least one axis")
	}
	f := &FFT{size: 1}
	longest := 0
	for d, n := range shape {
		if n < 1 {
			return nil, fmt.Errorf("grid: axis %d has %d numbers: at least one", d, n)
		}
		f.shape, f.lines = append(f.shape, n), append(f.lines, fourier.NewCmplxFFT(n))
		f.size *= n
		longest = max(longest, n)
	}
	f.columns = make([]complex128, together*longest)
	return f, nil
}

// Size is the number of numbers of an array.
func (f *FFT) Size() int { return f.size }

// Forward writes the transform of src to dst, which may be src.
func (f *FFT) Forward(dst, src []complex128) {
	copy(dst[:f.size], src[:f.size])
	for d := range f.shape {
		f.axis(dst, d, false)
	}
}

// Inverse undoes Forward.
func (f *FFT) Inverse(dst, src []complex128) {
	copy(dst[:f.size], src[:f.size])
	for d := range f.shape {
		f.axis(dst, d, true)
	}
	by := complex(1/float64(f.size), 0)
	for i := range dst[:f.size] {
		dst[i] *= by
	}
}

// axis transforms every line of an axis, without scale.
func (f *FFT) axis(x []complex128, axis int, back bool) {
	if f.shape[axis] == 1 {
		return
	}
	l := f.lines[axis]
	one := func(x []complex128) { l.Coefficients(x, x) }
	if back {
		one = func(x []complex128) { l.Sequence(x, x) }
	}
	along(x[:f.size], f.shape, axis, f.columns, one)
}

// RealFFT is the discrete Fourier transform of real arrays: the half 0 ≤ k ≤ n/2 of
// the last axis of what [FFT] makes, for the rest is the conjugate of ŷ_{−k}. Half the
// cost and memory.
type RealFFT struct {
	rows   int
	n      int
	line   *fourier.FFT
	others *FFT // of the half spectra along the other axes, nil where there are none
	half   []complex128
}

// NewRealFFT makes the transform of real arrays of a shape.
func NewRealFFT(shape ...int) (*RealFFT, error) {
	if _, err := NewFFT(shape...); err != nil {
		return nil, err
	}
	last := len(shape) - 1
	f := &RealFFT{rows: 1, n: shape[last], line: fourier.NewFFT(shape[last])}
	for _, n := range shape[:last] {
		f.rows *= n
	}
	halved := append(append([]int{}, shape[:last]...), f.n/2+1)
	f.others, _ = NewFFT(halved...)
	f.half = make([]complex128, f.rows*(f.n/2+1))
	return f, nil
}

// Size is the number of real numbers of an array.
func (f *RealFFT) Size() int { return f.rows * f.n }

// Modes is the number of complex numbers of its half spectrum.
func (f *RealFFT) Modes() int { return len(f.half) }

// Forward writes the half spectrum [.., n/2+1] of src [.., n].
func (f *RealFFT) Forward(dst []complex128, src []float64) {
	m := f.n/2 + 1
	for i := range f.rows {
		if f.n == 1 {
			dst[i] = complex(src[i], 0)
			continue
		}
		f.line.Coefficients(dst[i*m:(i+1)*m], src[i*f.n:(i+1)*f.n])
	}
	for d := range len(f.others.shape) - 1 {
		f.others.axis(dst, d, false)
	}
}

// Inverse undoes Forward: the real array whose half spectrum is src. Imaginary parts
// that no real array has, at k = 0 and k = n/2, do not count. src is kept.
func (f *RealFFT) Inverse(dst []float64, src []complex128) {
	m := f.n/2 + 1
	copy(f.half, src[:f.Modes()])
	for d := range len(f.others.shape) - 1 {
		f.others.axis(f.half, d, true)
	}
	for i := range f.rows {
		if f.n == 1 {
			dst[i] = real(f.half[i])
			continue
		}
		f.line.Sequence(dst[i*f.n:(i+1)*f.n], f.half[i*m:(i+1)*m])
	}
	scale(dst[:f.Size()], 1/float64(f.Size()))
}
