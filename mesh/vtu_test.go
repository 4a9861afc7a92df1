package mesh

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"encoding/xml"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

type vtuArray struct {
	Type       string `xml:"type,attr"`
	Name       string `xml:"Name,attr"`
	Components int    `xml:"NumberOfComponents,attr"`
	Offset     int    `xml:"offset,attr"`
}

type vtuFile struct {
	Piece struct {
		Points    int        `xml:"NumberOfPoints,attr"`
		Cells     int        `xml:"NumberOfCells,attr"`
		PointData []vtuArray `xml:"PointData>DataArray"`
		CellData  []vtuArray `xml:"CellData>DataArray"`
		Position  []vtuArray `xml:"Points>DataArray"`
		Grid      []vtuArray `xml:"Cells>DataArray"`
	} `xml:"UnstructuredGrid>Piece"`
	raw []byte
}

// vtuRead is a reader of its own: XML apart from the bytes after the underscore.
func vtuRead(t *testing.T, data []byte) *vtuFile {
	t.Helper()
	cut := bytes.Index(data, []byte("\n_"))
	end := bytes.LastIndex(data, []byte("\n</AppendedData>"))
	if cut < 0 || end < 0 {
		t.Fatal("no appended data")
	}
	f := &vtuFile{raw: data[cut+2 : end]}
	if err := xml.Unmarshal(append(append([]byte(nil), data[:cut]...), data[end:]...), f); err != nil {
		t.Fatal(err)
	}
	return f
}

// numbers inflates an array; the sizes that its head tells must be right.
func (f *vtuFile) numbers(t *testing.T, a vtuArray) []float64 {
	t.Helper()
	word := func(i int) int { return int(binary.LittleEndian.Uint64(f.raw[a.Offset+8*i:])) }
	n, full, last := word(0), word(1), word(2)
	at := a.Offset + 8*(3+n)
	var all []byte
	for i := range n {
		z, err := zlib.NewReader(bytes.NewReader(f.raw[at : at+word(3+i)]))
		if err != nil {
			t.Fatal(a.Name, ": ", err)
		}
		part, err := io.ReadAll(z)
		if err != nil {
			t.Fatal(a.Name, ": ", err)
		}
		want := full
		if i == n-1 && last > 0 {
			want = last
		}
		if len(part) != want {
			t.Fatalf("%s: block %d has %d bytes, its head says %d", a.Name, i, len(part), want)
		}
		all, at = append(all, part...), at+word(3+i)
	}
	var out []float64
	size := map[string]int{"Float64": 8, "Int64": 8, "Int32": 4, "UInt8": 1}[a.Type]
	for ; len(all) > 0; all = all[size:] {
		switch a.Type {
		case "Float64":
			out = append(out, math.Float64frombits(binary.LittleEndian.Uint64(all)))
		case "Int64":
			out = append(out, float64(binary.LittleEndian.Uint64(all)))
		case "Int32":
			out = append(out, float64(int32(binary.LittleEndian.Uint32(all))))
		case "UInt8":
			out = append(out, float64(all[0]))
		}
	}
	return out
}

// vtuFields is a scalar and a vector on points and on cells, in numbers that need all
// digits, and those that are none.
func vtuFields(m *Mesh) []Field {
	d := m.Dim()
	scalar, vector, tensor, cell := make([]float64, m.N()), make([]float64, d*m.N()), make([]float64, 9*m.Count()), make([]float64, d*m.Count())
	for i := range scalar {
		scalar[i] = math.Sin(float64(i)) * 1e-300
	}
	for i := range vector {
		vector[i] = math.Exp(float64(i % 700))
	}
	for i := range tensor {
		tensor[i] = 1 / float64(i+3)
	}
	for i := range cell {
		cell[i] = -math.Sqrt(float64(i))
	}
	scalar[0] = math.NaN()
	scalar[1] = math.Inf(-1)
	return []Field{{Name: "u <&\"quoted\">", Values: scalar}, {Name: "flow", Values: vector, Components: d},
		{Name: "stress", Values: tensor, Components: 9, OnCells: true}, {Name: "flow", Values: cell, Components: d, OnCells: true}}
}

func vtuPad(x []float64, width int) []float64 {
	if width == 1 || width >= 3 {
		return x
	}
	var out []float64
	for i := 0; i < len(x); i += width {
		out = append(out, x[i], x[i+1], 0)
	}
	return out
}

// TestVTU reads back all numbers, bit by bit.
func TestVTU(t *testing.T) {
	all := generated(t)
	all["hexes"] = mshOpen(t, "hexes-41-ascii.msh")
	big, err := NewInterval(150000, 0, 1) // more than a block
	if err != nil {
		t.Fatal(err)
	}
	all["big"] = big
	equal := func(a, b float64) bool { return math.Float64bits(a) == math.Float64bits(b) }
	for name, m := range all {
		var b bytes.Buffer
		fields := vtuFields(m)
		if err := WriteVTU(&b, m, fields...); err != nil {
			t.Fatal(name, ": ", err)
		}
		f := vtuRead(t, b.Bytes())
		if f.Piece.Points != m.N() || f.Piece.Cells != m.Count() {
			t.Errorf("%s: %d points and %d cells", name, f.Piece.Points, f.Piece.Cells)
		}
		var names []string
		check := func(a vtuArray, field string, want []float64, components int) {
			names = append(names, a.Name)
			if !slices.EqualFunc(want, f.numbers(t, a), equal) || a.Name != field || max(a.Components, 1) != components { // VTK takes 1 where nothing is said
				t.Errorf("%s: field %q with %d components is not %q, or its numbers differ", name, a.Name, a.Components, field)
			}
		}
		wide := m.Dim()
		if wide == 2 {
			wide = 3
		}
		tags := 0
		if m.CellTag != nil {
			tags = 1
			check(f.Piece.CellData[0], "tag", vtuFloats(m.CellTag), 1)
		}
		check(f.Piece.PointData[0], fields[0].Name, fields[0].Values, 1)
		check(f.Piece.PointData[1], "flow", vtuPad(fields[1].Values, m.Dim()), wide)
		check(f.Piece.CellData[tags], "stress", fields[2].Values, 9)
		check(f.Piece.CellData[tags+1], "flow", vtuPad(fields[3].Values, m.Dim()), wide)
		points := make([]float64, 3*m.N())
		for i := range m.N() {
			copy(points[3*i:], m.Point(int32(i)))
		}
		check(f.Piece.Position[0], "Points", points, 3)
		check(f.Piece.Grid[0], "connectivity", vtuFloats(m.Cells), 1)
		v := m.Shape.Vertices()
		var offsets, kinds []float64
		for c := range m.Count() {
			offsets, kinds = append(offsets, float64((c+1)*v)), append(kinds, map[Shape]float64{Interval: 3, Triangle: 5, Quadrilateral: 9, Tetrahedron: 10, Hexahedron: 12}[m.Shape])
		}
		check(f.Piece.Grid[1], "offsets", offsets, 1)
		check(f.Piece.Grid[2], "types", kinds, 1)
		if len(names) != 8+tags || len(f.Piece.PointData) != 2 || len(f.Piece.CellData) != 2+tags {
			t.Errorf("%s: arrays %q", name, names)
		}
	}
}

func vtuFloats(x []int32) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = float64(v)
	}
	return out
}

func TestBadVTU(t *testing.T) {
	m, _ := NewInterval(3, 0, 1)
	for want, f := range map[string][]Field{
		"has 3 numbers: 4 points with 1":             {{Name: "u", Values: make([]float64, 3)}},
		"has 4 numbers: 3 cells with 1":              {{Name: "u", Values: make([]float64, 4), OnCells: true}},
		"has 4 numbers: 4 points with 2":             {{Name: "u", Values: make([]float64, 4), Components: 2}},
		"a field on points has no name":              {{Values: make([]float64, 4)}},
		`two fields on points have the name "u"`:     {{Name: "u", Values: make([]float64, 4)}, {Name: "u", Values: make([]float64, 4)}},
		"field \"u\" has 4 numbers: 4 points with 1": {{Name: "u", Values: make([]float64, 4), Components: -1}},
	} {
		if err := WriteVTU(io.Discard, m, f...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error is %v, not one with %q", err, want)
		}
	}
	for _, series := range [][]Snapshot{{{0, ""}}, {{math.NaN(), "a"}}, {{1, "a"}, {1, "b"}}} {
		if err := WritePVD(io.Discard, series); err == nil {
			t.Errorf("%v is no error", series)
		}
	}
}

// meshioReads opens VTU, PVD and MSH files with meshio and compares with numbers in
// files next to them.
const meshioReads = `
import sys, os, json, xml.etree.ElementTree as ET
import numpy as np, meshio
folder = sys.argv[1]
def same(name, what, got, want):
    want = np.array([float(v) for v in want]).reshape(np.shape(got))
    assert np.array_equal(np.asarray(got, dtype=float), want, equal_nan=True), (name, what, got, want)
def compare(m, name, w):
    assert [c.type for c in m.cells if c.type == w['type']], (name, m.cells)
    same(name, 'points', m.points, w['points'])
    same(name, 'cells', np.concatenate([c.data for c in m.cells if c.type == w['type']]), w['cells'])
files = ET.parse(os.path.join(folder, 'all.pvd')).getroot()[0]
assert [float(f.attrib['timestep']) for f in files] == [0.1 * i for i in range(len(files))]
for f in files:
    name = f.attrib['file']
    w = json.load(open(os.path.join(folder, name + '.json')))
    m = meshio.read(os.path.join(folder, name))
    compare(m, name, w)
    for key, v in w['point_data'].items(): same(name, key, m.point_data[key], v)
    for key, v in w['cell_data'].items(): same(name, key, np.concatenate(m.cell_data[key]), v)
    assert len(m.point_data) == len(w['point_data']) and len(m.cell_data) == len(w['cell_data'])
    m = meshio.read(os.path.join(folder, name[:-4] + '.msh'))
    compare(m, name + ' as MSH', w)
    for group, (tag, dim, n) in w['groups'].items():
        assert list(m.field_data[group]) == [tag, dim], (name, m.field_data)
        # meshio mixes the blocks of points up: their number tells nothing.
        here = sum(int((t == tag).sum()) for t, c in zip(m.cell_data['gmsh:physical'], m.cells) if c.dim == dim)
        assert here == n, (name, group, here, n)
`

func TestMeshioReadsOurs(t *testing.T) {
	if out, err := exec.Command("python3", "-c", "import numpy, meshio").CombinedOutput(); err != nil {
		t.Skipf("python3 with meshio is not installed: %v\n%s", err, out)
	}
	folder := t.TempDir()
	all := generated(t)
	for _, name := range []string{"channel", "hexes", "cube-tets2"} {
		all[name] = mshOpen(t, name+"-41-ascii.msh")
	}
	var series []Snapshot
	for name, m := range all {
		file := fmt.Sprintf("%d.vtu", len(series))
		series = append(series, Snapshot{Time: 0.1 * float64(len(series)), File: file})
		var vtu, msh, numbers bytes.Buffer
		fields := vtuFields(m)
		if err := WriteVTU(&vtu, m, fields...); err != nil {
			t.Fatal(name, ": ", err)
		}
		if err := WriteMSH(&msh, m); err != nil {
			t.Fatal(name, ": ", err)
		}
		vtuJSON(&numbers, m, fields)
		for path, b := range map[string]*bytes.Buffer{file: &vtu, file[:len(file)-4] + ".msh": &msh, file + ".json": &numbers} {
			if err := os.WriteFile(filepath.Join(folder, path), b.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	var pvd bytes.Buffer
	if err := WritePVD(&pvd, series); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "all.pvd"), pvd.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("python3", "-c", meshioReads, folder).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

// vtuJSON writes what a reader must find; numbers as text, which may be NaN.
func vtuJSON(w io.Writer, m *Mesh, fields []Field) {
	list := func(x []float64) string {
		var s []string
		for _, v := range x {
			s = append(s, fmt.Sprintf("%q", fmt.Sprint(v)))
		}
		return "[" + strings.Join(s, ",") + "]"
	}
	points := make([]float64, 3*m.N())
	for i := range m.N() {
		copy(points[3*i:], m.Point(int32(i)))
	}
	kind := map[Shape]string{Interval: "line", Triangle: "triangle", Quadrilateral: "quad", Tetrahedron: "tetra", Hexahedron: "hexahedron"}[m.Shape]
	fmt.Fprintf(w, `{"type":%q,"points":%s,"cells":%s`, kind, list(points), list(vtuFloats(m.Cells)))
	for _, onCells := range []bool{false, true} {
		var entries []string
		if onCells && m.CellTag != nil {
			entries = append(entries, `"tag":`+list(vtuFloats(m.CellTag)))
		}
		for _, f := range fields {
			if f.OnCells == onCells {
				entries = append(entries, fmt.Sprintf("%q:%s", f.Name, list(vtuPad(f.Values, f.components()))))
			}
		}
		fmt.Fprintf(w, `,%q:{%s}`, map[bool]string{false: "point_data", true: "cell_data"}[onCells], strings.Join(entries, ","))
	}
	var groups []string
	for _, g := range m.Groups {
		n, tags := 0, m.CellTag
		if g.Dim < m.Dim() {
			tags = m.FacetTag
		}
		for _, t := range tags {
			if t == g.Tag {
				n++
			}
		}
		groups = append(groups, fmt.Sprintf("%q:[%d,%d,%d]", g.Name, g.Tag, g.Dim, n))
	}
	fmt.Fprintf(w, `,"groups":{%s}}`, strings.Join(groups, ","))
}
