package train

import (
	"math"
	"slices"
)

// What an assignment asks about the reduced costs of a row, cost − v. The functions
// of vector registers leave to these the columns from j on, and find the same.

// plainBestTwo is the least and the second least, and the first column of the least.
func plainBestTwo(cost, v []float32) (best, second float32, j int) {
	best, second = inf32, inf32
	for k, c := range cost[:len(v)] {
		if r := c - v[k]; r < second {
			if r < best {
				best, second, j = r, best, k
			} else {
				second = r
			}
		}
	}
	return best, second, j
}

// empty is eight lanes of no columns.
var empty = [8]float32{inf32, inf32, inf32, inf32, inf32, inf32, inf32, inf32}

var inf32 = float32(math.Inf(1))

// plainNearest is a bound that at least eight columns are within, and some twenty if
// they lie at random: the largest of the least of eight lanes, column j in lane
// j mod 8.
func plainNearest(least [8]float32, cost, v []float32, j int) float32 {
	for ; j < len(v); j++ {
		least[j%8] = min(least[j%8], cost[j]-v[j])
	}
	return slices.Max(least[:])
}

// plainWithin appends the columns that are at most bound.
func plainWithin(columns []int32, cost, v []float32, bound float32, j int) []int32 {
	for ; j < len(v); j++ {
		if cost[j]-v[j] <= bound {
			columns = append(columns, int32(j))
		}
	}
	return columns
}

// plainUnder says whether any is less than bound.
func plainUnder(cost, v []float64, bound float64, j int) bool {
	for ; j < len(v); j++ {
		if cost[j]-v[j] < bound {
			return true
		}
	}
	return false
}

// plainLower lowers v to cost − f where that is less.
func plainLower(v, cost []float32, f float32, j int) {
	for ; j < len(v); j++ {
		v[j] = min(v[j], cost[j]-f)
	}
}
