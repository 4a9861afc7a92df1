package physics

import (
	"fmt"
	"slices"
	"sync"
)

// Unimodal are profiles with one peak (or one valley), wherever it is, slice by slice,
//
//	u_0 ≤ … ≤ u_m ≥ … ≥ u_{n−1} for some m,   P: unimodal regression in W,
//
// the isotonic regressions on both sides of the m with the least error together, which
// pooling gives for every m in two passes (Q. F. Stout, "Unimodal regression via prefix
// isotonic regression", Computational Statistics & Data Analysis 53 (2008)). Cost: O(n).
// The rows are those of the m where u is largest, so their products are those of the
// branch that u is on. What obeys is not convex, a union over m: there may be two nearest
// profiles, of which the one with the earlier m is taken, and [NewDykstra] refuses it.
// The tangent projection keeps the blocks of equal values together. Where m is known,
// two [Monotone] laws are convex.
type Unimodal struct {
	Monotone // rising, for the sizes, the metric and the tangent projection's blocks
}

// unimodalBlock is a block of pooled values: its mean, weight and first number.
type unimodalBlock struct {
	mean, weight float64
	first        int
}

type unimodalWork struct {
	left, right, v, w []float64
	stack             []unimodalBlock
}

var (
	_ Projector = (*Unimodal)(nil)
	_ Tangent   = (*Unimodal)(nil)
	_ Weighted  = (*Unimodal)(nil)
)

// NewUnimodal makes the law for slices of size ≥ 3 numbers each (two have one peak
// always), with one valley in place of a peak if valley.
func NewUnimodal(slices, size int, valley bool, w Metric, label Label) (*Unimodal, error) {
	sign, doc := 1., "u_i − u_{i+1} ≤ 0 before the largest number, u_{i+1} − u_i ≤ 0 after it"
	if valley {
		sign, doc = -1, "u_{i+1} − u_i ≤ 0 before the smallest number, u_i − u_{i+1} ≤ 0 after it"
	}
	row, err := label.row("unimodal", slices*(size-1), doc)
	if err != nil {
		return nil, err
	}
	if slices < 1 || size < 3 {
		return nil, fmt.Errorf("physics: %s: %d slices of %d numbers: want at least 1 of at least 3", row.Name, slices, size)
	}
	if err := w.Check(slices * size); err != nil {
		return nil, err
	}
	row.Upper = true
	m := &Unimodal{Monotone{slices: slices, size: size, sign: sign, w: w, row: []Row{row}}}
	m.work = sync.Pool{New: func() any {
		return &unimodalWork{
			left: make([]float64, size), right: make([]float64, size+1),
			v: make([]float64, size), w: make([]float64, size), stack: make([]unimodalBlock, 0, size),
		}
	}}
	return m, nil
}

// mode is where a slice is largest (smallest, for a valley), the first such place.
func (m *Unimodal) mode(u []float64) int {
	at := 0
	for i, x := range u {
		if m.sign*x > m.sign*u[at] {
			at = i
		}
	}
	return at
}

func (m *Unimodal) Residual(dst, u []float64) { m.JVP(dst, u, u) }

func (m *Unimodal) JVP(dst, u, v []float64) {
	at := 0
	for s := range m.slices {
		first := s * m.size
		mode := m.mode(u[first : first+m.size])
		for i := range m.size - 1 {
			d := m.sign * (v[first+i] - v[first+i+1])
			if i >= mode {
				d = -d
			}
			dst[at] = d
			at++
		}
	}
}

func (m *Unimodal) VJP(dst, u, w []float64) {
	clear(dst)
	at := 0
	for s := range m.slices {
		first := s * m.size
		mode := m.mode(u[first : first+m.size])
		for i := range m.size - 1 {
			d := m.sign * w[at]
			if i >= mode {
				d = -d
			}
			dst[first+i] += d
			dst[first+i+1] -= d
			at++
		}
	}
}

func (m *Unimodal) Project(u []float64) error {
	if err := checkField(m.row[0].Name, m.Dim(), u); err != nil {
		return err
	}
	k := m.work.Get().(*unimodalWork)
	defer m.work.Put(k)
	for s := range m.slices {
		first := s * m.size
		part := u[first : first+m.size]
		for i, x := range part {
			k.v[i], k.w[i] = m.sign*x, 1/m.w.Inverse(first+i)
		}
		k.rising(k.v, k.w, k.left)
		slices.Reverse(k.v)
		slices.Reverse(k.w)
		k.rising(k.v, k.w, k.right[:m.size])
		mode, least := 0, k.left[0]+k.right[m.size-2]
		for i := 1; i < m.size; i++ {
			after := 0.
			if i < m.size-1 {
				after = k.right[m.size-2-i]
			}
			if e := k.left[i] + after; e < least {
				mode, least = i, e
			}
		}
		split := m.size - 1 - mode // numbers after the mode, now first
		k.rising(k.v[:split], k.w[:split], k.right)
		k.settle(k.v[:split])
		slices.Reverse(k.v)
		slices.Reverse(k.w)
		k.rising(k.v[:mode+1], k.w[:mode+1], k.left)
		k.settle(k.v[:mode+1])
		for i, x := range k.v {
			part[i] = m.sign * x
		}
	}
	return nil
}

// rising pools v, leaves the blocks in the stack, and writes for every prefix the
// weighted sum of squares that its isotonic regression leaves.
func (k *unimodalWork) rising(v, w, errors []float64) {
	k.stack = k.stack[:0]
	var left float64
	for i, x := range v {
		top := unimodalBlock{x, w[i], i}
		for len(k.stack) > 0 {
			below := k.stack[len(k.stack)-1]
			if below.mean <= top.mean {
				break
			}
			sum, gap := below.weight+top.weight, top.mean-below.mean
			left += gap * gap * (below.weight / sum) * top.weight
			top = unimodalBlock{below.mean + gap*(top.weight/sum), sum, below.first}
			k.stack = k.stack[:len(k.stack)-1]
		}
		k.stack = append(k.stack, top)
		errors[i] = left
	}
}

// settle writes the means of the blocks over the values of v they were made of.
func (k *unimodalWork) settle(v []float64) {
	end := len(v)
	for b := len(k.stack) - 1; b >= 0; b-- {
		for i := k.stack[b].first; i < end; i++ {
			v[i] = k.stack[b].mean
		}
		end = k.stack[b].first
	}
}
