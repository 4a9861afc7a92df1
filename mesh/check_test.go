package mesh

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
)

var checkKinds = []error{ErrLengths, ErrRange, ErrNotFinite, ErrDegenerate, ErrFlat, ErrInverted, ErrNotConvex, ErrUnused, ErrDuplicate, ErrNonManifold, ErrNamedFacet, ErrDisconnected}

// TestCheckGood: generated, refined, moved and read meshes have no fault.
func TestCheckGood(t *testing.T) {
	for name, m := range generated(t) {
		fine, err := m.Refine()
		if err != nil {
			t.Fatal(name, ": ", err)
		}
		moved, err := fine.Jitter(0.3, 3)
		if err != nil {
			t.Fatal(name, ": ", err)
		}
		if err := errors.Join(m.Check(), fine.Check(), moved.Check()); err != nil {
			t.Error(name, ": ", err)
		}
	}
	for _, name := range []string{"channel-41-ascii.msh", "hexes-22-binary.msh", "sparse.msh"} {
		if err := mshOpen(t, name).Check(); err != nil {
			t.Error(name, ": ", err)
		}
	}
}

// TestCheckBad puts one fault into a good mesh: that one and no other is reported, with
// its place. All cells but the last are sound.
func TestCheckBad(t *testing.T) {
	square := func(shape Shape) *Mesh {
		m, err := NewRectangle(shape, 3, 2, 3, 2)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	box, _ := NewBox(Tetrahedron, 1, 1, 1, 1, 1, 1)
	for what, c := range map[string]struct {
		change func(*Mesh) *Mesh
		kinds  []error
		want   string
	}{
		"inverted": {func(m *Mesh) *Mesh {
			m.Cells[9], m.Cells[10] = m.Cells[10], m.Cells[9]
			return m
		}, []error{ErrInverted}, "1 of 12; the first is triangle 3 with points [6 1 5], its signed volume is -0.5: list its points counterclockwise"},
		"inverted in space": {func(*Mesh) *Mesh {
			m := *box
			m.Cells = slices.Clone(box.Cells)
			m.Cells[2], m.Cells[3] = m.Cells[3], m.Cells[2]
			return &m
		}, []error{ErrInverted}, "its signed volume is -0.1667"},
		"pulled over": {func(m *Mesh) *Mesh { // an interior point beyond the opposite edge
			m.Points[2*5] += 1.5
			return m
		}, []error{ErrInverted}, "inverted cells: 2 of 12"},
		"flat": {func(m *Mesh) *Mesh { // the corner point onto the diagonal
			m.Points[2*3], m.Points[2*3+1] = 2.5, 0.5
			return m
		}, []error{ErrFlat}, "triangle 4 with points [2 3 7], its signed volume is 0"},
		"twice a point": {func(m *Mesh) *Mesh {
			m.Cells[14] = m.Cells[13]
			m.Facets, m.FacetTag = nil, nil
			return m
		}, []error{ErrDegenerate, ErrDisconnected}, "triangle 4"},
		"crosswise": {func(*Mesh) *Mesh {
			m := square(Quadrilateral)
			m.Cells[0], m.Cells[1] = m.Cells[1], m.Cells[0]
			m.Facets, m.FacetTag = nil, nil
			return m
		}, []error{ErrFlat}, "quadrilateral 0 with points [1 0 5 4]"},
		"not convex": {func(*Mesh) *Mesh { // the corner of the first square pulled in beyond its diagonal
			m := square(Quadrilateral)
			m.Points[0], m.Points[1] = 0.6, 0.6
			return m
		}, []error{ErrNotConvex}, "quadrilateral 0"},
		"range":       {func(m *Mesh) *Mesh { m.Cells[5] = 12; return m }, []error{ErrRange}, "cell 1 has point 12: there are 0 to 11"},
		"facet range": {func(m *Mesh) *Mesh { m.Facets[1] = -1; return m }, []error{ErrRange}, "named facet 0 has point -1"},
		"lengths":     {func(m *Mesh) *Mesh { m.Points = m.Points[:7]; return m }, []error{ErrLengths}, "7 coordinates"},
		"tags":        {func(m *Mesh) *Mesh { m.CellTag = []int32{1}; return m }, []error{ErrLengths}, "1 tags of 12 cells"},
		"no cells":    {func(m *Mesh) *Mesh { m.Cells = nil; return m }, []error{ErrLengths}, "no cells"},
		"NaN":         {func(m *Mesh) *Mesh { m.Points[5] = math.NaN(); return m }, []error{ErrNotFinite}, "point 2 is at [2 NaN]"},
		"infinite":    {func(m *Mesh) *Mesh { m.Points[4] = math.Inf(-1); return m }, []error{ErrNotFinite}, "point 2 is at [-Inf 0]"},
		"unused":      {func(m *Mesh) *Mesh { m.Points = append(m.Points, 7, 7); return m }, []error{ErrUnused}, "1 of 13; the first is point 12 at [7 7]"},
		"duplicated": {func(m *Mesh) *Mesh { // a slit of one edge that ends inside
			m.Points = append(m.Points, m.Points[2*1:2*2]...)
			for i := range 2 * 3 {
				if m.Cells[i] == 1 {
					m.Cells[i] = 12
				}
			}
			m.Facets, m.FacetTag = nil, nil
			return m
		}, []error{ErrDuplicate}, "points 1 and 12 are both at [1 0]"},
		"two halves": {func(m *Mesh) *Mesh { // columns 0 and 2 of three
			m.Cells = slices.Concat(m.Cells[0:6], m.Cells[12:24], m.Cells[30:36])
			m.Facets, m.FacetTag = nil, nil
			return m
		}, []error{ErrDisconnected}, "2 parts, that no facet joins, with cells 0, 2 among others"},
		"three cells": {func(m *Mesh) *Mesh {
			m.Cells = append(m.Cells, m.Cells[:3]...)
			return m
		}, []error{ErrNonManifold}, "that with points [5 0] is part of cells 0, 1 and 12"},
		"named": {func(m *Mesh) *Mesh {
			m.Facets, m.FacetTag = append(m.Facets, 1, 4), append(m.FacetTag, 1)
			return m
		}, []error{ErrNamedFacet}, "facet 10 with points [1 4] and tag 1"},
		"named, one point wrong": {func(*Mesh) *Mesh {
			m, _ := NewBox(Hexahedron, 2, 1, 1, 1, 1, 1)
			side := []int32{m.Facets[0], m.Facets[1], m.Facets[2], m.Facets[3]}
			side[slices.Index(side, slices.Max(side))] = 11
			m.Facets, m.FacetTag = append(m.Facets, side...), append(m.FacetTag, 1)
			return m
		}, []error{ErrNamedFacet}, "facet 10 with points"},
		"two faults": {func(m *Mesh) *Mesh {
			m.Cells[9], m.Cells[10] = m.Cells[10], m.Cells[9]
			m.Points = append(m.Points, 7, 7)
			return m
		}, []error{ErrInverted, ErrUnused}, ""},
	} {
		err := c.change(square(Triangle)).Check()
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: the error is %v, not one with %q", what, err, c.want)
		}
		for _, kind := range checkKinds {
			if errors.Is(err, kind) != slices.Contains(c.kinds, kind) && what != "three cells" {
				t.Errorf("%s: of the kind %q: %v; the error is %v", what, kind, errors.Is(err, kind), err)
			}
		}
	}
}

// TestDuplicate finds the one pair in a fine mesh, and none in anisotropic, graded and
// moved ones.
func TestDuplicate(t *testing.T) {
	for _, scale := range []float64{1, 1e-7, 1e12, 1e-100} {
		m, err := NewRectangle(Triangle, 60, 60, scale, scale)
		if err != nil {
			t.Fatal(err)
		}
		for i := range m.N() { // layers down to 1e-9 of the size, far below the first grid's cells
			m.Points[2*i+1] *= math.Pow(1e-9, 1-m.Points[2*i+1]/scale)
		}
		if a, b, ok := m.duplicate(); ok {
			t.Errorf("scale %g: points %d at %v and %d at %v", scale, a, m.Point(a), b, m.Point(b))
		}
		copy(m.Points[2*3000:], m.Points[2*77:2*78])
		m.Points[2*3000] *= 1 + 1e-15
		if a, b, ok := m.duplicate(); !ok || a != 77 || b != 3000 {
			t.Errorf("scale %g: %d and %d, not 77 and 3000: %v", scale, a, b, ok)
		}
	}
}

// TestAcross compares the neighbours with those that share the points of a facet.
func TestAcross(t *testing.T) {
	for name, m := range generated(t) {
		s, err := m.Skeleton()
		if err != nil {
			t.Fatal(err)
		}
		for c := range m.Count() {
			for f, local := range m.Shape.Facets() {
				want := int32(-1)
				for other := range m.Count() {
					shared := 0
					for _, p := range m.corners(c, local) {
						if slices.Contains(m.Cell(other), p) {
							shared++
						}
					}
					if shared == len(local) && other != c {
						want = int32(other)
					}
				}
				number := s.OfCell[c*len(m.Shape.Facets())+f]
				side := slices.Index(s.Cell[number][:], int32(c))
				if got := s.Across(c, f); got != want || side < 0 || int(s.Local[number][side]) != f {
					t.Fatalf("%s: across facet %d of cell %d is %d, not %d", name, f, c, got, want)
				}
			}
		}
	}
}
