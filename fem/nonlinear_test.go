package fem

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"abide/mesh"
)

// nonlinearRandom is n numbers in (−1, 1).
func nonlinearRandom(n int, seed uint64) []float64 {
	r := rand.New(rand.NewPCG(seed, 1))
	v := make([]float64, n)
	for i := range v {
		v[i] = 2*r.Float64() - 1
	}
	return v
}

func nonlinearDot(x, y []float64) (sum, size float64) {
	for i := range x {
		sum += x[i] * y[i]
		size += math.Abs(x[i] * y[i])
	}
	return sum, size
}

// nonlinearSlope is the order in h with which ‖d(h)‖ falls between h and h/2, fitted over
// four halvings.
func nonlinearSlope(t testing.TB, what string, want, h float64, d func(h float64) float64) {
	t.Helper()
	first := d(h)
	for range 4 {
		h /= 2
	}
	if order := math.Log2(first/d(h)) / 4; !(math.Abs(order-want) <= 0.05) {
		t.Errorf("%s: remainder of order %.3f in h, want %g ± 0.05", what, order, want)
	}
}

// nonlinearCase is a form with everything in it: u and ∇u in flux and source, a
// coefficient with its gradient, and a flux through the boundary.
type nonlinearCase struct {
	name string
	f    *Nonlinear
	m    *Function
}

func nonlinearCases(t testing.TB) []nonlinearCase {
	var cases []nonlinearCase
	for _, c := range []struct {
		shape  mesh.Shape
		n      int
		e, of  Element
		vector int
	}{
		{mesh.Interval, 5, P2, P1, 0}, {mesh.Triangle, 3, P1, P0, 0}, {mesh.Triangle, 3, P2, P1, 0}, {mesh.Quadrilateral, 3, Q2, Q1, 0},
		{mesh.Tetrahedron, 2, P1, P1, 0}, {mesh.Hexahedron, 2, Q1, P0, 0}, {mesh.Triangle, 2, P2, P1, 2}, {mesh.Quadrilateral, 3, Q1, P0, 2},
		{mesh.Tetrahedron, 2, P1, P1, 3},
	} {
		m := orderMesh(t, c.shape, c.n)
		V, M := orderSpace(t, m, c.e), orderSpace(t, m, c.of)
		a := &Function{M, nonlinearRandom(M.N(), 3)}
		if c.vector > 0 {
			var err error
			if V, err = V.Vector(c.vector); err != nil {
				t.Fatal(err)
			}
		}
		f, err := NewNonlinear(V, nil)
		if err != nil {
			t.Fatal(err)
		}
		if c.vector > 0 {
			err = f.AddVector(func(p *Point, u *DualVec, grad *DualMat) (flux DualMat, source DualVec) {
				k, g := a.Dual(p)
				strain, div := grad.Sym(), grad.Trace()
				for i := range flux {
					flux[i] = strain[i].Mul(k.Exp()).Add(grad[i].Mul(u.Dot(*u)))
					flux[i][i] = flux[i][i].Add(div.Mul(div))
				}
				return flux, u.Mul(u.Dot(*u)).Add(g.Mul(div))
			})
		} else {
			err = f.Add(func(p *Point, u Dual, grad DualVec) (DualVec, Dual) {
				k, g := a.Dual(p)
				flux := grad.Mul(u.Mul(u).Add(k.Exp())).Mul(grad.Dot(grad).Plus(1).Sqrt())
				return flux.Add(g.Mul(u)), u.Sin().Mul(k).Add(g.Dot(grad)).Plus(p.X[0])
			})
			if err == nil {
				err = f.Add(func(p *Point, u Dual, _ DualVec) (DualVec, Dual) {
					k, _ := a.Dual(p)
					return DualVec{}, u.Pow(4).Mul(k)
				}, On())
			}
		}
		if err != nil {
			t.Fatal(err)
		}
		cases = append(cases, nonlinearCase{fmt.Sprintf("%s %v by %v, %d components", c.shape, c.e, c.of, V.Components()), f, a})
	}
	return cases
}

// The tangent is the derivative of the residual: R(u + hv) − R(u) − hKv is of order h²,
// K v is the derivative along v that one pass of dual numbers gives, and the transposed
// pass is its adjoint.
func TestNonlinearTangent(t *testing.T) {
	for _, c := range nonlinearCases(t) {
		n := c.f.Space().N()
		u, v, l := nonlinearRandom(n, 1), nonlinearRandom(n, 2), nonlinearRandom(n, 4)
		k, kv, r0, r := c.f.Matrix(), make([]float64, n), make([]float64, n), make([]float64, n)
		if err := c.f.Assemble(r0, k, u); err != nil {
			t.Fatal(err)
		}
		k.Apply(kv, v)

		if err := c.f.Derivative(r, u, nil, v); err != nil {
			t.Fatal(err)
		}
		for i := range r {
			if _, size := nonlinearDot(k.Value[k.Ptr[i]:k.Ptr[i+1]], k.Value[k.Ptr[i]:k.Ptr[i+1]]); math.Abs(r[i]-kv[i]) > 1e-12*(1+math.Sqrt(size)) {
				t.Errorf("%s: row %d of K v is %g, of the derivative %g", c.name, i, kv[i], r[i])
			}
		}
		if err := c.f.DerivativeT(r, u, nil, l); err != nil {
			t.Fatal(err)
		}
		a, size := nonlinearDot(l, kv)
		if b, _ := nonlinearDot(r, v); math.Abs(a-b) > 1e-12*size {
			t.Errorf("%s: λ·(Kv) = %g, (Kᵀλ)·v = %g", c.name, a, b)
		}

		at := make([]float64, n)
		nonlinearSlope(t, c.name, 2, 1e-2, func(h float64) float64 {
			for i := range at {
				at[i] = u[i] + h*v[i]
			}
			if err := c.f.Residual(r, at); err != nil {
				t.Fatal(err)
			}
			var sum float64
			for i := range r {
				d := r[i] - r0[i] - h*kv[i]
				sum += d * d
			}
			return math.Sqrt(sum)
		})
	}
}

// The same for the derivative by a coefficient.
func TestNonlinearParameter(t *testing.T) {
	for _, c := range nonlinearCases(t) {
		n, u := c.f.Space().N(), nonlinearRandom(c.f.Space().N(), 1)
		l, v := nonlinearRandom(n, 4), make([]float64, len(c.m.Coef))
		r0, r, fv, ft := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, len(v))
		for k := range uint64(2) { // the same slice with other numbers is another direction
			copy(v, nonlinearRandom(len(v), 5+k))
			if err := c.f.Derivative(fv, u, c.m, v); err != nil {
				t.Fatal(err)
			}
			if err := c.f.DerivativeT(ft, u, c.m, l); err != nil {
				t.Fatal(err)
			}
			a, size := nonlinearDot(l, fv)
			if b, _ := nonlinearDot(ft, v); math.Abs(a-b) > 1e-12*size {
				t.Errorf("%s: λ·(R_m v) = %g, (R_mᵀλ)·v = %g", c.name, a, b)
			}
		}
		if n := len(c.f.terms[0].walk.read); n > 1 {
			t.Errorf("%s: %d functions are remembered, the form reads one", c.name, n)
		}
		if err := c.f.Residual(r0, u); err != nil {
			t.Fatal(err)
		}
		m0 := append([]float64(nil), c.m.Coef...)
		nonlinearSlope(t, c.name, 2, 1e-2, func(h float64) float64 {
			for i := range m0 {
				c.m.Coef[i] = m0[i] + h*v[i]
			}
			if err := c.f.Residual(r, u); err != nil {
				t.Fatal(err)
			}
			var sum float64
			for i := range r {
				d := r[i] - r0[i] - h*fv[i]
				sum += d * d
			}
			return math.Sqrt(sum)
		})
		copy(c.m.Coef, m0)
	}
}

// A linear integrand gives the matrix and the load of the linear forms, with prescribed
// values taken out of the matrix alone.
func TestNonlinearLinear(t *testing.T) {
	for _, e := range []Element{P1, P2} {
		V := orderSpace(t, orderMesh(t, mesh.Triangle, 4), e)
		fixed, err := V.Dirichlet(Dirichlet{Group: "left", Value: func(x Vec) float64 { return x[1] }})
		if err != nil {
			t.Fatal(err)
		}
		f, err := NewNonlinear(V, fixed)
		if err != nil {
			t.Fatal(err)
		}
		if err := f.Add(func(p *Point, u Dual, grad DualVec) (DualVec, Dual) {
			return grad.Times(1 + p.X[0]), u.Times(2).Add(grad[1]).Plus(-3)
		}); err != nil {
			t.Fatal(err)
		}
		all, err := V.Bilinear(func(p *Point, u, v *Basis) float64 {
			return (1+p.X[0])*u.Grad.Dot(v.Grad) + (2*u.Value+u.Grad[1])*v.Value
		})
		if err != nil {
			t.Fatal(err)
		}
		load, err := V.Linear(Constant(3))
		if err != nil {
			t.Fatal(err)
		}
		u, want, r, k := nonlinearRandom(V.N(), 1), make([]float64, V.N()), make([]float64, V.N()), f.Matrix()
		if err := f.Assemble(r, k, u); err != nil {
			t.Fatal(err)
		}
		all.Apply(want, u)
		for i := range r {
			if math.Abs(r[i]-want[i]+load[i]) > 1e-13 {
				t.Errorf("%v: residual %d is %g, want %g", e, i, r[i], want[i]-load[i])
			}
		}
		for i, a := range fixed.Free {
			for p := k.Ptr[i]; p < k.Ptr[i+1]; p++ {
				if w := all.At(int(a), int(fixed.Free[k.Index[p]])); math.Abs(k.Value[p]-w) > 1e-13 {
					t.Errorf("%v: entry (%d, %d) is %g, want %g", e, i, k.Index[p], k.Value[p], w)
				}
			}
		}
	}
}

// Each function of dual numbers has the slope of central differences, of order h².
func TestDualFunctions(t *testing.T) {
	b := Dual{0.7, 0.3}
	for name, f := range map[string]func(a Dual) Dual{
		"Add": func(a Dual) Dual { return a.Add(b) }, "Sub": func(a Dual) Dual { return b.Sub(a) }, "Mul": func(a Dual) Dual { return a.Mul(b) },
		"Div": func(a Dual) Dual { return b.Div(a) }, "Plus": func(a Dual) Dual { return a.Plus(2) }, "Times": func(a Dual) Dual { return a.Times(2) },
		"Vec": func(a Dual) Dual { return DualVec{a, b, Const(2)}.Sub(DualVec{b, Const(1), a}).Dot(DualVec{a, a, b}) },
		"Pow": func(a Dual) Dual { return a.Pow(1.7) }, "Sqrt": Dual.Sqrt, "Exp": Dual.Exp, "Log": Dual.Log, "Tanh": Dual.Tanh, "Sin": Dual.Sin, "Cos": Dual.Cos,
	} {
		at := func(h float64) float64 {
			b = Dual{0.7 + 0.3*h, 0.3}
			return f(Dual{1.3 - 0.9*h, -0.9}).Value
		}
		const h = 1e-4 // the error of five points is of order h⁴
		want := (8*(at(h)-at(-h)) - (at(2*h) - at(-2*h))) / (12 * h)
		b = Dual{0.7, 0.3}
		if got := f(Dual{1.3, -0.9}).Slope; math.Abs(got-want) > 1e-11 {
			t.Errorf("%s: slope %.14g, differences %.14g", name, got, want)
		}
	}
}

func TestNonlinearBadInput(t *testing.T) {
	V := orderSpace(t, orderMesh(t, mesh.Triangle, 2), P1)
	W, err := V.Vector(2)
	if err != nil {
		t.Fatal(err)
	}
	scalar := func(_ *Point, u Dual, grad DualVec) (DualVec, Dual) { return grad, u }
	vector := func(_ *Point, u *DualVec, grad *DualMat) (DualMat, DualVec) { return *grad, *u }
	f, err := NewNonlinear(V, nil)
	if err != nil {
		t.Fatal(err)
	}
	g, err := NewNonlinear(W, nil)
	if err != nil {
		t.Fatal(err)
	}
	other, err := W.Dirichlet()
	if err != nil {
		t.Fatal(err)
	}
	_, conditions := NewNonlinear(V, other)
	n := make([]float64, V.N())
	for what, err := range map[string]error{
		"a scalar integrand of a vector space": g.Add(scalar), "a vector integrand of a scalar space": f.AddVector(vector),
		"a missing group": f.Add(scalar, On("inlet")), "conditions of another space": conditions, "a short state": f.Residual(n, n[1:]),
		"a short residual": f.Residual(n[1:], n), "another matrix": f.Tangent(g.Matrix(), n), "a short direction": f.Derivative(n, n, nil, n[1:]),
	} {
		if err == nil {
			t.Errorf("%s: no error", what)
		}
	}
}
