package sparse

import (
	"math"
	"slices"
)

// Order is a fill-reducing ordering of a symmetric pattern of which nothing else is
// known: approximate minimum degree. The unknown with the fewest neighbours is
// eliminated first; what it leaves is not a clique of entries but an element, a list
// of its neighbours (quotient graph), and an unknown's degree is bounded by
//
//	d_i ≤ |A_i \ i| + |L_p \ i| + Σ_{e ∈ E_i \ p} |L_e \ L_p|.
//
// Unknowns that cannot be told apart are eliminated together, elements within others
// vanish, rows that touch more than 10√n others are put last.
//
// Reference: P. R. Amestoy, T. A. Davis and I. S. Duff, "An approximate minimum degree
// ordering algorithm", SIAM J. Matrix Anal. Appl. 17 (1996), algorithm 2. Cost: near
// linear for meshes. With coordinates [OrderCoordinates] leaves less fill, in space
// above all.
func Order(a *CSR) ([]int32, error) {
	if err := square(a); err != nil {
		return nil, err
	}
	if _, err := mirrors(a); err != nil {
		return nil, err
	}
	return minimumDegree(a), nil
}

// quotient is the graph while unknowns are eliminated. Number i is an unknown first and,
// once it was a pivot, an element.
type quotient struct {
	list     [][]int32 // of an unknown: its elements, then its neighbours; of an element: its unknowns
	elements []int32   // how many elements come first
	size     []int32   // unknowns that i stands for: 0 eliminated or merged; negative while in the pivot's list
	degree   []int32   // bound, in unknowns; of an element the size of its list
	into     []int32   // what i was merged into or eliminated with, −1
	alive    []bool    // as an element
	mark     []int64   // |L_e \ L_p| + stamp
	stamp    int64
	left     int32

	head, next, previous []int32 // unknowns by degree, doubly linked
	least                int32
	bucket, hash         []int32 // unknowns that may be equal
	chain                []int32
}

func minimumDegree(a *CSR) []int32 {
	n := a.Rows
	numbers := func() []int32 { return make([]int32, n) }
	q := &quotient{list: make([][]int32, n), elements: numbers(), size: numbers(), degree: numbers(), into: numbers(), alive: make([]bool, n),
		mark: make([]int64, n), stamp: 1, left: int32(n), head: numbers(), next: numbers(), previous: numbers(), bucket: numbers(), hash: numbers(), chain: numbers()}
	buffer := make([]int32, 0, a.NNZ())
	dense := int(max(16, 10*math.Sqrt(float64(n))))
	var last []int32
	for i := range n {
		q.head[i], q.bucket[i], q.into[i], q.size[i] = -1, -1, -1, 1
		if int(a.Ptr[i+1]-a.Ptr[i])-1 > dense {
			last = append(last, int32(i))
			q.size[i] = 0
			q.left--
		}
	}
	for i := range n {
		start := len(buffer)
		for _, j := range a.Index[a.Ptr[i]:a.Ptr[i+1]] {
			if int(j) != i && q.size[j] > 0 {
				buffer = append(buffer, j)
			}
		}
		q.list[i] = buffer[start:len(buffer):len(buffer)]
		q.degree[i] = int32(len(q.list[i]))
		if q.size[i] > 0 {
			q.insert(int32(i))
		}
	}
	pivots := make([]int32, 0, n)
	for q.left > 0 {
		pivots = append(pivots, q.eliminate())
	}
	return q.order(pivots, last)
}

func (q *quotient) insert(i int32) {
	d := q.degree[i]
	q.previous[i], q.next[i] = -1, q.head[d]
	if q.head[d] >= 0 {
		q.previous[q.head[d]] = i
	}
	q.head[d] = i
	q.least = min(q.least, d)
}

func (q *quotient) remove(i int32) {
	before, after := q.previous[i], q.next[i]
	if before >= 0 {
		q.next[before] = after
	} else {
		q.head[q.degree[i]] = after
	}
	if after >= 0 {
		q.previous[after] = before
	}
}

// eliminate takes the unknown of least degree and makes an element of it.
func (q *quotient) eliminate() int32 {
	for q.head[q.least] < 0 {
		q.least++
	}
	p := q.head[q.least]
	q.remove(p)
	members, weight := q.reach(p)
	q.left -= q.size[p]
	q.list[p], q.alive[p], q.size[p] = members, true, 0
	q.outside(members)
	for _, i := range members {
		if q.shrink(i, p) { // nothing outside the element: eliminated with p
			weight += q.size[i]
			q.left += q.size[i]
			q.size[i], q.into[i] = 0, p
		}
	}
	q.merge(members)
	keep := members[:0]
	for _, i := range members {
		if q.size[i] < 0 {
			q.size[i] = -q.size[i]
			q.degree[i] = min(q.degree[i]+weight, q.left) - q.size[i]
			q.insert(i)
			keep = append(keep, i)
		}
	}
	q.list[p], q.degree[p] = keep, weight
	q.alive[p] = len(keep) > 0
	return p
}

// reach is the unknowns around p: its neighbours and those of its elements, which end.
func (q *quotient) reach(p int32) (members []int32, weight int32) {
	take := func(list []int32) {
		for _, i := range list {
			if i != p && q.size[i] > 0 {
				weight += q.size[i]
				q.size[i] = -q.size[i]
				q.remove(i)
				members = append(members, i)
			}
		}
	}
	elements, neighbours := q.list[p][:q.elements[p]], q.list[p][q.elements[p]:]
	room := len(neighbours)
	for _, e := range elements {
		room += len(q.list[e])
	}
	members = make([]int32, 0, room)
	for _, e := range elements {
		take(q.list[e])
		q.alive[e], q.list[e] = false, nil
	}
	take(neighbours)
	return members, weight
}

// outside counts, for every element around the members, what it has besides them.
func (q *quotient) outside(members []int32) {
	q.stamp += int64(len(q.size)) + 1
	for _, i := range members {
		for _, e := range q.list[i][:q.elements[i]] {
			switch {
			case !q.alive[e]:
			case q.mark[e] >= q.stamp:
				q.mark[e] += int64(q.size[i]) // negative
			default:
				q.mark[e] = q.stamp + int64(q.degree[e]+q.size[i])
			}
		}
	}
}

// shrink removes from i's list what is inside the element p now, and bounds its degree
// outside of p. It tells whether there is nothing outside.
func (q *quotient) shrink(i, p int32) bool {
	list, degree, sum := q.list[i], int64(0), int64(0)
	n := 0
	for _, e := range list[:q.elements[i]] {
		if !q.alive[e] {
			continue
		}
		if rest := q.mark[e] - q.stamp; rest > 0 {
			degree += rest
			sum += int64(e)
			list[n] = e
			n++
		} else {
			q.alive[e], q.list[e] = false, nil
		}
	}
	kept := n
	for _, j := range list[q.elements[i]:] {
		if q.size[j] > 0 {
			degree += int64(q.size[j])
			sum += int64(j)
			list[n] = j
			n++
		}
	}
	if degree == 0 {
		return true
	}
	// p goes first; a neighbour or an element has left room for it.
	list = list[:n+1]
	list[n] = list[kept]
	list[kept] = list[0]
	list[0] = p
	q.list[i], q.elements[i] = list, int32(kept+1)
	q.degree[i] = int32(min(int64(q.degree[i]), degree))
	h := int32(sum % int64(len(q.size)))
	q.hash[i] = h
	q.chain[i], q.bucket[h] = q.bucket[h], i
	return false
}

// merge joins members with the same lists.
func (q *quotient) merge(members []int32) {
	q.stamp += int64(len(q.size)) + 1 // above what outside counted
	for _, m := range members {
		if q.size[m] == 0 {
			continue
		}
		i := q.bucket[q.hash[m]]
		q.bucket[q.hash[m]] = -1
		for ; i >= 0; i = q.chain[i] {
			if q.size[i] == 0 || q.chain[i] < 0 {
				continue
			}
			q.stamp++
			for _, e := range q.list[i] {
				q.mark[e] = q.stamp
			}
			before := i
			for j := q.chain[i]; j >= 0; j = q.chain[j] {
				if q.same(i, j) {
					q.size[i] += q.size[j] // both negative
					q.size[j], q.into[j] = 0, i
					q.list[j] = nil
					q.chain[before] = q.chain[j]
				} else {
					before = j
				}
			}
		}
	}
}

// same tells whether j's list is i's, which is marked.
func (q *quotient) same(i, j int32) bool {
	if len(q.list[i]) != len(q.list[j]) || q.elements[i] != q.elements[j] {
		return false
	}
	for _, e := range q.list[j] {
		if q.mark[e] != q.stamp {
			return false
		}
	}
	return true
}

// order puts behind every pivot the unknowns that went with it.
func (q *quotient) order(pivots, last []int32) []int32 {
	n := len(q.size)
	first, next := q.head[:n], q.next[:n]
	for i := range first {
		first[i] = -1
	}
	for i := n - 1; i >= 0; i-- {
		if p := q.into[i]; p >= 0 {
			next[i], first[p] = first[p], int32(i)
		}
	}
	order := make([]int32, 0, n)
	var put func(i int32)
	put = func(i int32) {
		order = append(order, i)
		for j := first[i]; j >= 0; j = next[j] {
			put(j)
		}
	}
	for _, p := range pivots {
		put(p)
	}
	return slices.Concat(order, last)
}
