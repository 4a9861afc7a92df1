package fem

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"abide/mesh"
)

var spaceKinds = []struct {
	shape mesh.Shape
	e     Element
}{
	{mesh.Interval, P0}, {mesh.Interval, P1}, {mesh.Interval, P2}, {mesh.Interval, Q2},
	{mesh.Triangle, P0}, {mesh.Triangle, P1}, {mesh.Triangle, P2},
	{mesh.Quadrilateral, P0}, {mesh.Quadrilateral, Q1}, {mesh.Quadrilateral, Q2},
	{mesh.Tetrahedron, P0}, {mesh.Tetrahedron, P1}, {mesh.Tetrahedron, P2},
	{mesh.Hexahedron, P0}, {mesh.Hexahedron, Q1}, {mesh.Hexahedron, Q2},
}

// spaceShuffled lists the points of each simplex in another order that keeps its
// orientation, so that neighbours see a shared edge from both ends.
func spaceShuffled(m *mesh.Mesh) *mesh.Mesh {
	v := m.Shape.Vertices()
	if !simplex(m.Shape) || v < 3 {
		return m
	}
	for c := range m.Count() {
		cell := m.Cell(c)
		for range c % 3 {
			cell[0], cell[1], cell[2] = cell[1], cell[2], cell[0]
		}
	}
	return m
}

// Numbers of degrees of freedom by Euler's count on the n-cube: 1-D P2 has 2n+1, the
// square (2n+1)², tetrahedra of the cube (2n+1)³ as well.
func TestSpaceSizes(t *testing.T) {
	n := 3
	for _, c := range spaceKinds {
		m := orderMesh(t, c.shape, n)
		V := orderSpace(t, m, c.e)
		want := map[int]int{0: m.Count(), 1: int(math.Pow(float64(n+1), float64(m.Dim()))), 2: int(math.Pow(float64(2*n+1), float64(m.Dim())))}[c.e.degree()]
		if V.N() != want {
			t.Errorf("%v %v: %d degrees of freedom, want %d", c.shape, c.e, V.N(), want)
		}
		seen := make(map[Vec]bool)
		for i := range V.N() {
			seen[V.Place(i)] = true
		}
		if len(seen) != V.N() {
			t.Errorf("%v %v: %d places of %d degrees of freedom", c.shape, c.e, len(seen), V.N())
		}
	}
}

// A polynomial of the element's degree is its own interpolant, seen from every cell and
// at points of its own: values, gradients, integral over a distorted mesh.
func TestInterpolationIsExact(t *testing.T) {
	for _, c := range spaceKinds {
		if c.e == P0 {
			continue
		}
		m := spaceShuffled(orderMesh(t, c.shape, 3))
		d := m.Dim()
		V := orderSpace(t, m, c.e)
		g := func(x Vec) float64 { return 1 + x[0] - 2*x[1] + 3*x[2] }
		slope := func(x Vec) Vec { return Vec{1, -2, 3} }
		if c.e.degree() == 2 {
			g = func(x Vec) float64 { return 1 + x[0]*x[0] - 2*x[1]*x[0] + x[2]*x[1] }
			slope = func(x Vec) Vec { return Vec{2*x[0] - 2*x[1], -2*x[0] + x[2], x[1]} }
		}
		u, err := V.Interpolate(g)
		if err != nil {
			t.Fatal(err)
		}
		e, err := u.L2Error(func(x Vec) Vec { return Vec{g(x)} })
		if err != nil || e > 1e-14 {
			t.Errorf("%v %v: L² %g, %v", c.shape, c.e, e, err)
		}
		e, err = u.H1Error(func(x Vec) Mat {
			s := slope(x)
			for k := d; k < 3; k++ {
				s[k] = 0
			}
			return Mat{s}
		})
		if err != nil || e > 1e-13 {
			t.Errorf("%v %v: H¹ %g, %v", c.shape, c.e, e, err)
		}
		var points []float64
		for i := range 20 {
			for k := range d {
				points = append(points, math.Mod(0.05+0.618*float64(i*(k+1)), 1))
			}
		}
		h, err := V.Evaluation(points)
		if err != nil {
			t.Fatal(err)
		}
		got := make([]float64, 20)
		h.Apply(got, u.Coef)
		for i, v := range got {
			var x Vec
			copy(x[:], points[d*i:d*i+d])
			if math.Abs(v-g(x)) > 1e-13 {
				t.Errorf("%v %v: u(%v) = %g, want %g", c.shape, c.e, x, v, g(x))
			}
		}
	}
}

// On the lattice of halves all dofs of tetrahedra that share an edge agree, whatever
// the order of vertices: sums over cells are those of the straight mesh.
func TestVectorSpaces(t *testing.T) {
	m := orderMesh(t, mesh.Triangle, 3)
	S := orderSpace(t, m, P2)
	V, err := S.Vector(2)
	if err != nil {
		t.Fatal(err)
	}
	if V.N() != 2*S.N() || V.PerCell() != 2*S.PerCell() {
		t.Fatalf("%d and %d", V.N(), V.PerCell())
	}
	// u = (x y, x² − y): ∇·u = y − 1, ∂u₁/∂x₀ − ∂u₀/∂x₁ = x, ε₀₁ = (x + 2x)/2.
	u, err := V.InterpolateVector(func(x Vec) Vec { return Vec{x[0] * x[1], x[0]*x[0] - x[1]} })
	if err != nil {
		t.Fatal(err)
	}
	sum, err := V.Integral(func(p *Point) float64 {
		b := u.At(p)
		s := b.Strain()
		return math.Abs(b.Div-(p.X[1]-1)) + math.Abs(b.Curl()[2]-p.X[0]) + math.Abs(s[0][1]-1.5*p.X[0]) + math.Abs(b.Vector[1]-(p.X[0]*p.X[0]-p.X[1]))
	})
	if err != nil || sum > 1e-13 {
		t.Errorf("differences %g, %v", sum, err)
	}
	h, err := V.Evaluation([]float64{0.3, 0.7})
	if err != nil {
		t.Fatal(err)
	}
	got := make([]float64, 2)
	h.Apply(got, u.Coef)
	if math.Abs(got[0]-0.21) > 1e-14 || math.Abs(got[1]-(0.09-0.7)) > 1e-14 {
		t.Errorf("u(0.3, 0.7) = %v", got)
	}
	// The strain form couples components as blocks of the scalar stiffness do.
	k, err := V.Bilinear(func(_ *Point, u, v *Basis) float64 { return u.Jacobian.Dot(&v.Jacobian) })
	if err != nil {
		t.Fatal(err)
	}
	s, err := S.Bilinear(Laplace)
	if err != nil {
		t.Fatal(err)
	}
	for i := range S.N() {
		for j := range S.N() {
			if a, b, c := k.At(2*i, 2*j), k.At(2*i+1, 2*j+1), s.At(i, j); math.Abs(a-c) > 1e-14 || math.Abs(b-c) > 1e-14 || k.At(2*i, 2*j+1) != 0 {
				t.Fatalf("block (%d, %d): %g, %g, want %g", i, j, a, b, c)
			}
		}
	}
	if _, err := V.Vector(2); err == nil {
		t.Error("a vector space of a vector space")
	}
}

// Degrees of freedom on named sides are those whose place is there.
func TestDofsOnGroups(t *testing.T) {
	for _, c := range spaceKinds {
		if c.e == P0 || c.shape.Dim() != 2 {
			continue
		}
		V := orderSpace(t, orderMesh(t, c.shape, 4), c.e)
		for name, on := range map[string]func(x Vec) bool{
			"left": func(x Vec) bool { return x[0] == 0 }, "top": func(x Vec) bool { return x[1] == 1 },
			"": func(x Vec) bool { return x[0] == 0 || x[0] == 1 || x[1] == 0 || x[1] == 1 },
		} {
			var groups []string
			if name != "" {
				groups = []string{name}
			}
			got, err := V.DofsOn(groups...)
			if err != nil {
				t.Fatal(err)
			}
			var want []int32
			for i := range V.N() {
				if on(V.Place(i)) {
					want = append(want, int32(i))
				}
			}
			if !slices.Equal(got, want) {
				t.Errorf("%v on %q: %v, want %v", c.e, name, got, want)
			}
		}
	}
	// In space, of the whole boundary.
	for _, shape := range []mesh.Shape{mesh.Tetrahedron, mesh.Hexahedron} {
		e := map[bool]Element{true: P2, false: Q2}[simplex(shape)]
		V := orderSpace(t, orderMesh(t, shape, 3), e)
		got, err := V.DofsOn()
		if err != nil || len(got) != 7*7*7-5*5*5 {
			t.Errorf("%v: %d on the boundary, %v", shape, len(got), err)
		}
	}
}

// Errors name the place and the remedy.
func TestSpaceErrors(t *testing.T) {
	square := func() *mesh.Mesh { return orderMesh(t, mesh.Triangle, 2) }
	V := orderSpace(t, square(), P1)
	inverted := square()
	inverted.Cells[3], inverted.Cells[4] = inverted.Cells[4], inverted.Cells[3]
	loose := square()
	loose.Points = append(loose.Points, 7, 7)
	lost := square()
	lost.Facets[0] = 8
	uneven := square()
	uneven.Points[2*3+1] += 0.1
	U := orderSpace(t, uneven, P1)
	P := orderSpace(t, lost, P1)
	form, _ := NewForm(V, nil)
	zero := orderSpace(t, square(), P0)
	for _, c := range []struct {
		name string
		run  func() error
		want string
	}{
		{"inverted", func() error { _, err := NewSpace(inverted, P1); return err }, "cell 1"},
		{"unused", func() error { _, err := NewSpace(loose, P1); return err }, "point 9"},
		{"element", func() error { _, err := NewSpace(square(), Q1); return err }, "P1 and P2 are for simplices"},
		{"group", func() error { _, err := V.DofsOn("lefd"); return err }, `did you mean "left"?`},
		{"group of a form", func() error { _, err := V.Linear(Constant(1), On("outlet")); return err }, `"right"`},
		{"region", func() error { _, err := V.Linear(Constant(1), In("copper")); return err }, "no group of cells"},
		{"facet", func() error { _, err := P.DofsOn("left"); return err }, "a facet of no cell"},
		{"both", func() error { _, err := V.Linear(Constant(1), On("left"), In("x")); return err }, "one or the other"},
		{"partner", func() error { _, err := U.Periodic([2]string{"left", "right"}); return err }, "no partner"},
		{"values on P0", func() error { _, err := zero.Dirichlet(Dirichlet{Group: "left"}); return err }, "weakly"},
		{"component", func() error { _, err := V.Dirichlet(Dirichlet{Only: []int{1}}); return err }, "components are 0 to 0"},
		{"other mesh", func() error {
			_, err := V.Linear(func(p *Point, v *Basis) float64 { return U.Zero().At(p).Value * v.Value })
			return err
		}, "another mesh"},
		{"outside", func() error { _, err := V.Evaluation([]float64{0.5, 1.5}); return err }, "outside the mesh"},
		{"lumped", func() error { _, err := orderSpace(t, square(), P2).LumpedMass(nil); return err }, "row sums"},
		{"coefficients", func() error {
			k, err := form.Diffusion()
			if err != nil {
				return err
			}
			return k.Assemble(form.Matrix(), make([]float64, 3))
		}, "3 coefficients for 8 cells"},
		{"all fixed", func() error {
			_, err := Problem{Space: orderSpace(t, orderMesh(t, mesh.Triangle, 1), P1), Bilinear: Laplace, Dirichlet: []Dirichlet{{}}}.Solve()
			return err
		}, "refine the mesh"},
		{"negative diffusion", func() error {
			c := formCoefficients(8)
			c[5] = 0
			_, err := Problem{Space: V, Diffusion: c, Dirichlet: []Dirichlet{{Group: "left"}}}.Solve()
			return err
		}, "cell 5 is 0"},
		{"quadrature", func() error { _, err := V.Linear(Constant(1), Degree(30)); return err }, "degrees are from 0 to 20"},
	} {
		if err := c.run(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want it to say %q", c.name, err, c.want)
		}
	}
	if _, err := NewSpace(inverted, P1); !errors.Is(err, mesh.ErrInverted) {
		t.Errorf("inverted: %v", err)
	}
}
