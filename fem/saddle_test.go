package fem

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"abide/mesh"
	"abide/sparse"
)

// saddleStokes is the pair of spaces on a mesh and the problem of ν = ½ on it.
func saddleStokes(t testing.TB, m *mesh.Mesh) Saddle {
	t.Helper()
	U, P, err := TaylorHood(m)
	if err != nil {
		t.Fatal(err)
	}
	return Saddle{U: U, P: P, A: Viscous(0.5), B: Continuity, Dirichlet: []Dirichlet{{}}, ZeroMean: true}
}

// saddleSolve checks B u = 0 to rounding beside solving: the rows of B are integrals of
// functions of size 1 over cells.
func saddleSolve(t testing.TB, s Saddle) (u, p *Function) {
	t.Helper()
	u, p, err := s.Solve()
	if err != nil {
		t.Fatal(err)
	}
	b, err := Mixed(s.U, s.P, s.B)
	if err != nil {
		t.Fatal(err)
	}
	rest := make([]float64, s.P.N())
	b.Apply(rest, u.Coef)
	if s.G == nil && s.Solver != Multigrid {
		for i, r := range rest {
			if math.Abs(r) > 1e-14 {
				t.Fatalf("∫ψ div u = %g for ψ number %d", r, i)
			}
		}
	}
	return u, p
}

// saddleVortex is Stokes flow with ψ = sin² πx sin² πy, u = (ψ_y, −ψ_x), p = 10 cos πx
// sin πy and ν = ½: velocity, its derivatives, pressure and force.
func saddleVortex(x Vec) (u Vec, slope Mat, p float64, f Vec) {
	sx, cx, sy, cy := math.Sin(2*π*x[0]), math.Cos(2*π*x[0]), math.Sin(2*π*x[1]), math.Cos(2*π*x[1])
	u = Vec{π / 2 * (1 - cx) * sy, -π / 2 * sx * (1 - cy)}
	slope = Mat{{π * π * sx * sy, π * π * (1 - cx) * cy}, {-π * π * cx * (1 - cy), -π * π * sx * sy}}
	p = 10 * math.Cos(π*x[0]) * math.Sin(π*x[1])
	f = Vec{ // −½ Δu + ∇p
		-π*π*π*(2*cx-1)*sy - 10*π*math.Sin(π*x[0])*math.Sin(π*x[1]),
		π*π*π*sx*(2*cy-1) + 10*π*math.Cos(π*x[0])*math.Cos(π*x[1]),
	}
	return u, slope, p, f
}

func saddleVelocity(x Vec) Vec { u, _, _, _ := saddleVortex(x); return u }
func saddleSlope(x Vec) Mat    { _, slope, _, _ := saddleVortex(x); return slope }
func saddlePressure(x Vec) Vec { _, _, p, _ := saddleVortex(x); return Vec{p} }
func saddleForce(p *Point, v *Basis) float64 {
	_, _, _, f := saddleVortex(p.X)
	return f.Dot(v.Vector)
}

// Errors of Taylor–Hood are those of an independent program (scikit-fem 12, SuperLU), to
// the digits it printed.
func TestStokesPrinted(t *testing.T) {
	for n, want := range map[int]string{8: "1.054e-02 6.785e-02", 16: "1.331e-03 1.624e-02"} {
		s := saddleStokes(t, orderMesh(t, mesh.Triangle, n))
		s.F, s.Options = saddleForce, []Option{Degree(8)}
		u, p := saddleSolve(t, s)
		l2, _ := u.L2Error(saddleVelocity, Degree(8))
		of, _ := p.L2Error(saddlePressure, Degree(8))
		if got := fmt.Sprintf("%.3e %.3e", l2, of); got != want {
			t.Errorf("n = %d: errors %s, want %s", n, got, want)
		}
	}
}

// Order 3 and 2 of the velocity, 2 of the pressure.
func TestStokesOrders(t *testing.T) {
	for _, shape := range []mesh.Shape{mesh.Triangle, mesh.Quadrilateral} {
		var l2, h1, of [2]float64
		for i := range l2 {
			s := saddleStokes(t, orderMesh(t, shape, 16<<i))
			s.F = saddleForce
			u, p := saddleSolve(t, s)
			l2[i], _ = u.L2Error(saddleVelocity)
			h1[i], _ = u.H1Error(saddleSlope)
			of[i], _ = p.L2Error(saddlePressure)
		}
		for k, e := range [][2]float64{l2, h1, of} {
			want, within := []float64{3, 2, 2}[k], []float64{0.05, 0.05, 0.1}[k]
			if r := math.Log2(e[0] / e[1]); math.Abs(r-want) > within {
				t.Errorf("%v: order %.3f (%.3g, %.3g) of %s, want %g", shape, r, e[0], e[1], []string{"u", "∇u", "p"}[k], want)
			}
		}
	}
}

// Poiseuille's flow is in the space: given all around, or with a pressure at the outlet, in
// any units.
func TestPoiseuille(t *testing.T) {
	flow := func(x Vec) Vec { return Vec{4 * x[1] * (1 - x[1])} }
	for _, shape := range []mesh.Shape{mesh.Triangle, mesh.Quadrilateral} {
		for _, nu := range []float64{0.5, -0.5, 1e9, -1e9} { // minus: with an outlet
			outlet := nu < 0
			nu = math.Abs(nu)
			s := saddleStokes(t, orderMesh(t, shape, 6))
			s.A = Viscous(nu)
			mean := 0.0
			s.Dirichlet = []Dirichlet{{Vector: flow}}
			if outlet {
				s.Dirichlet = []Dirichlet{{Group: "left", Vector: flow}, {Group: "top"}, {Group: "bottom"}}
				s.Pressure = []Pressure{{Group: "right", Value: func(Vec) float64 { return 3 }}}
				s.ZeroMean, mean = false, 3+4*nu
			}
			u, p := saddleSolve(t, s)
			for i, c := range u.Coef {
				if want := flow(u.Space.Place(i))[i%2]; math.Abs(c-want) > 1e-12 {
					t.Fatalf("%v: velocity %g, want %g", shape, c, want)
				}
			}
			for i, c := range p.Coef { // −ν Δu = 8ν = −p_x
				if want := mean + 8*nu*(0.5-p.Space.Place(i)[0]); math.Abs(c-want) > 1e-11*max(1, nu) {
					t.Fatalf("%v, outlet %v: pressure %g, want %g", shape, outlet, c, want)
				}
			}
		}
	}
}

// Flow between plates in space, P2/P1 and Q2/Q1.
func TestPoiseuilleInSpace(t *testing.T) {
	flow := func(x Vec) Vec { return Vec{4 * x[1] * (1 - x[1])} }
	for _, shape := range []mesh.Shape{mesh.Tetrahedron, mesh.Hexahedron} {
		m, err := mesh.NewBox(shape, 3, 3, 3, 1, 1, 1)
		if err != nil {
			t.Fatal(err)
		}
		s := saddleStokes(t, m)
		s.ZeroMean = false
		s.Dirichlet = []Dirichlet{{Group: "left", Vector: flow}, {Group: "bottom"}, {Group: "top"}, {Group: "front", Vector: flow}, {Group: "back", Vector: flow}}
		u, p := saddleSolve(t, s)
		for i, c := range u.Coef {
			if want := flow(u.Space.Place(i))[i%3]; math.Abs(c-want) > 1e-12 {
				t.Fatalf("%v: velocity %g, want %g", shape, c, want)
			}
		}
		for i, c := range p.Coef {
			if want := 4 - 4*p.Space.Place(i)[0]; math.Abs(c-want) > 1e-11 {
				t.Fatalf("%v: pressure %g, want %g", shape, c, want)
			}
		}
	}
}

// A force drives the flow along a channel whose ends are joined: u = f y (1 − y)/(2ν), no
// pressure.
func TestPoiseuillePeriodic(t *testing.T) {
	m := orderMesh(t, mesh.Triangle, 4)
	joined := func(e Element) *Space {
		V, err := orderSpace(t, m, e).Periodic([2]string{"left", "right"})
		if err != nil {
			t.Fatal(err)
		}
		return V
	}
	U, err := joined(P2).Vector(2)
	if err != nil {
		t.Fatal(err)
	}
	s := Saddle{U: U, P: joined(P1), A: Viscous(0.5), B: Continuity, ZeroMean: true, Dirichlet: []Dirichlet{{Group: "bottom"}, {Group: "top"}},
		F: func(_ *Point, v *Basis) float64 { return 3 * v.Vector[0] }}
	u, p := saddleSolve(t, s)
	for i, c := range u.Coef {
		y := U.Place(i)[1]
		if want := 3 * y * (1 - y) * float64(1-i%2); math.Abs(c-want) > 1e-13 {
			t.Fatalf("velocity %g, want %g", c, want)
		}
	}
	for _, c := range p.Coef {
		if math.Abs(c) > 1e-12 {
			t.Fatalf("pressure %g", c)
		}
	}
}

// The cavity with a moving lid: MINRES gives what LDLᵀ gives, and its iterations do not
// grow with the mesh.
func TestCavity(t *testing.T) {
	for _, shape := range []mesh.Shape{mesh.Triangle, mesh.Quadrilateral} {
		var iterations [2]int
		for i := range iterations {
			s := saddleStokes(t, orderMesh(t, shape, 8<<i))
			s.Dirichlet = append(s.Dirichlet, Dirichlet{Group: "top", Vector: func(x Vec) Vec { return Vec{16 * x[0] * x[0] * (1 - x[0]) * (1 - x[0])} }})
			u, p := saddleSolve(t, s)
			s.Solver, s.Schur = Multigrid, func(_ *Point, p, q *Basis) float64 { return 2 * p.Value * q.Value }
			s.Krylov = sparse.Krylov{Tolerance: 1e-10, Monitor: func(c sparse.Convergence) error { iterations[i] = c.Iterations; return nil }}
			v, q := saddleSolve(t, s)
			for k := range u.Coef {
				if math.Abs(u.Coef[k]-v.Coef[k]) > 1e-7 {
					t.Fatalf("velocity %g by LDLᵀ, %g by MINRES", u.Coef[k], v.Coef[k])
				}
			}
			for k := range p.Coef {
				if math.Abs(p.Coef[k]-q.Coef[k]) > 1e-6 {
					t.Fatalf("pressure %g by LDLᵀ, %g by MINRES", p.Coef[k], q.Coef[k])
				}
			}
		}
		if 4*iterations[1] > 5*iterations[0] {
			t.Errorf("%v: iterations %v for half the cell size", shape, iterations)
		}
	}
}

// Kovasznay's solution of the Navier–Stokes equations behind a grid, with its own
// velocity w in (w·∇)u: the matrix is not symmetric. L. I. G. Kovasznay, Proc. Camb.
// Phil. Soc. 44 (1948); Re = 40.
func TestKovasznay(t *testing.T) {
	const nu = 1. / 40
	k := 0.5/nu - math.Sqrt(0.25/(nu*nu)+4*π*π)
	exact := func(x Vec) Vec {
		e := math.Exp(k * x[0])
		return Vec{1 - e*math.Cos(2*π*x[1]), k / (2 * π) * e * math.Sin(2*π*x[1])}
	}
	pressure := func(x Vec) float64 { return -math.Exp(2*k*x[0]) / 2 }
	mean := math.Sinh(k) / k / 2
	var l2, of [2]float64
	for i := range l2 {
		m := orderMesh(t, mesh.Quadrilateral, 8<<i)
		for j := range m.N() { // (−½, ½) × (−½, 3/2)
			x := m.Point(int32(j))
			x[0], x[1] = x[0]-0.5, 2*x[1]-0.5
		}
		s := saddleStokes(t, m)
		s.A = func(p *Point, u, v *Basis) float64 {
			w := exact(p.X)
			return nu*u.Jacobian.Dot(&v.Jacobian) + u.Jacobian.Times(w).Dot(v.Vector)
		}
		s.Dirichlet = []Dirichlet{{Vector: exact}}
		u, p := saddleSolve(t, s)
		l2[i], _ = u.L2Error(exact)
		of[i], _ = p.L2Error(func(x Vec) Vec { return Vec{pressure(x) + mean} })
	}
	if r := math.Log2(l2[0] / l2[1]); r < 2.9 {
		t.Errorf("order %.3f of the velocity (%.3g), want 3", r, l2)
	}
	if r := math.Log2(of[0] / of[1]); r < 1.9 {
		t.Errorf("order %.3f of the pressure (%.3g), want 2", r, of)
	}
}

// Problems with no or many solutions, and parts that do not fit.
func TestSaddleErrors(t *testing.T) {
	m := orderMesh(t, mesh.Triangle, 3)
	bilinear := orderSpace(t, orderMesh(t, mesh.Quadrilateral, 4), Q1)
	corner := orderSpace(t, orderMesh(t, mesh.Quadrilateral, 1), Q1)
	inflow := []Dirichlet{{Vector: func(x Vec) Vec { return Vec{x[0]} }}}
	for _, c := range []struct {
		change   func(*Saddle)
		says     string
		singular bool
	}{
		{func(s *Saddle) { s.ZeroMean = false }, "ZeroMean", true},
		{func(s *Saddle) { s.Dirichlet[0].Group = "left" }, "leave it out", false},
		{func(s *Saddle) { s.Dirichlet = []Dirichlet{{Group: "left", Only: []int{0}}}; s.ZeroMean = false }, "component 1", true},
		{func(s *Saddle) { s.Dirichlet = inflow }, "balance", false},
		{func(s *Saddle) { s.P = s.U }, "scalar", false},
		{func(s *Saddle) { s.P, _ = NewSpace(orderMesh(t, mesh.Triangle, 3), P1) }, "different meshes", false},
		{func(s *Saddle) { s.B = nil }, "forms A and B", false},
		{func(s *Saddle) { s.U, _ = orderSpace(t, m, P0).Vector(2); s.Dirichlet = nil }, "component 0", true},
		{func(s *Saddle) {
			*s = saddleStokes(t, orderMesh(t, mesh.Quadrilateral, 1))
			s.U, _ = corner.Vector(2)
			s.P = corner
		}, "refine", false},
		{func(s *Saddle) { s.Solver = Method(77) }, "allowed are", false},
		// Constant pressures for bilinear velocities, which do not see a checkerboard.
		{func(s *Saddle) { s.U, _ = bilinear.Vector(2); s.P, _ = NewSpace(bilinear.Mesh(), P0) }, "inf–sup", true},
	} {
		s := saddleStokes(t, m)
		s.F = func(p *Point, v *Basis) float64 { return p.X[1] * v.Vector[0] }
		c.change(&s)
		_, _, err := s.Solve()
		if err == nil || !strings.Contains(err.Error(), c.says) || errors.Is(err, ErrSingular) != c.singular {
			t.Errorf("error %v, want one of %q", err, c.says)
		}
	}
}
