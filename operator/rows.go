package operator

// Rows sees some of what an operator gives: Mask∘A, where the rest was not measured.
// Masks and matrices stay what they are.
func Rows(a Operator, index []int) (Operator, error) {
	d, m := a.Dims()
	rows, err := NewMask(m, index)
	if err != nil {
		return nil, err
	}
	switch a := a.(type) {
	case *Mask:
		columns := make([]int, len(index))
		for i, j := range index {
			columns[i] = a.index[j]
		}
		return NewMask(d, columns)
	case *Matrix:
		out := &Matrix{d: d, m: len(index)}
		for _, j := range index {
			out.a = append(out.a, a.a[j*d:(j+1)*d]...)
		}
		return out, nil
	case Affine:
		h, b := a.Parts()
		seen, err := Rows(h, index)
		if err != nil {
			return nil, err
		}
		offset := make([]float64, len(index))
		rows.ApplyAt(offset, b)
		if h, ok := seen.(Linear); ok {
			return Shifted(h, offset), nil
		}
	}
	return Compose(rows, a)
}
