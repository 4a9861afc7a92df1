package inverse

import (
	"fmt"
	"math"
	"slices"

	"abide/operator"
	"abide/potential"
)

// Spectrum is a linear measurement y = H u + n, n ~ N(0, R), R = L Lᵀ, in the bases
// that make its values independent. With L⁻¹H = Σᵢ sᵢ wᵢvᵢᵀ it says
//
//	Y[i] = vᵢ·u + nᵢ/sᵢ,   nᵢ ~ N(0, 1),   Y[i] = wᵢᵀL⁻¹y / sᵢ
//
// and nothing of the directions beyond V. Correlated noise and noise of its own
// for each value are in the whitening. Everything here is host arithmetic in
// float64, on rows of d numbers, d·r operations each for r singular values.
type Spectrum struct {
	S []float64      // sᵢ > 0, the inverse standard deviations of Y
	Y []float64      // what was measured, in units of u
	V operator.Basis // vᵢ, orthonormal
}

// NewSpectrum decomposes a linear measurement with Gaussian noise. An operator that
// knows its decomposition keeps it where the noise is one number, masks where it is
// independent; others are written out.
func NewSpectrum(y *potential.Measurement) (*Spectrum, error) {
	h, data, _ := y.Linear()
	noise, _ := y.Gaussian()
	noise.WhitenAt(data)
	if sp, ok := h.(operator.Spectral); ok {
		if f := sp.SVD(); single(noise) || noise.Independent() && f.Diagonal() {
			return newSpectrum(f, data, noise.Variance()), nil
		}
	}
	h, data, err := whitened(h, data, noise)
	if err != nil {
		return nil, err
	}
	f, err := operator.Decompose(h)
	if err != nil {
		return nil, err
	}
	return newSpectrum(f, data, nil), nil
}

// newSpectrum has white data; variance is what S lacks of the whitening: a number for
// each singular value, or nil.
func newSpectrum(f operator.SVD, data, variance []float64) *Spectrum {
	s := &Spectrum{S: slices.Clone(f.S), Y: make([]float64, len(f.S)), V: f.V}
	f.U.Coefficients(s.Y, data)
	for i := range s.S {
		if variance != nil {
			s.S[i] /= math.Sqrt(variance[i])
		}
		s.Y[i] /= s.S[i]
	}
	return s
}

// whitened is L⁻¹H written out. Rows of zeros, which measure nothing, are left out,
// with their data.
func whitened(h operator.Linear, data []float64, noise *potential.Normal) (operator.Linear, []float64, error) {
	d, m := h.Dims()
	if d*m > operator.MaxDense {
		return nil, nil, fmt.Errorf("inverse: the %d×%d operator is too large to be written out (at most %d numbers), which it has to be for its singular values unless it knows them and the noise is the same everywhere: use a method without them, such as dps", m, d, operator.MaxDense)
	}
	a := slices.Clone(operator.Dense(h))
	noise.WhitenRows(a, d)
	var rows [][]float64
	var kept []float64
	for i := range m {
		if row := a[i*d : (i+1)*d]; slices.ContainsFunc(row, func(v float64) bool { return v != 0 }) {
			rows, kept = append(rows, row), append(kept, data[i])
		}
	}
	w, err := operator.NewMatrix(rows)
	return w, kept, err
}

// single tells whether noise is independent with one standard deviation.
func single(n *potential.Normal) bool {
	v := n.Variance()
	return n.Independent() && !slices.ContainsFunc(v, func(w float64) bool { return w != v[0] })
}

// Rotate calls f with the coefficients c = Vᵀx of every row, to be changed, and adds
// the change to the row: x ← x + V(c′ − c). What is beyond V stays as it is.
func (s *Spectrum) Rotate(x []float64, dim int, f func(row int, c []float64)) {
	c, old, back := make([]float64, len(s.S)), make([]float64, len(s.S)), make([]float64, dim)
	for i := range len(x) / dim {
		row := x[i*dim : (i+1)*dim]
		s.V.Coefficients(old, row)
		copy(c, old)
		f(i, c)
		for j := range c {
			c[j] -= old[j]
		}
		s.V.Combine(back, c)
		for j, v := range back {
			row[j] += v
		}
	}
}

// Prox moves every row x̂ to the minimum of ½|L⁻¹(y − H u)|² + |u − x̂|²/(2ρ²), which
// is the mean of N(x̂, ρ²I) given the measurement.
func (s *Spectrum) Prox(x []float64, dim int, rho float64) {
	s.Rotate(x, dim, func(_ int, c []float64) {
		for i, v := range s.S {
			c[i] += s.gain(v, rho) * (s.Y[i] - c[i])
		}
	})
}

// gain is ρ²s²/(1 + ρ²s²), the weight of a value against N(·, ρ²); 1 for ρ = ∞.
func (s *Spectrum) gain(v, rho float64) float64 { return 1 / (1 + 1/(v*v*rho*rho)) }

// Draw replaces every row x̂ by a draw of N(x̂, ρ²I) given the measurement: mean as
// [Spectrum.Prox], standard deviation ρ beyond V and ρ/√(1 + ρ²s²) along vᵢ. n are
// as many draws of N(0, 1) as x has numbers.
func (s *Spectrum) Draw(x []float64, dim int, rho float64, n []float64) {
	s.Prox(x, dim, rho)
	e := slices.Clone(n)
	s.Root(e, dim, rho)
	for i, v := range e {
		x[i] += v
	}
}

// Root multiplies every row by the symmetric root of the covariance of N(·, ρ²I) given
// the measurement: by ρ beyond V and by ρ/√(1 + ρ²s²) along vᵢ.
func (s *Spectrum) Root(x []float64, dim int, rho float64) {
	s.Rotate(x, dim, func(_ int, c []float64) {
		for i, v := range s.S {
			c[i] /= math.Sqrt(1 + v*v*rho*rho)
		}
	})
	for i := range x {
		x[i] *= rho
	}
}
