package field

import (
	"fmt"
	"math"
	"sync"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"

	"abide/internal/keyed"
)

// Kronecker is a field on a tensor grid whose covariance is a product over axes,
//
//	C = C₁ ⊗ C₂ ⊗ …,  u = mean + (L₁ ⊗ L₂ ⊗ …) ξ,  Cₐ = Lₐ Lₐᵀ,
//
// with any covariance along each axis: space and time, or points that are not regular.
// Values are row-major, the last axis fastest.
//
// Reference: Y. Saatçi, "Scalable inference for structured Gaussian process models"
// (PhD thesis, Cambridge 2011), section 5.2.
//
// Factors cost Σ nₐ³/3 once, a draw N Σ nₐ multiplications. Isotropic covariances
// other than the squared exponential are not products: for these [Circulant].
type Kronecker struct {
	lower    []blas64.Triangular
	size     int
	definite bool
	logDet   float64 // log |L|
	mean     float64
	pool     sync.Pool // of []float64 of the size
}

var _ Gaussian = (*Kronecker)(nil)

// NewKronecker factors the covariance along each axis. Where it is singular to
// rounding, draws are exact and there is no density.
func NewKronecker(mean float64, axes ...mat.Symmetric) (*Kronecker, error) {
	if len(axes) == 0 {
		return nil, fmt.Errorf("field: a product of no covariances: at least one axis")
	}
	f := &Kronecker{size: 1, definite: true, mean: mean}
	for a, c := range axes {
		l, definite, err := factor(c)
		if err != nil {
			return nil, fmt.Errorf("field: covariance of axis %d: %w", a, err)
		}
		f.lower = append(f.lower, l)
		f.size *= l.N
		f.definite = f.definite && definite
	}
	for _, l := range f.lower {
		for i := range l.N {
			f.logDet += float64(f.size/l.N) * math.Log(math.Abs(l.Data[i*l.Stride+i]))
		}
	}
	f.pool.New = func() any { w := make([]float64, f.size); return &w }
	return f, nil
}

// factor is a lower triangle L with L Lᵀ = c: by Cholesky, and where that fails from
// the eigenvectors, V √Λ = L Q.
func factor(c mat.Symmetric) (l blas64.Triangular, definite bool, err error) {
	n := c.SymmetricDim()
	if n == 0 {
		return l, false, fmt.Errorf("it has no rows")
	}
	for i := range n {
		for j := range i + 1 {
			if v := c.At(i, j); math.IsNaN(v) || math.IsInf(v, 0) {
				return l, false, fmt.Errorf("entry (%d, %d) is %g", i, j, v)
			}
		}
	}
	lower := mat.NewTriDense(n, mat.Lower, nil)
	var cholesky mat.Cholesky
	if definite = cholesky.Factorize(c); definite {
		cholesky.LTo(lower)
		return lower.RawTriangular(), true, nil
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(c, true) {
		return l, false, fmt.Errorf("its eigenvalues were not found")
	}
	values := eigen.Values(nil)
	if !(values[0] >= -1e-12*float64(n)*values[n-1]) || values[n-1] <= 0 {
		return l, false, fmt.Errorf("its eigenvalues reach from %.3g to %.3g: those of a covariance are not negative", values[0], values[n-1])
	}
	var vectors, root mat.Dense
	eigen.VectorsTo(&vectors)
	root.Apply(func(i, j int, v float64) float64 { return v * math.Sqrt(math.Max(values[i], 0)) }, vectors.T())
	var qr mat.QR
	qr.Factorize(&root)
	var r mat.Dense
	qr.RTo(&r)
	for i := range n {
		for j := range i + 1 {
			lower.SetTri(i, j, r.At(j, i))
		}
	}
	return lower.RawTriangular(), false, nil
}

// Size is the number of points.
func (f *Kronecker) Size() int { return f.size }

// White is the number of points.
func (f *Kronecker) White() int { return f.size }

// Sample writes draw index of seed.
func (f *Kronecker) Sample(dst []float64, seed uint64, index int) {
	keyed.New(seed, "field.kronecker", index, 0).Normal(dst[:f.size])
	f.Map(dst, dst)
}

// Map writes mean + L ξ. dst and white may be the same slice.
func (f *Kronecker) Map(dst, white []float64) {
	copy(dst[:f.size], white[:f.size])
	f.axes(dst, func(l blas64.Triangular, transposed blas.Transpose, side blas.Side, x blas64.General) {
		blas64.Trmm(side, transposed, 1, l, x)
	}, blas.NoTrans)
	for i := range dst[:f.size] {
		dst[i] += f.mean
	}
}

// Adjoint writes Lᵀ u. white and u may be the same slice.
func (f *Kronecker) Adjoint(white, u []float64) {
	copy(white[:f.size], u[:f.size])
	f.axes(white, func(l blas64.Triangular, transposed blas.Transpose, side blas.Side, x blas64.General) {
		blas64.Trmm(side, transposed, 1, l, x)
	}, blas.Trans)
}

// Whiten undoes Map: ξ = L⁻¹ (u − mean). It is an error where the covariance is
// singular. white and u may be the same slice.
func (f *Kronecker) Whiten(white, u []float64) error {
	if !f.definite {
		return fmt.Errorf("field: a singular covariance has no inverse: take fewer or more distant points, or KL")
	}
	for i, v := range u[:f.size] {
		white[i] = v - f.mean
	}
	f.axes(white, func(l blas64.Triangular, transposed blas.Transpose, side blas.Side, x blas64.General) {
		blas64.Trsm(side, transposed, 1, l, x)
	}, blas.NoTrans)
	return nil
}

// LogDensity is log p(u), and writes its gradient −C⁻¹ (u − mean) where gradient is
// not nil.
func (f *Kronecker) LogDensity(gradient, u []float64) (float64, error) {
	scratch := f.pool.Get().(*[]float64)
	defer f.pool.Put(scratch)
	white := *scratch
	if err := f.Whiten(white, u); err != nil {
		return 0, err
	}
	s := 0.0
	for _, x := range white {
		s += x * x
	}
	if gradient != nil {
		for i, x := range white {
			gradient[i] = -x
		}
		f.axes(gradient, func(l blas64.Triangular, transposed blas.Transpose, side blas.Side, x blas64.General) {
			blas64.Trsm(side, transposed, 1, l, x)
		}, blas.Trans)
	}
	return -s/2 - f.logDet - float64(f.size)/2*math.Log(2*math.Pi), nil
}

// axes applies a triangle, or its transpose, along each axis: from the left to what
// the axis and those after it span, from the right along the last.
func (f *Kronecker) axes(x []float64, apply func(blas64.Triangular, blas.Transpose, blas.Side, blas64.General), transposed blas.Transpose) {
	inner := 1
	for a := len(f.lower) - 1; a >= 0; a-- {
		l := f.lower[a]
		if inner == 1 {
			other := blas.Trans
			if transposed == blas.Trans {
				other = blas.NoTrans
			}
			apply(l, other, blas.Right, blas64.General{Rows: f.size / l.N, Cols: l.N, Stride: l.N, Data: x[:f.size]})
		} else {
			for at := 0; at < f.size; at += l.N * inner {
				apply(l, transposed, blas.Left, blas64.General{Rows: l.N, Cols: inner, Stride: inner, Data: x[at : at+l.N*inner]})
			}
		}
		inner *= l.N
	}
}
