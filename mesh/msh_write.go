package mesh

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// WriteMSH writes a mesh in Gmsh's format MSH 4.1, as text with all digits. There is one
// entity for each tag, with the tag as its physical group; names are those of the
// Groups. The tag 0, which is none, is written too: Gmsh takes it, and meshio wants a
// tag for all or none. Facets without a name are not written.
func WriteMSH(w io.Writer, m *Mesh) error {
	for _, g := range m.Groups {
		if strings.ContainsAny(g.Name, "\"\n\r") {
			return fmt.Errorf("mesh: the name of group %q: MSH files have no quotes or line ends in names", g.Name)
		}
	}
	b := bufio.NewWriter(w)
	fmt.Fprint(b, "$MeshFormat\n4.1 0 8\n$EndMeshFormat\n")
	if len(m.Groups) > 0 {
		fmt.Fprintf(b, "$PhysicalNames\n%d\n", len(m.Groups))
		for _, g := range m.Groups {
			fmt.Fprintf(b, "%d %d \"%s\"\n", g.Dim, g.Tag, g.Name)
		}
		fmt.Fprintln(b, "$EndPhysicalNames")
	}
	cells := byTag(m.CellTag, m.Count())
	facets := byTag(m.FacetTag, len(m.FacetTag))
	m.writeEntities(b, cells, facets)
	m.writeNodes(b)

	fmt.Fprintf(b, "$Elements\n%d %d 1 %d\n", len(cells)+len(facets), m.Count()+len(m.FacetTag), m.Count()+len(m.FacetTag))
	types := map[Shape]int{Interval: 1, Triangle: 2, Quadrilateral: 3, Tetrahedron: 4, Hexahedron: 5}
	facetType := map[int]int{1: 15, 2: 1, 3: 2, 4: 3}[m.FacetSize()]
	number := 0
	blocks := func(dim, kind, size int, points []int32, all []sameTag) {
		for _, s := range all {
			fmt.Fprintln(b, dim, s.entity, kind, len(s.items))
			for _, i := range s.items {
				number++
				line := strconv.AppendInt(b.AvailableBuffer(), int64(number), 10)
				for _, p := range points[i*size : (i+1)*size] {
					line = strconv.AppendInt(append(line, ' '), int64(p)+1, 10)
				}
				b.Write(append(line, '\n'))
			}
		}
	}
	blocks(m.Dim()-1, facetType, m.FacetSize(), m.Facets, facets)
	blocks(m.Dim(), types[m.Shape], m.Shape.Vertices(), m.Cells, cells)
	fmt.Fprintln(b, "$EndElements")
	return b.Flush()
}

// sameTag is the cells or facets with one tag, entity its number in the file.
type sameTag struct {
	tag    int32
	entity int
	items  []int
}

// byTag collects them, tags rising; nil tags are all 0.
func byTag(tags []int32, n int) []sameTag {
	of := map[int32][]int{}
	for i := range n {
		t := int32(0)
		if tags != nil {
			t = tags[i]
		}
		of[t] = append(of[t], i)
	}
	var out []sameTag
	for t, items := range of {
		out = append(out, sameTag{tag: t, items: items})
	}
	slices.SortFunc(out, func(a, b sameTag) int { return int(a.tag) - int(b.tag) })
	for i := range out {
		out[i].entity = i + 1
	}
	return out
}

func (m *Mesh) writeEntities(b io.Writer, cells, facets []sameTag) {
	var count [4]int
	count[m.Dim()], count[m.Dim()-1] = len(cells), len(facets)
	fmt.Fprintf(b, "$Entities\n%d %d %d %d\n", count[0], count[1], count[2], count[3])
	low, high := m.bounds()
	for dim, all := range [...][]sameTag{facets, cells} {
		for _, s := range all {
			fmt.Fprint(b, s.entity)
			for k := range 3 {
				fmt.Fprint(b, " ", low[k])
			}
			point := m.Dim() == 1 && dim == 0
			for k := 0; k < 3 && !point; k++ {
				fmt.Fprint(b, " ", high[k])
			}
			fmt.Fprint(b, " 1 ", s.tag)
			if !point {
				fmt.Fprint(b, " 0")
			}
			fmt.Fprintln(b)
		}
	}
	fmt.Fprintln(b, "$EndEntities")
}

func (m *Mesh) writeNodes(b *bufio.Writer) {
	n, d := m.N(), m.Dim()
	fmt.Fprintf(b, "$Nodes\n1 %d 1 %d\n%d 1 0 %d\n", n, n, d, n)
	for i := range n {
		b.Write(append(strconv.AppendInt(b.AvailableBuffer(), int64(i)+1, 10), '\n'))
	}
	for i := range int32(n) {
		var x [3]float64
		copy(x[:], m.Point(i))
		line := b.AvailableBuffer()
		for k, v := range x {
			line = append(strconv.AppendFloat(line, v, 'g', -1, 64), "  \n"[k])
		}
		b.Write(line)
	}
	fmt.Fprintln(b, "$EndNodes")
}

// bounds is the box around the points, 0 in the coordinates that there are not.
func (m *Mesh) bounds() (low, high [3]float64) {
	d := m.Dim()
	for i, x := range m.Points {
		k := i % d
		if i < d || x < low[k] {
			low[k] = x
		}
		if i < d || x > high[k] {
			high[k] = x
		}
	}
	return low, high
}
