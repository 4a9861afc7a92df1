package particle

import "math"

// Systematic draws n ancestors from weights exp(logw) with one uniform number:
// aᵢ = F⁻¹((i + uniform)/n). Each index comes ⌊n Wᵢ⌋ or ⌈n Wᵢ⌉ times; the counts
// are unbiased, and their variance is the least of the usual schemes in practice
// (Kitagawa 1996; Douc, Cappé and Moulines 2005). ok is false when no weight is
// positive and finite.
func Systematic(logw []float64, n int, uniform float64) (ancestor []int, ok bool) {
	top := math.Inf(-1)
	for _, l := range logw {
		top = math.Max(top, l)
	}
	if math.IsInf(top, 0) || math.IsNaN(top) {
		return nil, false
	}
	var total float64
	for _, l := range logw {
		total += math.Exp(l - top)
	}
	ancestor = make([]int, n)
	var sum float64
	i := -1
	for k := range n {
		target := (float64(k) + uniform) / float64(n) * total
		for sum <= target && i < len(logw)-1 {
			i++
			sum += math.Exp(logw[i] - top)
		}
		ancestor[k] = i
	}
	// Rounding may leave the last places on a weight of zero.
	for k := n - 1; k >= 0 && math.IsInf(logw[ancestor[k]], -1); k-- {
		j := ancestor[k]
		for math.IsInf(logw[j], -1) {
			j--
		}
		ancestor[k] = j
	}
	return ancestor, true
}
