package field

import (
	"fmt"
	"math"
	"sync"

	"abide/grid"
	"abide/internal/keyed"
)

// Circulant is a stationary field on a regular grid, exact at its points, for any
// covariance C(lag): the matrix of covariances is a part of a circulant one on a
// torus of M points, which the discrete Fourier transform diagonalises,
//
//	λₖ = Σᵢ C(i) e^(−2πi k·i/m),  u = Σₖ √(λₖ/M) ξₖ cas(2π k·i/m),  cas = cos + sin,
//
// provided that no λ is negative. As λ is even, sums over the real functions cas have
// the covariance C, for one real transform a draw.
//
// References: C. R. Dietrich and G. N. Newsam, "Fast and exact simulation of
// stationary Gaussian processes through circulant embedding of the covariance
// matrix", SIAM J. Sci. Comput. 18 (1997); A. T. A. Wood and G. Chan, "Simulation of
// stationary Gaussian processes in [0, 1]ᵈ", J. Comput. Graph. Stat. 3 (1994).
//
// A draw costs M normal numbers and O(M log M), M ≥ Π (2nₐ − 1). Where correlations
// reach across the box no embedding of such size may exist, and its error says how
// large one would have to be: take [Kronecker] or [KL] there.
type Circulant struct {
	shape, torus []int
	root         []float64 // √(λ/M), [torus]
	mean         float64
	pool         sync.Pool
}

var _ Gaussian = (*Circulant)(nil)

// EmbeddingError is a torus on which the covariance is not one.
type EmbeddingError struct {
	Torus             []int
	Smallest, Largest float64 // eigenvalues
	Enough            float64 // padding that would do; 0: none was found
}

func (e *EmbeddingError) Error() string {
	s := fmt.Sprintf("field: the covariance on a torus of %v points has an eigenvalue of %.3g (the largest is %.3g), hence no field: ", e.Torus, e.Smallest, e.Largest)
	if e.Enough > 0 {
		return s + fmt.Sprintf("padding %g would do", e.Enough)
	}
	return s + "nor has it one with padding up to 8; shorten its correlations, or use Kronecker or KL"
}

// embeddingTolerance is how negative eigenvalues of an embedding may be, relative to the
// largest: rounding. They are set to zero.
const embeddingTolerance = 1e-13

// NewCirculant embeds a covariance on n points per axis with a distance of step each.
// The covariance is a function of the difference of two points, equal for opposite
// ones. The torus has padding × (2n − 1) points or a few more along each axis;
// padding is 1 or more.
func NewCirculant(covariance func(lag []float64) float64, n []int, step []float64, padding, mean float64) (*Circulant, error) {
	if len(n) < 1 || len(n) > 3 || len(step) != len(n) {
		return nil, fmt.Errorf("field: %d axes with %d steps: 1, 2 or 3 axes with a step each", len(n), len(step))
	}
	if !(padding >= 1) || padding > 64 {
		return nil, fmt.Errorf("field: padding %g: 1, the smallest torus, or more", padding)
	}
	size := 1.0
	for a := range n {
		if n[a] < 1 || !(step[a] > 0) {
			return nil, fmt.Errorf("field: axis %d has %d points with a step of %g: at least one, and a positive step", a, n[a], step[a])
		}
		size *= padding * float64(2*n[a])
	}
	if size > maxTorus {
		return nil, fmt.Errorf("field: a torus of about %.3g points: at most %d; take fewer points or less padding", size, maxTorus)
	}
	f := &Circulant{shape: append([]int(nil), n...), mean: mean}
	smallest, largest := f.embed(covariance, step, padding)
	if math.IsNaN(smallest) || !(largest > 0) {
		return nil, fmt.Errorf("field: the covariance has eigenvalues from %g to %g: is it a finite function with C(0) > 0?", smallest, largest)
	}
	if smallest < -embeddingTolerance*largest {
		e := &EmbeddingError{Torus: f.torus, Smallest: smallest, Largest: largest}
		for more := 1.5; more <= 8; more += 0.5 {
			if math.Pow(more/padding, float64(len(n)))*size > maxTorus/4 || more <= padding {
				continue
			}
			trial := &Circulant{shape: f.shape}
			if s, l := trial.embed(covariance, step, more); s >= -embeddingTolerance*l {
				e.Enough = more
				break
			}
		}
		return nil, e
	}
	f.pool.New = func() any { return f.newWork() }
	return f, nil
}

const maxTorus = 1 << 26

// embed fills in the torus and the roots and returns the extreme eigenvalues.
func (f *Circulant) embed(covariance func(lag []float64) float64, step []float64, padding float64) (smallest, largest float64) {
	f.torus = nil
	total := 1
	for _, n := range f.shape {
		m := fast(max(1, int(math.Ceil(padding*float64(2*n-1)))))
		f.torus = append(f.torus, m)
		total *= m
	}
	row := make([]float64, total)
	place, lag := make([]int, len(f.torus)), make([]float64, len(f.torus))
	for i := range row {
		at := i
		for a := len(f.torus) - 1; a >= 0; a-- {
			place[a] = at % f.torus[a]
			at /= f.torus[a]
		}
		row[i] = f.wrapped(covariance, place, step, lag, 0)
	}
	t := newHartley(f.torus, f.torus)
	t.apply(row, row)
	f.root = row
	smallest, largest = math.Inf(1), math.Inf(-1)
	for i, v := range row {
		smallest, largest = math.Min(smallest, v), math.Max(largest, v)
		row[i] = math.Sqrt(math.Max(v, 0) / float64(total))
	}
	return smallest, largest
}

// wrapped is the covariance at a place of the torus, at its shortest lag. Half way
// round, where two lags are as short, it is the mean of both, so that it is even.
func (f *Circulant) wrapped(covariance func(lag []float64) float64, place []int, step, lag []float64, a int) float64 {
	if a == len(place) {
		return covariance(lag)
	}
	k, m := place[a], f.torus[a]
	if 2*k > m {
		k -= m
	}
	lag[a] = float64(k) * step[a]
	c := f.wrapped(covariance, place, step, lag, a+1)
	if 2*k == m {
		lag[a] = -lag[a]
		c = (c + f.wrapped(covariance, place, step, lag, a+1)) / 2
	}
	return c
}

// fast is the next number from m with no prime factor above 5.
func fast(m int) int {
	for ; ; m++ {
		k := m
		for _, p := range []int{2, 3, 5} {
			for k%p == 0 {
				k /= p
			}
		}
		if k == 1 {
			return m
		}
	}
}

type circulantWork struct {
	white         []float64
	hartley, full *hartley // to the grid, and between tori
}

func (f *Circulant) newWork() *circulantWork {
	return &circulantWork{white: make([]float64, len(f.root)), hartley: newHartley(f.torus, f.shape)}
}

// Size is the number of points.
func (f *Circulant) Size() int {
	n := 1
	for _, k := range f.shape {
		n *= k
	}
	return n
}

// White is the number of points of the torus.
func (f *Circulant) White() int { return len(f.root) }

// Sample writes draw index of seed at the points of the grid, row-major.
func (f *Circulant) Sample(dst []float64, seed uint64, index int) {
	w := f.pool.Get().(*circulantWork)
	keyed.New(seed, "field.circulant", index, 0).Normal(w.white)
	f.draw(dst, w.white, w)
	f.pool.Put(w)
}

// Map writes the field of white numbers, one for each point of the torus.
func (f *Circulant) Map(dst, white []float64) {
	w := f.pool.Get().(*circulantWork)
	f.draw(dst, white, w)
	f.pool.Put(w)
}

// Adjoint writes Lᵀ u. The matrix of cas is symmetric: u is put on the torus, among
// zeros.
func (f *Circulant) Adjoint(white, u []float64) {
	w := f.pool.Get().(*circulantWork)
	if w.full == nil {
		w.full = newHartley(f.torus, f.torus)
	}
	clear(w.white)
	last := len(f.shape) - 1
	n := f.shape[last]
	for r := 0; r*n < len(u); r++ {
		at, rest, stride := 0, r, f.torus[last]
		for a := last - 1; a >= 0; a-- {
			at += rest % f.shape[a] * stride
			rest /= f.shape[a]
			stride *= f.torus[a]
		}
		copy(w.white[at:], u[r*n:(r+1)*n])
	}
	w.full.apply(white, w.white)
	for i, r := range f.root {
		white[i] *= r
	}
	f.pool.Put(w)
}

func (f *Circulant) draw(dst, white []float64, w *circulantWork) {
	white = white[:len(f.root)]
	for i, r := range f.root {
		w.white[i] = white[i] * r
	}
	w.hartley.apply(dst, w.white)
	if f.mean != 0 {
		for i := range dst {
			dst[i] += f.mean
		}
	}
}

// hartley is the sum of an array over cas, at the points of the array's leading part
// alone: y[i] = Σₖ x[k] cas(2π k·i/m) = Re ŷ[i] − Im ŷ[i] for the Fourier transform ŷ.
type hartley struct {
	torus, part []int
	fft         *grid.RealFFT
	half        []complex128 // [torus, but of the last axis half]
}

// newHartley keeps, of every axis, the first part points.
func newHartley(torus, part []int) *hartley {
	fft, err := grid.NewRealFFT(torus...)
	if err != nil {
		panic(err) // a torus has points
	}
	return &hartley{torus, part, fft, make([]complex128, fft.Modes())}
}

// apply writes the sums at the part of x, which has the shape of the torus.
func (h *hartley) apply(dst, x []float64) {
	h.fft.Forward(h.half, x)
	h.collect(dst)
}

// collect writes Re − Im at the points of the part; those past the half spectrum
// are the conjugates at the opposite points.
func (h *hartley) collect(dst []float64) {
	last := len(h.torus) - 1
	rows := 1
	for _, k := range h.part[:last] {
		rows *= k
	}
	n, m := h.part[last], h.torus[last]
	width := m/2 + 1
	c := min(n, width)
	for r := range rows {
		at, opposite, rest, stride := 0, 0, r, 1
		for a := last - 1; a >= 0; a-- {
			k := rest % h.part[a]
			rest /= h.part[a]
			at += k * stride
			opposite += (h.torus[a] - k) % h.torus[a] * stride
			stride *= h.torus[a]
		}
		row := dst[r*n : (r+1)*n]
		for j, v := range h.half[at*width : at*width+c] {
			row[j] = real(v) - imag(v)
		}
		for j := c; j < n; j++ {
			v := h.half[opposite*width+m-j]
			row[j] = real(v) + imag(v)
		}
	}
}
