package train

import "math"

// assignment solves the linear assignment problem: which column each row takes so
// that Σ cost[i, col(i)] is least. Exact up to rounding, O(n³) at worst.
//
// Two rounds of an auction (Bertsekas 1988), with steps ε of the costs' size, bring
// the potentials near the dual solution. From there it is the shortest augmenting
// path method (Jonker and Volgenant 1987) on the few cheapest columns of each row:
// rows bid for columns without ε, and what is left over is placed by Dijkstra's
// algorithm on reduced costs. Then all costs are looked at: where one of them is
// below what the potentials say, it joins its row's list and the row is placed
// again. When none is, the potentials prove the assignment optimal.
type assignment struct {
	n    int
	cost []float64 // n×n, row-major; filled by the caller
	v    []float64 // dual potential of each column; any finite values are a sound start

	near        [][]edge // the columns a row looks at
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

// nearest is how many columns a row's list begins with.
const nearest = 20

// steps are the ε of the auctions, relative to the root mean square of the costs:
// the first evens out what a batch has too much of, the second its neighbourhoods.
var steps = [2]float64{0.1, 0.01}

// tolerance is, relative to the largest cost, what rounding may do to a potential.
const tolerance = 1e-13

func newAssignment(n int) *assignment {
	return &assignment{
		n: n, cost: make([]float64, n*n), v: make([]float64, n), near: make([][]edge, n),
		column: make([]int, n), row: make([]int, n), dist: make([]float64, n), from: make([]int, n),
		state: make([]int8, n), place: make([]int, n),
	}
}

// solve returns the column of each row.
func (a *assignment) solve() []int {
	var square, largest float64
	for _, c := range a.cost {
		square += c * c
		largest = max(largest, math.Abs(c))
	}
	for _, e := range steps {
		a.auction(e * math.Sqrt(square) / float64(a.n))
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
		free = a.price(free[:0], tolerance*largest)
	}
	return a.column
}

// auction moves the potentials: each row in turn takes its best column, whose
// potential falls by what it is better than the second best, and by ε, until every
// row has one. Bids are counted, should costs be such that it takes too long.
func (a *assignment) auction(ε float64) {
	waiting := make([]int, a.n)
	for i := range waiting {
		waiting[i], a.row[i] = i, -1
	}
	for bids := 0; len(waiting) > 0 && bids < 32*a.n; bids++ {
		last := len(waiting) - 1
		i := waiting[last]
		waiting = waiting[:last]
		best, second, j := bestTwo(a.cost[i*a.n:(i+1)*a.n], a.v)
		if a.n > 1 {
			a.v[j] -= second - best + ε
		}
		if other := a.row[j]; other >= 0 {
			waiting = append(waiting, other)
		}
		a.row[j] = i
	}
}

// list finds the columns of least reduced cost of a row, in increasing order.
func (a *assignment) list(i int) {
	k := min(nearest, a.n)
	list := a.near[i][:0]
	var reduced [nearest]float64
	for j, c := range a.cost[i*a.n : (i+1)*a.n] {
		r := c - a.v[j]
		if len(list) == k {
			if r >= reduced[k-1] {
				continue
			}
		} else {
			list = append(list, edge{})
		}
		at := len(list) - 1
		for ; at > 0 && reduced[at-1] > r; at-- {
			reduced[at], list[at] = reduced[at-1], list[at-1]
		}
		reduced[at], list[at] = r, edge{j, c}
	}
	a.near[i] = list
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
		bound := a.cost[i*a.n+own] - a.v[own] - tolerance
		fits := true
		for j, c := range a.cost[i*a.n : (i+1)*a.n] {
			if c-a.v[j] < bound {
				a.near[i] = append(a.near[i], edge{j, c})
				fits = false
			}
		}
		if !fits {
			a.column[i], a.row[own] = -1, -1
			free = append(free, i)
		}
	}
	return free
}

// duality is the cost of the assignment and the value of the dual solution,
// Σ uᵢ + Σ vⱼ with uᵢ = minⱼ (cᵢⱼ − vⱼ): equal to rounding where both are optimal.
func (a *assignment) duality() (primal, dual float64) {
	for i, j := range a.column {
		u := math.Inf(1)
		for k, c := range a.cost[i*a.n : (i+1)*a.n] {
			u = min(u, c-a.v[k])
		}
		primal += a.cost[i*a.n+j]
		dual += u + a.v[i]
	}
	return primal, dual
}
