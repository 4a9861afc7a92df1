package mesh

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func mshOpen(t testing.TB, name string) *Mesh {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	m, err := ReadMSH(bytes.NewReader(data))
	if err != nil {
		t.Fatal(name, ": ", err)
	}
	return m
}

// mshArea is the sum of the lengths or areas of the facets of a group; 1 each for points.
func mshArea(t *testing.T, m *Mesh, name string) float64 {
	t.Helper()
	g, err := m.GroupOf(m.Dim()-1, name)
	if err != nil {
		t.Fatal(err)
	}
	sum, size := 0.0, m.FacetSize()
	for f, tag := range m.FacetTag {
		if tag != g.Tag {
			continue
		}
		p := m.Facets[f*size : (f+1)*size]
		switch size {
		case 1:
			sum++
		case 2:
			sum += distance(m.Point(p[0]), m.Point(p[1]))
		default:
			for i := 1; i < size-1; i++ {
				var u, v [3]float64
				for k := range 3 {
					u[k], v[k] = m.Point(p[i])[k]-m.Point(p[0])[k], m.Point(p[i+1])[k]-m.Point(p[0])[k]
				}
				sum += math.Sqrt(math.Pow(u[1]*v[2]-u[2]*v[1], 2)+math.Pow(u[2]*v[0]-u[0]*v[2], 2)+math.Pow(u[0]*v[1]-u[1]*v[0], 2)) / 2
			}
		}
	}
	return sum
}

// mshVolume is the volume of the cells of a group.
func mshVolume(t *testing.T, m *Mesh, name string) float64 {
	t.Helper()
	g, err := m.GroupOf(m.Dim(), name)
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for c := range m.Count() {
		if m.CellTag[c] == g.Tag {
			sum += m.CellVolume(c)
		}
	}
	return sum
}

// TestReadMSH reads Gmsh's files: all versions and modes are the same mesh, groups have
// their exact sizes, cells are the right way round, and named facets look outward.
func TestReadMSH(t *testing.T) {
	polygon := 0.0 // the disc of the channel is a polygon of the cylinder's points: corners on the circle
	sizes := map[string]struct {
		shape         Shape
		cells, facets map[string]float64
	}{
		"channel":          {Triangle, map[string]float64{"fluid": 2}, map[string]float64{"inflow": 1, "out flow": 1, "walls": 4}},
		"clockwise-quads2": {Quadrilateral, map[string]float64{"1": 1}, map[string]float64{"4": 1, "all": 4}},
		"cube-tets2":       {Tetrahedron, map[string]float64{"cube": 1}, map[string]float64{"left": 1}},
		"hexes":            {Hexahedron, map[string]float64{"soil": 1, "rock": 1}, map[string]float64{"left": 1, "interface": 1}},
		"line":             {Interval, map[string]float64{"rod": 1}, map[string]float64{"left": 1, "right": 1}},
	}
	for name, want := range sizes {
		first := mshOpen(t, name+"-41-ascii.msh")
		for _, file := range []string{"-41-ascii", "-41-binary", "-22-ascii", "-22-binary"} {
			m := mshOpen(t, name+file+".msh")
			if m.Shape != want.shape {
				t.Errorf("%s: cells of shape %s", name+file, m.Shape)
			}
			// Text has 16 digits, one less than is needed.
			for i, x := range m.Points {
				if len(m.Points) != len(first.Points) || math.Abs(x-first.Points[i]) > 1e-14 {
					t.Fatalf("%s: points differ from the first file's", name+file)
				}
			}
			a, b := *m, *first
			a.Points, b.Points = nil, nil
			if d := cmp.Diff(a, b); d != "" {
				t.Errorf("%s: it differs from the first file: %s", name+file, d)
			}
			for c := range m.Count() {
				if !(m.leastJacobian(c) > 0) {
					t.Errorf("%s: cell %d is turned over", name+file, c)
				}
			}
			polygon = 0
			if name == "channel" {
				polygon = mshPolygon(t, m)
				if got := flux(m); math.Abs(got-(2-polygon)) > 1e-12 {
					t.Errorf("%s: volume by named facets %v, not %v", name+file, got, 2-polygon)
				}
			}
			for g, v := range want.cells {
				if got := mshVolume(t, m, g); math.Abs(got-(v-polygon)) > 1e-11 {
					t.Errorf("%s: volume of %s %v, not %v", name+file, g, got, v-polygon)
				}
			}
			for g, v := range want.facets {
				if got := mshArea(t, m, g); math.Abs(got-v) > 1e-11 {
					t.Errorf("%s: size of %s %v, not %v", name+file, g, got, v)
				}
			}
		}
	}
}

// mshPolygon is the area of the polygon inscribed in the channel's cylinder: n equal
// sides, as many as there are named facets, ½ n r² sin 2π/n.
func mshPolygon(t *testing.T, m *Mesh) float64 {
	t.Helper()
	g, err := m.Group("cylinder")
	if err != nil {
		t.Fatal(err)
	}
	n := 0.0
	for _, tag := range m.FacetTag {
		if tag == g.Tag {
			n++
		}
	}
	return n / 2 * 0.04 * math.Sin(2*math.Pi/n)
}

func TestSparseTags(t *testing.T) {
	got := mshOpen(t, "sparse.msh")
	want := &Mesh{Shape: Triangle, Points: []float64{0, 0, 1, 0, 1, 1, 0, 1}, Cells: []int32{0, 1, 2, 0, 2, 3}, CellTag: []int32{9, 9},
		Facets: []int32{0, 1}, FacetTag: []int32{3}, Groups: []Group{{"wall of ", 1, 3}, {"domain", 2, 9}}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// TestMSHByteOrder turns the numbers of a binary file of 2.2 round.
func TestMSHByteOrder(t *testing.T) {
	data, err := os.ReadFile("testdata/line-22-binary.msh")
	if err != nil {
		t.Fatal(err)
	}
	turn := func(at, n int) { slices.Reverse(data[at : at+n]) }
	after := func(s string) int { return bytes.Index(data, []byte(s)) + len(s) }
	turn(after("2.2 1 8\n"), 4)
	for i, at := 0, after("$Nodes\n3\n"); i < 3; i++ {
		turn(at, 4)
		for k := range 3 {
			turn(at+4+8*k, 8)
		}
		at += 28
	}
	for at, end := after("$Elements\n4\n"), bytes.Index(data, []byte("\n$EndElements")); at < end; at += 4 {
		turn(at, 4)
	}
	m, err := ReadMSH(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(mshOpen(t, "line-22-binary.msh"), m); d != "" {
		t.Error(d)
	}
}

// TestWriteMSH reads back what was written, to the last digit.
func TestWriteMSH(t *testing.T) {
	all := generated(t)
	for _, name := range []string{"channel", "hexes", "cube-tets2", "line"} {
		all[name] = mshOpen(t, name+"-41-binary.msh")
	}
	for name, m := range all {
		var b bytes.Buffer
		if err := WriteMSH(&b, m); err != nil {
			t.Fatal(name, ": ", err)
		}
		got, err := ReadMSH(&b)
		if err != nil {
			t.Fatal(name, ": ", err)
		}
		want := *m
		sortFacets(&want)
		if d := cmp.Diff(&want, got); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
	if err := WriteMSH(&bytes.Buffer{}, &Mesh{Shape: Interval, Groups: []Group{{"a\"b", 0, 1}}}); err == nil {
		t.Error("a quote in a name is no error")
	}
}

// sortFacets puts named facets in the order of their tags and starts each as Skeleton does.
func sortFacets(m *Mesh) {
	s, _ := m.Skeleton()
	size := m.FacetSize()
	order := make([]int, len(m.FacetTag))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return int(m.FacetTag[a] - m.FacetTag[b]) })
	var facets, tags []int32
	for _, f := range order {
		n := int(s.Named[f])
		facets, tags = append(facets, s.Points[n*size:(n+1)*size]...), append(tags, m.FacetTag[f])
	}
	m.Facets, m.FacetTag = facets, tags
}

// TestBadMSH names what is wrong in files that are, and where.
func TestBadMSH(t *testing.T) {
	read := func(name string) string {
		data, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	sparse, channel, binary := read("sparse.msh"), read("channel-22-ascii.msh"), read("hexes-41-binary.msh")
	change := func(s, old, new string) string {
		if !strings.Contains(s, old) {
			t.Fatalf("%q is not in the file", old)
		}
		return strings.Replace(s, old, new, 1)
	}
	for what, c := range map[string]struct{ file, want string }{
		"mixed shapes":       {read("mixed.msh"), "1 cells of shape triangle and 1 of shape quadrilateral"},
		"surface":            {read("surface.msh"), "node 3 has z = 0.5, node 1 has 0"},
		"empty":              {"", "not with $MeshFormat"},
		"another format":     {"# vtk DataFile Version 3.0\n", `begins with "#"`},
		"version":            {change(sparse, "4.1", "4.0"), `line 2: version "4.0"`},
		"mode":               {change(sparse, "4.1 0", "4.1 7"), "mode 7"},
		"size":               {change(sparse, "4.1 0 8", "4.1 0 4"), "numbers of 4 bytes"},
		"cut off":            {sparse[:strings.Index(sparse, "0 1 0 0 1\n0 77")], "line 26: the file ends where a number is needed"},
		"cut off in binary":  {binary[:2000], "byte 1998: the file ends"},
		"no elements":        {sparse[:strings.Index(sparse, "$Elements")], "without a section $Elements"},
		"huge count":         {change(sparse, "2 -5 1 2\n", "2 -5 1 2000000000000000000\n"), `line 25: "0.5" where a whole number`},
		"negative count":     {change(sparse, "2 -5 1 2\n", "2 -5 1 -2\n"), "-2 where a count"},
		"word for number":    {change(sparse, "0.5 0.5 3", "0.5 half 3"), `line 29: "half" where a number`},
		"NaN":                {change(sparse, "0.5 0.5 3", "0.5 nan 3"), "coordinate y of a node is NaN"},
		"unknown node":       {change(sparse, "30 4000000000000 900 4", "30 4000000000000 900 8"), "triangle 1 of 2 has node 8"},
		"twice the same tag": {change(sparse, "900 4\n", "900 17\n"), "node 17 is there twice"},
		"prisms":             {change(channel, "1 1 2 21 ", "1 6 2 21 "), "type 6 are prisms"},
		"third order":        {change(channel, "1 1 2 21 ", "1 26 2 21 "), "type 26"},
		"isolated facet":     {change(sparse, "10 4000000000000 17", "10 4000000000000 5"), "has node 5, which no cell has"},
		"no facet":           {change(sparse, "10 4000000000000 17", "10 17 4"), "is no facet of a cell"},
		"two groups":         {change(sparse, "1 9 1 7", "2 9 11 1 7"), "triangle 0 is in the physical groups [9 11]"},
		"name":               {change(sparse, `"domain"`, `domain`), "physical name 2 of 2"},
		"longer section":     {change(sparse, "$EndNodes", "9 9 9\n$EndNodes"), `"9" where $EndNodes`},
		"shorter section":    {change(sparse, "3 5 4 4000000000000", "3 6 4 4000000000000"), "6 nodes were promised, the blocks have 5"},
		"two sections":       {sparse + "$Nodes\n", "a second section $Nodes"},
		"cell listed twice":  {change(change(channel, "\n182\n", "\n183\n"), "$EndElements", "183 2 2 2 1 53 63 89\n$EndElements"), "is a cell listed twice"},
		"byte order":         {change(binary, "\x01\x00\x00\x00", "\x01\x00\x01\x00"), "byte order"},
	} {
		_, err := ReadMSH(strings.NewReader(c.file))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: the error is %v, not one with %q", what, err, c.want)
		}
	}
}

// TestHugeCounts reads headers that promise more than there is with little memory.
func TestHugeCounts(t *testing.T) {
	file := "$MeshFormat\n4.1 0 8\n$EndMeshFormat\n$Nodes\n1 1000000000000 1 1000000000000\n2 1 0 1000000000000\n1 2 3\n"
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := ReadMSH(strings.NewReader(file)); err == nil {
		t.Error("no error")
	}
	runtime.ReadMemStats(&after)
	allocated := after.TotalAlloc - before.TotalAlloc
	if allocated > 1<<18 {
		t.Errorf("%d bytes were taken for a file of %d", allocated, len(file))
	}
}

func TestGroup(t *testing.T) {
	m := mshOpen(t, "channel-41-ascii.msh")
	g, err := m.Group("inflow")
	if err != nil || g != (Group{"inflow", 1, 21}) {
		t.Error(g, err)
	}
	if g, err = m.Group("fluid"); err != nil || g != (Group{"fluid", 2, 1}) {
		t.Error(g, err)
	}
	for _, c := range []struct {
		err  error
		want string
	}{
		{second(m.Group("outflow")), `no group "outflow": there are "out flow" (facets), "walls" (facets), "cylinder" (facets), "inflow" (facets), "fluid" (cells); did you mean "out flow"?`},
		{second(m.GroupOf(1, "fluid")), `no group of facets "fluid": there are`},
		{second(m.GroupOf(0, "fluid")), `groups of a mesh of dimension 2 are`},
		{second((&Mesh{Shape: Triangle}).Group("x")), `has none at all`},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.want) {
			t.Errorf("the error is %v, not one with %q", c.err, c.want)
		}
	}
}

func second[T any](_ T, err error) error { return err }

// FuzzReadMSH: no file makes the reader panic, and what it accepts is a mesh whose
// numbers are in range and that survives being written and read.
func FuzzReadMSH(f *testing.F) {
	files, err := filepath.Glob("testdata/*.msh")
	if err != nil || len(files) == 0 {
		f.Fatal("no seeds: ", err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := ReadMSH(bytes.NewReader(data))
		if err != nil {
			return
		}
		if m.Count() == 0 || len(m.Facets) != len(m.FacetTag)*m.FacetSize() || m.CellTag != nil && len(m.CellTag) != m.Count() {
			t.Fatal("lengths do not fit")
		}
		for _, p := range slices.Concat(m.Cells, m.Facets) {
			if p < 0 || int(p) >= m.N() {
				t.Fatal("a point out of range")
			}
		}
		var b bytes.Buffer
		if err := WriteMSH(&b, m); err != nil {
			return // a name with a quote inside
		}
		again, err := ReadMSH(&b)
		if err != nil {
			t.Fatal(err)
		}
		if again.Count() != m.Count() || again.N() != m.N() {
			t.Fatal("another mesh comes back")
		}
	})
}
