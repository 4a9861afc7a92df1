package diagnose

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// Quantile is the q-quantile of x, 0 ≤ q ≤ 1, by linear interpolation between
// order statistics (type 7 of R. J. Hyndman and Y. Fan, "Sample quantiles in
// statistical packages", Am. Stat. 50 (1996); NumPy's and R's default). x is
// left as it is. NaN where x is empty, holds a NaN, or q is out of range.
func Quantile(x []float64, q float64) float64 {
	if len(x) == 0 || !(q >= 0 && q <= 1) || slices.ContainsFunc(x, math.IsNaN) {
		return math.NaN()
	}
	s := slices.Sorted(slices.Values(x))
	at := q * float64(len(s)-1)
	i := int(at)
	f := at - float64(i)
	if f == 0 || s[i] == s[i+1] {
		return s[i]
	}
	return (1-f)*s[i] + f*s[i+1]
}

// WeightedQuantile is the q-quantile of the law that gives x[i] the probability
// w[i]/Σw, w ≥ 0. It averages the inverse distribution function over a window
// of width 1/ESS that begins at q·(1 − 1/ESS), so that it is Quantile where all
// weights are equal and rows of weight 0 count for nothing; nil w is uniform.
// NaN where Quantile is, or there is no weight.
//
// Reference: A. Akinshin, "Weighted quantile estimators" (2023), section 5,
// arXiv:2304.07265.
func WeightedQuantile(x, w []float64, q float64) float64 {
	if w == nil {
		return Quantile(x, q)
	}
	if len(w) != len(x) {
		panic(fmt.Sprintf("diagnose: %d weights for %d numbers", len(w), len(x)))
	}
	sum, squares := 0.0, 0.0
	for _, v := range w {
		sum += v
		squares += v * v
	}
	if !(sum > 0) || !(q >= 0 && q <= 1) || slices.ContainsFunc(x, math.IsNaN) {
		return math.NaN()
	}
	order := make([]int, len(x))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int { return cmp.Or(cmp.Compare(x[i], x[j]), cmp.Compare(i, j)) })

	width := squares / (sum * sum) // 1/ESS
	start := q * (1 - width)
	quantile, below, inWindow := 0.0, 0.0, 0.0
	for _, i := range order {
		below += w[i] / sum
		upTo := min(max((below-start)/width, 0), 1) // share of the window up to x[i]
		if share := upTo - inWindow; share > 0 {
			quantile += share * x[i]
		}
		inWindow = upTo
	}
	return quantile / inWindow // inWindow is 1 but for rounding
}
