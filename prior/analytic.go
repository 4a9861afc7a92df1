package prior

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/mat"

	"abide/dataio"
	"abide/internal/engine"
)

// NewGaussian is the prior N(mean, covariance); covariance is d×d.
func NewGaussian(mean []float64, covariance *mat.SymDense, names []string) (*Prior, error) {
	p, err := NewMixture([]float64{1}, [][]float64{mean}, []*mat.SymDense{covariance}, names)
	if err != nil {
		return nil, err
	}
	p.Kind = "gaussian"
	p.Describe = fmt.Sprintf("Gaussian in %d dimensions, exact denoiser", len(mean))
	return p, nil
}

// NewDiagonal is the prior of independent columns N(meanⱼ, varianceⱼ), of any
// number: no d×d matrix is made.
func NewDiagonal(mean, variance []float64, names []string) (*Prior, error) {
	d := len(mean)
	if d == 0 || len(variance) != d {
		return nil, fmt.Errorf("prior: gaussian: %d means and %d variances: need the same number of each, at least one", d, len(variance))
	}
	at := Coordinates{Names: names, Shift: slices.Clone(mean), Scale: make([]float64, d)}
	if names == nil {
		at.Names = numbered(d)
	} else if len(names) != d {
		return nil, fmt.Errorf("prior: %d column names for %d dimensions", len(names), d)
	}
	for j, v := range variance {
		if !(v > 0) || math.IsInf(v, 0) || math.IsNaN(mean[j]) || math.IsInf(mean[j], 0) {
			return nil, fmt.Errorf("prior: gaussian: column %s has mean %g and variance %g: must be finite, the variance positive", at.Names[j], mean[j], v)
		}
		at.Scale[j] = math.Sqrt(v)
	}
	s := &Spectral{shape: []int{d}, basis: [][]float64{nil}, eigen: slices.Repeat([]float64{1}, d)}
	p := s.prior(at)
	p.Kind = "gaussian"
	p.Describe = fmt.Sprintf("Gaussian in %d dimensions, exact denoiser", d)
	return p, nil
}

// NewMixture is the prior Σ wₖ N(mₖ, Cₖ). Weights are normalised; covariances
// must be symmetric and positive semi-definite. names may be nil.
func NewMixture(weight []float64, mean [][]float64, cov []*mat.SymDense, names []string) (*Prior, error) {
	k := len(weight)
	if k == 0 || len(mean) != k || len(cov) != k {
		return nil, fmt.Errorf("prior: gaussian-mixture: %d weights, %d means and %d covariances: need the same number of each, at least one", k, len(mean), len(cov))
	}
	d := len(mean[0])
	var total float64
	for i, w := range weight {
		if !(w > 0) || math.IsInf(w, 0) {
			return nil, fmt.Errorf("prior: gaussian-mixture: weight %d is %g: must be positive and finite", i, w)
		}
		if len(mean[i]) != d || d == 0 {
			return nil, fmt.Errorf("prior: gaussian-mixture: mean %d has %d numbers, mean 0 has %d", i, len(mean[i]), d)
		}
		total += w
	}
	weight = append([]float64(nil), weight...)
	chol := make([]*mat.TriDense, k)
	for i, c := range cov {
		if c.SymmetricDim() != d {
			return nil, fmt.Errorf("prior: gaussian-mixture: covariance %d is %d×%d for %d dimensions", i, c.SymmetricDim(), c.SymmetricDim(), d)
		}
		var f mat.Cholesky
		if !f.Factorize(c) {
			return nil, fmt.Errorf("prior: gaussian-mixture: covariance %d is not positive definite: give variances > 0 and correlations inside (−1, 1)", i)
		}
		chol[i] = mat.NewTriDense(d, mat.Lower, nil)
		f.LTo(chol[i])
		weight[i] /= total
	}
	at, err := moments(weight, mean, cov, names)
	if err != nil {
		return nil, err
	}
	u := make([]float64, 0, k*d)
	for _, m := range mean {
		u = append(u, m...)
	}
	at.ToU(u, u)
	scaled := make([]*mat.SymDense, k)
	for c := range cov {
		scaled[c] = mat.NewSymDense(d, nil)
		for i := range d {
			for j := range i + 1 {
				scaled[c].SetSym(i, j, cov[c].At(i, j)/(at.Scale[i]*at.Scale[j]))
			}
		}
	}
	second := make([]float64, d*d)
	for c, w := range weight {
		for i := range d {
			for j := range d {
				second[i*d+j] += w * (scaled[c].At(i, j) + u[c*d+i]*u[c*d+j])
			}
		}
	}
	m := newMixture(weight, u, scaled)
	return &Prior{
		Kind: "gaussian-mixture", Denoiser: m, Law: m, Coordinates: at, DType: engine.Float64, Covariance: second,
		Draw:     func(rng *rand.Rand, n int) []float64 { return drawMixture(rng, n, weight, mean, chol) },
		Describe: fmt.Sprintf("%d Gaussians in %d dimensions, exact denoiser", k, d),
	}, nil
}

// moments gives the coordinates in which the mixture has mean 0 and variance 1.
func moments(weight []float64, mean [][]float64, cov []*mat.SymDense, names []string) (Coordinates, error) {
	d := len(mean[0])
	at := Coordinates{Names: names, Shift: make([]float64, d), Scale: make([]float64, d)}
	if names == nil {
		at.Names = numbered(d)
	} else if len(names) != d {
		return at, fmt.Errorf("prior: %d column names for %d dimensions", len(names), d)
	}
	for j := range d {
		for c, w := range weight {
			at.Shift[j] += w * mean[c][j]
		}
		var v float64 // about the mean: a posterior may be narrow and far from 0
		for c, w := range weight {
			r := mean[c][j] - at.Shift[j]
			v += w * (cov[c].At(j, j) + r*r)
		}
		at.Scale[j] = math.Sqrt(v)
		if !(at.Scale[j] > 0) || math.IsInf(at.Scale[j], 0) {
			return at, fmt.Errorf("prior: column %s has variance %g: must be positive and finite", at.Names[j], v)
		}
	}
	return at, nil
}

// numbered are the names x[0], x[1], … of d columns.
func numbered(d int) []string {
	names := make([]string, d)
	for j := range names {
		names[j] = fmt.Sprintf("x[%d]", j)
	}
	return names
}

func drawMixture(rng *rand.Rand, n int, weight []float64, mean [][]float64, chol []*mat.TriDense) []float64 {
	d := len(mean[0])
	out, z := make([]float64, n*d), make([]float64, d)
	for i := range n {
		c, r := 0, rng.Float64()
		for c < len(weight)-1 && r >= weight[c] {
			r -= weight[c]
			c++
		}
		for j := range z {
			z[j] = rng.NormFloat64()
		}
		l := chol[c].RawTriangular()
		for j := range d {
			v := mean[c][j]
			for k, a := range l.Data[j*l.Stride : j*l.Stride+j+1] {
				v += a * z[k]
			}
			out[i*d+j] = v
		}
	}
	return out
}

// Standardise gives the coordinates in which the columns of a table have mean 0
// and variance 1. A constant column is an error that names it.
func Standardise(t *dataio.Table) (Coordinates, error) {
	d := len(t.Names)
	at := Coordinates{Names: t.Names, Shift: make([]float64, d), Scale: make([]float64, d)}
	var constant []int
	if t.Rows < 2 {
		return at, fmt.Errorf("prior: %d rows of data: need at least 2", t.Rows)
	}
	for j := range d {
		for i := range t.Rows {
			at.Shift[j] += t.Data[i*d+j] / float64(t.Rows)
		}
		var v float64
		for i := range t.Rows {
			r := t.Data[i*d+j] - at.Shift[j]
			v += r * r / float64(t.Rows)
		}
		at.Scale[j] = math.Sqrt(v)
		if math.IsInf(v, 0) || math.IsNaN(v) {
			return at, fmt.Errorf("prior: column %q has numbers too large to be squared: give it another unit", t.Names[j])
		}
		if !(v > 1e-24*at.Shift[j]*at.Shift[j]) {
			constant = append(constant, j)
		}
	}
	if len(constant) > 0 {
		j, rest := constant[0], ": leave it out of columns"
		if len(constant) > 1 {
			rest = fmt.Sprintf(", and so are %d more of %d: leave them out of columns", len(constant)-1, d)
		}
		return at, fmt.Errorf("prior: column %q is constant (%g)%s", t.Names[j], at.Shift[j], rest)
	}
	return at, nil
}

// Covariance is the second-moment matrix of rows u [n, d], row-major d×d; of
// standardised rows it is their correlation matrix.
func Covariance(u []float64, d int) []float64 {
	c := make([]float64, d*d)
	n := float64(len(u) / d)
	for r := 0; r < len(u); r += d {
		for i := range d {
			for j := range d {
				c[i*d+j] += u[r+i] * u[r+j] / n
			}
		}
	}
	return c
}
