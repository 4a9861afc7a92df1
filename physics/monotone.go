package physics

import (
	"fmt"
	"sync"
)

// Monotone are profiles that do not fall (or do not rise), slice by slice,
//
//	u_i ≤ u_{i+1},   P: isotonic regression in W,
//
// by pooling adjacent violators: values that break the order are replaced by the
// weighted mean of their block until none does (M. Ayer, H. D. Brunk, G. M. Ewing, W. T.
// Reid and E. Silverman, Ann. Math. Stat. 26 (1955); in one pass with a stack, M. J.
// Best and N. Chakravarti, Math. Program. 47 (1990), §3). Cost: O(n), each number enters
// and leaves the stack once. The tangent projection keeps the blocks of equal values
// together: their W-mean. One-dimensional profiles only.
type Monotone struct {
	slices, size int
	sign         float64 // 1 rising, −1 falling
	w            Metric
	row          []Row
	work         sync.Pool // of *[]pool
}

type pool struct {
	mean, weight float64
	end          int
}

var (
	_ Projector = (*Monotone)(nil)
	_ Tangent   = (*Monotone)(nil)
	_ Weighted  = (*Monotone)(nil)
)

// NewMonotone makes the law for slices of size numbers each.
func NewMonotone(slices, size int, falling bool, w Metric, label Label) (*Monotone, error) {
	m := &Monotone{slices: slices, size: size, sign: 1, w: w}
	doc := "u_i − u_{i+1} ≤ 0"
	if falling {
		m.sign, doc = -1, "u_{i+1} − u_i ≤ 0"
	}
	row, err := label.row("monotone", slices*(size-1), doc)
	if err != nil {
		return nil, err
	}
	if slices < 1 || size < 2 {
		return nil, fmt.Errorf("physics: %s: %d slices of %d numbers: want at least 1 of at least 2", row.Name, slices, size)
	}
	if err := w.Check(m.Dim()); err != nil {
		return nil, err
	}
	row.Upper = true
	m.row = []Row{row}
	m.work.New = func() any { stack := make([]pool, 0, size); return &stack }
	return m, nil
}

func (m *Monotone) Dim() int       { return m.slices * m.size }
func (m *Monotone) Rows() []Row    { return m.row }
func (m *Monotone) Metric() Metric { return m.w }

func (m *Monotone) Residual(dst, u []float64) {
	at := 0
	for s := range m.slices {
		part := u[s*m.size : (s+1)*m.size]
		for i := range m.size - 1 {
			dst[at] = m.sign * (part[i] - part[i+1])
			at++
		}
	}
}

func (m *Monotone) JVP(dst, _, v []float64) { m.Residual(dst, v) }

func (m *Monotone) VJP(dst, _, w []float64) {
	clear(dst)
	at := 0
	for s := range m.slices {
		part := dst[s*m.size : (s+1)*m.size]
		for i := range m.size - 1 {
			part[i] += m.sign * w[at]
			part[i+1] -= m.sign * w[at]
			at++
		}
	}
}

func (m *Monotone) Project(u []float64) error {
	if err := checkField(m.row[0].Name, m.Dim(), u); err != nil {
		return err
	}
	work := m.work.Get().(*[]pool)
	defer m.work.Put(work)
	for s := range m.slices {
		first := s * m.size
		part := u[first : first+m.size]
		stack := (*work)[:0]
		for i, x := range part {
			top := pool{x, 1 / m.w.Inverse(first+i), i + 1}
			for len(stack) > 0 {
				below := stack[len(stack)-1]
				if m.sign*(below.mean-top.mean) <= 0 {
					break
				}
				sum := below.weight + top.weight
				top = pool{below.mean + (top.mean-below.mean)*(top.weight/sum), sum, top.end}
				stack = stack[:len(stack)-1]
			}
			stack = append(stack, top)
		}
		i := 0
		for _, block := range stack {
			for ; i < block.end; i++ {
				part[i] = block.mean
			}
		}
	}
	return nil
}

func (m *Monotone) Tangent(u, v []float64) error {
	if len(u) != m.Dim() || len(v) != m.Dim() {
		return fmt.Errorf("physics: %s: fields of %d and %d numbers where the law has %d", m.row[0].Name, len(u), len(v), m.Dim())
	}
	near := m.row[0].Tolerance * m.row[0].Unit
	for s := range m.slices {
		last := (s + 1) * m.size
		for i := s * m.size; i < last; {
			var sum, weight float64
			end := i
			for {
				w := 1 / m.w.Inverse(end)
				sum, weight = sum+w*v[end], weight+w
				end++
				if end == last || m.sign*(u[end]-u[end-1]) > near {
					break
				}
			}
			for mean := sum / weight; i < end; i++ {
				v[i] = mean
			}
		}
	}
	return nil
}
