package train

import (
	"cmp"
	"slices"
)

// sort solves the problem of one dimension, where the k-th noise goes to the k-th
// point. Potentials follow from the slopes between points, v' = −n, for which any
// value between two neighbours will do.
func (a *assignment) sort() {
	rows, columns := sorted(a.cost.noise), sorted(a.cost.u)
	for k, j := range columns {
		i := rows[k]
		a.column[i], a.row[j] = j, i
		a.v[j] = 0
		if k > 0 {
			last := columns[k-1]
			slope := -(a.cost.noise[rows[k-1]] + a.cost.noise[i]) / 2
			a.v[j] = a.v[last] + slope*(a.cost.u[j]-a.cost.u[last])
		}
	}
}

// sorted is the order of x, equals in the order they come in.
func sorted(x []float64) []int {
	order := make([]int, len(x))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(x[i], x[j]) })
	return order
}
