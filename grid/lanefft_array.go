package grid

import "fmt"

// ArrayFFT is the transform of [FFT] for one complex array with two axes, powers of
// two of which both are at least 8: eight columns, then eight rows at a time stand in
// the lanes of a [LaneFFT]. In place; besides the transforms it copies the array into
// lanes and back twice. It owns work space: one goroutine at a time.
type ArrayFFT struct {
	rows, cols int
	down, over *laneLine
	work       []Complex8
}

// NewArrayFFT makes the transform of arrays [rows × cols].
func NewArrayFFT(rows, cols int) (*ArrayFFT, error) {
	for d, n := range []int{rows, cols} {
		if n < 8 || n&(n-1) != 0 {
			return nil, fmt.Errorf("grid: axis %d has %d numbers: eight lines at once want a power of two from 8; FFT takes any number", d, n)
		}
	}
	return &ArrayFFT{rows, cols, newLaneLine(rows), newLaneLine(cols), make([]Complex8, max(rows, cols))}, nil
}

// Forward transforms x.
func (f *ArrayFFT) Forward(x []complex128) { f.both(x, false, 1) }

// Inverse undoes Forward.
func (f *ArrayFFT) Inverse(x []complex128) { f.both(x, true, 1/float64(f.rows*f.cols)) }

func (f *ArrayFFT) both(x []complex128, inverse bool, scale float64) {
	x = x[:f.rows*f.cols]
	w := f.work[:f.rows]
	for j := 0; j < f.cols; j += 8 {
		for i := range w {
			from, to := (*[8]complex128)(x[i*f.cols+j:]), &w[i]
			for l, v := range from {
				to[0][l], to[1][l] = real(v), imag(v)
			}
		}
		f.down.transform(w, 1, inverse)
		for i := range w {
			to, from := (*[8]complex128)(x[i*f.cols+j:]), &w[i]
			for l := range to {
				to[l] = complex(from[0][l]*scale, from[1][l]*scale)
			}
		}
	}
	w = f.work[:f.cols]
	for i := 0; i < f.rows; i += 8 {
		for l := range 8 {
			row := x[(i+l)*f.cols:][:len(w)]
			for j, v := range row {
				w[j][0][l], w[j][1][l] = real(v), imag(v)
			}
		}
		f.over.transform(w, 1, inverse)
		for l := range 8 {
			row := x[(i+l)*f.cols:][:len(w)]
			for j := range row {
				row[j] = complex(w[j][0][l], w[j][1][l])
			}
		}
	}
}
