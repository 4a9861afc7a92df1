package testkit

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// recorder takes the place of a test whose failure is expected.
type recorder struct{ failures []string }

func (r *recorder) Helper() {}
func (r *recorder) Errorf(format string, args ...any) {
	r.failures = append(r.failures, fmt.Sprintf(format, args...))
}
func (r *recorder) Fatalf(format string, args ...any) { r.Errorf(format, args...) }

func newRand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 0x5eed)) }

// Tabulated quantiles: normal 1.959964 (5 %), 6.109410 (1e-9); Student's t with
// 15 degrees of freedom 2.131450 (5 %).
func TestWithinKnowsItsQuantiles(t *testing.T) {
	for _, c := range []struct {
		name  string
		check func(r *recorder, off float64)
		z     float64
	}{
		{"5 %", func(r *recorder, off float64) { WithinSigma(r, "a", 3+2*off, 3, 2, 0.05) }, 1.959964},
		{"default", func(r *recorder, off float64) { WithinSigma(r, "a", 3-2*off, 3, 2, 0) }, 6.109410},
		{"Student", func(r *recorder, off float64) { WithinStudent(r, "a", 3-2*off, 3, 2, 15, 0.05) }, 2.131450},
	} {
		var inside, outside recorder
		c.check(&inside, c.z-1e-5)
		c.check(&outside, c.z+1e-5)
		if len(inside.failures) != 0 || len(outside.failures) != 1 {
			t.Errorf("%s: inside %q, outside %q", c.name, inside.failures, outside.failures)
		}
	}
}

func TestWithinFailsWhereItCannotJudge(t *testing.T) {
	for _, c := range [][3]float64{{math.NaN(), 0, 1}, {0, math.NaN(), 1}, {1, 1, 0}, {1, 1, math.NaN()}, {1, 1, math.Inf(1)}, {math.Inf(1), 0, 1}} {
		var r recorder
		WithinSigma(&r, "quantity", c[0], c[1], c[2], 0)
		if len(r.failures) != 1 || !strings.HasPrefix(r.failures[0], "quantity = ") {
			t.Errorf("%v: %q", c, r.failures)
		}
	}
}

// The asserts raise as many false alarms as they say, and catch a shift.
func TestFalseAlarmsAreAsStated(t *testing.T) {
	const repeats, alarm = 20_000, 0.1
	var sigma, student recorder
	rng := newRand(1)
	values := make([]float64, 4)
	for range repeats {
		WithinSigma(&sigma, "normal", rng.NormFloat64(), 0, 1, alarm)
		for i := range values {
			values[i] = 5 + rng.NormFloat64()
		}
		MeanWithin(&student, "mean of four", values, 5, alarm)
	}
	se := math.Sqrt(alarm * (1 - alarm) / repeats)
	WithinSigma(t, "false alarms of WithinSigma", float64(len(sigma.failures))/repeats, alarm, se, 0)
	WithinSigma(t, "false alarms of MeanWithin", float64(len(student.failures))/repeats, alarm, se, 0)

	shifted := make([]float64, 1000) // mean off by 0.3 = 9.5 standard errors
	for i := range shifted {
		shifted[i] = 0.3 + rng.NormFloat64()
	}
	var r recorder
	MeanWithin(&r, "shifted", shifted, 0, 0)
	if len(r.failures) != 1 {
		t.Error("a mean shifted by 9.5 standard errors passed")
	}
}

func TestMeanSE(t *testing.T) {
	mean, se := MeanSE([]float64{1, 2, 3, 6}) // variance 14/3
	if mean != 3 || math.Abs(se-math.Sqrt(14./12)) > 1e-15 {
		t.Errorf("mean %g, standard error %g", mean, se)
	}
}
