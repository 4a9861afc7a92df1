package fem

import (
	"math"
	"testing"

	"abide/mesh"
)

// A load by values at points is the load by an integrand, on cells and on facets, for
// scalars and vectors.
func TestSourceIsTheIntegrand(t *testing.T) {
	f := func(x Vec) Vec { return Vec{1 + x[0]*x[1], math.Cos(x[0]) - x[1]} }
	for _, e := range []Element{P1, P2} {
		m, err := mesh.NewRectangle(mesh.Triangle, 5, 4, 1, 2)
		if err != nil {
			t.Fatal(err)
		}
		V, err := NewSpace(m, e)
		if err != nil {
			t.Fatal(err)
		}
		W, err := V.Vector(2)
		if err != nil {
			t.Fatal(err)
		}
		for _, options := range [][]Option{nil, {Degree(5)}, {On("top", "left")}} {
			got, want := make([]float64, V.N()), make([]float64, V.N())
			if err := V.AddSource(got, func(x Vec) float64 { return f(x)[0] }, options...); err != nil {
				t.Fatal(err)
			}
			if err := V.AddLinear(want, func(p *Point, v *Basis) float64 { return f(p.X)[0] * v.Value }, options...); err != nil {
				t.Fatal(err)
			}
			sourceEqual(t, got, want)
			got, want = make([]float64, W.N()), make([]float64, W.N())
			if err := W.AddForce(got, f, options...); err != nil {
				t.Fatal(err)
			}
			if err := W.AddLinear(want, func(p *Point, v *Basis) float64 { return f(p.X).Dot(v.Vector) }, options...); err != nil {
				t.Fatal(err)
			}
			sourceEqual(t, got, want)
		}
		if V.AddForce(make([]float64, V.N()), f) == nil || W.AddSource(make([]float64, W.N()), func(Vec) float64 { return 1 }) == nil {
			t.Error("a load of the wrong number of components is no error")
		}
	}
}

// Simplices have a way of their own to the size of a cell: distorted ones, of every dimension.
func TestSourceOnDistortedSimplices(t *testing.T) {
	line, err := mesh.NewInterval(7, -1, 2)
	if err != nil {
		t.Fatal(err)
	}
	plane, err := mesh.NewRectangle(mesh.Triangle, 6, 5, 1, 2)
	if err != nil {
		t.Fatal(err)
	}
	space, err := mesh.NewBox(mesh.Tetrahedron, 3, 2, 4, 1, 2, 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range []*mesh.Mesh{line, plane, space} {
		d := m.Dim()
		for i := 0; i < len(m.Points); i += d { // a shear: every cell keeps its orientation
			for r := 1; r < d; r++ {
				m.Points[i] += 0.3 * float64(r) * m.Points[i+r]
			}
			for r := 1; r < d; r++ {
				m.Points[i+r] -= 0.2 * m.Points[i]
			}
		}
		V, err := NewSpace(m, P1)
		if err != nil {
			t.Fatal(err)
		}
		f := func(x Vec) float64 { return 1 + x[0]*x[0] - x[1] + 2*x[2] }
		got, want := make([]float64, V.N()), make([]float64, V.N())
		if err := V.AddSource(got, f); err != nil {
			t.Fatal(err)
		}
		if err := V.AddLinear(want, func(p *Point, v *Basis) float64 { return f(p.X) * v.Value }); err != nil {
			t.Fatal(err)
		}
		sourceEqual(t, got, want)
	}
}

func sourceEqual(t *testing.T, got, want []float64) {
	t.Helper()
	for i := range want {
		if math.Abs(got[i]-want[i]) > 1e-14 {
			t.Fatalf("dof %d: %v, want %v", i, got[i], want[i])
		}
	}
}
