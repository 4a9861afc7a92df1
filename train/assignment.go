package train

import "math"

// assignment solves the linear assignment problem: which column each row takes so
// that Σ cost[i, col(i)] is least. Exact up to rounding, O(n³) at worst.
//
// Rounds of an auction (Bertsekas 1988) in single precision bring the potentials
// near the dual solution. From there it is the shortest augmenting path method
// (Jonker and Volgenant 1987) in double precision, on the few cheapest columns of
// each row: rows bid for columns without ε, and what is left over is placed by
// Dijkstra's algorithm on reduced costs. Then all costs are looked at: where one of
// them is below what the potentials say, it joins its row's list and the row is
// placed again. When none is, the potentials prove the assignment optimal.
type assignment struct {
	n    int
	cost costs
	w    []float32 // dual potential of each column in the auction, relative to cost.scale; any finite values are a sound start
	v    []float64 // dual potential of each column

	near        [][]edge // the columns a row looks at
	found       []int32  // the columns of one list
	column, row []int    // column of each row and row of each column; −1: free
	dist        []float64
	from        []int // row before a column on the shortest path to it
	state       []int8
	heap        []int
	place       []int // of a column in the heap
}

type edge struct {
	column int
	cost   float64
}

// tolerance is, relative to the bound of costs, what rounding may do to a potential.
const tolerance = 1e-13

func newAssignment(n int) *assignment {
	return &assignment{
		n: n, w: make([]float32, n), v: make([]float64, n), near: make([][]edge, n),
		column: make([]int, n), row: make([]int, n), dist: make([]float64, n), from: make([]int, n),
		state: make([]int8, n), place: make([]int, n),
	}
}

// solve returns the column of each row, by the costs that are set.
func (a *assignment) solve() []int {
	if a.cost.d == 1 {
		a.sort()
		return a.column
	}
	for _, ε := range steps {
		a.auction(ε)
	}
	for j, w := range a.w {
		a.v[j] = float64(w) * a.cost.scale
	}
	free := make([]int, a.n)
	for i := range a.n {
		a.column[i], a.row[i], free[i] = -1, -1, i
		a.list(i)
	}
	for range 2 {
		free = a.bid(free)
	}
	for len(free) > 0 {
		for _, i := range free {
			a.augment(i)
		}
		free = a.price(free[:0], tolerance*a.cost.bound)
	}
	return a.column
}

// bid lets each free row take its best column, whose potential falls until the
// row's second best is as good; a row that held it goes free, and bids in turn.
// Rows that fight over columns could do so for ever, a rounding error at a time,
// so that bids are counted. It returns the rows left free.
func (a *assignment) bid(free []int) []int {
	var left []int
	for bids := 0; len(free) > 0; bids++ {
		i := free[len(free)-1]
		free = free[:len(free)-1]
		best, second, j := math.Inf(1), math.Inf(1), -1
		for _, e := range a.near[i] {
			switch r := e.cost - a.v[e.column]; {
			case r < best:
				best, second, j = r, best, e.column
			case r < second:
				second = r
			}
		}
		falls := second-best < math.Inf(1) && a.v[j]-(second-best) < a.v[j]
		other := a.row[j]
		if other >= 0 && (!falls || bids > 8*a.n) {
			left = append(left, i) // it would only push another out
			continue
		}
		if falls {
			a.v[j] -= second - best
		}
		a.column[i], a.row[j] = j, i
		if other >= 0 {
			a.column[other] = -1
			free = append(free, other)
		}
	}
	return left
}

// price finds the rows that know a column cheaper than their own and lets them go.
func (a *assignment) price(free []int, tolerance float64) []int {
	for i, own := range a.column {
		cost := a.cost.row(i)
		bound := cost[own] - a.v[own] - tolerance
		if !under(cost, a.v, bound) {
			continue
		}
		for j, c := range cost {
			if c-a.v[j] < bound {
				a.near[i] = append(a.near[i], edge{j, c})
			}
		}
		a.column[i], a.row[own] = -1, -1
		free = append(free, i)
	}
	return free
}

// duality is the cost of the assignment and the value of the dual solution,
// Σ uᵢ + Σ vⱼ with uᵢ = minⱼ (cᵢⱼ − vⱼ): equal to rounding where both are optimal.
func (a *assignment) duality() (primal, dual float64) {
	for i, j := range a.column {
		u := math.Inf(1)
		for k, c := range a.cost.row(i) {
			u = min(u, c-a.v[k])
		}
		primal += a.cost.at(i, j)
		dual += u + a.v[i]
	}
	return primal, dual
}
