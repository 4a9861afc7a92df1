package mesh

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
)

// What Check finds, for errors.Is.
var (
	ErrLengths      = errors.New("lengths do not fit")
	ErrRange        = errors.New("points that are not there")
	ErrNotFinite    = errors.New("coordinates that are not finite")
	ErrDegenerate   = errors.New("degenerate cells")
	ErrFlat         = errors.New("flat cells")
	ErrInverted     = errors.New("inverted cells")
	ErrNotConvex    = errors.New("cells that are not convex")
	ErrUnused       = errors.New("unused points")
	ErrDuplicate    = errors.New("duplicated points")
	ErrNonManifold  = errors.New("facets of more than two cells")
	ErrNamedFacet   = errors.New("named facets that no cell has")
	ErrDisconnected = errors.New("disconnected mesh")
)

// flat is the volume of a cell, in the dimension's power of its longest edge, that
// counts as none: coordinates have 16 digits, so that of a cell that is meant to be
// flat is rounding, and no solver could use one of 1e-12.
const flat = 1e-12

// Check looks for all that makes a mesh useless or a surprise for finite elements, and
// returns one error for each kind of fault, with the first place of each; errors.Is
// tells the kinds apart. Cells that overlap without sharing three to a facet, and hanging
// points, are not looked for. O(n log n).
func (m *Mesh) Check() error {
	if err := m.checkNumbers(); err != nil {
		return err // the rest would read out of range
	}
	var all []error
	if bad := m.checkFinite(); bad != nil {
		return bad // no volume can be told
	}
	all = append(all, m.checkCells()...)
	all = append(all, m.checkPoints()...)
	skeleton, err := m.Skeleton()
	if err != nil {
		return errors.Join(append(all, err)...)
	}
	for f, number := range skeleton.Named {
		if number < 0 {
			p := m.Facets[f*m.FacetSize() : (f+1)*m.FacetSize()]
			all = append(all, fmt.Errorf("mesh: %w: facet %d with points %d and tag %d: leave it out or give it the points of a cell's side", ErrNamedFacet, f, p, m.FacetTag[f]))
			break
		}
	}
	if err := m.checkConnected(skeleton); err != nil {
		all = append(all, err)
	}
	return errors.Join(all...)
}

func (m *Mesh) checkNumbers() error {
	if m.Shape < 0 || int(m.Shape) >= len(shapes) {
		return fmt.Errorf("mesh: shape %d: there are 0 to %d", m.Shape, len(shapes)-1)
	}
	d, v, size := m.Dim(), m.Shape.Vertices(), m.FacetSize()
	switch {
	case len(m.Points)%d != 0 || len(m.Cells)%v != 0 || len(m.Facets) != size*len(m.FacetTag):
		return fmt.Errorf("mesh: %w: %d coordinates are a multiple of %d, %d numbers of cells of %d, %d numbers of facets %d for each of %d tags",
			ErrLengths, len(m.Points), d, len(m.Cells), v, len(m.Facets), size, len(m.FacetTag))
	case m.CellTag != nil && len(m.CellTag) != m.Count():
		return fmt.Errorf("mesh: %w: %d tags of %d cells", ErrLengths, len(m.CellTag), m.Count())
	case m.Count() == 0:
		return fmt.Errorf("mesh: %w: there are no cells", ErrLengths)
	}
	n := int32(m.N())
	for i, p := range m.Cells {
		if p < 0 || p >= n {
			return fmt.Errorf("mesh: %w: cell %d has point %d: there are 0 to %d (files that count from 1 need 1 subtracted)", ErrRange, i/v, p, n-1)
		}
	}
	for i, p := range m.Facets {
		if p < 0 || p >= n {
			return fmt.Errorf("mesh: %w: named facet %d has point %d: there are 0 to %d (files that count from 1 need 1 subtracted)", ErrRange, i/size, p, n-1)
		}
	}
	return nil
}

func (m *Mesh) checkFinite() error {
	for i, x := range m.Points {
		if x-x != 0 {
			return fmt.Errorf("mesh: %w: point %d is at %v", ErrNotFinite, i/m.Dim(), m.Point(int32(i/m.Dim())))
		}
	}
	return nil
}

// faults counts the cells with one fault and keeps the first.
type faults struct{ n, first int }

func (f *faults) add(c int) {
	if f.n == 0 {
		f.first = c
	}
	f.n++
}

func (m *Mesh) checkCells() []error {
	var degenerate, thin, inverted, bent faults
	for c := range m.Count() {
		cell, twice := m.Cell(c), false
		for i, p := range cell {
			twice = twice || slices.Contains(cell[:i], p)
		}
		if twice {
			degenerate.add(c)
			continue
		}
		long := 0.0
		for _, e := range m.Shape.Edges() {
			long = max(long, distance(m.Point(cell[e[0]]), m.Point(cell[e[1]])))
		}
		unit := math.Pow(long, float64(m.Dim()))
		volume, least := m.CellVolume(c), m.leastJacobian(c)
		switch {
		case !(math.Abs(volume) > flat*unit):
			thin.add(c)
		case volume < 0:
			inverted.add(c)
		case !(least > flat*unit):
			bent.add(c)
		}
	}
	var all []error
	report := func(f faults, kind error, remedy string) {
		if f.n > 0 {
			all = append(all, fmt.Errorf("mesh: %w: %d of %d; the first is %s %d with points %d, its signed volume is %.4g: %s",
				kind, f.n, m.Count(), m.Shape, f.first, m.Cell(f.first), m.CellVolume(f.first), remedy))
		}
	}
	order := map[int]string{1: "from left to right", 2: "counterclockwise", 3: "so that the first face, seen from inside, turns counterclockwise"}[m.Dim()]
	report(degenerate, ErrDegenerate, "a point is there twice; take the cell out or make a simplex of it")
	report(thin, ErrFlat, "its points are on one line or plane; take it out or move a point")
	report(inverted, ErrInverted, "list its points "+order+", or undo the move that turned it over")
	report(bent, ErrNotConvex, "the Jacobian is not positive in a corner; list its points around it, and move points so that all corners look outward")
	return all
}

func (m *Mesh) checkPoints() []error {
	var all []error
	used, unused := make([]bool, m.N()), faults{}
	for _, p := range m.Cells {
		used[p] = true
	}
	for p, yes := range used {
		if !yes {
			unused.add(p)
		}
	}
	if unused.n > 0 {
		all = append(all, fmt.Errorf("mesh: %w: %d of %d; the first is point %d at %v: take them out, or a matrix has rows of zeros",
			ErrUnused, unused.n, m.N(), unused.first, m.Point(int32(unused.first))))
	}
	if a, b, ok := m.duplicate(); ok {
		all = append(all, fmt.Errorf("mesh: %w: points %d and %d are both at %v: merge them, or the cells on both sides do not hold together there",
			ErrDuplicate, a, b, m.Point(a)))
	}
	return all
}

// checkConnected spreads from cell to cell across facets.
func (m *Mesh) checkConnected(s *Skeleton) error {
	part := make([]int32, m.Count()) // 0: not reached yet
	var first []int
	var stack []int32
	for c := range m.Count() {
		if part[c] > 0 {
			continue
		}
		first = append(first, c)
		part[c] = int32(len(first))
		for stack = append(stack[:0], int32(c)); len(stack) > 0; {
			at := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			for f := range s.per {
				if next := s.Across(int(at), f); next >= 0 && part[next] == 0 {
					part[next] = int32(len(first))
					stack = append(stack, next)
				}
			}
		}
	}
	if len(first) == 1 {
		return nil
	}
	var cells []string
	for _, c := range first[:min(len(first), 8)] {
		cells = append(cells, fmt.Sprint(c))
	}
	if len(first) > 8 {
		cells = append(cells, "…")
	}
	return fmt.Errorf("mesh: %w: %d parts, that no facet joins, with cells %s among others: keep one, or merge the points along which they touch",
		ErrDisconnected, len(first), strings.Join(cells, ", "))
}
