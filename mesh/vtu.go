package mesh

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"encoding/xml"
	"fmt"
	"io"
	"math"
	"strings"
)

// Field is numbers at the points or on the cells of a mesh.
type Field struct {
	Name       string
	Values     []float64 // [points or cells × Components]
	Components int       // 0 and 1: a scalar; 2 gets a third, 0, as ParaView has vectors in space
	OnCells    bool
}

func (f Field) components() int { return max(1, f.Components) }

// WriteVTU writes a mesh with fields for ParaView: an XML file of unstructured grids with
// its arrays appended as raw bytes, in blocks compressed by zlib, all digits kept. Tags
// of cells, if there are any, are the cell field "tag".
//
// Format: Kitware, "VTK XML formats", VTK user's guide (2010), and its documentation.
func WriteVTU(w io.Writer, m *Mesh, fields ...Field) error {
	if err := m.checkNumbers(); err != nil {
		return err
	}
	if err := m.checkFields(fields); err != nil {
		return err
	}
	var data bytes.Buffer
	var head strings.Builder
	head.WriteString(`<?xml version="1.0"?>
<VTKFile type="UnstructuredGrid" version="1.0" byte_order="LittleEndian" header_type="UInt64" compressor="vtkZLibDataCompressor">
<UnstructuredGrid>
`)
	fmt.Fprintf(&head, "<Piece NumberOfPoints=\"%d\" NumberOfCells=\"%d\">\n", m.N(), m.Count())
	array := func(kind, name string, components int, raw []byte) {
		width := ""
		if components > 1 { // 1 is the default; where it is said, meshio makes columns of scalars
			width = fmt.Sprintf(` NumberOfComponents="%d"`, components)
		}
		fmt.Fprintf(&head, `<DataArray type="%s" Name="%s"%s format="appended" offset="%d"/>`+"\n", kind, escape(name), width, data.Len())
		deflate(&data, raw)
	}
	for _, onCells := range []bool{false, true} {
		section := "PointData"
		if onCells {
			section = "CellData"
		}
		fmt.Fprintf(&head, "<%s>\n", section)
		if onCells && m.CellTag != nil {
			array("Int32", "tag", 1, raw32(m.CellTag))
		}
		for _, f := range fields {
			if f.OnCells == onCells {
				k := f.components()
				if k == 2 {
					array("Float64", f.Name, 3, raw64(f.Values, 2, 3))
				} else {
					array("Float64", f.Name, k, raw64(f.Values, k, k))
				}
			}
		}
		fmt.Fprintf(&head, "</%s>\n", section)
	}
	head.WriteString("<Points>\n")
	array("Float64", "Points", 3, raw64(m.Points, m.Dim(), 3))
	head.WriteString("</Points>\n<Cells>\n")
	v := m.Shape.Vertices()
	kind := map[Shape]byte{Interval: 3, Triangle: 5, Quadrilateral: 9, Tetrahedron: 10, Hexahedron: 12}[m.Shape]
	ends := make([]byte, 0, 8*m.Count())
	for c := range m.Count() {
		ends = binary.LittleEndian.AppendUint64(ends, uint64((c+1)*v)) // beyond 2³¹ from 3·10⁸ cells on
	}
	array("Int32", "connectivity", 1, raw32(m.Cells))
	array("Int64", "offsets", 1, ends)
	array("UInt8", "types", 1, bytes.Repeat([]byte{kind}, m.Count()))
	head.WriteString("</Cells>\n</Piece>\n</UnstructuredGrid>\n<AppendedData encoding=\"raw\">\n_")

	for _, part := range [][]byte{[]byte(head.String()), data.Bytes(), []byte("\n</AppendedData>\n</VTKFile>\n")} {
		if _, err := w.Write(part); err != nil {
			return err
		}
	}
	return nil
}

func (m *Mesh) checkFields(fields []Field) error {
	type key struct {
		name    string
		onCells bool
	}
	seen := map[key]bool{{"tag", true}: m.CellTag != nil}
	for _, f := range fields {
		where, n := "points", m.N()
		if f.OnCells {
			where, n = "cells", m.Count()
		}
		switch {
		case f.Name == "":
			return fmt.Errorf("mesh: VTU: a field on %s has no name", where)
		case seen[key{f.Name, f.OnCells}]:
			return fmt.Errorf("mesh: VTU: two fields on %s have the name %q", where, f.Name)
		case f.Components < 0 || len(f.Values) != n*f.components():
			return fmt.Errorf("mesh: VTU: field %q has %d numbers: %d %s with %d components need %d", f.Name, len(f.Values), n, where, f.components(), n*f.components())
		}
		seen[key{f.Name, f.OnCells}] = true
	}
	return nil
}

// block is the bytes compressed together: a multiple of all numbers' sizes.
const block = 1 << 20

// deflate appends an array as VTK has it: the number of blocks, the size of a full one,
// that of the last if it is not full, the sizes when compressed; then the blocks.
func deflate(to *bytes.Buffer, raw []byte) {
	n := (len(raw) + block - 1) / block
	head := binary.LittleEndian.AppendUint64(nil, uint64(n))
	head = binary.LittleEndian.AppendUint64(head, block)
	head = binary.LittleEndian.AppendUint64(head, uint64(len(raw)%block))
	var packed bytes.Buffer
	z, _ := zlib.NewWriterLevel(&packed, zlib.BestSpeed) // the level is a valid one
	for from := 0; from < len(raw); from += block {
		before := packed.Len()
		z.Reset(&packed)
		_, _ = z.Write(raw[from:min(from+block, len(raw))]) // a buffer takes all
		_ = z.Close()
		head = binary.LittleEndian.AppendUint64(head, uint64(packed.Len()-before))
	}
	to.Write(head)
	to.Write(packed.Bytes())
}

// raw64 is rows of width numbers, filled up with zeros to padded.
func raw64(x []float64, width, padded int) []byte {
	out := make([]byte, 8*padded*(len(x)/width))
	for i := 0; i < len(x)/width; i++ {
		for k := range width {
			binary.LittleEndian.PutUint64(out[8*(i*padded+k):], math.Float64bits(x[i*width+k]))
		}
	}
	return out
}

func raw32(x []int32) []byte {
	out := make([]byte, 0, 4*len(x))
	for _, v := range x {
		out = binary.LittleEndian.AppendUint32(out, uint32(v))
	}
	return out
}

func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a builder takes all
	return b.String()
}
