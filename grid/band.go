package grid

import (
	"fmt"
	"math"
)

// band is the Cholesky factor L Lᵀ of a level's matrix, rows numbered so that the band
// is the shorter axis.
type band struct {
	n, width int       // unknowns; entries left of the diagonal
	across   bool      // the slow axis is the shorter one and runs fastest
	entry    []float64 // row i: L[i, i−width … i]
	x        []float64
	place    []int32 // where the unknown is in an array of both colours
}

func newBand(l *level) (*band, error) {
	rows, columns := l.hi[0]-l.lo[0]+1, l.hi[1]-l.lo[1]+1
	b := &band{n: rows * columns, width: min(rows, columns), across: rows < columns}
	if work := float64(b.n) * float64(b.width) * float64(b.width); work > 2e8 {
		return nil, fmt.Errorf("grid: multigrid: a Neumann axis stops coarsening at %d×%d cells: numbers of cells are a small number times a power of two", l.cells[0], l.cells[1])
	}
	b.entry, b.x = make([]float64, b.n*(b.width+1)), make([]float64, b.n)
	b.each(l, func(i, j int) {
		colour := (i + j) & 1
		b.place = append(b.place, int32(colour*len(l.r)+l.start(i)+j>>1))
	})
	return b, nil
}

// each visits the unknowns in the order of the band.
func (b *band) each(l *level, visit func(i, j int)) {
	slow, fast := 0, 1
	if b.across {
		slow, fast = 1, 0
	}
	for p := l.lo[slow]; p <= l.hi[slow]; p++ {
		for q := l.lo[fast]; q <= l.hi[fast]; q++ {
			if b.across {
				visit(q, p)
			} else {
				visit(p, q)
			}
		}
	}
}

// factor computes L. A singular matrix, of row sums zero, is grounded at its last
// unknown: what solves a compatible system is the same but for a constant.
func (b *band) factor(l *level, singular bool) error {
	clear(b.entry)
	w, columns, number := b.width, l.cells[1]+1, 0
	near, far, next, over := l.east, l.south, 1, columns // to the next number, and the next but w
	if b.across {
		near, far, next, over = l.south, l.east, columns, 1
	}
	b.each(l, func(i, j int) {
		k := i*columns + j
		row := b.entry[number*(w+1) : (number+1)*(w+1)]
		row[w] = l.diagonal.all[b.place[number]]
		if number%w > 0 {
			row[w-1] = -near[k-next]
		}
		if number >= w {
			row[0] -= far[k-over]
		}
		number++
	})
	if singular {
		b.entry[len(b.entry)-1] *= 2
	}
	for i := range b.n {
		row := b.entry[i*(w+1) : (i+1)*(w+1)]
		for j := max(0, i-w); j <= i; j++ {
			other := b.entry[j*(w+1) : (j+1)*(w+1)]
			s := row[j-i+w]
			for k := max(0, i-w); k < j; k++ {
				s -= row[k-i+w] * other[k-j+w]
			}
			if j < i {
				row[j-i+w] = s / other[w]
				continue
			}
			if !(s > 0) {
				return fmt.Errorf("grid: multigrid: the coarsest matrix has pivot %g: the coefficient varies by more than float64 holds", s)
			}
			row[w] = math.Sqrt(s)
		}
	}
	return nil
}

// solve is u = A⁻¹ f.
func (b *band) solve(l *level) {
	w := b.width
	for i, k := range b.place {
		b.x[i] = l.f.all[k]
	}
	for i := range b.n {
		row, s := b.entry[i*(w+1):(i+1)*(w+1)], b.x[i]
		for j := max(0, i-w); j < i; j++ {
			s -= row[j-i+w] * b.x[j]
		}
		b.x[i] = s / row[w]
	}
	for i := b.n - 1; i >= 0; i-- {
		row := b.entry[i*(w+1) : (i+1)*(w+1)]
		v := b.x[i] / row[w]
		b.x[i] = v
		for j := max(0, i-w); j < i; j++ {
			b.x[j] -= row[j-i+w] * v
		}
	}
	for i, k := range b.place {
		l.u.all[k] = b.x[i]
	}
}
