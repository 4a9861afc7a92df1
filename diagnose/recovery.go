package diagnose

import (
	"cmp"
	"math"
	"slices"
)

// CRPS is the continuous ranked probability score of the law that gives x[i] the
// probability w[i]/Σw, when y came true,
//
//	CRPS = ∫ (F(s) − 1[s ≥ y])² ds = E|X − y| − ½ E|X − X′|,
//
// in the unit of x; 0 is the best there is, and on average the true law has the
// smallest. nil weighs all alike; NaN where x is empty or has no weight. For n equal
// weights it is too large by E|X − X′|/(2n) on average. O(n log n).
//
// Reference: T. Gneiting and A. E. Raftery, "Strictly proper scoring rules,
// prediction, and estimation", J. Am. Stat. Assoc. 102 (2007), eqs. (20), (21).
func CRPS(x, w []float64, y float64) float64 {
	w, sum := weightsOf(x, w, 1)
	if !(sum > 0) || math.IsNaN(y) || slices.ContainsFunc(x, math.IsNaN) {
		return math.NaN()
	}
	order := make([]int, len(x))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int { return cmp.Compare(x[i], x[j]) })
	var score, f float64 // f is F up to the next point
	at := math.Min(x[order[0]], y)
	until := func(s float64) {
		if at < y && y < s { // the indicator jumps inside
			score += f*f*(y-at) + (f-1)*(f-1)*(s-y)
		} else if s <= y {
			score += f * f * (s - at)
		} else {
			score += (f - 1) * (f - 1) * (s - at)
		}
		at = s
	}
	for _, i := range order {
		until(x[i])
		f += w[i] / sum
	}
	if at < y {
		score += (y - at) // F is 1 beyond all points
	}
	return score
}

// Coverage is the share of columns whose true value lies in the central interval of
// a level, from the (1 − level)/2 to the (1 + level)/2 quantile of the rows x [N, d]
// with weights w; nil weighs all alike. Where truth and rows have the same law it is
// level on average, up to O(1/N).
func Coverage(x, w, truth []float64, level float64) float64 {
	d := len(truth)
	n := rows(x, d)
	if n == 0 {
		return math.NaN()
	}
	column, inside := make([]float64, n), 0.0
	for j, y := range truth {
		for i := range column {
			column[i] = x[i*d+j]
		}
		if y >= WeightedQuantile(column, w, (1-level)/2) && y <= WeightedQuantile(column, w, (1+level)/2) {
			inside++
		}
	}
	return inside / float64(d)
}

// PSNR is the peak signal-to-noise ratio 10 log₁₀(range²/mean squared error) in
// decibels; range is that of the signal, such as 255 for bytes. +Inf where both are equal.
func PSNR(x, truth []float64, span float64) float64 {
	return 20 * math.Log10(span/RMSE(x, truth))
}

// RMSE is the root of the mean squared difference.
func RMSE(x, truth []float64) float64 {
	var square float64
	for i, v := range truth {
		square += (x[i] - v) * (x[i] - v) / float64(len(truth))
	}
	return math.Sqrt(square)
}
