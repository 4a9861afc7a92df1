package fem

import (
	"math"
	"testing"

	"abide/mesh"
)

// A member of the space is its own projection, and the derivative of one of degree 2
// is that of degree 1: exactly.
func TestProject(t *testing.T) {
	for shape, elements := range map[mesh.Shape][2]Element{mesh.Interval: {P2, P1}, mesh.Triangle: {P2, P1}, mesh.Tetrahedron: {P2, P1}, mesh.Quadrilateral: {Q2, Q1}} {
		m := orderMesh(t, shape, 3)
		u, err := orderSpace(t, m, elements[0]).Interpolate(func(x Vec) float64 { return x[0]*x[0] + x[1] - x[2]*x[1] })
		if err != nil {
			t.Fatal(err)
		}
		again, err := u.Space.Project(func(p *Point) float64 { return u.At(p).Value })
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range u.Coef {
			if math.Abs(again.Coef[i]-want) > 1e-12 {
				t.Fatalf("%v: coefficient %d is %g, want %g", shape, i, again.Coef[i], want)
			}
		}
		V, err := orderSpace(t, m, elements[1]).Vector(m.Dim())
		if err != nil {
			t.Fatal(err)
		}
		slope, err := V.ProjectVector(func(p *Point) Vec { return u.At(p).Grad })
		if err != nil {
			t.Fatal(err)
		}
		for i, got := range slope.Coef {
			x := V.Place(i)
			want := Vec{2 * x[0], 1 - x[2], -x[1]}[i%m.Dim()]
			if math.Abs(got-want) > 1e-11 {
				t.Fatalf("%v: slope %d at %v is %g, want %g", shape, i, x, got, want)
			}
		}
	}
}

// Fields have the values of the function where the file has its points, and of
// elements without such points at the centres of cells.
func TestField(t *testing.T) {
	f := func(x Vec) float64 { return 1 + 2*x[0] - 3*x[1] + 5*x[2] }
	for shape, elements := range map[mesh.Shape][]Element{
		mesh.Interval: {P0, P1, P2}, mesh.Triangle: {P0, P1, P2}, mesh.Quadrilateral: {P0, Q1, Q2}, mesh.Hexahedron: {P0, Q1, Q2},
	} {
		m := orderMesh(t, shape, 2)
		for _, e := range elements {
			V := orderSpace(t, m, e)
			u, err := V.Interpolate(f)
			if err != nil {
				t.Fatal(err)
			}
			W, err := V.Vector(2)
			if err != nil {
				t.Fatal(err)
			}
			w, err := W.InterpolateVector(func(x Vec) Vec { return Vec{f(x), -f(x)} })
			if err != nil {
				t.Fatal(err)
			}
			scalar, vector := u.Field("u"), w.Field("w")
			if scalar.Name != "u" || scalar.OnCells != (e == P0) || vector.OnCells != scalar.OnCells {
				t.Errorf("%v %v: %q on cells %v", shape, e, scalar.Name, scalar.OnCells)
			}
			n, width := m.N(), len(vector.Values)/len(scalar.Values)
			if e == P0 {
				n = m.Count()
			}
			if len(scalar.Values) != n || vector.Components != width {
				t.Fatalf("%v %v: %d values for %d places", shape, e, len(scalar.Values), n)
			}
			for i, got := range scalar.Values {
				var x Vec
				if e == P0 {
					for _, v := range m.Cell(i) {
						for k, y := range m.Point(v) {
							x[k] += y / float64(len(m.Cell(i)))
						}
					}
				} else {
					copy(x[:], m.Point(int32(i)))
				}
				if math.Abs(got-f(x)) > 1e-12 || vector.Values[width*i] != got || vector.Values[width*i+1] != -got {
					t.Fatalf("%v %v: place %d has %g and %v, want %g", shape, e, i, got, vector.Values[width*i:width*i+2], f(x))
				}
			}
		}
	}
}
