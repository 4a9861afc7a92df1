package pde

import (
	"math"
	"testing"

	"abide/fem"
)

func elementsMake[T Family](t *testing.T, k Kind, v Values) T {
	t.Helper()
	f, err := k.Make(v)
	if err != nil {
		t.Fatal(err)
	}
	return f.(T)
}

// Poiseuille's flow through the channel without force; in the cavity without lid no flow
// under a force that has a potential, which the pressure balances: both to rounding.
func TestStokesExact(t *testing.T) {
	f := elementsMake[*stokes](t, stokesKind, Values{"grid": 4, "flow": "channel", "nu": 0.5, "speed": 2.0})
	s, m := NewSample(f), 9
	if err := f.solve(s); err != nil {
		t.Fatal(err)
	}
	for k, u := range s[1] {
		want, y := 0.0, float64(k%m)/8
		if k < m*m {
			want = 8 * y * (1 - y)
		}
		if math.Abs(u-want) > 1e-12 {
			t.Fatalf("velocity %g at %d, want %g", u, k, want)
		}
	}
	for k, p := range s[2] { // −ν Δu = 8 = −p_x
		if want := 8 * (1 - float64(k/5)/4); math.Abs(p-want) > 1e-12 {
			t.Fatalf("pressure %g at %d, want %g", p, k, want)
		}
	}

	f = elementsMake[*stokes](t, stokesKind, Values{"grid": 4, "speed": 0.0})
	for k := range m * m {
		s[0][k], s[0][m*m+k] = 3, -2
	}
	if err := f.solve(s); err != nil {
		t.Fatal(err)
	}
	for k, u := range s[1] {
		if math.Abs(u) > 1e-13 {
			t.Fatalf("velocity %g at %d under a constant force", u, k)
		}
	}
	for k, p := range s[2] {
		if want := 3*(float64(k/5)/4-0.5) - 2*(float64(k%5)/4-0.5); math.Abs(p-want) > 1e-12 {
			t.Fatalf("pressure %g at %d, want %g", p, k, want)
		}
	}
}

// A vortex without lid, u = (ψ_y, −ψ_x) with ψ = sin² πx sin² πy, p = 20 cos πx sin πy:
// order 3 of the velocity and 2 of the pressure, in the mean square over cells.
func TestStokesOrder(t *testing.T) {
	exact := func(x fem.Vec) fem.Vec {
		sin, cos := math.Sin, math.Cos
		a, b := 2*math.Pi*x[0], 2*math.Pi*x[1]
		return fem.Vec{math.Pi / 2 * (1 - cos(a)) * sin(b), -math.Pi / 2 * sin(a) * (1 - cos(b))}
	}
	force := func(x fem.Vec) fem.Vec {
		sin, cos := math.Sin, math.Cos
		a, b, k := 2*math.Pi*x[0], 2*math.Pi*x[1], 2*math.Pi*math.Pi*math.Pi
		return fem.Vec{-k*(2*cos(a)-1)*sin(b) - 20*math.Pi*sin(a/2)*sin(b/2), k*sin(a)*(2*cos(b)-1) + 20*math.Pi*cos(a/2)*cos(b/2)}
	}
	pressure := func(x fem.Vec) fem.Vec { return fem.Vec{20 * math.Cos(math.Pi*x[0]) * math.Sin(math.Pi*x[1])} }
	var of []float64
	grids := []int{12, 16, 24}
	evolutionOrder(t, "velocity", 3, 0.05, grids, func(n int) float64 {
		f := elementsMake[*stokes](t, stokesKind, Values{"grid": n, "speed": 0.0})
		U, P, err := fem.TaylorHood(f.mesh)
		if err != nil {
			t.Fatal(err)
		}
		s := NewSample(f)
		given, err := U.InterpolateVector(force)
		if err != nil {
			t.Fatal(err)
		}
		f.velocity.toArray(s[0], given.Coef)
		if err := f.solve(s); err != nil {
			t.Fatal(err)
		}
		u, p := U.Zero(), P.Zero()
		f.velocity.toSpace(u.Coef, s[1])
		f.pressure.toSpace(p.Coef, s[2])
		e, err := u.L2Error(exact)
		if err != nil {
			t.Fatal(err)
		}
		q, err := p.L2Error(pressure)
		if err != nil {
			t.Fatal(err)
		}
		of = append(of, q)
		return e
	})
	evolutionOrder(t, "pressure", 2, 0.1, grids, func(int) float64 { e := of[0]; of = of[1:]; return e })
}

// The components of the force are independent and of the size asked for: at the centre,
// by five standard errors of 400 draws. Walls, which reflect the field, are two lengths
// away: their images add some thousandths.
func TestStokesForce(t *testing.T) {
	const n = 400
	f := elementsMake[*stokes](t, stokesKind, Values{"grid": 8, "force": 7.0})
	var square, product float64
	a, b := make([]float64, 17*17), make([]float64, 17*17)
	for i := range n {
		s := contractDraw(t, f, 5, i)
		copy(a, s[0])
		copy(b, s[0][17*17:])
		x, y := a[8*17+8]/7, b[8*17+8]/7
		square, product = square+(x*x+y*y)/(2*n), product+x*y/n
	}
	if math.Abs(product) > 5/math.Sqrt(n) || math.Abs(square-1) > 5*math.Sqrt(1./n) {
		t.Errorf("variance %g, covariance %g", square, product)
	}
}

// The beam of constant modulus against Euler, Bernoulli and Timoshenko; and a smooth
// modulus with a displacement made up beforehand, whose load is its stress in weak form:
// order 2.
func TestElasticityOrder(t *testing.T) {
	f := elementsMake[*elasticity](t, elasticityKind, Values{"grid": 16, "length": 8, "poisson": 0.0})
	s := NewSample(f)
	for k := range s[0] {
		s[0][k] = 2
	}
	if err := f.solve(s, f.traction); err != nil {
		t.Fatal(err)
	}
	const beam = (4*512 + 2*8*6./5) / 2
	tip := -s[1][len(s[1])-1-8]
	if math.Abs(tip/beam-1) > 0.005 {
		t.Errorf("deflection %g, of Timoshenko's beam %g", tip, beam)
	}

	modulus := func(x fem.Vec) float64 { return math.Exp(math.Sin(2*x[0]) * math.Cos(3*x[1])) }
	exact := func(x fem.Vec) fem.Vec {
		return fem.Vec{math.Sin(2*x[0]) * math.Cos(x[1]), x[0] * math.Sin(x[0]+2*x[1])}
	}
	slope := func(x fem.Vec) fem.Mat {
		a := x[0] + 2*x[1]
		return fem.Mat{{2 * math.Cos(2*x[0]) * math.Cos(x[1]), -math.Sin(2*x[0]) * math.Sin(x[1])},
			{math.Sin(a) + x[0]*math.Cos(a), 2 * x[0] * math.Cos(a)}}
	}
	solid, err := fem.NewElastic(1, 0.3)
	if err != nil {
		t.Fatal(err)
	}
	evolutionOrder(t, "displacement", 2, 0.05, []int{8, 16, 32}, func(n int) float64 {
		f := elementsMake[*elasticity](t, elasticityKind, Values{"grid": n, "length": 2})
		scalar, err := fem.NewSpace(f.mesh, fem.Q1)
		if err != nil {
			t.Fatal(err)
		}
		V, err := scalar.Vector(2)
		if err != nil {
			t.Fatal(err)
		}
		load, err := V.Linear(func(p *fem.Point, v *fem.Basis) float64 {
			stress := solid.PlaneStress().Stress(&fem.Basis{Jacobian: slope(p.X)})
			return modulus(p.X) * stress.Dot(&v.Jacobian)
		}, fem.Degree(5))
		if err != nil {
			t.Fatal(err)
		}
		s, h := NewSample(f), 1/float64(n)
		for k := range s[0] {
			s[0][k] = modulus(fem.Vec{(float64(k/n) + 0.5) * h, (float64(k%n) + 0.5) * h})
		}
		if err := f.solve(s, load); err != nil {
			t.Fatal(err)
		}
		u := V.Zero()
		f.displacement.toSpace(u.Coef, s[1])
		e, err := u.L2Error(exact)
		if err != nil {
			t.Fatal(err)
		}
		return e
	})
}

// A modulus that is off by a cell is noticed: the rows see where E is.
func TestElasticityPlace(t *testing.T) {
	f := elementsMake[*elasticity](t, elasticityKind, Values{"grid": 4})
	s := contractDraw(t, f, 3, 0)
	for i := range s[0] {
		s[0][i] = s[0][(i+1)%len(s[0])]
	}
	violations, err := Check(f, s)
	if err != nil {
		t.Fatal(err)
	}
	if v := violations[0].Worst; v < 1e-4 {
		t.Errorf("E moved by a cell: residual %g", v)
	}
}
