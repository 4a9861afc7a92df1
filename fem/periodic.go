package fem

import (
	"fmt"
	"math"
)

// Periodic is the space of functions that agree on pairs of sides, from and to: the
// nodes of one side, moved, are those of the other and become the same degrees of
// freedom. Sides are moved by the difference of their centres, without rotation, and
// have to match node by node. The coordinates of a joined node are those on the side
// that has the lower number.
func (s *Space) Periodic(pairs ...[2]string) (*Space, error) {
	if s.vector {
		return nil, fmt.Errorf("fem: periodic sides of a vector space: make the scalar space periodic, then call Vector")
	}
	parent := make([]int32, s.n)
	for i := range parent {
		parent[i] = int32(i)
	}
	root := func(i int32) int32 {
		for parent[i] != i {
			parent[i] = parent[parent[i]]
			i = parent[i]
		}
		return i
	}
	for _, pair := range pairs {
		from, to, err := s.match(pair)
		if err != nil {
			return nil, err
		}
		for k, i := range from {
			a, b := root(i), root(to[k])
			parent[max(a, b)] = min(a, b)
		}
	}
	out := &Space{mesh: s.mesh, element: s.element, shape: s.shape, components: 1, perCell: s.perCell, dofs: make([]int32, len(s.dofs))}
	number := make([]int32, s.n)
	for i := range parent {
		if r := root(int32(i)); int(r) == i {
			number[i] = int32(out.n)
			out.places = append(out.places, s.places[i])
			out.n++
		} else {
			number[i] = number[r] // r is lower
		}
	}
	for k, i := range s.dofs {
		out.dofs[k] = number[i]
	}
	return out, nil
}

// match pairs the nodes of two sides, in a grid of buckets of the size of the tolerance.
func (s *Space) match(pair [2]string) (from, to []int32, err error) {
	var side [2][]int32
	var middle [2]Vec
	for k := range pair {
		if side[k], err = s.nodesOn(pair[k : k+1]); err != nil {
			return nil, nil, err
		}
		low, high := Vec{math.Inf(1), math.Inf(1), math.Inf(1)}, Vec{math.Inf(-1), math.Inf(-1), math.Inf(-1)}
		for _, i := range side[k] {
			for d, x := range s.places[i] {
				low[d], high[d] = min(low[d], x), max(high[d], x)
			}
		}
		middle[k] = low.Add(high).Times(0.5)
	}
	if len(side[0]) != len(side[1]) {
		return nil, nil, fmt.Errorf("fem: periodic sides %q and %q have %d and %d nodes: mesh them alike", pair[0], pair[1], len(side[0]), len(side[1]))
	}
	shift := middle[1].Sub(middle[0])
	near := 1e-7 * shift.Norm()
	if near == 0 {
		return nil, nil, fmt.Errorf("fem: periodic sides %q and %q are at the same place", pair[0], pair[1])
	}
	bucket := func(x Vec) [3]int64 {
		return [3]int64{int64(math.Floor(x[0] / near)), int64(math.Floor(x[1] / near)), int64(math.Floor(x[2] / near))}
	}
	at := make(map[[3]int64]int32, len(side[1]))
	for _, i := range side[1] {
		at[bucket(s.places[i])] = i
	}
	for _, i := range side[0] {
		x := s.places[i].Add(shift)
		b := bucket(x)
		found := int32(-1)
		for k := range 27 {
			c := [3]int64{b[0] + int64(k%3-1), b[1] + int64(k/3%3-1), b[2] + int64(k/9-1)}
			if j, ok := at[c]; ok && s.places[j].Sub(x).Norm() <= near {
				found = j
			}
		}
		if found < 0 {
			return nil, nil, fmt.Errorf("fem: node at %v of side %q has no partner at %v on %q: periodic sides are meshed alike and are translates of each other",
				s.places[i][:s.mesh.Dim()], pair[0], x[:s.mesh.Dim()], pair[1])
		}
		from, to = append(from, i), append(to, found)
	}
	return from, to, nil
}
