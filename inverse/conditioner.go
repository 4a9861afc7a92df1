package inverse

import "abide/potential"

// Conditioner draws from N(x, r²I) given a measurement, which is the step towards
// the data of methods that take prior and likelihood in turns.
type Conditioner interface {
	// Draw replaces every row x of dim numbers by such a draw.
	Draw(x []float64, dim int, r float64, noise func([]float64))
}

// NewConditioner draws exactly where the measurement is linear, and by [Langevin]
// steps of a number where it is not, or where chain asks for them.
func NewConditioner(y *potential.Measurement, chain bool, steps int) (Conditioner, error) {
	if _, _, linear := y.Linear(); !linear || chain {
		return Langevin{Y: y, Steps: steps}, nil
	}
	s, err := NewSpectrum(y)
	return exactly{s}, err
}

// exactly draws by singular values.
type exactly struct{ spectrum *Spectrum }

// Draw is [Spectrum.Draw].
func (c exactly) Draw(x []float64, dim int, r float64, noise func([]float64)) {
	n := make([]float64, len(x))
	noise(n)
	c.spectrum.Draw(x, dim, r, n)
}
