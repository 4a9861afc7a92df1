package diagnose

import (
	"math"
	"slices"
)

// ESS is Kish's effective sample size (Σw)² / Σw² of weights w = exp(logw): n
// where all are equal, 1 where one of them is everything, 0 where there is no
// weight at all. NaN where a log-weight is NaN or +∞.
//
// Reference: L. Kish, Survey Sampling (1965), section 8.2; J. S. Liu, Monte
// Carlo Strategies in Scientific Computing (2001), section 2.5.3.
func ESS(logw []float64) float64 {
	top := largest(logw)
	if math.IsInf(top, -1) {
		return 0
	}
	sum, squares := 0.0, 0.0
	for _, l := range logw {
		w := math.Exp(l - top)
		sum += w
		squares += w * w
	}
	return sum * sum / squares
}

// LogMeanExp is log((1/n) Σ exp(logw)), whatever their size: −∞ where there is
// no weight at all, NaN for an empty slice or a log-weight NaN or +∞.
func LogMeanExp(logw []float64) float64 {
	top := largest(logw)
	if len(logw) == 0 {
		return math.NaN()
	}
	if math.IsInf(top, -1) {
		return top
	}
	sum := 0.0
	for _, l := range logw {
		sum += math.Exp(l - top)
	}
	return top + math.Log(sum/float64(len(logw)))
}

// Weights are exp(logw) divided by their sum. Where there is no weight at all
// they are NaN.
func Weights(logw []float64) []float64 {
	top := largest(logw)
	w := make([]float64, len(logw))
	sum := 0.0
	for i, l := range logw {
		w[i] = math.Exp(l - top)
		sum += w[i]
	}
	for i := range w {
		w[i] /= sum
	}
	return w
}

// largest is −∞ for an empty slice and NaN where one is.
func largest(x []float64) float64 {
	if len(x) == 0 {
		return math.Inf(-1)
	}
	return slices.Max(x)
}
