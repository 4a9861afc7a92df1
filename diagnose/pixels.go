package diagnose

import (
	"cmp"
	"math"
	"slices"
	"sort"
)

// Pixels judges rows x [N, d] with weights w (nil weighs all alike) against draws
// truth [K, d], column by column: the mean of [CRPS] over draws and columns, and the
// share of them within the central interval of a level. Columns that are the same in all
// draws to 1e-9 of the widest have no interval and do not count for the coverage, which
// is NaN where no other is left. O(d (N log N + K log N)).
func Pixels(x, w, truth []float64, d int, level float64) (crps, coverage float64) {
	w, sum := weightsOf(x, w, d)
	n, k := rows(x, d), rows(truth, d)
	if n == 0 || k == 0 || !(sum > 0) || slices.ContainsFunc(x, math.IsNaN) {
		return math.NaN(), math.NaN()
	}
	width := make([]float64, d)
	for j := range width {
		lo, hi := truth[j], truth[j]
		for i := j; i < len(truth); i += d {
			lo, hi = min(lo, truth[i]), max(hi, truth[i])
		}
		width[j] = hi - lo
	}
	least := 1e-9 * slices.Max(width)
	type pixel struct{ score, inside float64 }
	out := make([]pixel, d)
	each(d, func(j int) {
		c := newColumn(x, w, sum, j, d)
		lo, hi := WeightedQuantile(c.x, c.w, (1-level)/2), WeightedQuantile(c.x, c.w, (1+level)/2)
		for i := j; i < len(truth); i += d {
			y := truth[i]
			out[j].score += c.away(y) - c.spread
			if y >= lo && y <= hi {
				out[j].inside++
			}
		}
	})
	var inside, wide float64
	for j, p := range out {
		crps += p.score / float64(d*k)
		if width[j] > least {
			inside += p.inside
			wide += float64(k)
		}
	}
	return crps, inside / wide
}

// column is a sorted column with running sums of its weights and moments.
type column struct {
	x, w, mass, moment []float64
	spread             float64 // ½ E|X − X′|
}

func newColumn(x, w []float64, sum float64, j, d int) *column {
	n := len(x) / d
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(x[a*d+j], x[b*d+j]) })
	c := &column{x: make([]float64, n), w: make([]float64, n), mass: make([]float64, n+1), moment: make([]float64, n+1)}
	for i, o := range order {
		c.x[i], c.w[i] = x[o*d+j], w[o]/sum
		at := c.x[i] - c.x[0] // from the least on, so that nothing cancels
		c.mass[i+1], c.moment[i+1] = c.mass[i]+c.w[i], c.moment[i]+c.w[i]*at
		c.spread += c.w[i] * (at*c.mass[i] - c.moment[i])
	}
	return c
}

// away is E|X − y|.
func (c *column) away(y float64) float64 {
	n := len(c.x)
	i := sort.SearchFloat64s(c.x, y)
	y -= c.x[0]
	return y*(2*c.mass[i]-c.mass[n]) + c.moment[n] - 2*c.moment[i]
}
