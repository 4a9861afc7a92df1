package prior

import (
	"fmt"

	"gonum.org/v1/gonum/mat"
)

// condition conditions every part on the rows of H that look at it alone. A row or
// a noise that ties two parts makes them dependent, which is no product any more.
func (p productStructure) condition(h *mat.Dense, y []float64, noise *mat.SymDense) (*Prior, float64, error) {
	m, d := h.Dims()
	of := make([]int, m) // the part a row looks at
	for i := range m {
		of[i] = -1
		for j, part, first := 0, 0, 0; j < d; j++ {
			for j == first+p[part].dim {
				first += p[part].dim
				part++
			}
			if h.At(i, j) != 0 {
				if of[i] >= 0 && of[i] != part {
					return nil, 0, fmt.Errorf("%w: row %d measures parts %d and %d of a product together", ErrNoPosterior, i, of[i], part)
				}
				of[i] = part
			}
		}
		for k := range i {
			if of[i] != of[k] && noise.At(i, k) != 0 {
				return nil, 0, fmt.Errorf("%w: the noise of rows %d and %d ties two parts of a product", ErrNoPosterior, k, i)
			}
		}
	}
	var parts []*Prior
	var logEvidence float64
	first := 0
	for k, b := range p {
		var rows []int
		for i, part := range of {
			if part == k {
				rows = append(rows, i)
			}
		}
		q := b.of
		if len(rows) > 0 {
			own, seen, r := mat.NewDense(len(rows), b.dim, nil), make([]float64, len(rows)), mat.NewSymDense(len(rows), nil)
			for a, i := range rows {
				seen[a] = y[i]
				for j := range b.dim {
					own.Set(a, j, h.At(i, first+j))
				}
				for c, l := range rows[:a+1] {
					r.SetSym(a, c, noise.At(i, l))
				}
			}
			var logPart float64
			var err error
			if q, logPart, err = b.of.Bayes(own, seen, r); err != nil {
				return nil, 0, err
			}
			logEvidence += logPart
		}
		parts = append(parts, q)
		first += b.dim
	}
	out, err := NewProduct(parts)
	return out, logEvidence, err
}
