package fem

import (
	"math"
	"testing"

	"abide/mesh"
	"abide/sparse"
)

func elasticSolid(t testing.TB, young, poisson float64) Elastic {
	t.Helper()
	e, err := NewElastic(young, poisson)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func elasticSpace(t testing.TB, m *mesh.Mesh, e Element) *Space {
	t.Helper()
	V, err := orderSpace(t, m, e).Vector(m.Dim())
	if err != nil {
		t.Fatal(err)
	}
	return V
}

// Uniaxial tension σ along x: strains σ/E, −ν σ/E across, in space and in thin plates;
// in plane strain σ (1−ν²)/E and −ν(1+ν) σ/E. Mises' stress is σ.
func TestElasticTension(t *testing.T) {
	const young, nu = 210., 0.3
	solid := elasticSolid(t, young, nu)
	strain := func(x, y, z float64) *Basis { return &Basis{Jacobian: Mat{{x}, {0, y}, {0, 0, z}}} }
	for _, c := range []struct {
		e    Elastic
		at   *Basis
		want Mat
	}{
		{solid, strain(1/young, -nu/young, -nu/young), Mat{{1}}},
		{solid.PlaneStress(), strain(1/young, -nu/young, 0), Mat{{1}}},
		{solid, strain((1-nu*nu)/young, -nu*(1+nu)/young, 0), Mat{{1}, {}, {0, 0, nu}}},
		{solid, &Basis{Jacobian: Mat{{0, 1}, {}, {}}}, Mat{{0, young / (2 * (1 + nu))}, {young / (2 * (1 + nu))}}},
	} {
		s := c.e.Stress(c.at)
		for i := range s {
			if s[i].Sub(c.want[i]).Norm() > 1e-13 {
				t.Errorf("stress %v, want %v", s, c.want)
			}
		}
	}
	if m := Mises(&Mat{{5}}); math.Abs(m-5) > 1e-15 {
		t.Errorf("Mises %g of tension 5", m)
	}
	if m := Mises(&Mat{{0, 2}, {2}}); math.Abs(m-2*math.Sqrt(3)) > 1e-14 {
		t.Errorf("Mises %g of shear 2", m)
	}
}

// Patch test: linear displacements under their tractions, held at one side, on distorted
// meshes: all shapes and degrees.
func TestElasticPatch(t *testing.T) {
	for _, c := range []struct {
		shape mesh.Shape
		e     Element
	}{{mesh.Triangle, P1}, {mesh.Triangle, P2}, {mesh.Quadrilateral, Q1}, {mesh.Quadrilateral, Q2}, {mesh.Tetrahedron, P1}, {mesh.Tetrahedron, P2}, {mesh.Hexahedron, Q1}, {mesh.Hexahedron, Q2}} {
		var m *mesh.Mesh
		d := c.shape.Dim()
		if d == 2 {
			m = probDistorted(t, c.shape, 4)
		} else {
			box, err := mesh.NewBox(c.shape, 2, 2, 2, 1, 1, 1)
			if err != nil {
				t.Fatal(err)
			}
			m = box
			x := m.Point(13)
			x[0], x[1], x[2] = x[0]+0.1, x[1]-0.07, x[2]+0.05
		}
		solid := elasticSolid(t, 3, 0.3)
		if d == 2 && c.e == P2 {
			solid = solid.PlaneStress()
		}
		slope := Mat{{0.3, 0.2, -0.1}, {0.4, -0.5, 0.7}, {0.2, -0.3, 0.6}}
		for i := range slope {
			for j := range slope {
				if i >= d || j >= d {
					slope[i][j] = 0
				}
			}
		}
		exact := func(x Vec) Vec { return slope.Times(x) }
		stress := solid.Stress(&Basis{Jacobian: slope})
		V := elasticSpace(t, m, c.e)
		p := Problem{Space: V, Bilinear: solid.Form, Dirichlet: []Dirichlet{{Group: "left", Vector: exact}}}
		sides := map[string]Vec{"right": {1}, "bottom": {0, -1}, "top": {0, 1}, "back": {0, 0, -1}, "front": {0, 0, 1}}
		for group, n := range sides {
			if n[2] == 0 || d == 3 {
				p.Neumann = append(p.Neumann, Neumann{Group: group, Vector: func(Vec) Vec { return stress.Times(n) }})
			}
		}
		u, err := p.Solve()
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range u.Coef {
			if want := exact(V.Place(i))[i%d]; math.Abs(v-want) > 1e-12 {
				t.Errorf("%v %v: displacement %g at %v, want %g", c.shape, c.e, v, V.Place(i), want)
				break
			}
		}
	}
}

// u = (sin πx sin πy, x y (1−x) cos y): order 2 and 1 of P1 and Q1, 3 and 2 of P2 and
// Q2, the load from the exact stress in weak form.
func TestElasticOrders(t *testing.T) {
	exact := func(x Vec) Vec {
		return Vec{math.Sin(π*x[0]) * math.Sin(π*x[1]), x[0] * x[1] * (1 - x[0]) * math.Cos(x[1])}
	}
	slope := func(x Vec) Mat {
		return Mat{{π * math.Cos(π*x[0]) * math.Sin(π*x[1]), π * math.Sin(π*x[0]) * math.Cos(π*x[1])},
			{x[1] * (1 - 2*x[0]) * math.Cos(x[1]), x[0] * (1 - x[0]) * (math.Cos(x[1]) - x[1]*math.Sin(x[1]))}}
	}
	solid := elasticSolid(t, 1, 0.3)
	for _, c := range []struct {
		shape mesh.Shape
		e     Element
		order float64
	}{{mesh.Triangle, P1, 2}, {mesh.Triangle, P2, 3}, {mesh.Quadrilateral, Q1, 2}, {mesh.Quadrilateral, Q2, 3}} {
		var l2, h1 [2]float64
		for i := range l2 {
			n := 12 << i
			if c.order == 2 {
				n = 24 << i
			}
			V := elasticSpace(t, orderMesh(t, c.shape, n), c.e)
			u, err := Problem{Space: V, Bilinear: solid.Form, Dirichlet: []Dirichlet{{Group: "left", Vector: exact}}, Options: []Option{Degree(6)},
				Linear: func(p *Point, v *Basis) float64 {
					b := Basis{Jacobian: slope(p.X)}
					s := solid.Stress(&b)
					s[2][2] = 0
					return s.Dot(&v.Jacobian)
				}}.Solve()
			if err != nil {
				t.Fatal(err)
			}
			l2[i], _ = u.L2Error(exact)
			h1[i], _ = u.H1Error(slope)
		}
		if r := math.Log2(l2[0] / l2[1]); math.Abs(r-c.order) > 0.05 {
			t.Errorf("%v: order %.3f in L², want %g", c.e, r, c.order)
		}
		if r := math.Log2(h1[0] / h1[1]); math.Abs(r-c.order+1) > 0.05 {
			t.Errorf("%v: order %.3f in H¹, want %g", c.e, r, c.order-1)
		}
	}
}

// elasticTip is the deflection of the middle of the end of a cantilever of height 1 and
// a length, of unit width, under a shear force of 1 spread as a parabola.
func elasticTip(t testing.TB, shape mesh.Shape, e Element, solid Elastic, length, across int) float64 {
	t.Helper()
	m, err := mesh.NewRectangle(shape, length*across, across, float64(length), 1)
	if err != nil {
		t.Fatal(err)
	}
	V := elasticSpace(t, m, e)
	u, err := Problem{Space: V, Bilinear: solid.Form, Dirichlet: []Dirichlet{{Group: "left"}},
		Neumann: []Neumann{{Group: "right", Vector: func(x Vec) Vec { return Vec{0, 6 * x[1] * (1 - x[1])} }}}}.Solve()
	if err != nil {
		t.Fatal(err)
	}
	h, err := V.Evaluation([]float64{float64(length), 0.5})
	if err != nil {
		t.Fatal(err)
	}
	at := make([]float64, 2)
	h.Apply(at, u.Coef)
	return at[1]
}

// Without contraction across the beam, ν = 0, the deflection is F L³/(3EI) of L. Euler
// and D. Bernoulli but for (h/L)², which is the shear 6FL/(5GA) of S. P. Timoshenko, Phil.
// Mag. 41 (1921), but for what is smaller again. With ν > 0 the clamped end holds back the
// contraction, which counts as h/L.
func TestElasticCantilever(t *testing.T) {
	for _, nu := range []float64{0, 0.3} {
		solid := elasticSolid(t, 1, nu).PlaneStress()
		var euler, timoshenko [3]float64
		for i := range euler {
			l := 4 << i
			L := float64(l)
			bending, shear := 4*L*L*L, L*12/5*(1+nu)
			tip := elasticTip(t, mesh.Quadrilateral, Q2, solid, l, 4)
			euler[i], timoshenko[i] = tip/bending-1, math.Abs(tip/(bending+shear)-1)
		}
		for i := range 2 {
			if r := math.Log2(euler[i] / euler[i+1]); nu == 0 && math.Abs(r-2) > 0.01 {
				t.Errorf("order %.3f in h/L of Euler and Bernoulli, want 2", r)
			}
			want := 1.0
			if nu == 0 {
				want = 2.5
			}
			if r := math.Log2(timoshenko[i] / timoshenko[i+1]); r < want {
				t.Errorf("ν = %g: order %.3f in h/L of Timoshenko's beam, want more than %g", nu, r, want)
			}
		}
	}
}

// R. D. Cook's membrane (1974): a tapered panel in plane stress with E = 1 and ν = ⅓, under
// a shear force of 1 at its end, whose middle is displaced by 23.96 (converged value in
// print).
func TestElasticCook(t *testing.T) {
	m, err := mesh.NewRectangle(mesh.Quadrilateral, 32, 32, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	for i := range m.N() {
		x := m.Point(int32(i))
		x[0], x[1] = 48*x[0], 44*x[0]+x[1]*(44-28*x[0])
	}
	V := elasticSpace(t, m, Q2)
	u, err := Problem{Space: V, Bilinear: elasticSolid(t, 1, 1./3).PlaneStress().Form, Dirichlet: []Dirichlet{{Group: "left"}},
		Neumann: []Neumann{{Group: "right", Vector: func(Vec) Vec { return Vec{0, 1. / 16} }}}}.Solve()
	if err != nil {
		t.Fatal(err)
	}
	h, err := V.Evaluation([]float64{48, 52})
	if err != nil {
		t.Fatal(err)
	}
	at := make([]float64, 2)
	h.Apply(at, u.Coef)
	if math.Abs(at[1]-23.96) > 0.01 {
		t.Errorf("displacement %.4f, want 23.96", at[1])
	}
}

// At ν = 0.4999 linear triangles lock; those of degree 2 and the mixed form do not, and
// the mixed form gives what displacements give where these are good.
func TestElasticLocking(t *testing.T) {
	tip := func(e Element, nu float64) float64 {
		return elasticTip(t, mesh.Triangle, e, elasticSolid(t, 1, nu), 8, 4)
	}
	mixed := func(nu float64) float64 {
		m, err := mesh.NewRectangle(mesh.Triangle, 32, 4, 8, 1)
		if err != nil {
			t.Fatal(err)
		}
		solid := elasticSolid(t, 1, nu)
		U, P, err := TaylorHood(m)
		if err != nil {
			t.Fatal(err)
		}
		u, _, err := Saddle{U: U, P: P, A: solid.Shear, B: Continuity, C: solid.Dilatation, Dirichlet: []Dirichlet{{Group: "left"}},
			Neumann: []Neumann{{Group: "right", Vector: func(x Vec) Vec { return Vec{0, 6 * x[1] * (1 - x[1])} }}}}.Solve()
		if err != nil {
			t.Fatal(err)
		}
		h, err := U.Evaluation([]float64{8, 0.5})
		if err != nil {
			t.Fatal(err)
		}
		at := make([]float64, 2)
		h.Apply(at, u.Coef)
		return at[1]
	}
	const nu = 0.4999
	plate := 4 * 512 * (1 - nu*nu) // of Euler and Bernoulli in plane strain
	if r := tip(P1, nu) / plate; r > 0.1 {
		t.Errorf("P1 gives %g of the deflection: it should lock", r)
	}
	if r := mixed(nu) / plate; math.Abs(r-1) > 0.02 {
		t.Errorf("the mixed form gives %g of the deflection", r)
	}
	if r := mixed(0.3) / tip(P2, 0.3); math.Abs(r-1) > 1e-3 {
		t.Errorf("the mixed form gives %g times the deflection of P2 at ν = 0.3", r)
	}
}

// Multigrid with rigid-body modes: iterations on a square and a cube clamped at one side
// hardly grow with the number of cells, 16² to 64² and 8³ to 16³.
func TestElasticMultigrid(t *testing.T) {
	solid := elasticSolid(t, 1, 0.3)
	for _, shape := range []mesh.Shape{mesh.Quadrilateral, mesh.Hexahedron} {
		var iterations []int
		for _, n := range map[mesh.Shape][]int{mesh.Quadrilateral: {16, 32, 64}, mesh.Hexahedron: {8, 16}}[shape] {
			m := orderMesh(t, mesh.Quadrilateral, n)
			element := Q1
			if shape == mesh.Hexahedron {
				box, err := mesh.NewBox(shape, n, n, n, 1, 1, 1)
				if err != nil {
					t.Fatal(err)
				}
				m = box
			}
			iterations = append(iterations, 0)
			V := elasticSpace(t, m, element)
			_, err := Problem{Space: V, Bilinear: solid.Form, Dirichlet: []Dirichlet{{Group: "left"}}, Solver: Multigrid,
				Linear: func(p *Point, v *Basis) float64 { return v.Vector[1] },
				Krylov: sparse.Krylov{Tolerance: 1e-8, Monitor: func(c sparse.Convergence) error {
					iterations[len(iterations)-1] = c.Iterations
					return nil
				}}}.Solve()
			if err != nil {
				t.Fatal(err)
			}
		}
		if first, last := iterations[0], iterations[len(iterations)-1]; 2*last > 3*first {
			t.Errorf("%v: iterations %v", shape, iterations)
		}
	}
}
