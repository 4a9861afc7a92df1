package problem

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"gonum.org/v1/gonum/mat"

	"abide/prior"
)

// Exact is the law of a problem in closed form: what its samples are judged by.
type Exact struct {
	// Law is the posterior as a prior, with draws and the exact conditional denoiser.
	Law *prior.Prior
	// LogEvidence is log ∫ p(x) exp(−Σ Eᵢ(x)) dx, over x that obey, what weighted methods
	// estimate; NaN under equations.
	LogEvidence float64
	// LogMarginal is log p(y), the density of all measured values under the prior:
	// LogEvidence with the constants ½ log det 2πR that energies leave out. 0 where
	// nothing is measured, NaN where it is not known.
	LogMarginal float64
}

// Exact is the law of the problem where it is known in closed form: measurements
// y = H x + n with Gaussian noise, any number of them, of a prior that has a
// posterior by [prior.Prior.Bayes]; or nothing measured, of a prior that can be
// drawn from; and either of them given linear equations, by [prior.Prior.Given], and
// inequalities of any form that are not rare, by rejection. Priors of finitely many rows,
// data sets and solutions, have it under any constraints and potentials. Equations that
// are not linear, nonlinear operators, other noise and networks are an [UnsupportedError].
func (p *Problem) Exact() (*Exact, error) {
	if !p.Constrained() {
		e, err := p.posterior()
		var lacking *UnsupportedError
		if finite(p.Prior) && errors.As(err, &lacking) {
			return p.rows()
		}
		return e, err
	}
	if finite(p.Prior) {
		return p.rows()
	}
	e, err := p.posterior()
	if err != nil {
		return nil, err
	}
	return p.obeying(e)
}

func lacks(needs, has, try string) error { return &UnsupportedError{Needs: needs, Has: has, Try: try} }

// posterior is the law of a problem without constraints.
func (p *Problem) posterior() (*Exact, error) {
	if len(p.Potentials) == 0 {
		if p.Prior.Draw == nil {
			return nil, lacks("a prior that can be drawn from exactly", "kind "+p.Prior.Kind, "take a Gaussian, mixture, field, data set or product")
		}
		return &Exact{Law: p.Prior}, nil
	}
	m, err := p.Measured("")
	if err != nil {
		return nil, err
	}
	a, y, variance, ok := m.Rows()
	if !ok {
		return nil, lacks("linear operators", fmt.Sprintf("another in %q", m.Name()), "compare with a long run of twisted-smc instead")
	}
	// Measured is in sampler coordinates: back to the user's, x = shift + scale ⊙ u.
	d, rows := p.Dim(), len(y)
	h, r := mat.NewDense(rows, d, nil), mat.NewSymDense(rows, nil)
	for i := range rows {
		r.SetSym(i, i, variance[i])
		for j := range d {
			v := a[i*d+j] / p.Prior.Coordinates.Scale[j]
			h.Set(i, j, v)
			y[i] += v * p.Prior.Coordinates.Shift[j]
		}
	}
	law, logp, err := p.Prior.Bayes(h, y, r)
	if errors.Is(err, prior.ErrNoPosterior) {
		return nil, lacks("a prior whose posterior is known in closed form (Gaussian, mixture, field, data set, or a product whose parts are measured apart)", strings.TrimPrefix(err.Error(), prior.ErrNoPosterior.Error()+": "), "leave the reference out")
	}
	if err != nil {
		return nil, fmt.Errorf("problem: exact law: %w", err)
	}
	// Rows are whitened where noise is correlated; the density of y is that of the
	// whitened rows times |det L|⁻¹, R = L Lᵀ.
	out := &Exact{Law: law, LogEvidence: logp, LogMarginal: logp}
	noise, _ := m.Gaussian()
	for i, v := range variance {
		out.LogEvidence += 0.5 * math.Log(2*math.Pi*v)
		out.LogMarginal += 0.5 * math.Log(v/noise.Conditional()[i])
	}
	return out, nil
}
