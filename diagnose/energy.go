package diagnose

import (
	"fmt"
	"math"
)

// EnergyDistance is √(2 E‖X−Y‖ − E‖X−X′‖ − E‖Y−Y′‖) between the uniform laws on
// the rows of x and of y, Euclidean norm in the units of the columns. All pairs
// are counted, those of a row with itself too (V-statistics), so that it is a
// distance: ≥ 0, and 0 (up to rounding, 1e-8 of the points' spread) only for
// equal laws. NaN where a set is empty. O((n+m)² d).
//
// Reference: G. J. Székely and M. L. Rizzo, "Energy statistics: a class of
// statistics based on distances", J. Stat. Plan. Inference 143 (2013), eq. (5)
// and (6).
func EnergyDistance(x, y []float64, d int) float64 {
	return WeightedEnergyDistance(x, nil, y, nil, d)
}

// WeightedEnergyDistance is the energy distance between the laws that give row
// i of x the probability wx[i]/Σwx and row j of y wy[j]/Σwy. nil weighs all rows
// alike. Weights are ≥ 0; NaN where they sum to 0.
func WeightedEnergyDistance(x, wx, y, wy []float64, d int) float64 {
	wx, sumX := weightsOf(x, wx, d)
	wy, sumY := weightsOf(y, wy, d)
	px, py := newPoints(x, wx, d), newPoints(y, wy, d)
	blocks := appendCross(nil, px, py)
	cross := len(blocks)
	blocks = appendWithin(blocks, px)
	withinX := len(blocks)
	blocks = appendWithin(blocks, py)

	sums := make([]float64, len(blocks))
	each(len(blocks), func(b int) { sums[b] = blocks[b].sum() })
	exy := total(sums[:cross]) / (sumX * sumY)
	exx := 2 * total(sums[cross:withinX]) / (sumX * sumX) // each pair was summed once
	eyy := 2 * total(sums[withinX:]) / (sumY * sumY)
	if square := 2*exy - exx - eyy; !(square < 0) { // NaN stays
		return math.Sqrt(square)
	}
	return 0 // rounding
}

// EnergyFloor is the mean energy distance between pairs of exact sets: how far
// apart two samples of the very same law lie. draw(i) returns set i, for i from
// 0 to 2·pairs−1; sets 2k and 2k+1 are compared.
func EnergyFloor(draw func(i int) []float64, d, pairs int) float64 {
	sum := 0.0
	for k := range pairs {
		sum += EnergyDistance(draw(2*k), draw(2*k+1), d)
	}
	return sum / float64(pairs)
}

func weightsOf(x, w []float64, d int) ([]float64, float64) {
	n := rows(x, d)
	if w == nil {
		w = make([]float64, n)
		for i := range w {
			w[i] = 1
		}
	}
	if len(w) != n {
		panic(fmt.Sprintf("diagnose: %d weights for %d rows", len(w), n))
	}
	return w, total(w)
}

func total(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += v
	}
	return sum
}

// tile is how many rows a block has: small enough for the fastest cache.
const tile = 256

// points are rows and, for the inner loop, the same numbers column by column.
type points struct {
	row     []float64   // [n·d]
	column  [][]float64 // [d][n]
	weights []float64   // [n]
}

func newPoints(x, w []float64, d int) points {
	n := rows(x, d)
	p := points{row: x, column: make([][]float64, d), weights: w}
	for k := range p.column {
		p.column[k] = make([]float64, n)
		for i := range n {
			p.column[k][i] = x[i*d+k]
		}
	}
	return p
}

// block is a rectangle of pairs (i, j); of a triangle only pairs i < j count.
type block struct {
	x, y     points
	i, iEnd  int // rows of x
	j, jEnd  int // rows of y
	triangle bool
}

func appendCross(blocks []block, x, y points) []block {
	n, m := len(x.weights), len(y.weights)
	for i := 0; i < n; i += tile {
		for j := 0; j < m; j += tile {
			blocks = append(blocks, block{x: x, y: y, i: i, iEnd: min(i+tile, n), j: j, jEnd: min(j+tile, m)})
		}
	}
	return blocks
}

func appendWithin(blocks []block, x points) []block {
	n := len(x.weights)
	for i := 0; i < n; i += tile {
		for j := i; j < n; j += tile {
			blocks = append(blocks, block{x: x, y: x, i: i, iEnd: min(i+tile, n), j: j, jEnd: min(j+tile, n), triangle: i == j})
		}
	}
	return blocks
}

// sum is Σ wx[i] wy[j] ‖x_i − y_j‖ over the block.
func (b *block) sum() float64 {
	sum, from := 0.0, b.j
	d := len(b.y.column)
	for i := b.i; i < b.iEnd; i++ {
		if b.triangle {
			from = i + 1
		}
		p, w := b.x.row[i*d:(i+1)*d], b.y.weights[from:b.jEnd]
		sum += b.x.weights[i] * distances(p, b.y.column, from, w)
	}
	return sum
}
