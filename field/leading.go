package field

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"abide/internal/keyed"
)

// leading is the largest eigenvalues of a positive semidefinite matrix, descending, the
// fewest whose sum reaches share, and their vectors as columns; nil where more than half
// the spectrum is asked for and all of it is as cheap. It is the block method of Lanczos
// with all vectors kept orthogonal: blocks find eigenvalues that are multiple, as on
// squares. Values have converged to rounding, vectors to 10⁻⁹ over the relative gaps.
//
// Reference: G. H. Golub and R. Underwood, "The block Lanczos method for computing
// eigenvalues" (1977); residuals as in B. N. Parlett, "The Symmetric Eigenvalue Problem"
// (1980), theorem 13.2.1 and (13-11). Each step costs 2 block n² multiplications.
func leading(a *mat.SymDense, share float64) (values []float64, vectors *mat.Dense) {
	const block = 8
	n := a.SymmetricDim()
	basis := mat.NewDense(n, n/2+block, nil) // orthonormal columns, m of them
	t := mat.NewSymDense(n/2+block, nil)     // basisᵀ a basis
	random := keyed.New(0, "field.leading", n, 0)
	next := mat.NewDense(n, block, nil)
	random.Normal(next.RawMatrix().Data)
	image, product := mat.NewDense(n, block, nil), mat.NewDense(n/2+block, block, nil)
	m, check := 0, 4*block
	orthogonal(next, nil, random, 0)
	for m+block <= n/2 {
		basis.Slice(0, n, m, m+block).(*mat.Dense).Copy(next)
		m += block
		have := basis.Slice(0, n, 0, m).(*mat.Dense)
		image.Mul(a, next)
		p := product.Slice(0, m, 0, block).(*mat.Dense)
		p.Mul(have.T(), image)
		for i := range m {
			for j := range block {
				t.SetSym(i, m-block+j, p.At(i, j))
			}
		}
		next.Copy(image)
		coupling := orthogonal(next, have, random, 1e-14*t.At(0, 0))
		if m < check {
			continue
		}
		check = m + m/2
		var eigen mat.EigenSym
		if !eigen.Factorize(t.SliceSym(0, m), true) {
			return nil, nil
		}
		var ritz mat.Dense
		eigen.VectorsTo(&ritz)
		theta := eigen.Values(nil)
		sum := 0.0
		for k := 0; k < m && theta[m-1-k] > 0; k++ {
			v := theta[m-1-k]
			if residual(coupling, &ritz, m-1-k) > 1e-9*v {
				break
			}
			values = append(values, v)
			if sum += v; sum >= share {
				vectors = mat.NewDense(n, k+1, nil)
				for j := range k + 1 {
					vectors.Slice(0, n, j, j+1).(*mat.Dense).Mul(have, ritz.Slice(0, m, m-1-j, m-j))
				}
				return values, vectors
			}
		}
		values = values[:0]
	}
	return nil, nil
}

// residual is ‖A y − θ y‖ of Ritz vector k: the coupling to the next block times its last
// numbers.
func residual(coupling, ritz *mat.Dense, k int) float64 {
	m, _ := ritz.Dims()
	b, _ := coupling.Dims()
	s := 0.0
	for i := range b {
		r := 0.0
		for j := range b {
			r += coupling.At(i, j) * ritz.At(m-b+j, k)
		}
		s += r * r
	}
	return math.Sqrt(s)
}

// orthogonal makes the columns of x orthonormal, and orthogonal to those of basis, and
// returns R with x = basis (…) + x′ R. Columns that have nothing new, below small, become
// random directions, with zeros in R.
func orthogonal(x, basis *mat.Dense, random *keyed.Stream, small float64) *mat.Dense {
	n, b := x.Dims()
	r := mat.NewDense(b, b, nil)
	column := make([]float64, n)
	for j := range b {
		fresh := false
		mat.Col(column, j, x)
		for {
			before := math.Sqrt(dot(column, column))
			for range 2 { // twice is enough
				if basis != nil {
					v := mat.NewVecDense(n, column)
					var c mat.VecDense
					c.MulVec(basis.T(), v)
					var s mat.VecDense
					s.MulVec(basis, &c)
					v.SubVec(v, &s)
				}
				for i := range j {
					other := mat.Col(nil, i, x)
					c := dot(other, column)
					if !fresh {
						r.Set(i, j, r.At(i, j)+c)
					}
					for k := range column {
						column[k] -= c * other[k]
					}
				}
			}
			size := math.Sqrt(dot(column, column))
			if size > small && size > 1e-10*before {
				if !fresh {
					r.Set(j, j, size)
				}
				for k := range column {
					x.Set(k, j, column[k]/size)
				}
				break
			}
			random.Normal(column)
			fresh = true
		}
	}
	return r
}

func dot(x, y []float64) float64 {
	s := 0.0
	for i, v := range x {
		s += v * y[i]
	}
	return s
}
