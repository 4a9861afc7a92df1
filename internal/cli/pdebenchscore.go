package cli

import (
	"math"

	"abide/diagnose"
	"abide/physics"
	"abide/problem"
)

// pdeScore is what a set of fields is judged by.
type pdeScore struct {
	MMSE float64 `json:"mmse"` // mean square error of the mean field
	SMSE float64 `json:"smse"` // of the field of standard deviations

	Errors     map[string]float64 `json:"constraint_errors"`      // mean over fields of ‖residual‖₂ of IC, BC, CL
	Violation  float64            `json:"most_violation"`         // of any row, in its unit
	Normalised float64            `json:"residual_per_variation"` // mean over fields of rms residual over the field's own standard deviation

	CRPS     float64    `json:"crps"`
	Coverage *float64   `json:"coverage_90"` // null where the law is one field
	Latents  []moments2 `json:"latents,omitempty"`

	Distinct int      `json:"distinct"` // fields of the set that differ
	ESS      *float64 `json:"ess,omitempty"`
}

// moments2 are mean and standard deviation.
type moments2 struct {
	Name string  `json:"name"`
	Mean float64 `json:"mean"`
	SD   float64 `json:"sd"`
}

func newMoments(name string, x, w []float64) moments2 {
	m := moments2{Name: name}
	for i, v := range x {
		m.Mean += w[i] * v
	}
	for i, v := range x {
		m.SD += w[i] * (v - m.Mean) * (v - m.Mean)
	}
	m.SD = math.Sqrt(m.SD)
	return m
}

// score judges fields x with weights that sum to 1; nil weighs all alike.
func (c *pdeCase) score(x, w []float64) *pdeScore {
	d := c.Dim()
	n := len(x) / d
	s := &pdeScore{Errors: map[string]float64{}}
	if w != nil {
		var squares float64
		for _, v := range w {
			squares += v * v
		}
		ess := 1 / squares
		s.ESS = &ess
	} else {
		w = make([]float64, n)
		for i := range w {
			w[i] = 1 / float64(n)
		}
	}
	s.MMSE, s.SMSE = fieldErrors(c.Fields, x, w)
	var coverage float64
	if s.CRPS, coverage = diagnose.Pixels(x, w, c.truth, d, 0.9); !math.IsNaN(coverage) {
		s.Coverage = &coverage
	}
	seen := map[string]bool{}
	numbers := make([][]float64, len(c.Latents))
	for i := range n {
		field := x[i*d : (i+1)*d : (i+1)*d]
		seen[bytesOf(field)] = true
		c.residuals(s, field, w[i])
		if c.Estimate == nil {
			continue
		}
		for k, v := range c.Estimate(field) {
			numbers[k] = append(numbers[k], v)
		}
	}
	s.Distinct = len(seen)
	for k, v := range numbers {
		s.Latents = append(s.Latents, newMoments(c.Latents[k], v, w))
	}
	return s
}

// residuals adds those of a field.
func (c *pdeCase) residuals(s *pdeScore, field []float64, w float64) {
	var squares float64
	var count int
	for k, law := range c.Laws {
		r := make([]float64, physics.Size(law))
		law.Residual(r, field)
		var sum float64
		for _, v := range r {
			sum += v * v
		}
		s.Errors[c.Rows[k]] += w * math.Sqrt(sum)
		squares += sum
		count += len(r)
		v, _, _ := physics.Violation(law, field)
		s.Violation = math.Max(s.Violation, v)
	}
	even := make([]float64, len(field))
	for i := range even {
		even[i] = 1 / float64(len(field))
	}
	s.Normalised += w * math.Sqrt(squares/float64(count)) / newMoments("", field, even).SD
}

// bytesOf is a key of a field: equal where all numbers are, bit for bit.
func bytesOf(field []float64) string {
	b := make([]byte, 0, 8*len(field))
	for _, v := range field {
		u := math.Float64bits(v)
		for k := range 8 {
			b = append(b, byte(u>>(8*k)))
		}
	}
	return string(b)
}

// fieldErrors are MMSE and SMSE of fields x with weights w that sum to 1, standard
// deviations with 1/N.
func fieldErrors(f *problem.Fields, x, w []float64) (mmse, smse float64) {
	d := f.Dim()
	mean, square := make([]float64, d), make([]float64, d)
	for k := range w {
		for i, v := range x[k*d : (k+1)*d] {
			mean[i] += w[k] * v
		}
	}
	for k := range w {
		for i, v := range x[k*d : (k+1)*d] {
			square[i] += w[k] * (v - mean[i]) * (v - mean[i])
		}
	}
	for i := range d {
		mmse += math.Pow(mean[i]-f.Mean[i], 2) / float64(d)
		smse += math.Pow(math.Sqrt(square[i])-f.SD[i], 2) / float64(d)
	}
	return mmse, smse
}
