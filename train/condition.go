package train

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Condition is one column that is given instead of sampled: a number, which the
// network sees standardised, or a class, which it sees as a one among zeros.
type Condition struct {
	Name    string
	Classes []float64 `json:",omitempty"` // the values of a class, increasing; nil for a number
	Mean    float64   `json:",omitempty"` // of a number
	Scale   float64   `json:",omitempty"` // its standard deviation
}

// NewCondition reads off the data what a column can be.
func NewCondition(name string, values []float64, class bool) (Condition, error) {
	c := Condition{Name: name}
	if class {
		c.Classes = slices.Compact(slices.Sorted(slices.Values(values)))
		if len(c.Classes) > maxClasses || 2*len(c.Classes) > len(values) {
			return c, fmt.Errorf("train: column %q has %d different values in %d rows: classes need at least two rows each, and there may be %d; leave it out of classes to give it as a number", name, len(c.Classes), len(values), maxClasses)
		}
		return c, c.check()
	}
	for _, v := range values {
		c.Mean += v / float64(len(values))
	}
	var s float64
	for _, v := range values {
		s += (v - c.Mean) * (v - c.Mean) / float64(len(values))
	}
	c.Scale = math.Sqrt(s)
	return c, c.check()
}

// maxClasses bounds the features of one condition.
const maxClasses = 4096

func (c Condition) check() error {
	switch {
	case c.Classes == nil && !(c.Scale > 1e-12*math.Abs(c.Mean) && !math.IsInf(c.Scale, 0)): // or differs by rounding only
		return fmt.Errorf("train: the condition %q is constant: leave it out of condition", c.Name)
	case c.Classes != nil && len(c.Classes) < 2:
		return fmt.Errorf("train: the condition %q has one class only: leave it out of condition", c.Name)
	}
	return nil
}

// features is how many numbers tell a network of conditions: a flag that they are
// given, and what they are.
func features(all []Condition) int {
	if len(all) == 0 {
		return 0
	}
	n := 1
	for _, c := range all {
		n += max(1, len(c.Classes))
	}
	return n
}

// Features are what a network sees of given values, in the order of the
// conditions. Nil values are no condition: all features are 0.
func Features(all []Condition, values []float64) ([]float64, error) {
	out := make([]float64, features(all))
	if values == nil {
		return out, nil
	}
	if len(values) != len(all) {
		return nil, fmt.Errorf("%d values are given for %d conditions", len(values), len(all))
	}
	out[0] = 1
	at := 1
	for i, c := range all {
		if c.Classes == nil {
			out[at] = (values[i] - c.Mean) / c.Scale
			at++
			continue
		}
		k := slices.Index(c.Classes, values[i])
		if k < 0 {
			return nil, fmt.Errorf("%s = %g is no class of the data; allowed: %s", c.Name, values[i], listed(c.Classes))
		}
		out[at+k] = 1
		at += len(c.Classes)
	}
	return out, nil
}

func listed(classes []float64) string {
	var names []string
	for _, v := range classes[:min(len(classes), 20)] {
		names = append(names, strconv.FormatFloat(v, 'g', -1, 64))
	}
	if len(classes) > 20 {
		names = append(names, "…")
	}
	return strings.Join(names, ", ")
}
