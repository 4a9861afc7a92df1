package physics

import (
	"fmt"
	"sync"

	"abide/grid"
)

// BandLimit keeps the Fourier modes of a periodic field with |k_a| ≤ highest[a] on every
// axis and asks the others to vanish,
//
//	c(u) = (I − P) u,   P = F⁻¹ 1[|k_a| ≤ K_a] F,
//
// the average over translations of a group's dual (J. P. Boyd, "Chebyshev and Fourier
// Spectral Methods", 2001, §2.3). J = Jᵀ = I − P. Cost: two transforms. W is the
// identity. Not for fields with jumps at the ends, which have all modes.
type BandLimit struct {
	n    int
	out  []bool // modes that are to vanish
	w    Metric
	row  []Row
	work sync.Pool // of *bandWork
}

type bandWork struct {
	fft  *grid.RealFFT
	spec []complex128
	real []float64
}

var (
	_ Projector = (*BandLimit)(nil)
	_ Tangent   = (*BandLimit)(nil)
	_ Weighted  = (*BandLimit)(nil)
)

// NewBandLimit makes the law for fields of a shape; w is nil or all the same.
func NewBandLimit(shape, highest []int, w Metric, label Label) (*BandLimit, error) {
	n := product(shape)
	row, err := label.row("band limit", n, "modes with |k_a| > K_a vanish")
	if err != nil {
		return nil, err
	}
	if n == 0 || len(highest) != len(shape) {
		return nil, fmt.Errorf("physics: %s: shape %v and highest wave numbers %v: want one for each axis", row.Name, shape, highest)
	}
	if err := uniform(row.Name, w, n); err != nil {
		return nil, err
	}
	fft, err := grid.NewRealFFT(shape...)
	if err != nil {
		return nil, err
	}
	b := &BandLimit{n: n, w: w, row: []Row{row}, out: make([]bool, fft.Modes())}
	for m := range b.out {
		for a := range shape {
			j := modeIndex(shape, a, m)
			b.out[m] = b.out[m] || max(j, -j) > highest[a]
		}
	}
	b.work.New = func() any {
		fft, _ := grid.NewRealFFT(shape...)
		return &bandWork{fft, make([]complex128, fft.Modes()), make([]float64, n)}
	}
	return b, nil
}

func (b *BandLimit) Dim() int       { return b.n }
func (b *BandLimit) Rows() []Row    { return b.row }
func (b *BandLimit) Metric() Metric { return b.w }

func (b *BandLimit) Residual(dst, u []float64) {
	w := b.work.Get().(*bandWork)
	defer b.work.Put(w)
	w.fft.Forward(w.spec, u)
	for m, out := range b.out {
		if !out {
			w.spec[m] = 0
		}
	}
	w.fft.Inverse(dst, w.spec)
}

func (b *BandLimit) JVP(dst, _, v []float64) { b.Residual(dst, v) }
func (b *BandLimit) VJP(dst, _, w []float64) { b.Residual(dst, w) }

func (b *BandLimit) Project(u []float64) error {
	if err := checkField(b.row[0].Name, b.n, u); err != nil {
		return err
	}
	w := b.work.Get().(*bandWork)
	high := w.real
	b.Residual(high, u)
	for i, x := range high {
		u[i] -= x
	}
	b.work.Put(w)
	return nil
}

func (b *BandLimit) Tangent(_, v []float64) error { return b.Project(v) }
