package fem

import (
	"slices"

	"abide/mesh"
)

// entities numbers the edges or faces of a mesh: of holds, per cell, the number of
// each of its local ones, and first the cell and local number at which each was met.
// Two cells that share one give it the same number, whatever their orders of vertices.
type entities struct {
	of    []int32
	first [][2]int32
}

// newEntities looks each entity up among those of the same lowest vertex: there are few.
func newEntities(m *mesh.Mesh, local [][]int) *entities {
	e := &entities{of: make([]int32, m.Count()*len(local))}
	head := make([]int32, m.N()) // by lowest vertex: one more than the newest entity
	var next []int32             // one more than the one before
	var keys [][4]int32
	for c := range m.Count() {
		cell := m.Cell(c)
		for l, vertices := range local {
			key := entityKey(cell, vertices)
			k := head[key[0]]
			for k > 0 && keys[k-1] != key {
				k = next[k-1]
			}
			if k == 0 {
				keys, next = append(keys, key), append(next, head[key[0]])
				e.first = append(e.first, [2]int32{int32(c), int32(l)})
				k = int32(len(keys))
				head[key[0]] = k
			}
			e.of[c*len(local)+l] = k - 1
		}
	}
	return e
}

// entityKey is the vertices in ascending order, filled up with −1.
func entityKey(cell []int32, local []int) [4]int32 {
	key := [4]int32{-1, -1, -1, -1}
	for i, v := range local {
		key[i] = cell[v]
	}
	slices.Sort(key[:len(local)])
	return key
}

// edgeLists are the edges of a shape as lists.
func edgeLists(s mesh.Shape) [][]int {
	var out [][]int
	for _, e := range s.Edges() {
		out = append(out, []int{e[0], e[1]})
	}
	return out
}
