package mesh

import "fmt"

// Edges numbers the edges of the cells, each once: [n×2] points, the lower first,
// and [cells × edges of a cell] the number of each edge of each cell.
func (m *Mesh) Edges() (points, ofCell []int32) {
	local := m.Shape.Edges()
	pairs := make([][]int, len(local))
	for i := range local {
		pairs[i] = local[i][:]
	}
	of, start, sets := m.number(pairs, nil)
	points = make([]int32, 2*(len(start)-1))
	for e := range len(start) - 1 {
		set := int(sets[start[e]])
		cell, pair := m.Cell(set/len(pairs)), pairs[set%len(pairs)]
		a, b := cell[pair[0]], cell[pair[1]]
		points[2*e], points[2*e+1] = min(a, b), max(a, b)
	}
	return points, of
}

// Skeleton is all facets of the cells of a mesh, each once, and who has them.
type Skeleton struct {
	Points []int32    // [n × FacetSize()] in the order of the first cell: outward from it
	Cell   [][2]int32 // the cells that have the facet, the lower first; −1: none, a facet of the boundary
	Local  [][2]int8  // number of the facet in each of these cells
	OfCell []int32    // [cells × facets of a cell] number of each facet of each cell
	Named  []int32    // number of each of the mesh's named facets; −1: no cell has it
	per    int
}

// Skeleton numbers the facets. That three cells have one is ErrNonManifold.
func (m *Mesh) Skeleton() (*Skeleton, error) {
	local := m.Shape.Facets()
	size, per, cells := m.FacetSize(), len(local), m.Count()
	of, start, sets := m.number(local, m.Facets)
	n := len(start) - 1
	s := &Skeleton{OfCell: of[:cells*per], Named: of[cells*per:], per: per}
	s.Points = make([]int32, 0, n*size)
	s.Cell, s.Local = make([][2]int32, 0, n), make([][2]int8, 0, n)
	renumber := int32(0) // facets that no cell has get no number
	for f := range n {
		cell, place, k := [2]int32{-1, -1}, [2]int8{-1, -1}, 0
		mine := sets[start[f]:start[f+1]]
		for _, set := range mine {
			if int(set) >= cells*per {
				break
			}
			if k == 2 {
				return nil, fmt.Errorf("mesh: %w: that with points %d is part of cells %d, %d and %d: at most two cells meet in a facet; "+
					"is a cell listed twice, or do cells overlap?", ErrNonManifold, m.corners(int(set)/per, local[int(set)%per]), cell[0], cell[1], int(set)/per)
			}
			cell[k], place[k] = set/int32(per), int8(int(set)%per)
			k++
		}
		number := renumber
		if k == 0 {
			number = -1
		}
		for _, set := range mine {
			of[set] = number
		}
		if k == 0 {
			continue
		}
		for _, corner := range local[place[0]] {
			s.Points = append(s.Points, m.Cells[int(cell[0])*m.Shape.Vertices()+corner])
		}
		s.Cell, s.Local = append(s.Cell, cell), append(s.Local, place)
		renumber++
	}
	return s, nil
}

// Boundary is the numbers of the facets with one cell.
func (s *Skeleton) Boundary() []int32 {
	var out []int32
	for f, cell := range s.Cell {
		if cell[1] < 0 {
			out = append(out, int32(f))
		}
	}
	return out
}

// Across is the cell on the other side of a facet of a cell; −1: none.
func (s *Skeleton) Across(cell, local int) int32 {
	both := s.Cell[s.OfCell[cell*s.per+local]]
	return both[0] + both[1] - int32(cell)
}

func (m *Mesh) corners(cell int, local []int) []int32 {
	out := make([]int32, len(local))
	for i, corner := range local {
		out[i] = m.Cell(cell)[corner]
	}
	return out
}
