package fem

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"abide/mesh"
	"abide/sparse"
)

func raviartSpaces(t testing.TB, m *mesh.Mesh) (U, P *Space) {
	t.Helper()
	return orderSpace(t, m, RT0), orderSpace(t, m, P0)
}

// Functions a + b x are in the space: values, divergence and point values of their
// interpolants are theirs. Of any other the divergence is the mean over each cell.
func TestRaviartInterpolation(t *testing.T) {
	for _, shape := range []mesh.Shape{mesh.Triangle, mesh.Tetrahedron} {
		d := shape.Dim()
		U, _ := raviartSpaces(t, probDistorted(t, shape, 4))
		f := func(x Vec) Vec {
			v := x.Times(0.7).Add(Vec{1, -2, 3})
			for k := d; k < 3; k++ {
				v[k] = 0
			}
			return v
		}
		u, err := U.InterpolateVector(f)
		if err != nil {
			t.Fatal(err)
		}
		l2, _ := u.L2Error(f)
		div, _ := U.Integral(func(p *Point) float64 { return math.Abs(u.At(p).Div - 0.7*float64(d)) })
		slope, _ := u.H1Error(func(Vec) Mat {
			var m Mat
			for k := range d {
				m[k][k] = 0.7
			}
			return m
		})
		if l2 > 1e-13 || div > 1e-12 || slope > 1e-12 {
			t.Errorf("%v: errors %g of u, %g of div u, %g of ∇u", shape, l2, div, slope)
		}
		points := []float64{0.31, 0.42, 0.77, 0.6, 0.2, 0.9} // three points, or two
		h, err := U.Evaluation(points)
		if err != nil {
			t.Fatal(err)
		}
		at := make([]float64, h.Rows)
		h.Apply(at, u.Coef)
		for i, v := range at {
			var x Vec
			copy(x[:], points[i/d*d:i/d*d+d])
			if math.Abs(v-f(x)[i%d]) > 1e-12 {
				t.Errorf("%v: component %d at %v is %g, want %g", shape, i%d, x, v, f(x)[i%d])
			}
		}
		cubic := func(x Vec) Vec {
			return Vec{x[0] * x[0] * x[1], x[1] * x[1] * x[0], x[0] * x[d-1] * x[d-1] * float64(d-2)}
		}
		if u, err = U.InterpolateVector(cubic); err != nil {
			t.Fatal(err)
		}
		of := orderSpace(t, U.Mesh(), P0)
		mean, err := of.Linear(func(p *Point, v *Basis) float64 {
			x := p.X
			return (4*x[0]*x[1] + 2*x[0]*x[d-1]*float64(d-2)) * v.Value
		}, Degree(3))
		if err != nil {
			t.Fatal(err)
		}
		for c, m := range mean {
			if math.Abs(u.Outflow(c)-m) > 1e-14 {
				t.Fatalf("%v: flux %g out of cell %d, ∫div %g", shape, u.Outflow(c), c, m)
			}
		}
	}
}

// Darcy flow with constant flux: met exactly, flux and mean pressures, with pressure
// on one side and flux through the others.
func TestDarcyPatch(t *testing.T) {
	for _, shape := range []mesh.Shape{mesh.Triangle, mesh.Tetrahedron} {
		m := probDistorted(t, shape, 4)
		if shape == mesh.Tetrahedron {
			box, err := mesh.NewBox(shape, 3, 3, 3, 1, 1, 1)
			if err != nil {
				t.Fatal(err)
			}
			m = box
		}
		U, P := raviartSpaces(t, m)
		pressure := func(x Vec) float64 { return 1 + 2*x[0] - 3*x[1] + x[2] }
		flux := Vec{-2 * 0.4, 3 * 0.4, -0.4}
		if shape == mesh.Triangle {
			flux[2] = 0
		}
		all := func(Vec) Vec { return flux }
		s := Saddle{U: U, P: P, A: func(_ *Point, u, v *Basis) float64 { return u.Vector.Dot(v.Vector) / 0.4 }, B: Continuity}
		s.Pressure = []Pressure{{Group: "right", Value: pressure}}
		s.Dirichlet = []Dirichlet{{Group: "left", Value: func(Vec) float64 { return -flux[0] }}, {Group: "top", Vector: all}, {Group: "bottom", Vector: all}}
		if shape == mesh.Tetrahedron {
			s.Dirichlet = append(s.Dirichlet, Dirichlet{Group: "front", Vector: all}, Dirichlet{Group: "back", Vector: all})
		}
		u, p := saddleSolve(t, s)
		if e, _ := u.L2Error(all); e > 1e-12 {
			t.Errorf("%v: flux is off by %g", shape, e)
		}
		for c, v := range p.Coef {
			if want := pressure(P.Place(c)); math.Abs(v-want) > 1e-12 {
				t.Fatalf("%v: pressure %g in cell %d, want %g", shape, v, c, want)
			}
		}
	}
}

// raviartFlow is −∇·κ∇p = f with κ = 1 + x + y and p = cos πx cos πy, without flux through
// the boundary.
func raviartFlow(x Vec) (kappa, p, f float64, q Vec) {
	kappa, p = 1+x[0]+x[1], math.Cos(π*x[0])*math.Cos(π*x[1])
	slope := Vec{math.Sin(π*x[0]) * math.Cos(π*x[1]), math.Cos(π*x[0]) * math.Sin(π*x[1])}.Times(π)
	return kappa, p, 2*kappa*π*π*p + slope[0] + slope[1], slope.Times(kappa)
}

func raviartPressure(x Vec) Vec { _, p, _, _ := raviartFlow(x); return Vec{p} }
func raviartFlux(x Vec) Vec     { _, _, _, q := raviartFlow(x); return q }

func raviartProblem(t testing.TB, m *mesh.Mesh, degree int) Saddle {
	U, P := raviartSpaces(t, m)
	return Saddle{U: U, P: P, B: Continuity, ZeroMean: true, Dirichlet: []Dirichlet{{}}, Options: []Option{Degree(degree)},
		A: func(p *Point, u, v *Basis) float64 { k, _, _, _ := raviartFlow(p.X); return u.Vector.Dot(v.Vector) / k },
		G: func(p *Point, q *Basis) float64 { _, _, f, _ := raviartFlow(p.X); return -f * q.Value }}
}

// Errors are those of an independent program (scikit-fem 12, SuperLU), to the digits it
// printed.
func TestDarcyPrinted(t *testing.T) {
	for n, want := range map[int]string{8: "5.3361e-01 6.5294e-02", 16: "2.6638e-01 3.2706e-02"} {
		q, p, err := raviartProblem(t, orderMesh(t, mesh.Triangle, n), 8).Solve()
		if err != nil {
			t.Fatal(err)
		}
		l2, _ := q.L2Error(raviartFlux, Degree(8))
		of, _ := p.L2Error(raviartPressure, Degree(8))
		if got := fmt.Sprintf("%.4e %.4e", l2, of); got != want {
			t.Errorf("n = %d: errors %s, want %s", n, got, want)
		}
	}
}

// Order 1 of flux, divergence and pressure, mass balanced in each cell to rounding, MINRES as LDLᵀ.
func TestDarcyOrders(t *testing.T) {
	var errors [3][2]float64
	var iterations [2]int
	for i := range 2 {
		m := probDistorted(t, mesh.Triangle, 24<<i)
		s := raviartProblem(t, m, 4)
		system, err := s.System()
		if err != nil {
			t.Fatal(err)
		}
		u, p, err := system.Solve()
		if err != nil {
			t.Fatal(err)
		}
		for c := range m.Count() {
			// The load is balanced beforehand by what quadrature leaves of ∫f = 0.
			if rest := u.Outflow(c) + system.Load[system.Fixed.N()+c]; math.Abs(rest) > 1e-13 {
				t.Fatalf("cell %d: outflow and source differ by %g", c, rest)
			}
		}
		errors[0][i], _ = u.L2Error(raviartFlux)
		errors[1][i], _ = p.L2Error(raviartPressure)
		square, _ := s.U.Integral(func(p *Point) float64 { _, _, f, _ := raviartFlow(p.X); e := u.At(p).Div - f; return e * e }, Degree(6))
		errors[2][i] = math.Sqrt(square)

		s.Solver = Multigrid
		s.Krylov = sparse.Krylov{Tolerance: 1e-12, Monitor: func(c sparse.Convergence) error { iterations[i] = c.Iterations; return nil }}
		v, q, err := s.Solve()
		if err != nil {
			t.Fatal(err)
		}
		for k := range u.Coef {
			if math.Abs(u.Coef[k]-v.Coef[k]) > 1e-9 {
				t.Fatalf("flux %g by LDLᵀ, %g by MINRES", u.Coef[k], v.Coef[k])
			}
		}
		for k := range p.Coef {
			if math.Abs(p.Coef[k]-q.Coef[k]) > 1e-8 {
				t.Fatalf("pressure %g by LDLᵀ, %g by MINRES", p.Coef[k], q.Coef[k])
			}
		}
	}
	for k, e := range errors {
		if r := math.Log2(e[0] / e[1]); math.Abs(r-1) > 0.05 {
			t.Errorf("order %.3f (%.3g) of %s, want 1", r, e, []string{"q", "p", "div q"}[k])
		}
	}
	if 4*iterations[1] > 5*iterations[0] {
		t.Errorf("iterations %v for half the cell size", iterations)
	}
}

// Permeabilities of 1 and 10⁻⁴ side by side take MINRES at most half as many iterations
// more than a constant one.
func TestDarcyContrast(t *testing.T) {
	var iterations [2]int
	for i, low := range []float64{1, 1e-4} {
		s := raviartProblem(t, orderMesh(t, mesh.Triangle, 24), 4)
		s.A = func(p *Point, u, v *Basis) float64 {
			if (int(8*p.X[0])+int(8*p.X[1]))%2 == 0 {
				return u.Vector.Dot(v.Vector)
			}
			return u.Vector.Dot(v.Vector) / low
		}
		s.Solver = Multigrid
		s.Krylov = sparse.Krylov{Monitor: func(c sparse.Convergence) error { iterations[i] = c.Iterations; return nil }}
		if _, _, err := s.Solve(); err != nil {
			t.Fatal(err)
		}
	}
	if 2*iterations[1] > 3*iterations[0] {
		t.Errorf("iterations %v", iterations)
	}
}

// Where RT0 does not fit.
func TestRaviartErrors(t *testing.T) {
	U := orderSpace(t, orderMesh(t, mesh.Triangle, 2), RT0)
	for _, c := range []struct {
		says string
		make func() error
	}{
		{"triangles and tetrahedra", func() error { _, err := NewSpace(orderMesh(t, mesh.Quadrilateral, 2), RT0); return err }},
		{"scalar space", func() error { _, err := U.Vector(2); return err }},
		{"no components", func() error { _, err := U.Dirichlet(Dirichlet{Only: []int{0}}); return err }},
		{"values at nodes", func() error { _, err := NewNonlinear(U, nil); return err }},
		{"row sums", func() error { _, err := U.LumpedMass(nil); return err }},
		{"periodic", func() error { _, err := U.Periodic([2]string{"left", "right"}); return err }},
		{"InterpolateVector", func() error { _, err := U.Interpolate(func(Vec) float64 { return 1 }); return err }},
	} {
		if err := c.make(); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("error %v, want one of %q", err, c.says)
		}
	}
}
