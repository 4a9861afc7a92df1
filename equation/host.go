package equation

import (
	"fmt"
	"math"

	"abide/expr"
	"abide/sparse"
)

// work is the room of one call: lanes of rows, in blocks that stay in cache.
type work struct {
	batches []*expr.Batch
	x, g    []float64 // [columns × lanes]
	r       []float64 // [lanes]
}

func (e *Equation) newWork() *work {
	w := &work{r: make([]float64, e.lanes)}
	columns := 0
	for _, b := range e.blocks {
		w.batches = append(w.batches, b.formula.NewBatch(e.lanes))
		columns = max(columns, len(b.inputs))
	}
	w.x, w.g = make([]float64, columns*e.lanes), make([]float64, columns*e.lanes)
	return w
}

// load writes the columns of rows from … to−1 of a block.
func (w *work) load(b *block, u []float64, from, to, lanes int) {
	for k := range b.inputs {
		in, x := &b.inputs[k], w.x[k*lanes:k*lanes+to-from]
		if in.values != nil {
			copy(x, in.values[from:to])
			continue
		}
		index := in.index[from:to]
		for i := range x {
			x[i] = u[index[i]]
		}
		if in.scale != nil {
			scale, add := in.scale[from:to], in.add[from:to]
			for i, v := range x {
				x[i] = scale[i]*v + add[i]
			}
		}
	}
}

// affine is Σ slope·column + c₀.
func (w *work) affine(b *block, count, lanes int) {
	r := w.r[:count]
	for i := range r {
		r[i] = b.constant
	}
	for k, c := range b.slopes {
		for i, v := range w.x[k*lanes:][:count] {
			r[i] += c * v
		}
	}
}

// each runs over all rows, lanes at a time, with slopes in w.g where they are asked for.
func (e *Equation) each(w *work, u []float64, slopes bool, do func(b *block, from, to int)) {
	n := e.lanes
	for k, b := range e.blocks {
		columns := len(b.inputs)
		if slopes && b.affine {
			for c := range columns {
				g := w.g[c*n : (c+1)*n]
				for i := range g {
					g[i] = b.slopes[c]
				}
			}
		}
		for from := 0; from < b.rows; from += n {
			to := min(from+n, b.rows)
			switch {
			case !slopes && b.affine:
				w.load(b, u, from, to, n)
				w.affine(b, to-from, n)
			case !slopes:
				w.load(b, u, from, to, n)
				w.batches[k].Values(w.r, w.x[:columns*n])
			case !b.affine:
				w.load(b, u, from, to, n)
				w.batches[k].Slopes(w.r, w.x[:columns*n], w.g[:columns*n])
			}
			do(b, from, to)
		}
	}
}

// Residual writes the residuals of a state u.
func (e *Equation) Residual(dst, u []float64) {
	w := e.take(u)
	e.each(w, u, false, func(b *block, from, to int) { copy(dst[b.first+from:b.first+to], w.r) })
	e.work.Put(w)
}

// JVP writes J v, the change of the residuals at u along v.
func (e *Equation) JVP(dst, u, v []float64) {
	w := e.take(u)
	e.each(w, u, true, func(b *block, from, to int) {
		out := dst[b.first+from : b.first+to]
		clear(out)
		for k := range b.inputs {
			in := &b.inputs[k]
			if in.values != nil {
				continue
			}
			g, index := w.g[k*e.lanes:k*e.lanes+len(out)], in.index[from:to]
			if in.scale != nil {
				for i, s := range in.scale[from:to] {
					out[i] += g[i] * s * v[index[i]]
				}
				continue
			}
			for i := range out {
				out[i] += g[i] * v[index[i]]
			}
		}
	})
	e.work.Put(w)
}

// VJP writes Jᵀ y at u.
func (e *Equation) VJP(dst, u, y []float64) {
	w := e.take(u)
	clear(dst[:e.dim])
	e.each(w, u, true, func(b *block, from, to int) {
		in := y[b.first+from : b.first+to]
		for k := range b.inputs {
			p := &b.inputs[k]
			if p.values != nil {
				continue
			}
			g, index := w.g[k*e.lanes:k*e.lanes+len(in)], p.index[from:to]
			if p.scale != nil {
				for i, s := range p.scale[from:to] {
					dst[index[i]] += g[i] * s * in[i]
				}
				continue
			}
			for i, v := range in {
				dst[index[i]] += g[i] * v
			}
		}
	})
	e.work.Put(w)
}

func (e *Equation) take(u []float64) *work {
	if len(u) != e.dim {
		panic(fmt.Sprintf("equation: a state of %d numbers, want %d", len(u), e.dim))
	}
	return e.work.Get().(*work)
}

// Jacobian is a sparse Jacobian that can be evaluated at many states. It owns work space:
// one goroutine at a time.
type Jacobian struct {
	*sparse.CSR
	e     *Equation
	place [][]int32 // of entry (input k, row r) of all blocks in Value
}

// NewJacobian finds the pattern.
func (e *Equation) NewJacobian() (*Jacobian, error) {
	var row, col []int32
	for _, b := range e.blocks {
		for _, in := range b.inputs {
			for r, j := range in.index {
				row, col = append(row, int32(b.first+r)), append(col, j)
			}
		}
	}
	m, err := sparse.FromTriplets(e.rows, e.dim, row, col, make([]float64, len(row)))
	if err != nil {
		return nil, fmt.Errorf("equation: %w", err)
	}
	j := &Jacobian{CSR: m, e: e}
	for _, b := range e.blocks {
		for _, in := range b.inputs {
			at := make([]int32, len(in.index))
			for r, c := range in.index {
				at[r] = int32(m.Position(b.first+r, int(c)))
			}
			j.place = append(j.place, at)
		}
	}
	return j, nil
}

// At computes the values at a state.
func (j *Jacobian) At(u []float64) {
	e := j.e
	w := e.take(u)
	clear(j.Value)
	base, last := 0, e.blocks[0]
	e.each(w, u, true, func(b *block, from, to int) {
		if b != last {
			base, last = base+len(last.inputs), b
		}
		for k := range b.inputs {
			in := &b.inputs[k]
			if in.values != nil {
				continue
			}
			for i, p := range j.place[base+k][from:to] {
				v := w.g[k*e.lanes+i]
				if in.scale != nil {
					v *= in.scale[from+i]
				}
				j.Value[p] += v
			}
		}
	})
	e.work.Put(w)
}

// Scales writes the size of each residual one unit away from a state that satisfies it:
// the Euclidean length of its row of the Jacobian at u.
func (j *Jacobian) Scales(dst, u []float64) {
	j.At(u)
	for i := range dst[:j.Rows] {
		s := 0.0
		for _, v := range j.Value[j.Ptr[i]:j.Ptr[i+1]] {
			s += v * v
		}
		dst[i] = math.Sqrt(s)
	}
}
