package train

// steps are the ε of the auctions, relative to the scale of the costs: the first
// evens out what a batch has too much of, the others its neighbourhoods.
var steps = [3]float32{0.1, 0.01, 0.002}

// auction moves the potentials: each row in turn takes its best column, whose
// potential falls by what it is better than the second best, and by ε, until every
// row has one. Bids are counted, should costs be such that it takes too long.
func (a *assignment) auction(ε float32) {
	waiting := make([]int, a.n)
	for i := range waiting {
		waiting[i], a.row[i] = i, -1
	}
	for bids := 0; len(waiting) > 0 && bids < 32*a.n; bids++ {
		last := len(waiting) - 1
		i := waiting[last]
		waiting = waiting[:last]
		best, second, j := bestTwo(a.cost.roughly(i), a.w)
		if a.n > 1 {
			a.w[j] -= second - best + ε
		}
		if other := a.row[j]; other >= 0 {
			waiting = append(waiting, other)
		}
		a.row[j] = i
	}
}

// list finds the columns of low reduced cost after the auction, for a row to look at.
func (a *assignment) list(i int) {
	cost := a.cost.roughly(i)
	a.found = within(a.found[:0], cost, a.w, nearest(cost, a.w))
	list := a.near[i][:0]
	for _, j := range a.found {
		list = append(list, edge{int(j), a.cost.at(i, int(j))})
	}
	a.near[i] = list
}
