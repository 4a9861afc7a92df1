package mesh

import (
	"cmp"
	"math"
	"slices"
)

// same is the distance of points, in parts of the mesh's size, that counts as none.
const same = 1e-12

// duplicate finds two points at one place. Points are sorted by the cell of a fine grid
// that they are in; those of one cell are compared, or sorted on a finer grid.
func (m *Mesh) duplicate() (a, b int32, ok bool) {
	all := make([]int32, m.N())
	for i := range all {
		all[i] = int32(i)
	}
	low, high := m.bounds()
	size := 0.0
	for k := range m.Dim() {
		size = max(size, high[k]-low[k])
	}
	return m.duplicateIn(all, same*size)
}

func (m *Mesh) duplicateIn(points []int32, near float64) (int32, int32, bool) {
	d := m.Dim()
	if len(points) <= 8 {
		for i, p := range points {
			for _, q := range points[:i] {
				if distance(m.Point(p), m.Point(q)) <= near {
					return q, p, true
				}
			}
		}
		return 0, 0, false
	}
	var low, scale [3]float64
	wide := false
	for k := range d {
		lo, hi := math.Inf(1), math.Inf(-1)
		for _, p := range points {
			x := m.Points[int(p)*d+k]
			lo, hi = min(lo, x), max(hi, x)
		}
		low[k] = lo
		if hi > lo+near {
			wide = true
			scale[k] = 1_605_631.7 / (hi - lo) // below 2²¹, and no whole number: regular meshes stay off the grid's lines
		}
	}
	if !wide {
		return points[0], points[1], true
	}
	type place struct {
		cell  uint64
		point int32
	}
	sorted := make([]place, len(points))
	for i, p := range points {
		cell := uint64(0)
		for k := range d {
			cell = cell<<21 | uint64((m.Points[int(p)*d+k]-low[k])*scale[k]+0.37)
		}
		sorted[i] = place{cell, p}
	}
	slices.SortFunc(sorted, func(x, y place) int { return cmp.Or(cmp.Compare(x.cell, y.cell), cmp.Compare(x.point, y.point)) })
	for i := 0; i < len(sorted); {
		j := i + 1
		for j < len(sorted) && sorted[j].cell == sorted[i].cell {
			j++
		}
		if j > i+1 && j-i < len(points) { // all in one: numbers so small that the grid overflows
			group := make([]int32, 0, j-i)
			for _, s := range sorted[i:j] {
				group = append(group, s.point)
			}
			if a, b, ok := m.duplicateIn(group, near); ok {
				return a, b, true
			}
		}
		i = j
	}
	return 0, 0, false
}
