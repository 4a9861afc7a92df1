package field

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"abide/internal/keyed"
)

// KL is the expansion of Karhunen and Loève of any covariance at n points with
// quadrature weights w, cut to its leading terms,
//
//	u = mean + Σₖ √λₖ ξₖ φₖ,  Σⱼ wⱼ C(xᵢ, xⱼ) φₖ(xⱼ) = λₖ φₖ(xᵢ),  Σᵢ wᵢ φₖ φₗ = δₖₗ,
//
// by the method of Nyström: eigenvectors of the symmetric W^½ C W^½, over W^½. With the
// lumped masses of a mesh or the trapezoidal rule of a grid, λ and φ converge to those
// of the field, whatever the points. With all terms the covariance at the points is
// exact.
//
// References: R. G. Ghanem and P. D. Spanos, "Stochastic Finite Elements" (1991),
// section 2.3; K. E. Atkinson, "The Numerical Solution of Integral Equations of the
// Second Kind" (1997), chapter 4.
//
// It costs a dense eigenvalue problem of n points once, for a fraction below 1 some 3
// n² multiplications per term, and n per term and draw. For more points take [SPDE] or [Circulant].
type KL struct {
	Values  []float64 // λ, descending: those kept
	modes   []float64 // [terms × n] φ
	weights []float64
	mean    float64
	total   float64 // Σ wᵢ C(xᵢ, xᵢ)
}

var _ Gaussian = (*KL)(nil)

// NewKL expands a covariance at n points of dim coordinates each and keeps the fewest
// terms that have the fraction of the variance; a fraction of 1 keeps all that are
// above rounding. A function that is no covariance is found out where all eigenvalues are
// computed, which a fraction below 1 avoids.
func NewKL(covariance func(x, y []float64) float64, dim int, points, weights []float64, fraction, mean float64) (*KL, error) {
	n := len(weights)
	if dim < 1 || n < 1 || len(points) != n*dim {
		return nil, fmt.Errorf("field: %d coordinates for %d weights in %d dimensions: %d each", len(points), n, dim, dim)
	}
	if !(fraction > 0) || fraction > 1 {
		return nil, fmt.Errorf("field: a fraction of %g of the variance: above 0, at most 1", fraction)
	}
	f := &KL{weights: slices.Clone(weights), mean: mean}
	root := make([]float64, n)
	for i, w := range weights {
		if !(w > 0) || math.IsInf(w, 0) {
			return nil, fmt.Errorf("field: point %d has the weight %g: weights are positive", i, w)
		}
		root[i] = math.Sqrt(w)
	}
	at := func(i int) []float64 { return points[i*dim : (i+1)*dim] }
	c := mat.NewSymDense(n, nil)
	for i := range n {
		for j := range i + 1 {
			v := root[i] * root[j] * covariance(at(i), at(j))
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return nil, fmt.Errorf("field: the covariance of points %d and %d is %g", i, j, v)
			}
			c.SetSym(i, j, v)
		}
		f.total += c.At(i, i)
	}
	if fraction < 1 && n >= 64 {
		if values, vectors := leading(c, fraction*f.total); values != nil {
			f.keep(values, vectors, root)
			return f, nil
		}
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(c, true) {
		return nil, fmt.Errorf("field: the eigenvalues of the covariance of %d points were not found", n)
	}
	values := eigen.Values(nil)
	slices.Reverse(values)
	rounding := 1e-14 * float64(n) * values[0]
	if !(values[n-1] >= -10*rounding) || !(values[0] > 0) {
		return nil, fmt.Errorf("field: a covariance with eigenvalues from %.3g to %.3g: they are not negative", values[n-1], values[0])
	}
	kept, terms := 0.0, 0
	for terms < n && values[terms] > rounding && (fraction == 1 || kept < fraction*f.total) {
		kept += values[terms]
		terms++
	}
	var vectors mat.Dense
	eigen.VectorsTo(&vectors)
	last := mat.NewDense(n, terms, nil)
	for k := range terms {
		last.SetCol(k, mat.Col(nil, n-1-k, &vectors))
	}
	f.keep(values[:terms], last, root)
	return f, nil
}

// keep takes eigenvectors of W^½ C W^½, in columns, over W^½.
func (f *KL) keep(values []float64, vectors *mat.Dense, root []float64) {
	f.Values = values
	for k := range values {
		for i, r := range root {
			f.modes = append(f.modes, vectors.At(i, k)/r)
		}
	}
}

// Truncate is the expansion with at most the leading terms; it shares their values.
func (f *KL) Truncate(terms int) *KL {
	terms = max(0, min(terms, len(f.Values)))
	return &KL{Values: f.Values[:terms], modes: f.modes[:terms*f.Size()], weights: f.weights, mean: f.mean, total: f.total}
}

// Captured is the fraction of the variance, integrated over the domain, that the terms
// kept have.
func (f *KL) Captured() float64 {
	kept := 0.0
	for _, v := range f.Values {
		kept += v
	}
	return kept / f.total
}

// Size is the number of points.
func (f *KL) Size() int { return len(f.weights) }

// White is the number of terms.
func (f *KL) White() int { return len(f.Values) }

// Mode is eigenfunction k at the points. It is not to be written to.
func (f *KL) Mode(k int) []float64 { return f.modes[k*f.Size() : (k+1)*f.Size()] }

// Sample writes draw index of seed. The numbers of its terms are those of any
// truncation of the same points.
func (f *KL) Sample(dst []float64, seed uint64, index int) {
	var white [64]float64
	stream := keyed.New(seed, "field.kl", index, 0)
	f.start(dst)
	for k := 0; k < len(f.Values); k += len(white) {
		part := white[:min(len(white), len(f.Values)-k)]
		stream.Normal(part)
		f.add(dst, part, k)
	}
}

// Map writes the field of coefficients ξ, one for each term.
func (f *KL) Map(dst, white []float64) {
	f.start(dst)
	f.add(dst, white[:len(f.Values)], 0)
}

func (f *KL) start(dst []float64) {
	for i := range f.weights {
		dst[i] = f.mean
	}
}

// add adds the terms from first on.
func (f *KL) add(dst, white []float64, first int) {
	for k, x := range white {
		x *= math.Sqrt(f.Values[first+k])
		mode := f.Mode(first + k)
		dst := dst[:len(mode)]
		for i, v := range mode {
			dst[i] += x * v
		}
	}
}

// Adjoint writes Lᵀ u, whiteₖ = √λₖ Σᵢ φₖ(xᵢ) uᵢ.
func (f *KL) Adjoint(white, u []float64) {
	for k, v := range f.Values {
		s := 0.0
		mode := f.Mode(k)
		for i, x := range u[:len(mode)] {
			s += mode[i] * x
		}
		white[k] = math.Sqrt(v) * s
	}
}

// Whiten writes the coefficients of a field, ξₖ = Σᵢ wᵢ φₖ(xᵢ) (uᵢ − mean) / √λₖ: it
// undoes Map, and projects fields that are not of its terms.
func (f *KL) Whiten(white, u []float64) {
	for k, v := range f.Values {
		s := 0.0
		mode := f.Mode(k)
		for i, w := range f.weights {
			s += w * mode[i] * (u[i] - f.mean)
		}
		white[k] = s / math.Sqrt(v)
	}
}

// Variance is that of the value at point i of what is kept.
func (f *KL) Variance(i int) float64 {
	s := 0.0
	for k, v := range f.Values {
		s += v * f.Mode(k)[i] * f.Mode(k)[i]
	}
	return s
}
