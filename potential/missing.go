package potential

import (
	"math"

	"abide/operator"
)

// NewMissing is [NewMeasured] with NaN in y where a value is missing: those rows are
// left out, with their noise. Correlated noise keeps the covariance of the rest,
// which is its marginal law.
func NewMissing(name string, op operator.Operator, y []float64, noise Noise) (*Measurement, error) {
	fail := failer(name)
	if err := fit(op, y, noise, true); err != nil {
		return nil, fail("%v", err)
	}
	var index []int
	var seen []float64
	for i, v := range y {
		if !math.IsNaN(v) {
			index, seen = append(index, i), append(seen, v)
		}
	}
	switch len(index) {
	case len(y):
		return NewMeasured(name, op, y, noise)
	case 0:
		return nil, fail("all %d values of y are missing: leave the measurement out", len(y))
	}
	rows, err := operator.Rows(op, index)
	if err != nil {
		return nil, fail("%v", err)
	}
	if n, ok := noise.(*Normal); ok {
		if noise, err = n.rows(index); err != nil {
			return nil, fail("%v", err)
		}
	}
	return NewMeasured(name, rows, seen, noise)
}

// rows is the noise of some of the values.
func (n *Normal) rows(index []int) (*Normal, error) {
	if n.Independent() {
		out := &Normal{}
		for _, i := range index {
			out.variance = append(out.variance, n.variance[i])
		}
		return out, nil
	}
	m, r := len(n.variance), n.Covariance()
	cov := make([][]float64, len(index))
	for a, i := range index {
		for _, j := range index {
			cov[a] = append(cov[a], r[i*m+j])
		}
	}
	return NewCorrelated(cov)
}
