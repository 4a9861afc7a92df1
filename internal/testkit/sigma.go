// Package testkit is what law tests are made of: asserts whose thresholds follow
// from a stated false-alarm probability, and exact laws to compare with. It is
// imported by tests only.
package testkit

import (
	"math"

	"gonum.org/v1/gonum/mathext"
	"gonum.org/v1/gonum/stat/distuv"
)

// Budget is how often a correct build may fail its whole suite of tests.
const Budget = 1e-6

// Checks bounds the number of statistical checks in the suite; Budget is spread
// over them evenly.
const Checks = 1000

// TB is the part of testing.TB that asserts need; rapid's T has it as well.
type TB interface {
	Helper()
	Errorf(format string, args ...any)
}

// WithinSigma fails the test where got is farther from want than a normal
// estimator of standard error se may be: |got − want| > z·se, z the two-sided
// normal quantile of falseAlarm. falseAlarm 0 is Budget/Checks, z = 6.1. se must
// be known or estimated from hundreds of independent values; with few, use
// WithinStudent.
func WithinSigma(t TB, name string, got, want, se, falseAlarm float64) {
	t.Helper()
	within(t, name, got, want, se, -mathext.NormalQuantile(orDefault(falseAlarm)/2), falseAlarm)
}

// WithinStudent is WithinSigma for a standard error that was itself estimated,
// with dof degrees of freedom.
func WithinStudent(t TB, name string, got, want, se, dof, falseAlarm float64) {
	t.Helper()
	within(t, name, got, want, se, studentQuantile(orDefault(falseAlarm), dof), falseAlarm)
}

// MeanWithin fails the test where the mean of independent values is not want.
func MeanWithin(t TB, name string, values []float64, want, falseAlarm float64) {
	t.Helper()
	mean, se := MeanSE(values)
	WithinStudent(t, name, mean, want, se, float64(len(values)-1), falseAlarm)
}

// MeanSE is the mean of independent values and its standard error s/√n.
func MeanSE(values []float64) (mean, se float64) {
	n := float64(len(values))
	for _, v := range values {
		mean += v / n
	}
	square := 0.0
	for _, v := range values {
		square += (v - mean) * (v - mean)
	}
	return mean, math.Sqrt(square / (n - 1) / n)
}

func orDefault(falseAlarm float64) float64 {
	if falseAlarm == 0 {
		return Budget / Checks
	}
	return falseAlarm
}

func within(t TB, name string, got, want, se, z, falseAlarm float64) {
	t.Helper()
	if !(se > 0) || math.IsInf(se, 0) {
		t.Errorf("%s = %g, want %g: standard error %g is no scale to judge by", name, got, want, se)
		return
	}
	if off := math.Abs(got - want); !(off <= z*se) { // NaN fails
		t.Errorf("%s = %g, want %g ± %.2g: off by %.2f standard errors, %.2f allowed (false alarm %.1g)",
			name, got, want, z*se, off/se, z, orDefault(falseAlarm))
	}
}

// studentQuantile is the t with P(|T| > t) = p.
func studentQuantile(p, dof float64) float64 {
	return -distuv.StudentsT{Mu: 0, Sigma: 1, Nu: dof}.Quantile(p / 2)
}
