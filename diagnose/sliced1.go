package diagnose

import (
	"cmp"
	"math"
	"slices"
)

// SlicedWasserstein1 is the sliced 1-Wasserstein distance between the laws that
// give row i of x the probability wx[i]/Σwx and row j of y wy[j]/Σwy,
//
//	SW₁ = mean over directions θ of W₁(θ·x, θ·y),  W₁ = ∫ |F(s) − G(s)| ds,
//
// in the unit of the columns, with the directions of [SlicedWasserstein]. nil weighs
// all rows alike; NaN where a set is empty or has no weight.
//
// Reference: N. Bonneel et al. (2015), definition 1; W₁ on the line as the area
// between distribution functions, S. S. Vallender (1974).
func SlicedWasserstein1(x, wx, y, wy []float64, d, directions int, seed uint64) float64 {
	wx, sumX := weightsOf(x, wx, d)
	wy, sumY := weightsOf(y, wy, d)
	if !(sumX > 0) || !(sumY > 0) || directions < 1 {
		return math.NaN()
	}
	mean := make([]float64, directions)
	each(directions, func(k int) {
		θ := direction(d, seed, k)
		steps := append(jumps(nil, x, wx, θ, 1/sumX), jumps(nil, y, wy, θ, -1/sumY)...)
		slices.SortFunc(steps, func(a, b [2]float64) int { return cmp.Compare(a[0], b[0]) })
		gap := 0.0 // F − G left of a jump
		for i, s := range steps {
			if i > 0 {
				mean[k] += math.Abs(gap) * (s[0] - steps[i-1][0])
			}
			gap += s[1]
		}
	})
	return total(mean) / float64(directions)
}

// jumps are the places and heights of the steps of a distribution function along θ.
func jumps(out [][2]float64, x, w, θ []float64, unit float64) [][2]float64 {
	d := len(θ)
	for i, v := range w {
		s := 0.0
		for k, t := range θ {
			s += t * x[i*d+k]
		}
		out = append(out, [2]float64{s, v * unit})
	}
	return out
}
