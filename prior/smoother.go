package prior

import (
	"fmt"

	"gonum.org/v1/gonum/mat"
)

// Observation is y = H xₖ + r, r ~ N(0, R), of the state at one time.
type Observation struct {
	H *mat.Dense // m×n
	Y []float64
	R *mat.SymDense
}

// Smoothed are the laws of the state at each time given all observations, with
// log p(y) of all of them.
type Smoothed struct {
	Mean        [][]float64
	Covariance  []*mat.SymDense
	LogMarginal float64
}

// Smooth is the Kalman filter followed by the smoother of Rauch, Tung and Striebel
// (1965) for the observations at times, at most one each:
//
//	G = Pₖ Mᵀ P⁻ₖ₊₁⁻¹,  mˢₖ = mₖ + G(mˢₖ₊₁ − m⁻ₖ₊₁),  Pˢₖ = Pₖ + G(Pˢₖ₊₁ − P⁻ₖ₊₁)Gᵀ.
//
// O(Steps·n³): it needs no matrix of the whole trajectory, as [Prior.Condition] does,
// and says nothing of how times go together.
func (s *StateSpace) Smooth(seen map[int]Observation) (*Smoothed, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	for k := range seen {
		if k < 0 || k > s.Steps {
			return nil, fmt.Errorf("prior: state-space: an observation at time %d: times are 0 to %d", k, s.Steps)
		}
	}
	n := len(s.Mean)
	out := &Smoothed{}
	var before []*mat.Dense // P⁻ₖ
	var expected [][]float64
	m, p := append([]float64(nil), s.Mean...), mat.DenseCopyOf(s.Covariance)
	for k := range s.Steps + 1 {
		if k > 0 {
			m, p = s.forecast(m, p)
		}
		before, expected = append(before, p), append(expected, append([]float64(nil), m...))
		c := symmetrised(p)
		if o, ok := seen[k]; ok {
			logp, err := update(m, c, o.H, o.Y, o.R)
			if err != nil {
				return nil, fmt.Errorf("prior: state-space: time %d: %w", k, err)
			}
			out.LogMarginal += logp
		}
		out.Mean, out.Covariance = append(out.Mean, m), append(out.Covariance, c)
		p = mat.DenseCopyOf(c)
	}
	for k := s.Steps - 1; k >= 0; k-- {
		// Gᵀ = P⁻ₖ₊₁⁻¹ M Pₖ
		var mp, g mat.Dense
		mp.Mul(s.Transition, out.Covariance[k])
		var f mat.Cholesky
		if !f.Factorize(symmetrised(before[k+1])) {
			return nil, fmt.Errorf("prior: state-space: the covariance at time %d is not positive definite in double precision", k+1)
		}
		if err := f.SolveTo(&g, &mp); err != nil {
			return nil, fmt.Errorf("prior: state-space: time %d: %w", k, err)
		}
		var ahead, back mat.VecDense
		ahead.SubVec(mat.NewVecDense(n, out.Mean[k+1]), mat.NewVecDense(n, expected[k+1]))
		back.MulVec(g.T(), &ahead)
		smoothed := make([]float64, n)
		for i, v := range out.Mean[k] {
			smoothed[i] = v + back.AtVec(i)
		}
		var gain, left, c mat.Dense
		gain.Sub(out.Covariance[k+1], before[k+1])
		left.Mul(g.T(), &gain)
		c.Mul(&left, &g)
		c.Add(&c, out.Covariance[k])
		out.Mean[k], out.Covariance[k] = smoothed, symmetrised(&c)
	}
	return out, nil
}

func symmetrised(a mat.Matrix) *mat.SymDense {
	n, _ := a.Dims()
	out := mat.NewSymDense(n, nil)
	for i := range n {
		for j := range i + 1 {
			out.SetSym(i, j, 0.5*(a.At(i, j)+a.At(j, i)))
		}
	}
	return out
}
