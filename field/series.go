package field

import (
	"fmt"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/lapack/lapack64"
)

// series is a polynomial in t with matrices as coefficients.
type series []blas64.General

func newSeries(order, rows, cols int) series {
	s := make(series, order)
	data := make([]float64, order*rows*cols)
	for k := range s {
		s[k] = blas64.General{Rows: rows, Cols: cols, Stride: max(1, cols), Data: data[k*rows*cols : (k+1)*rows*cols]}
	}
	return s
}

// part is rows and columns from (i, j) on, sharing the numbers.
func (s series) part(i, j, rows, cols int) series {
	out := make(series, len(s))
	for k, a := range s {
		out[k] = blas64.General{Rows: rows, Cols: cols, Stride: a.Stride}
		if rows > 0 && cols > 0 {
			out[k].Data = a.Data[i*a.Stride+j:]
		}
	}
	return out
}

// add is c += sign a b, with a transposed where that is said, cut to the order.
func (c series) add(sign float64, transposed blas.Transpose, a, b series) {
	if c[0].Rows == 0 || c[0].Cols == 0 || b[0].Rows == 0 {
		return
	}
	for i := range a {
		for j := range len(c) - i {
			blas64.Gemm(transposed, blas.NoTrans, sign, a[i], b[j], 1, c[i+j])
		}
	}
}

// inverse is that of a positive definite series: P₀ = F₀⁻¹, Pₖ = −P₀ Σ_{j≥1} Fⱼ Pₖ₋ⱼ.
func inverse(f series) (series, error) {
	n := f[0].Rows
	p := newSeries(len(f), n, n)
	for i := range n {
		copy(p[0].Data[i*n:(i+1)*n], f[0].Data[i*f[0].Stride:i*f[0].Stride+n])
	}
	t, ok := lapack64.Potrf(blas64.Symmetric{Uplo: blas.Upper, N: n, Stride: n, Data: p[0].Data})
	if !ok {
		return nil, fmt.Errorf("field: not positive definite")
	}
	lapack64.Potri(t)
	for i := range n {
		for j := range i {
			p[0].Data[i*n+j] = p[0].Data[j*n+i]
		}
	}
	w := newSeries(1, n, n)[0]
	for k := 1; k < len(f); k++ {
		clear(w.Data)
		for j := 1; j <= k; j++ {
			blas64.Gemm(blas.NoTrans, blas.NoTrans, 1, f[j], p[k-j], 1, w)
		}
		blas64.Gemm(blas.NoTrans, blas.NoTrans, -1, p[0], w, 0, p[k])
	}
	return p, nil
}
