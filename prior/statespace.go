package prior

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// StateSpace is the law of a trajectory of a linear model with Gaussian noise,
//
//	x₀ ~ N(Mean, Covariance),  xₖ₊₁ = Transition xₖ + Offset + qₖ,  qₖ ~ N(0, Noise),
//
// k < Steps: a Gaussian of (Steps+1)·n columns, the state of time 0 first. Its density
// is the background and model terms of weak-constraint 4D-Var, so that the posterior of
// observations is the law whose mode that method finds (Trémolet 2006), and
// whose means and covariances at each time a Kalman smoother computes; see [StateSpace.Smooth].
type StateSpace struct {
	Transition *mat.Dense    // n×n
	Offset     []float64     // n; nil: 0
	Noise      *mat.SymDense // n×n, positive definite
	Mean       []float64     // n
	Covariance *mat.SymDense // n×n, positive definite
	Steps      int           // ≥ 1
	Names      []string      // of the (Steps+1)·n columns; nil: x[0], x[1], …
}

func (s *StateSpace) check() error {
	fail := func(format string, args ...any) error {
		return fmt.Errorf("prior: state-space: "+format, args...)
	}
	n := len(s.Mean)
	r, c := s.Transition.Dims()
	switch {
	case n == 0 || r != n || c != n || s.Noise.SymmetricDim() != n || s.Covariance.SymmetricDim() != n || (s.Offset != nil && len(s.Offset) != n):
		return fail("mean of %d, transition %d×%d, noise %d×%d, covariance %d×%d, offset of %d: all need the size of the state", n, r, c, s.Noise.SymmetricDim(), s.Noise.SymmetricDim(), s.Covariance.SymmetricDim(), s.Covariance.SymmetricDim(), len(s.Offset))
	case s.Steps < 1:
		return fail("%d steps: need at least one", s.Steps)
	case s.Steps > maxFreePoints/n-1:
		return fail("%d steps of a state of %d numbers are more than %d columns", s.Steps, n, maxFreePoints)
	}
	for _, v := range slices.Concat(s.Transition.RawMatrix().Data, s.Offset, s.Mean) {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fail("transition, offset and mean hold %g: must be finite", v)
		}
	}
	for name, m := range map[string]*mat.SymDense{"noise": s.Noise, "covariance": s.Covariance} {
		var f mat.Cholesky
		if !f.Factorize(m) {
			return fail("%s is not positive definite: give variances > 0 and correlations inside (−1, 1)", name)
		}
	}
	return nil
}

// NewStateSpace is the prior of a trajectory, with its exact denoiser. Means and
// covariances are carried forward: Pₖ₊₁ = M Pₖ Mᵀ + Q, cov(xₖ₊ⱼ, xₖ) = Mʲ Pₖ.
func NewStateSpace(s StateSpace) (*Prior, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	n, times := len(s.Mean), s.Steps+1
	mean, cov := make([]float64, 0, n*times), mat.NewSymDense(n*times, nil)
	m, p := s.Mean, mat.DenseCopyOf(s.Covariance)
	for k := range times {
		mean = append(mean, m...)
		lag := mat.DenseCopyOf(p) // Mʲ Pₖ
		for later := k; later < times; later++ {
			for i := range n {
				for j := range n {
					if later > k || j <= i {
						cov.SetSym(later*n+i, k*n+j, lag.At(i, j))
					}
				}
			}
			var next mat.Dense
			next.Mul(s.Transition, lag)
			lag = &next
		}
		m, p = s.forecast(m, p)
	}
	out, err := NewGaussian(mean, cov, s.Names)
	if err != nil {
		return nil, fmt.Errorf("prior: state-space: the trajectory grows or shrinks beyond double precision: %w", err)
	}
	out.Kind = "state-space"
	out.Describe = fmt.Sprintf("trajectory of %d linear steps of %d numbers, exact denoiser", s.Steps, n)
	return out, nil
}

// forecast carries mean and covariance one step on.
func (s *StateSpace) forecast(mean []float64, p mat.Matrix) ([]float64, *mat.Dense) {
	n := len(mean)
	var m mat.VecDense
	m.MulVec(s.Transition, mat.NewVecDense(n, slices.Clone(mean)))
	var a, b mat.Dense
	a.Mul(s.Transition, p)
	b.Mul(&a, s.Transition.T())
	next := mat.NewDense(n, n, nil)
	for i := range n {
		if s.Offset != nil {
			m.SetVec(i, m.AtVec(i)+s.Offset[i])
		}
		for j := range n {
			next.Set(i, j, 0.5*(b.At(i, j)+b.At(j, i))+s.Noise.At(i, j))
		}
	}
	return m.RawVector().Data, next
}
