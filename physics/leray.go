package physics

import (
	"fmt"
	"math"
	"sync"

	"abide/grid"
)

// Leray is the set of periodic flows without divergence, in Fourier space
//
//	c(u) = Σ_a ∂_a u_a = F⁻¹ Σ_a i k_a û_a,   P = Π:  û ← (I − k kᵀ/|k|²) û,
//
// the mean kept, and the Nyquist wave numbers of even axes set to zero in k, since the
// first derivative of a real array has none there (C. Canuto, M. Hussaini, A. Quarteroni
// and T. Zang, "Spectral Methods", 2006, §3.3.4; J. Leray, Acta Math. 63 (1934)).
//
// A field is [axes][n_0]…[n_last], components first, in two or three dimensions. Cost:
// two transforms a component; in the plane, with powers of two from 8, two complex ones
// of u + iv together. W is the identity. Not for walls: [MAC].
type Leray struct {
	shape  []int
	points int
	modes  int
	k      [][]float64 // [axes][modes]
	unit   [][]float64 // k/|k|, zero where k is
	plane  bool        // u + iv in one transform
	w      Metric
	row    []Row
	work   sync.Pool // of *lerayWork
}

type lerayWork struct {
	fft   *grid.RealFFT
	spec  [][]complex128
	real  []float64
	array *grid.ArrayFFT // of a plane
	z     []complex128
}

var (
	_ Projector = (*Leray)(nil)
	_ Tangent   = (*Leray)(nil)
	_ Weighted  = (*Leray)(nil)
)

// NewLeray makes the law for a box of lengths and points; w is nil or all the same.
func NewLeray(shape []int, lengths []float64, w Metric, label Label) (*Leray, error) {
	l := &Leray{shape: shape, points: product(shape), w: w}
	row, err := label.row("divergence", l.points, "Σ_a ∂_a u_a = 0, spectral derivatives without Nyquist numbers")
	if err != nil {
		return nil, err
	}
	l.row = []Row{row}
	if l.points == 0 || len(shape) < 2 || len(shape) > 3 || len(lengths) != len(shape) {
		return nil, fmt.Errorf("physics: %s: shape %v and lengths %v: want two or three axes, with a length each", row.Name, shape, lengths)
	}
	if err := uniform(row.Name, w, l.Dim()); err != nil {
		return nil, err
	}
	fft, err := grid.NewRealFFT(shape...)
	if err != nil {
		return nil, err
	}
	l.modes = fft.Modes()
	for a, n := range shape {
		if !(lengths[a] > 0) || math.IsInf(lengths[a], 0) {
			return nil, fmt.Errorf("physics: %s: length %g of axis %d: want a finite number above 0", row.Name, lengths[a], a)
		}
		k := make([]float64, l.modes)
		for m := range k {
			j := modeIndex(shape, a, m)
			if 2*j != n && 2*j != -n {
				k[m] = 2 * math.Pi * float64(j) / lengths[a]
			}
		}
		l.k = append(l.k, k)
	}
	square := make([]float64, l.modes)
	for _, k := range l.k {
		for m, x := range k {
			square[m] += x * x
		}
	}
	for _, k := range l.k {
		unit := make([]float64, l.modes)
		for m, x := range k {
			if x != 0 {
				unit[m] = x / math.Sqrt(square[m])
			}
		}
		l.unit = append(l.unit, unit)
	}
	if len(shape) == 2 {
		_, err := grid.NewArrayFFT(shape[0], shape[1])
		l.plane = err == nil // lengths that it takes
	}
	l.work.New = func() any {
		fft, _ := grid.NewRealFFT(shape...)
		w := &lerayWork{fft: fft, real: make([]float64, l.points)}
		for range shape {
			w.spec = append(w.spec, make([]complex128, l.modes))
		}
		if l.plane {
			w.array, _ = grid.NewArrayFFT(shape[0], shape[1])
			w.z = make([]complex128, l.points)
		}
		return w
	}
	return l, nil
}

// modeIndex is the signed wave number along axis a of mode m of a half spectrum.
func modeIndex(shape []int, a, m int) int {
	last := len(shape) - 1
	j := m
	for axis := last; axis >= a; axis-- {
		n := shape[axis]
		if axis == last {
			n = n/2 + 1
		}
		j = m % n
		m /= n
	}
	if a < last && 2*j > shape[a] {
		j -= shape[a]
	}
	return j
}

// uniform is the error of a metric that is not a multiple of the identity.
func uniform(name string, w Metric, n int) error {
	if err := w.Check(n); err != nil {
		return err
	}
	for i, x := range w {
		if x != w[0] {
			return fmt.Errorf("physics: %s: weight %d of the metric is %g, the first is %g: a projection by transforms wants all the same (nil)", name, i, x, w[0])
		}
	}
	return nil
}

func (l *Leray) Dim() int       { return len(l.shape) * l.points }
func (l *Leray) Rows() []Row    { return l.row }
func (l *Leray) Metric() Metric { return l.w }

func (l *Leray) Residual(dst, u []float64) {
	w := l.work.Get().(*lerayWork)
	defer l.work.Put(w)
	sum := w.spec[len(w.spec)-1]
	for a, k := range l.k {
		w.fft.Forward(w.spec[a], u[a*l.points:(a+1)*l.points])
		for m, x := range k {
			w.spec[a][m] *= complex(0, x)
		}
	}
	for _, part := range w.spec[:len(w.spec)-1] {
		for m, x := range part {
			sum[m] += x
		}
	}
	w.fft.Inverse(dst, sum)
}

func (l *Leray) JVP(dst, _, v []float64) { l.Residual(dst, v) }

// VJP is −∇w: first derivatives are antisymmetric.
func (l *Leray) VJP(dst, _, x []float64) {
	w := l.work.Get().(*lerayWork)
	defer l.work.Put(w)
	w.fft.Forward(w.spec[0], x)
	for a, k := range l.k {
		for m, k := range k {
			w.spec[1][m] = w.spec[0][m] * complex(0, -k)
		}
		w.fft.Inverse(dst[a*l.points:(a+1)*l.points], w.spec[1])
	}
}

func (l *Leray) Project(u []float64) error {
	if err := checkField(l.row[0].Name, l.Dim(), u); err != nil {
		return err
	}
	w := l.work.Get().(*lerayWork)
	defer l.work.Put(w)
	if l.plane {
		l.projectPlane(w, u)
		return nil
	}
	for a := range l.shape {
		w.fft.Forward(w.spec[a], u[a*l.points:(a+1)*l.points])
	}
	// The gradient part is taken off, so that a flow that obeys is not rounded by the
	// way there and back.
	for m := range l.modes {
		var along complex128
		for a, unit := range l.unit {
			along += w.spec[a][m] * complex(unit[m], 0)
		}
		for a, unit := range l.unit {
			w.spec[a][m] = along * complex(unit[m], 0)
		}
	}
	for a := range l.shape {
		w.fft.Inverse(w.real, w.spec[a])
		part := u[a*l.points:][:len(w.real)]
		for i, x := range w.real {
			part[i] -= x
		}
	}
	return nil
}

// projectPlane does both components in one complex transform z = F(u + iv), of which
//
//	û_k = (z_k + z̄_{−k})/2,   v̂_k = (z_k − z̄_{−k})/2i,
//
// and takes the gradient part, κ (κ·(û, v̂)) with κ = k/|k|, off in the same way.
func (l *Leray) projectPlane(w *lerayWork, u []float64) {
	n0, n1 := l.shape[0], l.shape[1]
	x, y, z := u[:l.points], u[l.points:2*l.points], w.z[:l.points]
	for i := range z {
		z[i] = complex(x[i], y[i])
	}
	w.array.Forward(z)
	half := n1/2 + 1
	for i := range n0 {
		back := (n0 - i) % n0 * n1
		for j := range half {
			p, q := i*n1+j, back+(n1-j)%n1
			if (j == 0 || j == n1/2) && p > q {
				continue // done as the other of its pair
			}
			a, b := l.unit[0][i*half+j], l.unit[1][i*half+j]
			pr, pi, qr, qi := real(z[p]), imag(z[p]), real(z[q]), imag(z[q])
			sr := 0.5 * (a*(pr+qr) + b*(pi+qi)) // κ·(û, v̂)
			si := 0.5 * (a*(pi-qi) + b*(qr-pr))
			z[p] = complex(a*sr-b*si, a*si+b*sr)
			z[q] = complex(a*sr+b*si, b*sr-a*si)
		}
	}
	w.array.Inverse(z)
	for i, g := range z {
		x[i] -= real(g)
		y[i] -= imag(g)
	}
}

func (l *Leray) Tangent(_, v []float64) error { return l.Project(v) }
