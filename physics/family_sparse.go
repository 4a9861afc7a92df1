package physics

import (
	"abide/pde"
	"abide/sparse"
)

func newSparseFamily(p *Family, linear pde.Linearised) (*SparseFamily, error) {
	f := &SparseFamily{Family: p, linear: linear}
	w := p.work.Get().(*familyWork)
	defer p.work.Put(w)
	w.entries.Reset(false)
	linear.Linearise(&w.entries, p.view(w.s, make([]float64, p.dim)))
	var rows, cols []int32
	for i, r := range w.entries.Row {
		row, col := p.keep[r], int32(p.offset[w.entries.Array[i]])
		if row < 0 || col < 0 {
			row, col = -1, -1
		} else {
			col += w.entries.Place[i]
			rows, cols = append(rows, row), append(cols, col)
		}
		f.row, f.col = append(f.row, row), append(f.col, col)
	}
	var err error
	if f.pattern, err = sparse.FromTriplets(p.size, p.dim, rows, cols, make([]float64, len(rows))); err != nil {
		return nil, err
	}
	f.scatter = make([]int32, len(f.row))
	for i, r := range f.row {
		f.scatter[i] = -1
		if r >= 0 {
			f.scatter[i] = int32(f.pattern.Position(int(r), int(f.col[i])))
		}
	}
	return f, nil
}

// linearise computes the entries at u.
func (f *SparseFamily) linearise(w *familyWork, u []float64) []float64 {
	w.entries.Reset(true)
	f.linear.Linearise(&w.entries, f.view(w.s, u))
	return w.entries.Value[:len(f.row)]
}

// Pattern is the Jacobian without numbers.
func (f *SparseFamily) Pattern() *sparse.CSR { return f.pattern }

// Jacobian writes the numbers of J(u) to a matrix of the pattern.
func (f *SparseFamily) Jacobian(dst *sparse.CSR, u []float64) {
	w := f.work.Get().(*familyWork)
	defer f.work.Put(w)
	value := f.linearise(w, u)
	clear(dst.Value)
	for i, at := range f.scatter {
		if at >= 0 {
			dst.Value[at] += value[i]
		}
	}
}

func (f *SparseFamily) JVP(dst, u, v []float64) {
	w := f.work.Get().(*familyWork)
	defer f.work.Put(w)
	value := f.linearise(w, u)
	clear(dst)
	for i, r := range f.row {
		if r >= 0 {
			dst[r] += value[i] * v[f.col[i]]
		}
	}
}

func (f *SparseFamily) VJP(dst, u, q []float64) {
	w := f.work.Get().(*familyWork)
	defer f.work.Put(w)
	value := f.linearise(w, u)
	clear(dst)
	for i, r := range f.row {
		if r >= 0 {
			dst[f.col[i]] += value[i] * q[r]
		}
	}
}
