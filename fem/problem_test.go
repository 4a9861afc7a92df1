package fem

import (
	"errors"
	"math"
	"strings"
	"testing"

	"abide/mesh"
	"abide/sparse"
)

// probDistorted moves the interior points of the unit square or cube by a smooth map
// that keeps the boundary planes, and gives the sides of cubes no names.
func probDistorted(t testing.TB, shape mesh.Shape, n int) *mesh.Mesh {
	m := orderMesh(t, shape, n)
	d := m.Dim()
	for i := range m.N() {
		x := m.Point(int32(i))
		bump := 0.06
		for k := range d {
			bump *= math.Sin(π * x[k])
		}
		for k := range d {
			x[k] += bump * math.Cos(3*float64(k)+7*x[0])
		}
	}
	return m
}

// Patch test: polynomials of the element's degree are met exactly, with boundary
// values, on distorted meshes. For Q2 the geometry has to be affine: bilinear cells map
// quadratics to more than quadratics.
func TestPatch(t *testing.T) {
	linear := func(x Vec) float64 { return 1 + 2*x[0] - 3*x[1] + 0.5*x[2] }
	quadratic := func(x Vec) float64 { return linear(x) + x[0]*x[0] - 2*x[1]*x[1] + 3*x[0]*x[1] + x[2]*x[0] }
	laplace := func(d int) float64 { return []float64{0, 2, -2, -2}[d] } // of the quadratic
	for _, c := range []struct {
		shape  mesh.Shape
		e      Element
		square bool
		affine bool
	}{
		{mesh.Interval, P1, false, false}, {mesh.Interval, P2, true, false},
		{mesh.Triangle, P1, false, false}, {mesh.Triangle, P2, true, false},
		{mesh.Quadrilateral, Q1, false, false}, {mesh.Quadrilateral, Q2, true, true}, {mesh.Quadrilateral, Q2, false, false},
		{mesh.Tetrahedron, P1, false, false}, {mesh.Tetrahedron, P2, true, false},
		{mesh.Hexahedron, Q1, false, false}, {mesh.Hexahedron, Q2, true, true}, {mesh.Hexahedron, Q2, false, false},
	} {
		m := probDistorted(t, c.shape, 3)
		if c.affine {
			m = orderMesh(t, c.shape, 3)
			for i := range m.N() { // shear
				x := m.Point(int32(i))
				x[0] += 0.4 * x[1]
			}
		}
		d := m.Dim()
		u, f := linear, 0.0
		if c.square {
			u, f = quadratic, -laplace(d)
		}
		got, err := Problem{Space: orderSpace(t, m, c.e), Bilinear: Laplace, Linear: Constant(f), Dirichlet: []Dirichlet{{Value: u}}}.Solve()
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range got.Coef {
			x := got.Space.Place(i)
			if math.Abs(v-u(x)) > 1e-12*10 {
				t.Errorf("%v %v: %.15g at %v, want %.15g", c.shape, c.e, v, x, u(x))
				break
			}
		}
	}
}

// Orders in three dimensions, on as few cells as show them.
func TestOrdersInSpace(t *testing.T) {
	for _, c := range []struct {
		shape  mesh.Shape
		e      Element
		n      [2]int
		l2, h1 float64
	}{
		{mesh.Tetrahedron, P1, [2]int{12, 18}, 2, 1}, {mesh.Tetrahedron, P2, [2]int{8, 12}, 3, 2},
		{mesh.Hexahedron, Q1, [2]int{4, 8}, 2, 1}, {mesh.Hexahedron, Q2, [2]int{4, 8}, 3, 2},
	} {
		o := orderProblem{3, orderUnit}
		var l2, h1 [2]float64
		for i, n := range c.n {
			l2[i], h1[i] = o.errors(t, o.solve(t, orderSpace(t, orderMesh(t, c.shape, n), c.e)))
		}
		finer := math.Log(float64(c.n[1]) / float64(c.n[0]))
		if r := math.Log(l2[0]/l2[1]) / finer; math.Abs(r-c.l2) > 0.05 {
			t.Errorf("%v %v: order %.3f in L², want %g", c.shape, c.e, r, c.l2)
		}
		if r := math.Log(h1[0]/h1[1]) / finer; math.Abs(r-c.h1) > 0.05 {
			t.Errorf("%v %v: order %.3f in H¹, want %g", c.shape, c.e, r, c.h1)
		}
	}
}

// κ = 1 + x + y by callback, at quadrature points.
func TestOrderVariableCoefficient(t *testing.T) {
	o := orderProblem{2, func(x Vec) (float64, Vec) { return 1 + x[0] + x[1], Vec{1, 1} }}
	for _, c := range []struct {
		shape mesh.Shape
		e     Element
		want  float64
	}{{mesh.Triangle, P1, 2}, {mesh.Triangle, P2, 3}, {mesh.Quadrilateral, Q1, 2}, {mesh.Quadrilateral, Q2, 3}} {
		var l2 [2]float64
		for i := range l2 {
			l2[i], _ = o.errors(t, o.solve(t, orderSpace(t, orderMesh(t, c.shape, 16<<i), c.e)))
		}
		if r := math.Log2(l2[0] / l2[1]); math.Abs(r-c.want) > 0.05 {
			t.Errorf("%v: order %.3f, want %g", c.e, r, c.want)
		}
	}
}

// Neumann, Robin and Dirichlet sides together, u = e^x cos y + y² on the square, each
// side with the data of u: order 2 of P1, 3 of P2, and of Q1, Q2 alike.
func TestNaturalConditions(t *testing.T) {
	u := func(x Vec) float64 { return math.Exp(x[0])*math.Cos(x[1]) + x[1]*x[1] }
	grad := func(x Vec) Vec {
		return Vec{math.Exp(x[0]) * math.Cos(x[1]), -math.Exp(x[0])*math.Sin(x[1]) + 2*x[1]}
	}
	alpha := func(x Vec) float64 { return 2 + x[0] }
	for _, c := range []struct {
		shape mesh.Shape
		e     Element
		want  float64
	}{{mesh.Triangle, P1, 2}, {mesh.Triangle, P2, 3}, {mesh.Quadrilateral, Q1, 2}, {mesh.Quadrilateral, Q2, 3}} {
		var l2 [2]float64
		for i := range l2 {
			p := Problem{
				Space: orderSpace(t, probDistorted(t, c.shape, 12<<i), c.e), Bilinear: Laplace, Linear: Constant(-2),
				Dirichlet: []Dirichlet{{Group: "left", Value: u}},
				Neumann:   []Neumann{{Group: "right", Value: func(x Vec) float64 { return grad(x)[0] }}, {Group: "bottom", Value: func(x Vec) float64 { return -grad(x)[1] }}},
				Robin:     []Robin{{Group: "top", Alpha: alpha, Value: func(x Vec) float64 { return grad(x)[1] + alpha(x)*u(x) }}},
			}
			got, err := p.Solve()
			if err != nil {
				t.Fatal(err)
			}
			if l2[i], err = got.L2Error(func(x Vec) Vec { return Vec{u(x)} }); err != nil {
				t.Fatal(err)
			}
		}
		if r := math.Log2(l2[0] / l2[1]); math.Abs(r-c.want) > 0.05 {
			t.Errorf("%v: order %.3f (%.3g, %.3g), want %g", c.e, r, l2[0], l2[1], c.want)
		}
	}
}

// Robin alone on the interval against the closed form: −u″ = 1, −u′ + u = 0 at 0 and
// u′ + u = 0 at 1 give u = ½ + x/2 − x²/2, which P2 meets.
func TestRobinInterval(t *testing.T) {
	one := func(Vec) float64 { return 1 }
	V := orderSpace(t, orderMesh(t, mesh.Interval, 5), P2)
	u, err := Problem{Space: V, Bilinear: Laplace, Linear: Constant(1), Robin: []Robin{{Alpha: one}}}.Solve()
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range u.Coef {
		if x := V.Place(i)[0]; math.Abs(c-(0.5+x/2-x*x/2)) > 1e-13 {
			t.Errorf("u(%g) = %g", x, c)
		}
	}
}

// Periodic in x and y, −Δu + u = f with u = sin 2πx cos 2πy: order 2 and 3; and there
// are as many degrees of freedom as nodes of the torus.
func TestPeriodic(t *testing.T) {
	u := func(x Vec) float64 { return math.Sin(2*π*x[0]) * math.Cos(2*π*x[1]) }
	for _, c := range []struct {
		shape   mesh.Shape
		e       Element
		perCell int // nodes of the torus for each square
		want    float64
	}{{mesh.Triangle, P1, 1, 2}, {mesh.Triangle, P2, 4, 3}, {mesh.Quadrilateral, Q1, 1, 2}, {mesh.Quadrilateral, Q2, 4, 3}} {
		var l2 [2]float64
		for i := range l2 {
			n := 16 << i
			V, err := orderSpace(t, orderMesh(t, c.shape, n), c.e).Periodic([2]string{"left", "right"}, [2]string{"bottom", "top"})
			if err != nil {
				t.Fatal(err)
			}
			if V.N() != c.perCell*n*n {
				t.Errorf("%v: %d degrees of freedom on a torus of %d² squares", c.e, V.N(), n)
			}
			got, err := Problem{
				Space: V, Bilinear: func(_ *Point, u, v *Basis) float64 { return u.Grad.Dot(v.Grad) + u.Value*v.Value },
				Linear: func(p *Point, v *Basis) float64 { return (8*π*π + 1) * u(p.X) * v.Value },
			}.Solve()
			if err != nil {
				t.Fatal(err)
			}
			if l2[i], err = got.L2Error(func(x Vec) Vec { return Vec{u(x)} }); err != nil {
				t.Fatal(err)
			}
		}
		if r := math.Log2(l2[0] / l2[1]); math.Abs(r-c.want) > 0.05 {
			t.Errorf("%v: order %.3f, want %g", c.e, r, c.want)
		}
	}
}

// Opposite sides of an interval and of a box: as many degrees of freedom as the torus
// has nodes, all eight corners in one, and translates see the same basis.
func TestPeriodicSizes(t *testing.T) {
	for _, c := range []struct {
		shape mesh.Shape
		e     Element
		want  int
	}{{mesh.Interval, P1, 4}, {mesh.Interval, P2, 8}, {mesh.Tetrahedron, P1, 4 * 3 * 2}, {mesh.Tetrahedron, P2, 8 * 6 * 4}, {mesh.Hexahedron, Q1, 4 * 3 * 2}, {mesh.Hexahedron, Q2, 8 * 6 * 4}} {
		m, err := mesh.NewInterval(4, 0, 1)
		pairs := [][2]string{{"left", "right"}}
		if c.shape != mesh.Interval {
			m, err = mesh.NewBox(c.shape, 4, 3, 2, 1, 1, 2)
			pairs = nil
			for i := 0; i < len(m.Groups); i += 2 {
				pairs = append(pairs, [2]string{m.Groups[i].Name, m.Groups[i+1].Name})
			}
		}
		if err != nil {
			t.Fatal(err)
		}
		V, err := orderSpace(t, m, c.e).Periodic(pairs...)
		if err != nil {
			t.Fatal(err)
		}
		if V.N() != c.want {
			t.Errorf("%v %v: %d degrees of freedom, want %d", c.shape, c.e, V.N(), c.want)
		}
	}
}

// Pure Neumann: an error that says what to do, and with ZeroMean the solution
// cos πx cos πy with order 2, by all methods alike.
func TestPureNeumann(t *testing.T) {
	u := func(x Vec) float64 { return math.Cos(π*x[0]) * math.Cos(π*x[1]) }
	p := func(n int) Problem {
		return Problem{Space: orderSpace(t, orderMesh(t, mesh.Triangle, n), P1), Bilinear: Laplace,
			Linear: func(p *Point, v *Basis) float64 { return 2 * π * π * u(p.X) * v.Value }}
	}
	_, err := p(8).Solve()
	if !errors.Is(err, ErrSingular) || !strings.Contains(err.Error(), "ZeroMean") {
		t.Errorf("error %v", err)
	}
	var l2 [2]float64
	for i := range l2 {
		var of [2]*Function
		for k, method := range []Method{Direct, Multigrid} {
			q := p(16 << i)
			q.ZeroMean, q.Solver, q.Krylov = true, method, sparse.Krylov{Tolerance: 1e-12}
			if of[k], err = q.Solve(); err != nil {
				t.Fatal(err)
			}
		}
		for j := range of[0].Coef {
			if math.Abs(of[0].Coef[j]-of[1].Coef[j]) > 1e-10 {
				t.Fatalf("direct %g and multigrid %g at %d", of[0].Coef[j], of[1].Coef[j], j)
			}
		}
		mean, err := of[0].Space.Integral(func(p *Point) float64 { return of[0].At(p).Value })
		if err != nil || math.Abs(mean) > 1e-14 {
			t.Errorf("mean %g, %v", mean, err)
		}
		l2[i], _ = of[0].L2Error(func(x Vec) Vec { return Vec{u(x)} })
	}
	if r := math.Log2(l2[0] / l2[1]); math.Abs(r-2) > 0.05 {
		t.Errorf("order %.3f", r)
	}
	// A source that nothing balances.
	q := p(8)
	q.ZeroMean, q.Linear = true, Constant(1)
	if _, err := q.Solve(); err == nil || !strings.Contains(err.Error(), "balance") {
		t.Errorf("error %v", err)
	}
}

// Two squares that do not touch, one of them without a condition.
func TestDisconnected(t *testing.T) {
	a := orderMesh(t, mesh.Triangle, 3)
	n := int32(a.N())
	two := &mesh.Mesh{Shape: a.Shape, Points: append([]float64{}, a.Points...), Cells: append([]int32{}, a.Cells...), Facets: a.Facets, FacetTag: a.FacetTag, Groups: a.Groups}
	for i := range a.N() {
		two.Points = append(two.Points, a.Points[2*i]+5, a.Points[2*i+1])
	}
	for _, v := range a.Cells {
		two.Cells = append(two.Cells, v+n)
	}
	_, err := Problem{Space: orderSpace(t, two, P1), Bilinear: Laplace, Dirichlet: []Dirichlet{{Group: "left"}}}.Solve()
	if !errors.Is(err, ErrSingular) || !strings.Contains(err.Error(), "do not touch") || !strings.Contains(err.Error(), "[5 0]") {
		t.Errorf("error %v", err)
	}
}

// The methods give one solution, and a matrix that is not symmetric finds its own.
func TestMethodsAgree(t *testing.T) {
	for _, shape := range []mesh.Shape{mesh.Triangle, mesh.Quadrilateral} {
		e := map[bool]Element{true: P2, false: Q2}[simplex(shape)]
		p := Problem{Space: orderSpace(t, probDistorted(t, shape, 10), e), Bilinear: Laplace, Linear: Constant(1),
			Dirichlet: []Dirichlet{{Group: "left", Value: func(x Vec) float64 { return x[1] }}}, Krylov: sparse.Krylov{Tolerance: 1e-12}}
		var want []float64
		for _, method := range []Method{Direct, Multigrid, GMRES} {
			p.Solver = method
			u, err := p.Solve()
			if err != nil {
				t.Fatal(err)
			}
			if want == nil {
				want = u.Coef
			}
			for i := range want {
				if math.Abs(want[i]-u.Coef[i]) > 1e-9 {
					t.Fatalf("method %d: %g at %d, direct %g", method, u.Coef[i], i, want[i])
				}
			}
		}
	}
	if _, err := (Problem{Space: orderSpace(t, orderMesh(t, mesh.Triangle, 4), P1), Bilinear: Laplace, Dirichlet: []Dirichlet{{}}, Solver: 9}).Solve(); err == nil || !strings.Contains(err.Error(), "allowed are") {
		t.Errorf("method 9: %v", err)
	}
}

// Advection is not symmetric: −u″ + b u′ = 0, u(0) = 0, u(1) = 1 has the solution
// (e^{bx} − 1)/(e^b − 1), which P2 meets with h⁴ at the vertices.
func TestAdvection(t *testing.T) {
	b := 3.0
	for _, method := range []Method{Auto, GMRES} {
		V := orderSpace(t, orderMesh(t, mesh.Interval, 200), P2)
		u, err := Problem{Space: V, Bilinear: func(_ *Point, u, v *Basis) float64 { return u.Grad.Dot(v.Grad) + b*u.Grad[0]*v.Value },
			Dirichlet: []Dirichlet{{Group: "left"}, {Group: "right", Value: func(Vec) float64 { return 1 }}}, Solver: method}.Solve()
		if err != nil {
			t.Fatal(err)
		}
		for i, c := range u.Coef {
			if x := V.Place(i)[0]; math.Abs(c-math.Expm1(b*x)/math.Expm1(b)) > 1e-7 {
				t.Fatalf("u(%g) = %g", x, c)
			}
		}
	}
}

// Helmholtz above the first eigenvalues is indefinite: −Δu − 60 u = f, order 3 of P2
// (eigenvalues of the square are 19.7, 49.3, 79.0).
func TestHelmholtz(t *testing.T) {
	o := orderProblem{2, orderUnit}
	var l2 [2]float64
	for i := range l2 {
		u, err := Problem{Space: orderSpace(t, orderMesh(t, mesh.Triangle, 16<<i), P2), Dirichlet: []Dirichlet{{}},
			Bilinear: func(_ *Point, u, v *Basis) float64 { return u.Grad.Dot(v.Grad) - 60*u.Value*v.Value },
			Linear:   func(p *Point, v *Basis) float64 { return (o.f(p.X) - 60*o.u(p.X)) * v.Value }}.Solve()
		if err != nil {
			t.Fatal(err)
		}
		l2[i], _ = o.errors(t, u)
	}
	if r := math.Log2(l2[0] / l2[1]); math.Abs(r-3) > 0.05 {
		t.Errorf("order %.3f (%.3g, %.3g)", r, l2[0], l2[1])
	}
}

// Elasticity: ε(u) of a linear field is met by P1 (patch test), and direct and
// multigrid agree where one side is held, in whole and by one component.
func TestElasticity(t *testing.T) {
	form := func(_ *Point, u, v *Basis) float64 {
		e, f := u.Strain(), v.Strain()
		return 2*e.Dot(&f) + 1.5*u.Div*v.Div
	}
	linear := func(x Vec) Vec { return Vec{1 + x[0] + 2*x[1], 3*x[0] - x[1]} }
	V, err := orderSpace(t, probDistorted(t, mesh.Triangle, 6), P1).Vector(2)
	if err != nil {
		t.Fatal(err)
	}
	u, err := Problem{Space: V, Bilinear: form, Dirichlet: []Dirichlet{{Vector: linear}}}.Solve()
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range u.Coef {
		if want := linear(V.Place(i))[i%2]; math.Abs(c-want) > 1e-12 {
			t.Fatalf("component %d at %v is %g, want %g", i%2, V.Place(i), c, want)
		}
	}
	for _, held := range []Dirichlet{{Group: "left"}, {Group: "left", Only: []int{0}}} {
		var of [2]*Function
		for k, method := range []Method{Direct, Multigrid} {
			p := Problem{Space: V, Bilinear: form, Dirichlet: []Dirichlet{{Group: "bottom", Only: []int{1}}, held}, Solver: method, Krylov: sparse.Krylov{Tolerance: 1e-12},
				Neumann: []Neumann{{Group: "right", Vector: func(x Vec) Vec { return Vec{1, x[1]} }}}}
			if of[k], err = p.Solve(); err != nil {
				t.Fatal(err)
			}
		}
		for i := range of[0].Coef {
			if math.Abs(of[0].Coef[i]-of[1].Coef[i]) > 1e-9 {
				t.Fatalf("direct %g, multigrid %g at %d", of[0].Coef[i], of[1].Coef[i], i)
			}
		}
	}
}

// An elastic body on springs, σ(u) n + u = g all around with the g of a linear field, is
// that field: forms on facets with their normals, and no condition that holds a value.
func TestSprings(t *testing.T) {
	linear := func(x Vec) Vec { return Vec{1 + x[0] + 2*x[1], 3*x[0] - 2*x[1]} }
	stress := Mat{{2*1 - 1.5, 2 * 2.5}, {2 * 2.5, 2*-2 - 1.5}} // 2 ε + 1.5 (∇·u) 1, ∇·u = −1
	V, err := orderSpace(t, probDistorted(t, mesh.Triangle, 5), P1).Vector(2)
	if err != nil {
		t.Fatal(err)
	}
	p := Problem{Space: V, Bilinear: func(_ *Point, u, v *Basis) float64 {
		e, f := u.Strain(), v.Strain()
		return 2*e.Dot(&f) + 1.5*u.Div*v.Div
	}}
	if _, err := p.Solve(); !errors.Is(err, ErrSingular) {
		t.Errorf("a free body: %v", err)
	}
	p.Facets = []Facets{{
		Bilinear: func(_ *Point, u, v *Basis) float64 { return u.Vector.Dot(v.Vector) },
		Linear:   func(p *Point, v *Basis) float64 { return linear(p.X).Add(stress.Times(p.Normal)).Dot(v.Vector) },
	}}
	u, err := p.Solve()
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range u.Coef {
		if want := linear(V.Place(i))[i%2]; math.Abs(c-want) > 1e-12 {
			t.Fatalf("component %d at %v is %g, want %g", i%2, V.Place(i), c, want)
		}
	}
}

// What is no number is named with its place, not solved with.
func TestProblemNonFinite(t *testing.T) {
	V := orderSpace(t, orderMesh(t, mesh.Triangle, 4), P1)
	bad := func(x Vec) float64 { return 1 / (x[0] * x[0]) } // at the left side
	for want, p := range map[string]Problem{
		"prescribed at [0":       {Space: V, Bilinear: Laplace, Dirichlet: []Dirichlet{{Value: bad}}},
		"the load at":            {Space: V, Bilinear: Laplace, Linear: Constant(math.NaN()), Dirichlet: []Dirichlet{{}}},
		"the load at [0.25 0.25": {Space: V, Bilinear: Laplace, Source: func(x Vec) float64 { return math.Inf(1) }, Dirichlet: []Dirichlet{{}}},
	} {
		if _, err := p.Solve(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want an error with %q", err, want)
		}
	}
}

// A load that cancels within the basis functions of a mesh of one or two periodic cells is
// balanced, of one cell of Q1 nothing is left to solve for, and the boundary of a polygon
// balances the area within to the order of its sides.
func TestZeroMeanCoarse(t *testing.T) {
	periodic := func(n int, e Element, pairs ...[2]string) Problem {
		shape := mesh.Triangle
		if e == Q1 || e == Q2 {
			shape = mesh.Quadrilateral
		}
		V, err := orderSpace(t, orderMesh(t, shape, n), e).Periodic([2]string{"left", "right"}, [2]string{"bottom", "top"})
		if err != nil {
			t.Fatal(err)
		}
		return Problem{Space: V, Bilinear: Laplace, ZeroMean: true,
			Linear: func(p *Point, v *Basis) float64 { return math.Sin(2*π*p.X[0]) * v.Value }}
	}
	for _, c := range []struct {
		n int
		e Element
	}{{1, P2}, {1, Q2}, {2, P1}, {2, Q1}, {2, P2}, {2, Q2}, {3, Q1}} {
		if _, err := periodic(c.n, c.e).Solve(); err != nil {
			t.Errorf("%v on %d×%d cells: %v", c.e, c.n, c.n, err)
		}
	}
	for _, e := range []Element{P1, Q1} {
		if _, err := periodic(1, e).Solve(); !errors.Is(err, ErrSingular) {
			t.Errorf("%v on one cell: %v", e, err)
		}
	}
	disc, err := mesh.NewDisc(mesh.Triangle, 8, 1)
	if err != nil {
		t.Fatal(err)
	}
	flux := Problem{Space: orderSpace(t, disc, P1), Bilinear: Laplace, ZeroMean: true, Source: func(Vec) float64 { return 2 },
		Neumann: []Neumann{{Value: func(Vec) float64 { return -1 }}}}
	if _, err := flux.Solve(); err != nil {
		t.Errorf("a polygon for a disc: %v", err)
	}
	flux.Neumann[0].Value = func(Vec) float64 { return -0.9 }
	if _, err := flux.Solve(); err == nil || !strings.Contains(err.Error(), "balance") {
		t.Errorf("a tenth of the flux too little: %v", err)
	}
}
