package mesh

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
)

// build makes the mesh of what the file says.
func (f *mshFile) build() (*Mesh, error) {
	shape, err := f.shape()
	if err != nil {
		return nil, err
	}
	nodes, err := newTagIndex(f.nodes)
	if err != nil {
		return nil, err
	}
	m := &Mesh{Shape: shape}
	cells, v := f.elements[shape], shape.Vertices()
	point := make([]int32, len(f.nodes)) // number of each node, −1: no cell has it
	for i := range point {
		point[i] = -1
	}
	m.Cells = make([]int32, len(cells.points))
	for i, tag := range cells.points {
		at, ok := nodes.find(tag)
		if !ok {
			return nil, fmt.Errorf("mesh: MSH file: %s %d of %d has node %d, which is not in $Nodes", shape, i/v, len(cells.block), tag)
		}
		point[at], m.Cells[i] = 0, at
	}
	if err := f.place(m, point); err != nil {
		return nil, err
	}
	for i, at := range m.Cells {
		m.Cells[i] = point[at]
	}
	m.counterclockwise()

	groups := f.groups(m.Dim())
	if err := f.tagCells(m, cells, groups); err != nil {
		return nil, err
	}
	if err := f.tagFacets(m, nodes, point, groups); err != nil {
		return nil, err
	}
	m.Groups = groups.list
	return m, nil
}

// shape is that of the elements of the highest dimension.
func (f *mshFile) shape() (Shape, error) {
	best := mshPoint
	for k := Interval; k <= Hexahedron; k++ {
		if n := len(f.elements[k].block); n > 0 && k.Dim() > best.dim() {
			best = mshKind(k)
		} else if n > 0 && k.Dim() == best.dim() {
			return 0, fmt.Errorf("mesh: MSH file: %d cells of shape %s and %d of shape %s: a mesh has cells of one shape; recombine all surfaces or none",
				len(f.elements[best].block), best, n, k)
		}
	}
	if best == mshPoint {
		return 0, fmt.Errorf("mesh: MSH file: no cells: there are no elements but points; if there are physical groups Gmsh saves nothing else, so the domain needs one too")
	}
	return Shape(best), nil
}

// place numbers the nodes that cells have, in the order of the file, and keeps the
// coordinates of the mesh's dimension; the others are the same for all.
func (f *mshFile) place(m *Mesh, point []int32) error {
	d, first, size := m.Dim(), -1, 0.0
	for at, p := range point {
		if p < 0 {
			continue
		}
		if first < 0 {
			first = at
		}
		for k := range 3 {
			size = max(size, math.Abs(f.xyz[3*at+k]))
		}
	}
	for at, p := range point {
		if p < 0 {
			continue
		}
		point[at] = int32(m.N())
		m.Points = append(m.Points, f.xyz[3*at:3*at+d]...)
		for k := d; k < 3; k++ {
			if x, x0 := f.xyz[3*at+k], f.xyz[3*first+k]; math.Abs(x-x0) > 1e-9*size {
				return fmt.Errorf("mesh: MSH file: node %d has %c = %g, node %d has %g: a mesh of cells %s lies in the first %d coordinates; "+
					"surfaces and curves in space are not read, and a domain of volumes is saved only if its volumes are in a physical group",
					f.nodes[at], "xyz"[k], x, f.nodes[first], x0, m.Shape, d)
			}
		}
	}
	return nil
}

// counterclockwise turns the cells of curves and surfaces that run the other way.
func (m *Mesh) counterclockwise() {
	if m.Dim() == 3 {
		return
	}
	for c := range m.Count() {
		if m.CellVolume(c) < 0 {
			cell := m.Cell(c)
			slices.Reverse(cell[m.Dim()-1:]) // the first point of a triangle or quadrilateral stays
		}
	}
}

// mshGroups is the groups of cells and facets, in the order of the file.
type mshGroups struct {
	list  []Group
	known map[[2]int]bool
}

func (f *mshFile) groups(dim int) *mshGroups {
	g := &mshGroups{known: map[[2]int]bool{}}
	for _, n := range f.names {
		if n.Dim == dim || n.Dim == dim-1 {
			g.list = append(g.list, n)
			g.known[[2]int{n.Dim, int(n.Tag)}] = true
		}
	}
	return g
}

// see gives a tag without a name one.
func (g *mshGroups) see(dim int, tag int32) {
	if key := [2]int{dim, int(tag)}; !g.known[key] {
		g.known[key] = true
		g.list = append(g.list, Group{Name: strconv.Itoa(int(tag)), Dim: dim, Tag: tag})
	}
}

// physical is the tags of a block; none is one tag 0 or an empty list.
func (f *mshFile) physical(block int32) []int32 {
	b := f.blocks[block]
	if f.four {
		return f.entities[[2]int{b.dim, b.entity}]
	}
	if b.physical[0] == 0 {
		return nil
	}
	return b.physical
}

func (f *mshFile) tagCells(m *Mesh, cells mshElements, groups *mshGroups) error {
	last := int32(-1)
	tag := int32(0)
	for c, block := range cells.block {
		if block != last {
			last, tag = block, 0
			physical := f.physical(block)
			if len(physical) > 1 {
				return fmt.Errorf("mesh: MSH file: %s %d is in the physical groups %d: a cell has one tag; leave it in one", m.Shape, c, physical)
			}
			if len(physical) == 1 {
				tag = physical[0]
				groups.see(m.Dim(), tag)
			}
		}
		if tag != 0 && m.CellTag == nil {
			m.CellTag = make([]int32, m.Count())
		}
		if tag != 0 {
			m.CellTag[c] = tag
		}
	}
	return nil
}

// tagFacets takes the elements of one dimension less that are in a group.
func (f *mshFile) tagFacets(m *Mesh, nodes *tagIndex, point []int32, groups *mshGroups) error {
	size := m.FacetSize()
	kind := map[int]mshKind{1: mshPoint, 2: mshKind(Interval), 3: mshKind(Triangle), 4: mshKind(Quadrilateral)}[size]
	facets := f.elements[kind]
	for i, block := range facets.block {
		for _, tag := range f.physical(block) {
			groups.see(m.Dim()-1, tag)
			m.FacetTag = append(m.FacetTag, tag)
			for _, node := range facets.points[i*size : (i+1)*size] {
				at, ok := nodes.find(node)
				if !ok || point[at] < 0 {
					return fmt.Errorf("mesh: MSH file: facet %d of physical group %d has node %d, which no cell has: is the part it bounds in a physical group?", i, tag, node)
				}
				m.Facets = append(m.Facets, point[at])
			}
		}
	}
	skeleton, err := m.Skeleton()
	if err != nil {
		return err
	}
	for i, number := range skeleton.Named {
		mine := m.Facets[i*size : (i+1)*size]
		if number < 0 {
			return fmt.Errorf("mesh: MSH file: the facet with points %d of physical group %d is no facet of a cell: is the part it bounds in a physical group?", mine, m.FacetTag[i])
		}
		copy(mine, skeleton.Points[int(number)*size:])
	}
	return nil
}

// tagIndex finds the place of a tag: a table where tags are dense, else by halving.
type tagIndex struct {
	dense  []int32
	tags   []int64
	places []int32
}

func newTagIndex(tags []int64) (*tagIndex, error) {
	if len(tags) > math.MaxInt32 {
		return nil, fmt.Errorf("mesh: MSH file: %d nodes: at most %d can be numbered", len(tags), math.MaxInt32)
	}
	x := &tagIndex{}
	top := int64(-1)
	for _, tag := range tags {
		top = max(top, tag)
	}
	if top < 4*int64(len(tags))+1024 && !slices.ContainsFunc(tags, func(t int64) bool { return t < 0 }) {
		x.dense = make([]int32, top+1)
		for i := range x.dense {
			x.dense[i] = -1
		}
		for i, tag := range tags {
			if x.dense[tag] >= 0 {
				return nil, fmt.Errorf("mesh: MSH file: node %d is there twice: tags of nodes differ", tag)
			}
			x.dense[tag] = int32(i)
		}
		return x, nil
	}
	x.places = make([]int32, len(tags))
	for i := range x.places {
		x.places[i] = int32(i)
	}
	slices.SortFunc(x.places, func(a, b int32) int { return cmp.Compare(tags[a], tags[b]) })
	x.tags = make([]int64, len(tags))
	for i, at := range x.places {
		x.tags[i] = tags[at]
		if i > 0 && x.tags[i] == x.tags[i-1] {
			return nil, fmt.Errorf("mesh: MSH file: node %d is there twice: tags of nodes differ", tags[at])
		}
	}
	return x, nil
}

func (x *tagIndex) find(tag int64) (int32, bool) {
	if x.tags == nil {
		if tag < 0 || tag >= int64(len(x.dense)) || x.dense[tag] < 0 {
			return 0, false
		}
		return x.dense[tag], true
	}
	i, ok := slices.BinarySearch(x.tags, tag)
	if !ok {
		return 0, false
	}
	return x.places[i], true
}
