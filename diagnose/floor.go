package diagnose

import (
	"math"

	"abide/internal/keyed"
)

// TwoSampleFloor is the root mean square of a distance between two exact sets of
// n and m rows: how far apart two samples of the very same law lie. The sets are
// drawn from the given rows of that law, at random, disjoint and without
// repetition, as often as pairs says; n + m must not exceed the rows there are.
//
// The mean of an average over pairs of distinct rows is the same for rows drawn
// without repetition as for independent ones. For the square of [EnergyDistance]
// it is (1/n + 1/m)·E‖X−X′‖. O(pairs) distances.
//
// Reference: the permutation test of equal laws, e.g. Székely and Rizzo (2013),
// section 3.
func TwoSampleFloor(x []float64, d, n, m, pairs int, seed uint64, distance func(x, y []float64) float64) float64 {
	total := rows(x, d)
	if n < 1 || m < 1 || n+m > total || pairs < 1 {
		return math.NaN()
	}
	order := make([]int, total)
	set := make([]float64, (n+m)*d)
	square := 0.0
	for k := range pairs {
		stream := keyed.New(seed, "two-sample floor", k, 0)
		for i := range order {
			order[i] = i
		}
		for i := range n + m {
			j := i + int(stream.Uint64()%uint64(total-i))
			order[i], order[j] = order[j], order[i]
			copy(set[i*d:(i+1)*d], x[order[i]*d:(order[i]+1)*d])
		}
		v := distance(set[:n*d], set[n*d:])
		square += v * v / float64(pairs)
	}
	return math.Sqrt(square)
}
