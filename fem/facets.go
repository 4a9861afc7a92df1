package fem

import (
	"fmt"
	"slices"

	"abide/mesh"
)

// side is a facet of the boundary as seen by its cell.
type side struct{ cell, local int32 }

// tagsOf finds the tags of named groups of a dimension.
func tagsOf(m *mesh.Mesh, dim int, names []string) ([]int32, error) {
	var tags []int32
	for _, name := range names {
		g, err := m.GroupOf(dim, name)
		if err != nil {
			return nil, err
		}
		tags = append(tags, g.Tag)
	}
	return tags, nil
}

// cellsOf are the cells of named regions.
func cellsOf(m *mesh.Mesh, names []string) ([]int32, error) {
	tags, err := tagsOf(m, m.Dim(), names)
	if err != nil {
		return nil, err
	}
	cells := []int32{}
	for c := range m.Count() {
		if m.CellTag != nil && slices.Contains(tags, m.CellTag[c]) || m.CellTag == nil && slices.Contains(tags, 0) {
			cells = append(cells, int32(c))
		}
	}
	return cells, nil
}

// sidesOf are the facets of named groups; of the whole boundary without a name.
func sidesOf(m *mesh.Mesh, names []string) ([]side, error) {
	if len(names) == 0 {
		return boundary(m)
	}
	tags, err := tagsOf(m, m.Dim()-1, names)
	if err != nil {
		return nil, err
	}
	n := m.FacetSize()
	wanted := make(map[[4]int32]int32)
	marked := make([]bool, m.N())
	all := []int{0, 1, 2, 3}[:n]
	for f, tag := range m.FacetTag {
		if slices.Contains(tags, tag) {
			facet := m.Facets[f*n : (f+1)*n]
			for _, v := range facet {
				if v < 0 || int(v) >= m.N() {
					return nil, fmt.Errorf("fem: facet %d of group %q has point %d, but there are %d points", f, names, v, m.N())
				}
				marked[v] = true
			}
			wanted[facetKey(facet, all)] = int32(f)
		}
	}
	sides := make([]side, 0, len(wanted))
	local := m.Shape.Facets()
	for c := range m.Count() {
		cell := m.Cell(c)
		for l, vertices := range local {
			if slices.ContainsFunc(vertices, func(v int) bool { return !marked[cell[v]] }) {
				continue
			}
			key := facetKey(cell, vertices)
			if _, ok := wanted[key]; ok {
				sides = append(sides, side{int32(c), int32(l)})
				delete(wanted, key) // a facet inside the domain is that of its first cell
			}
		}
	}
	for key, f := range wanted {
		return nil, fmt.Errorf("fem: facet %d of group %q with points %v is a facet of no cell", f, names, key[:n])
	}
	return sides, nil
}

// boundary is the facets that one cell alone has, by cells.
//
// A facet inside the domain is met twice. So where each point takes the exclusive or of
// the hashes of all its facets, nothing is left inside, and only facets of points where
// something is left have to be looked up. A point of the boundary where the hashes of its
// outer facets cancel is one in 2⁶⁴.
func boundary(m *mesh.Mesh) ([]side, error) {
	local, per := m.Shape.Facets(), m.Shape.Vertices()
	left := make([]uint64, m.N())
	var hash [8]uint64
	for c := range m.Count() {
		cell := m.Cell(c)
		for k, v := range cell {
			hash[k] = scatterBits(uint64(v) + 1)
		}
		for _, facet := range local {
			var h uint64
			for _, k := range facet {
				h += hash[k]
			}
			h = scatterBits(h)
			for _, k := range facet {
				left[cell[k]] ^= h
			}
		}
	}
	cells := map[[4]int32]int{} // with each facet that may be outside
	var sides []side
	for c := range m.Count() {
		cell := m.Cells[c*per : (c+1)*per]
		for l, facet := range local {
			if slices.ContainsFunc(facet, func(k int) bool { return left[cell[k]] == 0 }) {
				continue
			}
			sides = append(sides, side{int32(c), int32(l)})
			key := facetKey(cell, facet)
			if cells[key]++; cells[key] == 3 {
				return nil, fmt.Errorf("fem: %w: the facet with points %d is part of three cells, the last is %d: is a cell listed twice, or do cells overlap?",
					mesh.ErrNonManifold, key[:len(facet)], c)
			}
		}
	}
	return slices.DeleteFunc(sides, func(s side) bool {
		return cells[facetKey(m.Cell(int(s.cell)), local[s.local])] > 1
	}), nil
}

// scatterBits is a bijection that leaves no trace of the order of its arguments: the
// finaliser of splitmix64 (Steele, Lea and Flood 2014).
func scatterBits(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// facetKey is the points of a facet in ascending order, filled up with −1.
func facetKey(cell []int32, local []int) [4]int32 {
	key := [4]int32{-1, -1, -1, -1}
	for i, v := range local {
		key[i] = cell[v]
	}
	slices.Sort(key[:len(local)])
	return key
}

// cellSets is the rule on cells.
func cellSets(shape mesh.Shape, d domain) ([]pointSet, error) {
	q, err := d.quadrature(shape)
	return []pointSet{{points: q.Points, weights: q.Weights}}, err
}

// facetSets is the rule on each facet of the reference cell.
func facetSets(shape mesh.Shape, d domain) ([]pointSet, error) {
	q, err := d.quadrature(facetShape(shape))
	if err != nil {
		return nil, err
	}
	var sets []pointSet
	for f := range shape.Facets() {
		a, s, t, normal := referenceFacet(shape, f)
		set := pointSet{weights: q.Weights, normal: normal}
		for _, p := range q.Points {
			set.points = append(set.points, a.Add(s.Times(p[0])).Add(t.Times(p[1])))
		}
		sets = append(sets, set)
	}
	return sets, nil
}

// referenceFacet is facet f of a reference cell as a + ξ s + η t, and its outward normal
// s × t, as long as the facet is large (twice that for a triangle).
func referenceFacet(shape mesh.Shape, f int) (a, s, t, normal Vec) {
	vertices := shape.Facets()[f]
	corner := corners[shape]
	a = corner[vertices[0]]
	switch shape.Dim() {
	case 1:
		return a, s, t, Vec{float64(2*f - 1)}
	case 2:
		s = corner[vertices[1]].Sub(a)
		return a, s, t, s.Cross(Vec{0, 0, 1})
	}
	s, t = corner[vertices[1]].Sub(a), corner[vertices[len(vertices)-1]].Sub(a)
	return a, s, t, s.Cross(t)
}

// facetShape is the shape of facets; Shape −1 is a point.
func facetShape(s mesh.Shape) mesh.Shape {
	return map[mesh.Shape]mesh.Shape{mesh.Interval: -1, mesh.Triangle: mesh.Interval, mesh.Quadrilateral: mesh.Interval,
		mesh.Tetrahedron: mesh.Triangle, mesh.Hexahedron: mesh.Quadrilateral}[s]
}

func (d domain) quadrature(shape mesh.Shape) (Quadrature, error) {
	if shape == -1 {
		return Quadrature{Points: []Vec{{}}, Weights: []float64{1}}, nil
	}
	if d.rule != nil {
		if len(d.rule.Points) != len(d.rule.Weights) || len(d.rule.Points) == 0 {
			return Quadrature{}, fmt.Errorf("fem: a quadrature of %d points and %d weights", len(d.rule.Points), len(d.rule.Weights))
		}
		return *d.rule, nil
	}
	return NewQuadrature(shape, d.degree)
}
