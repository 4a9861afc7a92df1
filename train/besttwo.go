package train

import "math"

// plainBestTwo is what [bestTwo] computes: the least and the second least reduced
// cost of a row, and the first column of the least.
func plainBestTwo(cost, v []float64) (best, second float64, j int) {
	best, second = math.Inf(1), math.Inf(1)
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
