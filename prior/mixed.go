package prior

import (
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"
)

// mixedDraws draws of a component, by the symmetric roots of the covariances.
func mixedDraws(mean [][]float64, cov []*mat.SymDense) func(rng *rand.Rand, u []float64, k int) {
	roots := make([]*mat.Dense, len(cov))
	for k, c := range cov {
		d := c.SymmetricDim()
		lambda, q := eigen(c)
		basis, scaled := mat.NewDense(d, d, q), mat.NewDense(d, d, nil)
		for j, l := range lambda {
			for i := range d {
				scaled.Set(i, j, basis.At(i, j)*math.Sqrt(math.Max(l, 0)))
			}
		}
		roots[k] = scaled
	}
	return func(rng *rand.Rand, u []float64, k int) {
		white := mat.NewVecDense(len(u), nil)
		for j := range u {
			white.SetVec(j, rng.NormFloat64())
		}
		x := mat.NewVecDense(len(u), u)
		x.MulVec(roots[k], white)
		for j := range u {
			u[j] += mean[k][j]
		}
	}
}

// maxMixed bounds the components of a product of mixtures.
const maxMixed = 64

// mixed is the prior as a mixture of Gaussians in sampler coordinates, parts of products
// written out.
func (p *Prior) mixed() (weight []float64, mean [][]float64, cov []*mat.SymDense, err error) {
	if g, ok := p.Law.(gaussians); ok {
		weight, mean, cov = g.components()
		return weight, mean, cov, nil
	}
	parts, ok := p.Structure.(productStructure)
	if !ok {
		return nil, nil, nil, fmt.Errorf("%w: %s", ErrNoPosterior, p.Kind)
	}
	weight, mean, cov = []float64{1}, [][]float64{nil}, []*mat.SymDense{nil}
	for _, part := range parts {
		w, m, c, err := part.of.mixed()
		if err != nil {
			return nil, nil, nil, err
		}
		if len(weight)*len(w) > maxMixed {
			return nil, nil, nil, fmt.Errorf("%w: a product with more than %d combinations of components", ErrNoPosterior, maxMixed)
		}
		var weights []float64
		var means [][]float64
		var covs []*mat.SymDense
		for i := range weight {
			for k := range w {
				weights = append(weights, weight[i]*w[k])
				means = append(means, append(append([]float64(nil), mean[i]...), m[k]...))
				covs = append(covs, beside(cov[i], c[k]))
			}
		}
		weight, mean, cov = weights, means, covs
	}
	return weight, mean, cov, nil
}

// beside is the covariance of independent points side by side.
func beside(a, b *mat.SymDense) *mat.SymDense {
	if a == nil {
		return b
	}
	n, m := a.SymmetricDim(), b.SymmetricDim()
	out := mat.NewSymDense(n+m, nil)
	for i := range n {
		for j := range i + 1 {
			out.SetSym(i, j, a.At(i, j))
		}
	}
	for i := range m {
		for j := range i + 1 {
			out.SetSym(n+i, n+j, b.At(i, j))
		}
	}
	return out
}
