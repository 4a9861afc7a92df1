package physics

import (
	"fmt"
	"math"

	"abide/sparse"
)

// Bounds are box constraints,
//
//	lo_i ≤ u_i ≤ hi_i,   P(u)_i = min(max(u_i, lo_i), hi_i),
//
// nearest in every diagonal metric. Positivity is lo = 0, the maximum principle of a
// harmonic field the range of its boundary values. Infinite bounds have no rows. The
// tangent projection takes rows that are met with equality as equations: a number on its
// bound stays there. Cost: two comparisons a number. With mass kept: [NewBoundedMass].
type Bounds struct {
	n         int
	lo, hi    []float64
	low, high []int32 // nodes whose bound is finite
	rows      []Row
	near      float64 // what is nearer to a bound is on it
}

var (
	_ Projector = (*Bounds)(nil)
	_ Tangent   = (*Bounds)(nil)
)

// NewBounds makes the box for fields of n numbers; lo and hi have n numbers each or one
// for all, and may be infinite.
func NewBounds(n int, lo, hi []float64, label Label) (*Bounds, error) {
	row, err := label.row("bounds", 0, "")
	if err != nil {
		return nil, err
	}
	b := &Bounds{n: n}
	for _, side := range []struct {
		name string
		from []float64
		to   *[]float64
	}{{"lower", lo, &b.lo}, {"upper", hi, &b.hi}} {
		switch len(side.from) {
		case n:
			*side.to = side.from
		case 1:
			*side.to = make([]float64, n)
			for i := range *side.to {
				(*side.to)[i] = side.from[0]
			}
		default:
			return nil, fmt.Errorf("physics: %s: %d %s bounds for fields of %d numbers: want one or as many", row.Name, len(side.from), side.name, n)
		}
	}
	for i := range n {
		lo, hi := b.lo[i], b.hi[i]
		if !(lo <= hi) || math.IsInf(lo, 1) || math.IsInf(hi, -1) {
			return nil, fmt.Errorf("physics: %s: number %d between %g and %g: %w", row.Name, i, lo, hi, ErrInfeasible)
		}
		if !math.IsInf(lo, 0) {
			b.low = append(b.low, int32(i))
		}
		if !math.IsInf(hi, 0) {
			b.high = append(b.high, int32(i))
		}
	}
	row.Upper = true
	b.near = row.Tolerance * row.Unit
	row.Size, row.Doc = len(b.low), "lo − u ≤ 0"
	b.rows = append(b.rows, row)
	row.Size, row.Doc = len(b.high), "u − hi ≤ 0"
	b.rows = append(b.rows, row)
	b.rows[0].Name, b.rows[1].Name = "lower "+row.Name, "upper "+row.Name
	return b, nil
}

func (b *Bounds) Dim() int    { return b.n }
func (b *Bounds) Rows() []Row { return b.rows }

func (b *Bounds) Residual(dst, u []float64) {
	for i, j := range b.low {
		dst[i] = b.lo[j] - u[j]
	}
	dst = dst[len(b.low):]
	for i, j := range b.high {
		dst[i] = u[j] - b.hi[j]
	}
}

func (b *Bounds) JVP(dst, _, v []float64) {
	for i, j := range b.low {
		dst[i] = -v[j]
	}
	dst = dst[len(b.low):]
	for i, j := range b.high {
		dst[i] = v[j]
	}
}

func (b *Bounds) VJP(dst, _, w []float64) {
	clear(dst)
	for i, j := range b.low {
		dst[j] -= w[i]
	}
	w = w[len(b.low):]
	for i, j := range b.high {
		dst[j] += w[i]
	}
}

func (b *Bounds) Project(u []float64) error {
	if err := checkField(b.rows[0].Name, b.n, u); err != nil {
		return err
	}
	lo, hi := b.lo[:len(u)], b.hi[:len(u)]
	for i, x := range u {
		u[i] = min(max(x, lo[i]), hi[i])
	}
	return nil
}

// on tells whether number i is on a bound.
func (b *Bounds) on(i int, x float64) bool { return x <= b.lo[i]+b.near || x >= b.hi[i]-b.near }

func (b *Bounds) Tangent(u, v []float64) error {
	if len(u) != b.n || len(v) != b.n {
		return fmt.Errorf("physics: %s: fields of %d and %d numbers where the law has %d", b.rows[0].Name, len(u), len(v), b.n)
	}
	for i, x := range u {
		if b.on(i, x) {
			v[i] = 0
		}
	}
	return nil
}

// Pattern is the Jacobian, one number a row.
func (b *Bounds) Pattern() *sparse.CSR {
	m := &sparse.CSR{Rows: len(b.low) + len(b.high), Cols: b.n, Ptr: []int32{0}}
	for _, side := range [][]int32{b.low, b.high} {
		for _, j := range side {
			m.Index = append(m.Index, j)
			m.Ptr = append(m.Ptr, int32(len(m.Index)))
		}
	}
	m.Value = make([]float64, len(m.Index))
	return m
}

// Jacobian is −1 where a number is bounded below, 1 where it is above.
func (b *Bounds) Jacobian(dst *sparse.CSR, _ []float64) {
	for i := range dst.Value {
		dst.Value[i] = 1
		if i < len(b.low) {
			dst.Value[i] = -1
		}
	}
}
