package mesh

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// locatorMeshes is all shapes, regular, moved and graded.
func locatorMeshes(t testing.TB) map[string]*Mesh {
	t.Helper()
	out := map[string]*Mesh{}
	for name, m := range generated(t) {
		fine, err := m.Refine()
		if err != nil {
			t.Fatal(err)
		}
		moved, err := fine.Jitter(0.25, 11)
		if err != nil {
			t.Fatal(err)
		}
		graded := *m
		graded.Points = append([]float64(nil), m.Points...)
		for i, x := range graded.Points {
			if i%m.Dim() == 0 && strings.HasPrefix(name, "rectangle") {
				graded.Points[i] = x * math.Pow(10, 4*(x-2))
			}
		}
		out[name], out["moved "+name], out["graded "+name] = m, moved, &graded
	}
	return out
}

// locatorImage is x(ξ) in any cell.
func locatorImage(m *Mesh, cell int, at []float64) []float64 {
	var x [3]float64
	d := m.Dim()
	if m.Shape.Vertices() != d+1 {
		for a, p := range m.Cell(cell) {
			weight := 1.0
			for i, v := range at {
				if corner(a, i) {
					weight *= v
				} else {
					weight *= 1 - v
				}
			}
			for k := range d {
				x[k] += weight * m.Point(p)[k]
			}
		}
		return x[:d]
	}
	p := m.Cell(cell)
	for k := range d {
		x[k] = m.Point(p[0])[k]
		for a := range d {
			x[k] += at[a] * (m.Point(p[a+1])[k] - m.Point(p[0])[k])
		}
	}
	return x[:d]
}

func locatorPlace(r *rand.Rand, m *Mesh) []float64 {
	at := make([]float64, m.Dim())
	for {
		sum := 0.0
		for k := range at {
			at[k] = r.Float64()
			if r.IntN(8) == 0 {
				at[k] = float64(r.IntN(2)) // faces, edges and corners too
			}
			sum += at[k]
		}
		if m.Shape.Vertices() != m.Dim()+1 || sum <= 1 {
			return at
		}
	}
}

// TestLocatorInside: every point made from a cell and ξ is found, and the cell and ξ that
// come back make the same point; strictly inside, they are the same cell and ξ.
func TestLocatorInside(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for name, m := range locatorMeshes(t) {
		l, err := NewLocator(m)
		if err != nil {
			t.Fatal(name, ": ", err)
		}
		l.Tolerance = 0
		got := make([]float64, m.Dim())
		for range 2000 {
			cell, at := r.IntN(m.Count()), locatorPlace(r, m)
			x := locatorImage(m, cell, at)
			found, ok := l.Find(x, got)
			if !ok {
				t.Fatalf("%s: %v of cell %d at ξ = %v is not found", name, x, cell, at)
			}
			if away := distance(locatorImage(m, found, got), x); away > 4e-13 {
				t.Fatalf("%s: cell %d and ξ = %v are %g from the point %v", name, found, got, away, x)
			}
			margin := 1.0
			sum := 0.0
			for _, v := range at {
				margin, sum = min(margin, v, 1-v), sum+v
			}
			if m.Shape.Vertices() == m.Dim()+1 {
				margin = min(margin, 1-sum)
			}
			if margin > 1e-6 && (found != cell || distance(got, at) > 1e-9) {
				t.Fatalf("%s: %v is in cell %d at %v, found in %d at %v", name, x, cell, at, found, got)
			}
		}
	}
}

// TestLocatorOutside compares distances with exact ones, and with the least over all
// facets of the boundary.
func TestLocatorOutside(t *testing.T) {
	ell, err := NewLShape(Triangle, 8)
	if err != nil {
		t.Fatal(err)
	}
	l, err := NewLocator(ell)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range [][3]float64{{-1.3, 0.5, 0.3}, {4, 5, 5}, {0.2, -0.3, 0.2}, {0.5, -0.125, 0.125}, {0, -1 - 1e-9, 1e-9}} {
		_, _, err := l.Locate([]float64{0, 0, c[0], c[1]})
		if err == nil || !strings.Contains(err.Error(), "point 1 at") || !strings.Contains(err.Error(), "is outside the mesh") {
			t.Errorf("%v: the error is %v", c, err)
		}
		if _, away := l.nearest(c[:2], math.Inf(1), make([]float64, 2)); math.Abs(away-c[2]) > 1e-15 {
			t.Errorf("%v is %v from the mesh, not %v", c[:2], away, c[2])
		}
	}
	if _, _, err := l.Locate([]float64{math.NaN(), 0}); err == nil || !strings.Contains(err.Error(), "finite") {
		t.Error("NaN: the error is ", err)
	}
	if cells, _, err := l.Locate([]float64{0, -1 - 1e-11, 1, 1}); err != nil || len(cells) != 2 {
		t.Error("a point outside by rounding is not found: ", err)
	}

	r := rand.New(rand.NewPCG(3, 4))
	for name, m := range locatorMeshes(t) {
		l, err := NewLocator(m)
		if err != nil {
			t.Fatal(name, ": ", err)
		}
		s, err := m.Skeleton()
		if err != nil {
			t.Fatal(name, ": ", err)
		}
		at, x := make([]float64, m.Dim()), make([]float64, m.Dim())
		for range 100 {
			for k := range x {
				x[k] = 6*r.Float64() - 3
			}
			if _, ok := l.Find(x, at); ok {
				continue
			}
			want := math.Inf(1)
			for _, f := range s.Boundary() {
				square, _ := m.toFacet(int(s.Cell[f][0]), m.Shape.Facets()[s.Local[f][0]], x)
				want = min(want, math.Sqrt(square))
			}
			cell, away := l.nearest(x, math.Inf(1), at)
			if math.Abs(away-want) > 1e-14*want {
				t.Fatalf("%s: %v is %v from the mesh, not %v", name, x, away, want)
			}
			if got := distance(locatorImage(m, cell, at), x); math.Abs(got-want) > 1e-12 {
				t.Fatalf("%s: the nearest place of %v is %v away, not %v", name, x, got, want)
			}
		}
	}
}

// TestLocatorTolerance: with the tolerance h²/8r all points of a disc belong to its
// polygon, with less than the sagitta those on the circle do not.
func TestLocatorTolerance(t *testing.T) {
	m, err := NewDisc(Triangle, 6, 1)
	if err != nil {
		t.Fatal(err)
	}
	l, err := NewLocator(m)
	if err != nil {
		t.Fatal(err)
	}
	sagitta := 1 - math.Cos(math.Pi/36)
	var points []float64
	for i := range 36 {
		sin, cos := math.Sincos((2*float64(i) + 1) * math.Pi / 36)
		points = append(points, cos, sin)
	}
	h := 2 * math.Sin(math.Pi/36)
	if l.Tolerance = sagitta * 0.999; true {
		if _, _, err := l.Locate(points); err == nil {
			t.Error("points beyond the tolerance are found")
		}
	}
	l.Tolerance = h * h / 8 * 1.01
	cells, at, err := l.Locate(points)
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range cells {
		x := locatorImage(m, int(c), at[2*i:2*i+2])
		if away := distance(x, points[2*i:2*i+2]); math.Abs(away-sagitta) > 1e-13 {
			t.Errorf("the place of point %d is %v away, not %v", i, away, sagitta)
		}
	}
}

func TestBadLocator(t *testing.T) {
	m, _ := NewRectangle(Triangle, 1, 1, 1, 1)
	m.Points[2], m.Points[3] = 2, 2
	if _, err := NewLocator(m); err == nil || !strings.Contains(err.Error(), "triangle 0") {
		t.Error("a flat cell: the error is ", err)
	}
	m.Cells[0] = 9
	if _, err := NewLocator(m); err == nil {
		t.Error("a point out of range is no error")
	}
}

func BenchmarkLocator(b *testing.B) {
	disc := func(s Shape, n int) *Mesh {
		m, err := NewDisc(s, n, 1)
		if err != nil {
			b.Fatal(err)
		}
		return m
	}
	box := func(s Shape, n int) *Mesh {
		m, err := NewBox(s, n, n, n, 1, 1, 1)
		if err != nil {
			b.Fatal(err)
		}
		return m
	}
	for _, c := range []struct {
		name string
		m    *Mesh
	}{{"triangles", disc(Triangle, 129)}, {"quadrilaterals", disc(Quadrilateral, 182)}, {"tetrahedra", box(Tetrahedron, 25)}, {"hexahedra", box(Hexahedron, 46)}} {
		b.Run(c.name, func(b *testing.B) {
			m := c.m
			l, err := NewLocator(m)
			if err != nil {
				b.Fatal(err)
			}
			r, d := rand.New(rand.NewPCG(1, 1)), m.Dim()
			var points []float64
			for range 1 << 16 {
				points = append(points, locatorImage(m, r.IntN(m.Count()), locatorPlace(r, m))...)
			}
			at, i := make([]float64, d), 0
			b.ReportAllocs()
			for b.Loop() {
				if _, ok := l.Find(points[d*i:d*i+d], at); !ok {
					b.Fatal("not found")
				}
				i = (i + 1) & (1<<16 - 1)
			}
			b.ReportMetric(float64(m.Count()), "cells")
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds()/1e6, "Mqueries/s")
		})
	}
	m := disc(Triangle, 129)
	b.Run("make", func(b *testing.B) {
		for b.Loop() {
			if _, err := NewLocator(m); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(m.Count())*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mcells/s")
	})
}
