package grid

import "math"

// dense is a transform of sixteen lines as a matrix,
//
//	y_k = Σ_{j ≤ n/2} T_kj (x_j ± x_{n−1−j}),
//
// half of it, for all modes are even or odd about the middle of the points (those of
// Fourier about the first). n²/2 products a line in straight loops: faster than FFTPACK up to 128
// points (BenchmarkLines: 1 to 4 times in plain Go, 3 to 4 in 512-bit registers), up to
// 400 in vector registers, and beyond at lengths with a large prime.
type dense struct {
	n, half      int
	shift        int // the point opposite to j is (n − shift − j) mod n
	even, odd    []int
	analysis     [2][]float64 // of even and of odd modes [modes, half], rows a multiple of four
	synthesis    [2][]float64 // [half, modes], rows a multiple of four
	kernels      *laneKernels
	whole        func(k int) bool // modes that are ±1 at all points
	ends, double float64          // factors of the analysis: of DCT-I's ends and of all else
}

// newDense makes DST-I, DCT-I, Fourier, or DST-II and DCT-II, which analyse, with DST-III
// and DCT-III, which synthesise.
func newDense(n int, kind Kind, kernels *laneKernels) *dense {
	d := &dense{n: n, shift: 1, half: (n + 1) / 2, kernels: kernels, ends: 2, double: 2}
	d.whole = func(k int) bool { return k == 0 }
	period := 4 * n // of the angle, in units of π/2n
	angle := func(k, j int) int { return k * (2*j + 1) }
	switch kind {
	case DST1:
		period, angle = 2*(n+1), func(k, j int) int { return (k + 1) * (j + 1) }
		d.whole = func(int) bool { return false }
	case DCT1:
		period, angle = 2*(n-1), func(k, j int) int { return k * j }
		d.whole, d.ends = func(k int) bool { return k == 0 || k == n-1 }, 1
	case DST2, DST3:
		angle = func(k, j int) int { return (k + 1) * (2*j + 1) }
		d.whole = func(k int) bool { return k == n-1 }
	case Fourier:
		period, angle = n, func(k, j int) int { return (k + 1) / 2 * j }
		d.whole = func(k int) bool { return k == 0 || k == n-1 && n%2 == 0 }
		d.shift, d.half, d.ends, d.double = 0, n/2+1, 1, 1
	}
	sines := kind == DST1 || kind == DST2 || kind == DST3
	for k := range n {
		if kind == Fourier && k > 0 && k%2 == 0 || kind != Fourier && k%2 == 1 {
			d.odd = append(d.odd, k)
		} else {
			d.even = append(d.even, k)
		}
	}
	wave := func(k, j int) float64 {
		sin, cos := math.Sincos(2 * math.Pi * float64(angle(k, j)%period) / float64(period))
		switch {
		case sines:
			return sin
		case kind == Fourier && k > 0 && k%2 == 0:
			return -sin
		}
		return cos
	}
	for parity, modes := range [2][]int{d.even, d.odd} {
		m := len(modes)
		a, s := make([]float64, (m+3)/4*4*d.half), make([]float64, (d.half+3)/4*4*m)
		for r, k := range modes {
			for j := range d.half {
				if parity == 1 && d.opposite(j) == j {
					continue // odd modes are zero there
				}
				v := wave(k, j)
				a[r*d.half+j], s[j*m+r] = d.double*v, 2*v
				if j == 0 {
					a[r*d.half] = d.ends * v
				}
				if d.whole(k) {
					s[j*m+r] = v
				}
			}
		}
		d.analysis[parity], d.synthesis[parity] = a, s
	}
	return d
}

func (d *dense) opposite(j int) int { return (d.n - d.shift - j) % d.n }

// analyse takes values at points to modes, with work space w [n+2].
func (d *dense) analyse(w, t []Complex8) {
	parts := [2][]Complex8{w[:d.half], w[d.half : 2*d.half]}
	for j := range d.half {
		e, o := &parts[0][j], &parts[1][j]
		*e, *o = t[j], Complex8{}
		if k := d.opposite(j); k != j {
			plainButterfly(e, o, &t[j], &t[k])
		}
	}
	var p [4]Complex8
	for parity, modes := range [2][]int{d.even, d.odd} {
		for r := 0; r < len(modes); r += 4 {
			d.kernels.products(&p, d.analysis[parity][r*d.half:], parts[parity])
			for q, k := range modes[r:min(r+4, len(modes))] {
				t[k] = p[q]
			}
		}
	}
}

// synthesise takes modes to values.
func (d *dense) synthesise(w, t []Complex8) {
	e, o := w[:len(d.even)], w[len(d.even):d.n]
	for r, k := range d.even {
		e[r] = t[k]
	}
	for r, k := range d.odd {
		o[r] = t[k]
	}
	var p, q [4]Complex8
	for i := 0; i < d.half; i += 4 {
		d.kernels.products(&p, d.synthesis[0][i*len(e):], e)
		d.kernels.products(&q, d.synthesis[1][i*len(o):], o)
		for r := range min(4, d.half-i) {
			j := i + r
			plainButterfly(&t[j], &t[d.opposite(j)], &p[r], &q[r])
			if j == d.opposite(j) {
				t[j] = p[r]
			}
		}
	}
}

// plainButterfly is s = a + b, d = a − b.
func plainButterfly(s, d, a, b *Complex8) {
	for h := range 2 {
		for l := range 8 {
			u, v := a[h][l], b[h][l]
			s[h][l], d[h][l] = u+v, u-v
		}
	}
}

// denseIsFaster tells where the matrix takes less time than FFTPACK on the length of the
// Fourier transform of a kind.
func denseIsFaster(n, length int) bool {
	const always, inRegisters, most = 128, 400, 1024
	if n < 3 || n > most {
		return false
	}
	if n <= always || n <= inRegisters && fastestLanes.name != plainLanes.name {
		return true
	}
	largest, rest := 1, length
	for p := 2; p <= rest; p++ {
		for rest%p == 0 {
			largest, rest = p, rest/p
		}
	}
	return largest > 11 && 5*largest > length
}
