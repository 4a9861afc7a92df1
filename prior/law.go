package prior

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// Law is a law that is known in closed form on the host, noised or not. Like a
// denoiser it works in sampler coordinates; see [Prior.LogDensity] for the
// user's.
type Law interface {
	// LogDensity is log p_σ(u), the density of u₀ + σn; σ = 0 is the law itself.
	// It is −∞ or +∞ where a law without a density is asked for at σ = 0.
	LogDensity(u []float64, sigma float64) float64
	// Score writes ∇ log p_σ(u) to dst, for σ > 0. By Tweedie's formula (Efron
	// 2011, eq. 1.4) the denoiser is D(u, σ) = u + σ² ∇ log p_σ(u).
	Score(dst, u []float64, sigma float64)
}

// LogDensity is log p(x) in the user's coordinates, of the law without noise;
// ok is false where the prior's density is not known.
func (p *Prior) LogDensity(x []float64) (logp float64, ok bool) {
	if p.Law == nil {
		return 0, false
	}
	u := make([]float64, len(x))
	p.Coordinates.ToU(u, x)
	logp = p.Law.LogDensity(u, 0)
	for _, s := range p.Coordinates.Scale {
		logp -= math.Log(s)
	}
	return logp, true
}

// HasDensity tells whether the law has a density: not where it, or a part of a
// product, draws rows of a file or lives on a surface of few parameters.
func (p *Prior) HasDensity() bool {
	if parts, ok := p.Structure.(productStructure); ok {
		return !slices.ContainsFunc(parts, func(b block[*Prior]) bool { return !b.of.HasDensity() })
	}
	switch p.Law.(type) {
	case *Empirical, *Latent:
		return false
	}
	return true
}

// Structure is a covariance Σ, in sampler coordinates, that need not be written
// out as a matrix.
type Structure interface {
	// Colouring makes a function that turns d independent normals into a draw of
	// N(0, a²Σ + b²I); dst and white must not overlap.
	Colouring(a, b float64) (func(dst, white []float64), error)
}

// Colouring makes a function that turns d independent normals into a draw of
// N(0, a²Σ + b²I), Σ the covariance of the prior; see [Structure].
func (p *Prior) Colouring(a, b float64) (func(dst, white []float64), error) {
	if p.Structure != nil {
		return p.Structure.Colouring(a, b)
	}
	return dense(p.Covariance).Colouring(a, b)
}

// DenseCovariance is the covariance in sampler coordinates, row-major d×d, written out
// where only its structure is known.
func (p *Prior) DenseCovariance() ([]float64, error) {
	if p.Covariance != nil {
		return p.Covariance, nil
	}
	colour, err := p.Colouring(1, 0)
	if err != nil {
		return nil, err
	}
	d := p.Coordinates.Dim()
	root, unit, column := mat.NewDense(d, d, nil), make([]float64, d), make([]float64, d)
	for j := range d {
		unit[j] = 1
		colour(column, unit)
		unit[j] = 0
		root.SetCol(j, column)
	}
	var cov mat.SymDense
	cov.SymOuterK(1, root)
	out := make([]float64, d*d)
	for i := range d {
		for j := range d {
			out[i*d+j] = cov.At(i, j)
		}
	}
	return out, nil
}

// dense is a covariance written out, row-major d×d.
type dense []float64

var _ Structure = dense(nil)

// Colouring multiplies by the Cholesky factor of a²Σ + b²I.
func (c dense) Colouring(a, b float64) (func(dst, white []float64), error) {
	d := int(math.Round(math.Sqrt(float64(len(c)))))
	cov := mat.NewSymDense(d, nil)
	for i := range d {
		for j := range i + 1 {
			v := a * a * c[i*d+j]
			if i == j {
				v += b * b
			}
			cov.SetSym(i, j, v)
		}
	}
	var chol mat.Cholesky
	if !chol.Factorize(cov) {
		return nil, fmt.Errorf("prior: the covariance of the prior with noise %g is not positive definite", b)
	}
	var l mat.TriDense
	chol.LTo(&l)
	return func(dst, white []float64) {
		for r := range d {
			var v float64
			for q := range r + 1 {
				v += l.At(r, q) * white[q]
			}
			dst[r] = v
		}
	}, nil
}
