package mesh

import (
	"io"
	"strings"
)

// ReadMSH reads a mesh in Gmsh's format MSH, versions 4.1 and 2.2, text or binary of
// either byte order. Cells are the elements of the highest dimension, all of one shape;
// physical groups of cells and of facets become the Groups, those without a name with
// their tag as name. Points that no cell has are left out.
//
//   - Elements of the second order are taken as their corners: their curved edges become
//     chords, as a mesh here has straight edges. P2 spaces place their own middles.
//   - Cells of curves and plane surfaces that run the other way (Gmsh orders them as the
//     surface is, not counterclockwise) are reversed; those of volumes are left as they are.
//   - Facets are turned to look outward, those between two cells out of the first.
//   - A cell in two physical groups is an error: it has one tag. A facet may be in several.
//
// The mesh is not checked for geometry: see Check. Memory is taken for what has been
// read, never for what a header promises.
//
// Format: C. Geuzaine and J.-F. Remacle, Gmsh reference manual, "MSH file format".
func ReadMSH(r io.Reader) (*Mesh, error) {
	f := &mshFile{mshScanner: newMSHScanner(r), entities: map[[2]int][]int32{}}
	f.read()
	if f.err != nil {
		return nil, f.err
	}
	return f.build()
}

// mshFile is what a file says, before cells and facets are told apart.
type mshFile struct {
	*mshScanner
	four     bool               // version 4.1, else 2.2
	names    []Group            // physical names of all dimensions
	entities map[[2]int][]int32 // dimension and tag of a part of the geometry → physical tags
	nodes    []int64            // tags
	xyz      []float64          // three for each
	blocks   []mshBlock
	elements [6]mshElements // by mshKind
}

// mshBlock is elements with the same physical groups: those of an entity, or one tag.
type mshBlock struct {
	dim, entity int
	physical    []int32
}

type mshElements struct {
	points []int64 // tags of the corners
	block  []int32
}

// mshKind is the shape that elements become; points are facets of intervals.
type mshKind int

const mshPoint mshKind = 5 // 0 to 4 are Shapes

func (k mshKind) dim() int {
	if k == mshPoint {
		return 0
	}
	return Shape(k).Dim()
}

func (k mshKind) corners() int {
	if k == mshPoint {
		return 1
	}
	return Shape(k).Vertices()
}

func (k mshKind) String() string {
	if k == mshPoint {
		return "point"
	}
	return Shape(k).String()
}

// mshTypes gives for Gmsh's numbers of element types the shape and how many nodes there
// are; corners come first in all, so that the order of the others (where Gmsh and VTK
// differ for the last two of the tetrahedron with ten) does not matter.
var mshTypes = map[int]struct {
	kind  mshKind
	nodes int
}{
	15: {mshPoint, 1},
	1:  {mshKind(Interval), 2}, 8: {mshKind(Interval), 3},
	2: {mshKind(Triangle), 3}, 9: {mshKind(Triangle), 6},
	3: {mshKind(Quadrilateral), 4}, 10: {mshKind(Quadrilateral), 9}, 16: {mshKind(Quadrilateral), 8},
	4: {mshKind(Tetrahedron), 4}, 11: {mshKind(Tetrahedron), 10},
	5: {mshKind(Hexahedron), 8}, 12: {mshKind(Hexahedron), 27}, 17: {mshKind(Hexahedron), 20},
}

var mshOthers = map[int]string{6: "prisms", 7: "pyramids", 13: "prisms", 14: "pyramids", 18: "prisms", 19: "pyramids"}

func (f *mshFile) read() {
	if w := string(f.word()); f.ok() && w != "$MeshFormat" {
		f.fail("it begins with %q, not with $MeshFormat: is it a MSH file?", clip([]byte(w)))
	}
	f.format()
	seen := map[string]bool{}
	for f.ok() {
		w := string(f.word())
		if !f.ok() || w == "" {
			break
		}
		if w[0] != '$' {
			f.fail("%q where a section is needed: is the section before longer than it says?", clip([]byte(w)))
			break
		}
		name := w[1:]
		if seen[name] {
			f.fail("a second section $%s: a file has one", name)
		}
		if name != "Comments" && f.binary {
			f.rest() // numbers begin on the next line
		}
		switch {
		case name == "PhysicalNames":
			f.physicalNames()
		case name == "Entities" && f.four:
			f.readEntities()
		case name == "Nodes" && f.four:
			f.nodes41()
		case name == "Nodes":
			f.nodes22()
		case name == "Elements" && f.four:
			f.elements41()
		case name == "Elements":
			f.elements22()
		default:
			f.skip(name)
			continue
		}
		f.end(name)
		seen[name] = true
	}
	for _, name := range []string{"Nodes", "Elements"} {
		if !seen[name] {
			f.fail("the file ends without a section $%s", name)
		}
	}
}

func (f *mshFile) end(name string) {
	if w := string(f.word()); f.ok() && w != "$End"+name {
		if w == "" {
			f.ended(io.EOF, "$End"+name)
			return
		}
		f.fail("%q where $End%s is needed: is the section longer than it says?", clip([]byte(w)), name)
	}
}

func (f *mshFile) format() {
	version := string(f.word())
	mode, size := f.decimal(), f.decimal()
	if !f.ok() {
		return
	}
	switch version {
	case "4.1":
		f.four = true
	case "2.2", "2.1", "2":
	default:
		f.fail("version %q: versions 4.1 and 2.2 are read; save again with Mesh.MshFileVersion = 4.1", clip([]byte(version)))
	}
	if mode != 0 && mode != 1 || size != 8 {
		f.fail("mode %d with numbers of %d bytes: modes are 0 (text) and 1 (binary), numbers have 8 bytes", mode, size)
	}
	f.rest()
	if mode == 1 && f.ok() {
		f.binary = true
		switch one := f.integer(); one {
		case 1:
		case 1 << 24:
			f.swap = true
		default:
			f.fail("the number 1 that tells the byte order is %#x: was the file changed as text?", uint32(one))
		}
	}
	f.end("MeshFormat")
}

// physicalNames is text in all files.
func (f *mshFile) physicalNames() {
	n := f.decimal()
	for i := int64(0); i < n && f.ok(); i++ {
		dim, tag := f.decimal(), f.decimal()
		line := strings.TrimSpace(f.rest())
		name, quoted := strings.CutPrefix(line, `"`)
		name, closed := strings.CutSuffix(name, `"`)
		if f.ok() && (!quoted || !closed || dim < 0 || dim > 3 || tag != int64(int32(tag))) {
			f.fail("physical name %d of %d: a dimension from 0 to 3, a tag and a name in quotes are needed, not %d %d %s", i+1, n, dim, tag, clip([]byte(line)))
		}
		f.names = append(f.names, Group{Name: name, Dim: int(dim), Tag: int32(tag)})
	}
}

// element checks the type of elements; n says which in the file.
func (f *mshFile) element(number int) (kind mshKind, nodes int) {
	t, known := mshTypes[number]
	switch {
	case !f.ok():
	case mshOthers[number] != "":
		f.fail("elements of type %d are %s: cells are intervals, triangles, quadrilaterals, tetrahedra or hexahedra", number, mshOthers[number])
	case !known:
		f.fail("elements of type %d: those of the first and second order are read; set Mesh.ElementOrder = 1", number)
	}
	return t.kind, t.nodes
}
