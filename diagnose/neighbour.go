package diagnose

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"sort"
)

// NearestNeighbour is the distance of each row of x to the nearest row of data,
// √Σ_k ((x_k − y_k)/scale_k)²; nil scale is 1. scale is > 0, one number per
// column. +Inf where data is empty.
//
// Rows of data are sorted along the column that spreads them most and searched
// outwards from the point, until the distance in that column alone exceeds the
// best found.
func NearestNeighbour(x, data []float64, d int, scale []float64) []float64 {
	points := standardise(x, d, scale)
	index := newSorted(standardise(data, d, scale), d)
	return index.nearest(points, false)
}

// LeaveOneOut is the distance of each row of data to the nearest other row, as
// in NearestNeighbour; 0 for rows that stand twice, +Inf for a single row.
func LeaveOneOut(data []float64, d int, scale []float64) []float64 {
	points := standardise(data, d, scale)
	return newSorted(points, d).nearest(points, true)
}

// standardise divides each column by its scale.
func standardise(x []float64, d int, scale []float64) []float64 {
	rows(x, d)
	if scale == nil {
		return x
	}
	if len(scale) != d {
		panic(fmt.Sprintf("diagnose: %d scales for %d columns", len(scale), d))
	}
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = v / scale[i%d]
	}
	return y
}

// sorted holds rows in ascending order of one of their columns.
type sorted struct {
	d, axis int
	row     []float64 // [n·d]
	from    []int     // where each row stood before
}

func newSorted(x []float64, d int) *sorted {
	n := rows(x, d)
	s := &sorted{d: d, axis: widest(x, d), row: make([]float64, 0, len(x)), from: make([]int, n)}
	for i := range n {
		s.from[i] = i
	}
	slices.SortStableFunc(s.from, func(i, j int) int { return cmp.Compare(x[i*d+s.axis], x[j*d+s.axis]) })
	for _, i := range s.from {
		s.row = append(s.row, x[i*d:(i+1)*d]...)
	}
	return s
}

// widest is the column of largest variance.
func widest(x []float64, d int) int {
	n, axis, most := float64(len(x)/d), 0, 0.0
	for k := range d {
		mean, square := 0.0, 0.0
		for i := k; i < len(x); i += d {
			mean += x[i] / n
		}
		for i := k; i < len(x); i += d {
			square += (x[i] - mean) * (x[i] - mean)
		}
		if square > most {
			axis, most = k, square
		}
	}
	return axis
}

// nearest searches for every row of x; where they are the rows indexed, each
// passes over itself.
func (s *sorted) nearest(x []float64, self bool) []float64 {
	const chunk = 64
	out := make([]float64, rows(x, s.d))
	each((len(out)+chunk-1)/chunk, func(c int) {
		for i := c * chunk; i < min((c+1)*chunk, len(out)); i++ {
			except := -1
			if self {
				except = i
			}
			out[i] = s.search(x[i*s.d:(i+1)*s.d], except)
		}
	})
	return out
}

func (s *sorted) search(p []float64, except int) float64 {
	n := len(s.from)
	right := sort.Search(n, func(i int) bool { return s.row[i*s.d+s.axis] >= p[s.axis] })
	left := right - 1
	best := math.Inf(1)
	for {
		l, r := s.alongAxis(p, left), s.alongAxis(p, right)
		at := right
		if l < r {
			at = left
		}
		if !(min(l, r) < best) {
			return math.Sqrt(best)
		}
		if s.from[at] != except {
			best = s.closer(p, at, best)
		}
		if l < r {
			left--
		} else {
			right++
		}
	}
}

// alongAxis is the squared distance to row i in the sorted column, +Inf beyond
// the ends.
func (s *sorted) alongAxis(p []float64, i int) float64 {
	if i < 0 || i >= len(s.from) {
		return math.Inf(1)
	}
	a := s.row[i*s.d+s.axis] - p[s.axis]
	return a * a
}

// closer is the squared distance to row i where it is less than best, else best.
func (s *sorted) closer(p []float64, i int, best float64) float64 {
	square := 0.0
	for k, v := range s.row[i*s.d : (i+1)*s.d] {
		square += (v - p[k]) * (v - p[k])
		if square >= best {
			return best
		}
	}
	return square
}

// Nearest is the index of the row of data nearest to p; −1 where data is empty.
func Nearest(p, data []float64, d int) int {
	best, at := math.Inf(1), -1
	for i := range rows(data, d) {
		square := 0.0
		for k, v := range data[i*d : (i+1)*d] {
			square += (v - p[k]) * (v - p[k])
		}
		if square < best {
			best, at = square, i
		}
	}
	return at
}
