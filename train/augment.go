package train

import "math"

// States of a column in the search for a path.
const (
	unseen int8 = iota
	waiting
	settled
)

// augment places row i by the shortest path of reduced costs to a free column
// (Dijkstra), and moves the potentials of the columns passed so that no reduced
// cost of a listed column is negative.
func (a *assignment) augment(i int) {
	for j := range a.state {
		a.state[j] = unseen
	}
	a.heap = a.heap[:0]
	base := math.Inf(1) // the row's own potential, so that its best column is at distance 0
	for _, e := range a.near[i] {
		base = min(base, e.cost-a.v[e.column])
	}
	a.relax(i, base)
	var passed []int
	end := -1
	for end < 0 {
		if len(a.heap) == 0 {
			a.widen(i, base, passed)
		}
		j := a.pop()
		if a.row[j] < 0 {
			end = j
			break
		}
		passed = append(passed, j)
		r := a.row[j]
		a.relax(r, a.cost.at(r, j)-a.v[j]-a.dist[j])
	}
	least := a.dist[end]
	for _, j := range passed {
		a.v[j] += a.dist[j] - least
	}
	for r := -1; r != i; {
		r = a.from[end]
		a.row[end] = r
		end, a.column[r] = a.column[r], end
	}
}

// relax looks at the columns that row r lists; their distance is their reduced
// cost over base.
func (a *assignment) relax(r int, base float64) {
	for _, e := range a.near[r] {
		j := e.column
		d := e.cost - a.v[j] - base
		switch {
		case a.state[j] == unseen:
			a.state[j], a.place[j] = waiting, len(a.heap)
			a.heap = append(a.heap, j)
		case a.state[j] == settled || d >= a.dist[j]:
			continue
		}
		a.dist[j], a.from[j] = d, r
		a.rise(a.place[j])
	}
}

// widen is for a search that has run out of listed columns: each row it reached
// lists one column more, the best of those unseen.
func (a *assignment) widen(i int, base float64, passed []int) {
	more := func(r int, base float64) {
		best, j := math.Inf(1), -1
		for k, c := range a.cost.row(r) {
			if d := c - a.v[k]; d < best && a.state[k] == unseen {
				best, j = d, k
			}
		}
		if j < 0 {
			return // another row was the first to see it, and will pass it on
		}
		a.near[r] = append(a.near[r], edge{j, a.cost.at(r, j)})
		a.relax(r, base)
	}
	more(i, base)
	for _, j := range passed {
		r := a.row[j]
		more(r, a.cost.at(r, j)-a.v[j]-a.dist[j])
	}
}

// pop takes the column of least distance out of the heap.
func (a *assignment) pop() int {
	top, last := a.heap[0], len(a.heap)-1
	j := a.heap[last]
	a.heap = a.heap[:last]
	a.state[top] = settled
	if last == 0 {
		return top
	}
	d, at := a.dist[j], 0
	for {
		child := 2*at + 1
		if child >= last {
			break
		}
		if right := child + 1; right < last && a.dist[a.heap[right]] < a.dist[a.heap[child]] {
			child = right
		}
		if a.dist[a.heap[child]] >= d {
			break
		}
		a.heap[at] = a.heap[child]
		a.place[a.heap[at]] = at
		at = child
	}
	a.heap[at], a.place[j] = j, at
	return top
}

// rise moves the column at a place of the heap up to where its distance belongs.
func (a *assignment) rise(at int) {
	j := a.heap[at]
	d := a.dist[j]
	for at > 0 {
		parent := (at - 1) / 2
		if a.dist[a.heap[parent]] <= d {
			break
		}
		a.heap[at] = a.heap[parent]
		a.place[a.heap[at]] = at
		at = parent
	}
	a.heap[at], a.place[j] = j, at
}
