package mesh

import (
	"bytes"
	"testing"
)

// benchBig is 10⁶ triangles.
func benchBig(b *testing.B) *Mesh {
	b.Helper()
	m, err := NewRectangle(Triangle, 1000, 500, 2, 1)
	if err != nil {
		b.Fatal(err)
	}
	return m
}

func BenchmarkEdges(b *testing.B) {
	m := benchBig(b)
	for b.Loop() {
		m.Edges()
	}
	b.ReportMetric(float64(m.Count())*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mcells/s")
}

func BenchmarkSkeleton(b *testing.B) {
	m := benchBig(b)
	for b.Loop() {
		if _, err := m.Skeleton(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(m.Count())*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mcells/s")
}

func BenchmarkSkeletonTetrahedra(b *testing.B) {
	m, err := NewBox(Tetrahedron, 55, 55, 55, 1, 1, 1)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := m.Skeleton(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(m.Count())*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mcells/s")
}

func BenchmarkCheck(b *testing.B) {
	m := benchBig(b)
	for b.Loop() {
		if err := m.Check(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(m.Count())*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mcells/s")
}

func BenchmarkRefine(b *testing.B) {
	m, err := NewRectangle(Triangle, 500, 250, 2, 1)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := m.Refine(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(4*float64(m.Count())*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mcells/s")
}

func BenchmarkReadMSH(b *testing.B) {
	m, err := NewRectangle(Triangle, 500, 250, 2, 1)
	if err != nil {
		b.Fatal(err)
	}
	var file bytes.Buffer
	if err := WriteMSH(&file, m); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(file.Len()))
	for b.Loop() {
		if _, err := ReadMSH(bytes.NewReader(file.Bytes())); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(m.Count())*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mcells/s")
}

func BenchmarkWriteMSH(b *testing.B) {
	m, err := NewRectangle(Triangle, 500, 250, 2, 1)
	if err != nil {
		b.Fatal(err)
	}
	var file bytes.Buffer
	for b.Loop() {
		file.Reset()
		if err := WriteMSH(&file, m); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(m.Count())*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mcells/s")
}

func BenchmarkWriteVTU(b *testing.B) {
	m := benchBig(b)
	u := make([]float64, m.N())
	for i := range u {
		u[i] = m.Points[2*i] * m.Points[2*i+1]
	}
	var file bytes.Buffer
	for b.Loop() {
		file.Reset()
		if err := WriteVTU(&file, m, Field{Name: "u", Values: u}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(m.Count())*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mcells/s")
	b.ReportMetric(float64(file.Len())/1e6, "MB")
}
