package diagnose

import (
	"math"
	"math/bits"
	"slices"
)

// SlicedWasserstein1 is the sliced 1-Wasserstein distance between the laws that give row i of
// x the probability wx[i]/Σwx and row j of y wy[j]/Σwy,
//
//	SW₁ = mean over directions θ of ∫ |F_θ·x − F_θ·y| ,  θ uniform on the unit sphere,
//
// in units of the columns: the distance of the inverse-problems literature (Cardoso,
// Janati El Idrissi, Le Corff and Moulines 2024). nil weighs all rows alike; weights
// are ≥ 0, and NaN comes back where they sum to 0 or a set is empty. Directions
// depend on seed and d alone. O(directions (n+m)(d + log(n+m))).
func SlicedWasserstein1(x, wx, y, wy []float64, d, directions int, seed uint64) float64 {
	if rows(x, d) == 0 || rows(y, d) == 0 || directions < 1 {
		return math.NaN()
	}
	wx, sumX := weightsOf(x, wx, d)
	wy, sumY := weightsOf(y, wy, d)
	if !(sumX > 0) || !(sumY > 0) {
		return math.NaN()
	}
	x, y = columnwise(x, d), columnwise(y, d)
	const block = 16
	sums := make([]float64, (directions+block-1)/block)
	each(len(sums), func(b int) {
		px, py := newLine(wx, sumX), newLine(wy, sumY)
		for i := b * block; i < min((b+1)*block, directions); i++ {
			θ := direction(d, seed, i)
			px.project(x, θ)
			py.project(y, θ)
			sums[b] += px.distance(py)
		}
	})
	return total(sums) / float64(directions)
}

func columnwise(x []float64, d int) []float64 {
	n := len(x) / d
	out := make([]float64, len(x))
	for i := range n {
		for k := range d {
			out[k*n+i] = x[i*d+k]
		}
	}
	return out
}

// line is a weighted law on the line.
type line struct {
	at     []float64
	weight []float64 // sums to 1
	order  []uint64  // sort keys, whose lowest bits are the number of the row
	index  uint64    // mask of those bits
}

func newLine(w []float64, sum float64) *line {
	l := &line{at: make([]float64, len(w)), weight: make([]float64, len(w)), order: make([]uint64, len(w)), index: 1<<bits.Len(uint(len(w))) - 1}
	for i, v := range w {
		l.weight[i] = v / sum
	}
	return l
}

// project fills the places θ·x of columns x and sorts them. Keys of 64 bits sort
// several times as fast as pairs; rows whose projections agree in all bits but those
// of the number may change places, which moves the distance by as little.
func (l *line) project(x, θ []float64) {
	n := len(l.at)
	clear(l.at)
	for k, t := range θ {
		for i, v := range x[k*n : (k+1)*n] {
			l.at[i] += t * v
		}
	}
	for i, v := range l.at {
		b := math.Float64bits(v)
		b ^= uint64(int64(b)>>63) | 1<<63 // the order of integers
		l.order[i] = b&^l.index | uint64(i)
	}
	slices.Sort(l.order)
}

// distance is ∫ |F − G|.
func (l *line) distance(o *line) float64 {
	var sum, gap float64
	i, j := 0, 0
	at := math.Inf(-1)
	for i < len(l.order) || j < len(o.order) {
		var here float64
		var step float64
		if j == len(o.order) || i < len(l.order) && l.at[l.order[i]&l.index] <= o.at[o.order[j]&o.index] {
			k := l.order[i] & l.index
			here, step = l.at[k], l.weight[k]
			i++
		} else {
			k := o.order[j] & o.index
			here, step = o.at[k], -o.weight[k]
			j++
		}
		if gap != 0 && here > at {
			sum += math.Abs(gap) * (here - at)
		}
		at, gap = here, gap+step
	}
	return sum
}
