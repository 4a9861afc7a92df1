package prior

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// gaussians is a law that is a mixture of Gaussians, in sampler coordinates.
type gaussians interface {
	components() (weight []float64, mean [][]float64, cov []*mat.SymDense)
}

var (
	_ gaussians = (*Mixture)(nil)
	_ gaussians = (*Spectral)(nil)
)

func (m *Mixture) components() (weight []float64, mean [][]float64, cov []*mat.SymDense) {
	for c, l := range m.logWeight {
		weight = append(weight, math.Exp(l))
		mean = append(mean, m.mean[c*m.dim:(c+1)*m.dim])
	}
	return weight, mean, slices.Clone(m.cov)
}

func (s *Spectral) components() (weight []float64, mean [][]float64, cov []*mat.SymDense) {
	return []float64{1}, [][]float64{make([]float64, len(s.eigen))}, []*mat.SymDense{s.dense()}
}

// Condition is the posterior of the prior given a measurement y = H x + n with
// n ~ N(0, R), in the user's coordinates: H is m×d, R m×m positive definite. Its
// denoiser is the exact conditional denoiser E[x₀ | x₀ + σn, y], its score the
// exact conditional score: the reference that guided samplers are judged by.
//
// A mixture Σ wₖ N(mₖ, Cₖ) has as posterior the mixture of Kalman updates
//
//	Sₖ = H Cₖ Hᵀ + R,  Kₖ = Cₖ Hᵀ Sₖ⁻¹,  w′ₖ ∝ wₖ N(y; H mₖ, Sₖ),
//	m′ₖ = mₖ + Kₖ(y − H mₖ),  C′ₖ = Cₖ − Kₖ Sₖ Kₖᵀ,
//
// a Gaussian and a field are mixtures of one; the law of a data set keeps its
// rows and weighs them by N(y; H x, R); a product of such parts, each of which has
// rows of H of its own, is the product of their posteriors. Components and rows whose weight is below
// 1e-300 of the sum are left out. Of other priors no posterior is known, which is
// an [ErrNoPosterior]. Matrices of d×d are made: at most 2,048 columns but for
// data sets.
func (p *Prior) Condition(h *mat.Dense, y []float64, noise *mat.SymDense) (*Prior, error) {
	q, _, err := p.Bayes(h, y, noise)
	return q, err
}

// Bayes is [Prior.Condition] with the log evidence log p(y), the density of the
// measurement under the prior: log Σ wₖ N(y; H mₖ, Sₖ), or log Σ wᵢ N(y; H xᵢ, R)
// of rows.
func (p *Prior) Bayes(h *mat.Dense, y []float64, noise *mat.SymDense) (posterior *Prior, logEvidence float64, err error) {
	m, d := h.Dims()
	if d != p.Coordinates.Dim() || len(y) != m || noise.SymmetricDim() != m {
		return nil, 0, fmt.Errorf("prior: condition: H is %d×%d, y has %d numbers, R is %d×%d: a prior of %d columns needs m×%d, m and m×m",
			m, d, len(y), noise.SymmetricDim(), noise.SymmetricDim(), p.Coordinates.Dim(), p.Coordinates.Dim())
	}
	var c mat.Cholesky
	if !c.Factorize(noise) {
		return nil, 0, errors.New("prior: condition: the noise covariance R is not positive definite: give variances > 0; equations without noise are constraints")
	}
	if e, ok := p.Law.(*Empirical); ok {
		return e.condition(p, h, y, &c)
	}
	if parts, ok := p.Structure.(productStructure); ok {
		return parts.condition(h, y, noise)
	}
	g, ok := p.Law.(gaussians)
	if !ok {
		return nil, 0, fmt.Errorf("%w: %s", ErrNoPosterior, p.Kind)
	}
	if d > maxFreePoints {
		return nil, 0, fmt.Errorf("prior: condition: %d columns: at most %d", d, maxFreePoints)
	}
	return p.kalman(g, h, y, noise)
}

// ErrNoPosterior is the error of [Prior.Condition] for priors that are no
// Gaussian, mixture, field, data set or product of them.
var ErrNoPosterior = errors.New("prior: no posterior in closed form is known for this kind")

func (p *Prior) kalman(g gaussians, h *mat.Dense, y []float64, noise *mat.SymDense) (*Prior, float64, error) {
	at := p.Coordinates
	weight, mean, cov := g.components()
	var logw []float64
	var means [][]float64
	var covs []*mat.SymDense
	for k := range weight {
		x := make([]float64, at.Dim())
		at.ToX(x, mean[k])
		c := mat.NewSymDense(at.Dim(), nil)
		for i := range at.Dim() {
			for j := range i + 1 {
				c.SetSym(i, j, at.Scale[i]*at.Scale[j]*cov[k].At(i, j))
			}
		}
		l, err := update(x, c, h, y, noise)
		if err != nil {
			return nil, 0, err
		}
		logw, means, covs = append(logw, math.Log(weight[k])+l), append(means, x), append(covs, c)
	}
	total, kept := logSumExp(logw), 0
	for k, l := range logw {
		if w := math.Exp(l - total); w > 1e-300 {
			weight[kept], means[kept], covs[kept] = w, means[k], covs[k]
			kept++
		}
	}
	out, err := NewMixture(weight[:kept], means[:kept], covs[:kept], at.Names)
	if err != nil {
		return nil, 0, fmt.Errorf("prior: condition: the posterior is too narrow for double precision: %w: give more noise; equations are constraints", err)
	}
	out.Kind = p.Kind
	out.Describe = "the posterior of: " + p.Describe
	return out, total, nil
}

// update is the Kalman update of N(mean, c), in place, and log N(y; H mean, S).
// C′ = C − V Vᵀ with V = C Hᵀ L⁻ᵀ, S = L Lᵀ.
func update(mean []float64, c *mat.SymDense, h *mat.Dense, y []float64, noise *mat.SymDense) (float64, error) {
	m, _ := h.Dims()
	var ch, hch mat.Dense
	ch.Mul(c, h.T())
	hch.Mul(h, &ch)
	s, r := mat.NewSymDense(m, nil), mat.NewVecDense(m, nil)
	r.MulVec(h, mat.NewVecDense(len(mean), mean))
	for i := range m {
		r.SetVec(i, y[i]-r.AtVec(i))
		for j := range i + 1 {
			s.SetSym(i, j, 0.5*(hch.At(i, j)+hch.At(j, i))+noise.At(i, j))
		}
	}
	var chol mat.Cholesky
	if !chol.Factorize(s) {
		return 0, errors.New("prior: condition: the covariance of the measurement is not positive definite: is a row of H zero, or the noise far below rounding?")
	}
	var sr mat.VecDense
	chol.SolveVecTo(&sr, r)
	var step mat.VecDense
	step.MulVec(&ch, &sr)
	for i := range mean {
		mean[i] += step.AtVec(i)
	}
	var l mat.TriDense
	chol.LTo(&l)
	var v mat.Dense
	if err := v.Solve(&l, ch.T()); err != nil {
		var ill mat.Condition
		if !errors.As(err, &ill) {
			return 0, fmt.Errorf("prior: condition: %w", err)
		}
	}
	c.SymRankK(c, -1, v.T())
	return -0.5 * (mat.Dot(r, &sr) + chol.LogDet() + float64(m)*math.Log(2*math.Pi)), nil
}
