package grid

import (
	"fmt"

	"gonum.org/v1/gonum/dsp/fourier"
)

// Kind is a trigonometric transform of n real numbers. The formulas are those of
// Forward; Inverse undoes it, scale included.
type Kind int

const (
	DST1    Kind = iota // y_k = 2 Σ_j x_j sin(π(j+1)(k+1)/(n+1))
	DST2                // y_k = 2 Σ_j x_j sin(π(2j+1)(k+1)/2n)
	DST3                // y_k = (−1)^k x_{n−1} + 2 Σ_{j<n−1} x_j sin(π(j+1)(2k+1)/2n)
	DCT1                // y_k = x_0 + (−1)^k x_{n−1} + 2 Σ_{0<j<n−1} x_j cos(πjk/(n−1)), n ≥ 2
	DCT2                // y_k = 2 Σ_j x_j cos(πk(2j+1)/2n)
	DCT3                // y_k = x_0 + 2 Σ_{j>0} x_j cos(πj(2k+1)/2n)
	Fourier             // y = (Re ŷ_0, Re ŷ_1, Im ŷ_1, Re ŷ_2, …) of ŷ_k = Σ_j x_j e^{−2πijk/n}, k ≤ n/2
)

func (k Kind) String() string {
	if k < DST1 || k > Fourier {
		return fmt.Sprintf("kind %d", int(k))
	}
	return [...]string{"DST-I", "DST-II", "DST-III", "DCT-I", "DCT-II", "DCT-III", "Fourier"}[k]
}

// Transform is one trigonometric transform along each axis of an array,
//
//	Y = (T_1 ⊗ T_2 ⊗ …) X.
//
// Where there are eight lines or more, sixteen go at once: through a [LaneFFT] if the
// underlying Fourier transform has a power of two as its length (n+1 for DST-I, n−1 for
// DCT-I, n for the others), at a quarter or a tenth of the time, and as products with a
// matrix, O(n²) a line, up to 128 numbers, in vector registers up to 400 and at lengths
// with a large prime up to 1,024. All builds and processors give the same bits but from
// 129 to 400. Other lines take gonum's FFTPACK (P. N. Swarztrauber, "Vectorizing the
// FFTs", in Parallel Computations, 1982), fastest for products of 2, 3, 4 and 5; its error
// grows as √n·ε for DST-I and DCT-I. O(N log N).
//
// A Transform owns work space: one goroutine at a time.
type Transform struct {
	shape       []int
	size        int
	lines       []line
	forth, back float64 // scales that Forward and Inverse end with
	columns     []float64
}

// line is a transform of contiguous numbers in place, without scales, or one of sixteen
// lines at once.
type line struct {
	forward, inverse func(x []float64)
	forth, back      float64
	together         *sixteen
}

// manyLines are worth the lanes of a transform of sixteen.
const manyLines = 8

// NewTransform makes the transform of arrays of a shape, one kind for each axis.
func NewTransform(shape []int, kinds []Kind) (*Transform, error) {
	if len(shape) == 0 || len(shape) != len(kinds) {
		return nil, fmt.Errorf("grid: %d transforms for %d axes: one each, and there is an axis", len(kinds), len(shape))
	}
	t, longest := &Transform{size: 1, forth: 1, back: 1}, 0
	for _, n := range shape {
		t.size *= n
	}
	for d, n := range shape {
		l, err := newLine(n, kinds[d])
		if err != nil {
			return nil, fmt.Errorf("grid: axis %d: %w", d, err)
		}
		if s, scales := newSixteen(n, kinds[d]); s != nil && t.size/n >= manyLines {
			l = scales
			l.together = s
		}
		t.lines = append(t.lines, l)
		t.shape = append(t.shape, n)
		t.forth *= l.forth
		t.back *= l.back
		longest = max(longest, n)
	}
	t.columns = make([]float64, together*longest)
	return t, nil
}

// NewModes makes the transform into the modes of a box, the eigenfunctions of −Δ under
// the conditions of its axes at the places of their unknowns: on each axis sines of the
// wave numbers 1, 2, … (Dirichlet), cosines of 0, 1, … (Neumann), or 0 and then cosine
// and sine of 1, 2, … in turn, in phase with the first unknown (periodic).
func NewModes(axes ...Axis) (*Transform, error) {
	shape, err := sizes(axes)
	if err != nil {
		return nil, err
	}
	var kinds []Kind
	for _, a := range axes {
		kinds = append(kinds, a.kind())
	}
	return NewTransform(shape, kinds)
}

func newLine(n int, kind Kind) (line, error) {
	if n < 1 || (kind == DCT1 && n < 2) {
		return line{}, fmt.Errorf("%v of %d numbers: too few", kind, n)
	}
	m := float64(n)
	switch kind {
	case DST1:
		f := fourier.NewDST(n)
		same := func(x []float64) { f.Transform(x, x) }
		return line{forward: same, inverse: same, forth: 1, back: 0.5 / (m + 1)}, nil
	case DCT1:
		f := fourier.NewDCT(n)
		same := func(x []float64) { f.Transform(x, x) }
		return line{forward: same, inverse: same, forth: 1, back: 0.5 / (m - 1)}, nil
	case DST2, DST3:
		f := fourier.NewQuarterWaveFFT(n)
		two := func(x []float64) { f.SinSequence(x, x) } // twice DST-II
		three := func(x []float64) { f.SinCoefficients(x, x) }
		if n == 1 { // 4 x_0 and x_0, in place of what the library does for one number
			two, three = func(x []float64) { x[0] *= 4 }, func([]float64) {}
		}
		if kind == DST3 {
			return line{forward: three, inverse: two, forth: 1, back: 0.25 / m}, nil
		}
		return line{forward: two, inverse: three, forth: 0.5, back: 0.5 / m}, nil
	case DCT2, DCT3:
		f := fourier.NewQuarterWaveFFT(n)
		two := func(x []float64) { f.CosSequence(x, x) } // twice DCT-II
		three := func(x []float64) { f.CosCoefficients(x, x) }
		if n == 1 {
			two, three = func(x []float64) { x[0] *= 4 }, func([]float64) {}
		}
		if kind == DCT3 {
			return line{forward: three, inverse: two, forth: 1, back: 0.25 / m}, nil
		}
		return line{forward: two, inverse: three, forth: 0.5, back: 0.5 / m}, nil
	case Fourier:
		return newFourierLine(n), nil
	}
	return line{}, fmt.Errorf("%v: allowed are DST1 to Fourier", kind)
}

// newFourierLine packs the complex half spectrum into n real numbers.
func newFourierLine(n int) line {
	if n == 1 {
		same := func([]float64) {}
		return line{forward: same, inverse: same, forth: 1, back: 1}
	}
	f := fourier.NewFFT(n)
	half := make([]complex128, n/2+1)
	forward := func(x []float64) {
		f.Coefficients(half, x)
		x[0] = real(half[0])
		for k := 1; 2*k < n; k++ {
			x[2*k-1], x[2*k] = real(half[k]), imag(half[k])
		}
		if n%2 == 0 {
			x[n-1] = real(half[n/2])
		}
	}
	inverse := func(x []float64) {
		half[0] = complex(x[0], 0)
		for k := 1; 2*k < n; k++ {
			half[k] = complex(x[2*k-1], x[2*k])
		}
		if n%2 == 0 {
			half[n/2] = complex(x[n-1], 0)
		}
		f.Sequence(x, half)
	}
	return line{forward: forward, inverse: inverse, forth: 1, back: 1 / float64(n)}
}

// Size is the number of numbers of an array.
func (t *Transform) Size() int { return t.size }

// Forward writes the transform of src to dst, which may be src.
func (t *Transform) Forward(dst, src []float64) {
	copy(dst[:t.size], src[:t.size])
	t.forward(dst, 0)
	scale(dst[:t.size], t.forth)
}

// Inverse undoes Forward.
func (t *Transform) Inverse(dst, src []float64) {
	copy(dst[:t.size], src[:t.size])
	t.inverse(dst, 0)
	scale(dst[:t.size], t.back)
}

// forward and inverse transform along the axes from first on and leave the scales out;
// together they multiply by 1/scale(first).
func (t *Transform) forward(x []float64, first int) {
	for d := first; d < len(t.shape); d++ {
		if s := t.lines[d].together; s != nil {
			s.along(x[:t.size], t.sideBySide(d), s.forward)
			continue
		}
		along(x[:t.size], t.shape, d, t.columns, t.lines[d].forward)
	}
}

func (t *Transform) inverse(x []float64, first int) {
	for d := first; d < len(t.shape); d++ {
		if s := t.lines[d].together; s != nil {
			s.along(x[:t.size], t.sideBySide(d), s.inverse)
			continue
		}
		along(x[:t.size], t.shape, d, t.columns, t.lines[d].inverse)
	}
}

// sideBySide is the number of lines of an axis between whose numbers no others stand.
func (t *Transform) sideBySide(axis int) int {
	inner := 1
	for _, m := range t.shape[axis+1:] {
		inner *= m
	}
	return inner
}

func (t *Transform) scale(first int) float64 {
	by := 1.0
	for _, l := range t.lines[first:] {
		by *= l.forth * l.back
	}
	return by
}

// together is how many columns are gathered at once: their numbers share cache lines.
const together = 8

// along calls f on every line of an axis, in place; columns has room for eight lines.
func along[T float64 | complex128](x []T, shape []int, axis int, columns []T, f func([]T)) {
	n, inner := shape[axis], 1
	for _, m := range shape[axis+1:] {
		inner *= m
	}
	if inner == 1 {
		for i := 0; i < len(x); i += n {
			f(x[i : i+n : i+n])
		}
		return
	}
	for outer := 0; outer < len(x); outer += n * inner {
		for at := 0; at < inner; at += together {
			width := min(together, inner-at)
			for j := range n {
				for w, v := range x[outer+j*inner+at:][:width] {
					columns[w*n+j] = v
				}
			}
			for w := range width {
				f(columns[w*n : (w+1)*n : (w+1)*n])
			}
			for j := range n {
				row := x[outer+j*inner+at:][:width]
				for w := range row {
					row[w] = columns[w*n+j]
				}
			}
		}
	}
}

func scale(x []float64, by float64) {
	if by == 1 {
		return
	}
	for i := range x {
		x[i] *= by
	}
}
