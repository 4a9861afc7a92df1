package grid

import "math"

// sixteen transforms sixteen lines at once: two real ones, a + ib, in each lane of a
// [LaneFFT]. Sine and cosine transforms are the Fourier transform Z of a line and its
// mirror image, whose symmetry keeps a and b apart (W. H. Press et al., "Numerical
// Recipes" (2007), section 12.4):
//
//	DST-I    z odd, of length 2(n+1):          Y_k = i Z_{k+1}
//	DCT-I    z even, of length 2(n−1):         Y_k = Z_k
//	DST-II   z odd about −½, of length 2n:     Y_k = i e^{−iπ(k+1)/2n} Z_{k+1}
//	DCT-II   z even about −½, of length 2n:    Y_k = e^{−iπk/2n} Z_k
//
// and DST-III and DCT-III are the transposes of these. Lengths are powers of two. Twice
// the operations of an algorithm of half the length, without its recurrences: the error
// grows as √log n, relative to the larger line of a pair.
type sixteen struct {
	n       int
	forward func(w, t []Complex8) // from lines t [n] to transforms t, with work space w
	inverse func(w, t []Complex8)
	w, t    []Complex8
}

// newSixteen is nil where lines one by one are faster: lengths that are no power of two
// nor fit a matrix ([dense]).
func newSixteen(n int, kind Kind) (*sixteen, line) {
	m, scales := 2*n, line{forth: 1, back: 0.5 / float64(n)}
	switch kind {
	case DST1:
		m, scales.back = 2*(n+1), 0.5/float64(n+1)
	case DCT1:
		m, scales.back = 2*(n-1), 0.5/float64(n-1)
	case Fourier:
		m, scales.back = n, 1/float64(n)
	}
	if m&(m-1) != 0 {
		length := m / 2
		if kind == Fourier {
			length = m
		}
		if !denseIsFaster(n, length) {
			return nil, line{}
		}
		return newSixteenDense(n, kind, &fastestLanes), scales
	}
	if m < 8 {
		return nil, line{}
	}
	s := &sixteen{n: n, w: make([]Complex8, m), t: make([]Complex8, n)}
	f := mirror{newLaneLine(m), make([]complex128, n+1)}
	for k := range f.turn {
		sin, cos := math.Sincos(math.Pi * float64(k) / float64(2*n))
		f.turn[k] = complex(cos, -sin)
	}
	switch kind {
	case DST1:
		s.forward, s.inverse = f.dst1, f.dst1
	case DCT1:
		s.forward, s.inverse = f.dct1, f.dct1
	case DST2:
		s.forward, s.inverse = f.dst2, f.dst3
	case DST3:
		s.forward, s.inverse = f.dst3, f.dst2
	case DCT2:
		s.forward, s.inverse = f.dct2, f.dct3
	case DCT3:
		s.forward, s.inverse = f.dct3, f.dct2
	case Fourier:
		s.forward, s.inverse = f.fourier, f.back
	}
	return s, scales
}

func newSixteenDense(n int, kind Kind, kernels *laneKernels) *sixteen {
	d := newDense(n, kind, kernels)
	s := &sixteen{n: n, w: make([]Complex8, n+2), t: make([]Complex8, n), forward: d.analyse, inverse: d.synthesise}
	if kind == DST3 || kind == DCT3 {
		s.forward, s.inverse = s.inverse, s.forward
	}
	return s
}

// along transforms every line of an axis, of which there are inner side by side.
func (s *sixteen) along(x []float64, inner int, f func(w, t []Complex8)) {
	n := s.n
	if inner == 1 { // lines are rows
		for first := 0; first < len(x); first += 16 * n {
			count := min(16, (len(x)-first)/n)
			for l := range count {
				for j, v := range x[first+l*n : first+(l+1)*n] {
					s.t[j][l>>3][l&7] = v
				}
			}
			s.rest(count)
			f(s.w, s.t)
			for l := range count {
				row := x[first+l*n : first+(l+1)*n]
				for j := range row {
					row[j] = s.t[j][l>>3][l&7]
				}
			}
		}
		return
	}
	for outer := 0; outer < len(x); outer += n * inner {
		for first := 0; first < inner; first += 16 {
			count := min(16, inner-first)
			for j := range s.t {
				row := x[outer+j*inner+first:][:count]
				copy(s.t[j][0][:], row)
				if count > 8 {
					copy(s.t[j][1][:], row[8:])
				}
			}
			s.rest(count)
			f(s.w, s.t)
			for j := range s.t {
				row := x[outer+j*inner+first:][:count]
				copy(row, s.t[j][0][:])
				if count > 8 {
					copy(row[8:], s.t[j][1][:])
				}
			}
		}
	}
}

// rest clears the lanes of lines that are not there: their partners round with them.
func (s *sixteen) rest(count int) {
	if count == 16 {
		return
	}
	for j := range s.t {
		for l := count; l < 16; l++ {
			s.t[j][l>>3][l&7] = 0
		}
	}
}

// mirror is the Fourier transform of lines with their images.
type mirror struct {
	line *laneLine
	turn []complex128 // e^{−iπk/2n}
}

func (f mirror) dst1(w, t []Complex8) {
	n := len(t)
	w[0], w[n+1] = Complex8{}, Complex8{}
	for j := range t {
		w[j+1] = t[j]
		negate(&w[len(w)-1-j], &t[j])
	}
	f.line.transform(w, 1, false)
	for k := range t {
		rotate(&t[k], &w[k+1], 1i)
	}
}

func (f mirror) dct1(w, t []Complex8) {
	copy(w, t)
	for j := 1; j < len(t)-1; j++ {
		w[len(w)-j] = t[j]
	}
	f.line.transform(w, 1, false)
	copy(t, w)
}

func (f mirror) dst2(w, t []Complex8) {
	copy(w, t)
	for j := range t {
		negate(&w[len(w)-1-j], &t[j])
	}
	f.line.transform(w, 1, false)
	for k := range t {
		rotate(&t[k], &w[k+1], 1i*f.turn[k+1])
	}
}

func (f mirror) dst3(w, t []Complex8) {
	n := len(t)
	w[0] = Complex8{}
	for j := 1; j < n; j++ {
		c := 1i * f.turn[j]
		rotate(&w[j], &t[j-1], c)
		rotate(&w[len(w)-j], &t[j-1], complex(real(c), -imag(c)))
	}
	w[n] = t[n-1]
	f.line.transform(w, 1, false)
	copy(t, w)
}

func (f mirror) dct2(w, t []Complex8) {
	copy(w, t)
	for j := range t {
		w[len(w)-1-j] = t[j]
	}
	f.line.transform(w, 1, false)
	for k := range t {
		rotate(&t[k], &w[k], f.turn[k])
	}
}

func (f mirror) dct3(w, t []Complex8) {
	n := len(t)
	w[0], w[n] = t[0], Complex8{}
	for j := 1; j < n; j++ {
		c := f.turn[j]
		rotate(&w[j], &t[j], c)
		rotate(&w[len(w)-j], &t[j], complex(real(c), -imag(c)))
	}
	f.line.transform(w, 1, false)
	copy(t, w)
}

// fourier takes Z = A + iB apart, A_k = (Z_k + Z̄_{n−k})/2 and B_k = (Z_k − Z̄_{n−k})/2i.
func (f mirror) fourier(w, t []Complex8) {
	n := len(t)
	copy(w, t)
	f.line.transform(w, 1, false)
	t[0], t[n-1] = w[0], w[n/2]
	for k := 1; 2*k < n; k++ {
		z, m, cos, sin := &w[k], &w[n-k], &t[2*k-1], &t[2*k]
		for l := range 8 {
			cos[0][l], cos[1][l] = (z[0][l]+m[0][l])/2, (z[1][l]+m[1][l])/2
			sin[0][l], sin[1][l] = (z[1][l]-m[1][l])/2, (m[0][l]-z[0][l])/2
		}
	}
}

func (f mirror) back(w, t []Complex8) {
	n := len(t)
	w[0], w[n/2] = t[0], t[n-1]
	for k := 1; 2*k < n; k++ {
		z, m, cos, sin := &w[k], &w[n-k], &t[2*k-1], &t[2*k]
		for l := range 8 {
			z[0][l], z[1][l] = cos[0][l]-sin[1][l], cos[1][l]+sin[0][l]
			m[0][l], m[1][l] = cos[0][l]+sin[1][l], cos[1][l]-sin[0][l]
		}
	}
	f.line.transform(w, 1, true)
	copy(t, w)
}

func negate(dst, src *Complex8) {
	for l := range 8 {
		dst[0][l], dst[1][l] = -src[0][l], -src[1][l]
	}
}

// rotate is dst = c src.
func rotate(dst, src *Complex8, c complex128) {
	re, im := real(c), imag(c)
	for l := range 8 {
		a, b := src[0][l], src[1][l]
		dst[0][l], dst[1][l] = float64(re*a)-float64(im*b), float64(re*b)+float64(im*a)
	}
}
