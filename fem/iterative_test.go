package fem

import (
	"context"
	"errors"
	"math"
	"testing"

	"abide/mesh"
	"abide/sparse"
)

// Both inverses of symmetric, unsymmetric and elastic matrices agree, transposes too.
func TestIterative(t *testing.T) {
	scalar := orderSpace(t, orderMesh(t, mesh.Triangle, 20), P1)
	vector, err := orderSpace(t, orderMesh(t, mesh.Tetrahedron, 8), P1).Vector(3)
	sensitivityFail(t, err)
	for name, c := range map[string]struct {
		V *Space
		a Bilinear
	}{
		"symmetric":   {scalar, func(p *Point, u, v *Basis) float64 { return (1 + p.X[0]) * u.Grad.Dot(v.Grad) }},
		"unsymmetric": {scalar, func(p *Point, u, v *Basis) float64 { return u.Grad.Dot(v.Grad) + 20*u.Grad[0]*v.Value }},
		"elastic":     {vector, func(_ *Point, u, v *Basis) float64 { e, f := u.Strain(), v.Strain(); return 2*e.Dot(&f) + u.Div*v.Div }},
	} {
		fixed, err := c.V.Dirichlet(Dirichlet{Group: map[bool]string{false: "left", true: ""}[c.V == vector]})
		sensitivityFail(t, err)
		form, err := NewForm(c.V, fixed)
		sensitivityFail(t, err)
		sensitivityFail(t, form.Add(c.a))
		a := form.Matrix()
		sensitivityFail(t, form.Assemble(a))
		factor, err := NewFactor(fixed, a)
		sensitivityFail(t, err)
		s, err := NewIterative(fixed, a, sparse.Krylov{Tolerance: 1e-12})
		sensitivityFail(t, err)
		if s.symmetric != (name != "unsymmetric") || factor.definite != s.symmetric {
			t.Errorf("%s: taken for symmetric: %v", name, s.symmetric)
		}
		b := nonlinearRandom(a.Rows, 1)
		x, y := make([]float64, a.Rows), make([]float64, a.Rows)
		for k, solve := range []func(Inverse) func(dst, b []float64){
			func(i Inverse) func(dst, b []float64) { return i.Solve }, func(i Inverse) func(dst, b []float64) { return i.SolveT },
		} {
			solve(factor)(x, b)
			copy(y, b)
			solve(s)(y, y)
			sensitivityFail(t, s.Err())
			var d, size float64
			for i := range x {
				d, size = max(d, math.Abs(x[i]-y[i])), max(size, math.Abs(x[i]))
			}
			if d > 1e-9*size {
				t.Errorf("%s, transposed %d: solutions differ by %g of %g", name, k, d, size)
			}
		}
		s.o.Iterations = 1
		s.Solve(y, b)
		if !errors.Is(s.Err(), sparse.ErrNotConverged) {
			t.Errorf("%s: one iteration: %v", name, s.Err())
		}
	}
}

// −∇·((1+u²)∇u) + 2u|∇u|² = 0 has linear solutions, which P1 has too: on 17³ cubes the
// tangent is too large for a factor, on 4³ it is not.
func TestNewtonPatch(t *testing.T) {
	exact := func(x Vec) float64 { return x[0] + 0.5*x[1] - x[2] }
	for _, n := range []int{4, 17} {
		V := orderSpace(t, orderMesh(t, mesh.Tetrahedron, n), P1)
		f := newtonProblem(t, V, exact, func(_ *Point, u Dual, grad DualVec) (DualVec, Dual) {
			return grad.Mul(u.Mul(u).Plus(1)), u.Mul(grad.Dot(grad)).Times(2)
		})
		u := V.Zero()
		for i := range u.Coef { // a guess that is wrong inside
			u.Coef[i] = exact(V.Place(i)) + 0.3*math.Sin(float64(i))
		}
		if _, err := (Newton{Tolerance: 1e-12}).Solve(context.Background(), f, u); err != nil {
			t.Fatal(err)
		}
		for i, x := range u.Coef {
			if math.Abs(x-exact(V.Place(i))) > 1e-9 {
				t.Fatalf("n = %d: u%v = %.12g, want %.12g", n, V.Place(i), x, exact(V.Place(i)))
			}
		}
		inverse, err := f.Linearise(u.Coef)
		sensitivityFail(t, err)
		if _, is := inverse.(*Iterative); is != (n == 17) {
			t.Errorf("n = %d: inverse %T", n, inverse)
		}
		if n == 17 {
			continue
		}
		if _, err := (Newton{Invert: func(k *sparse.CSR) (sparse.Solver, error) { return nil, errors.New("mine") }}).Solve(context.Background(), f, V.Zero()); err == nil {
			t.Error("an inverse of the user's that fails: no error")
		}
		v := V.Zero()
		if _, err := (Newton{Invert: func(k *sparse.CSR) (sparse.Solver, error) { return sparse.NewLU(k, nil) }}).Solve(context.Background(), f, v); err != nil {
			t.Fatal(err)
		}
		for i := range v.Coef {
			if math.Abs(u.Coef[i]-v.Coef[i]) > 1e-8 {
				t.Fatalf("another inverse: coefficient %d is %g, want %g", i, v.Coef[i], u.Coef[i])
			}
		}
	}
}

// arctan u = 0, cell by cell: from |u| > 1.39 full steps of Newton's diverge, with the line
// search ‖R‖ falls in each.
func TestNewtonLineSearch(t *testing.T) {
	V := orderSpace(t, orderMesh(t, mesh.Interval, 3), P0)
	f, err := NewNonlinear(V, nil)
	sensitivityFail(t, err)
	sensitivityFail(t, f.Add(func(_ *Point, u Dual, _ DualVec) (DualVec, Dual) {
		// arctan by its derivative, which dual numbers do not have of themselves.
		return DualVec{}, Dual{math.Atan(u.Value), u.Slope / (1 + u.Value*u.Value)}
	}))
	for _, euclidean := range []bool{false, true} {
		u := V.Zero()
		for i := range u.Coef {
			u.Coef[i] = 3 + float64(i)
		}
		steps, err := Newton{Euclidean: euclidean, Absolute: 1e-12}.Solve(context.Background(), f, u)
		sensitivityFail(t, err)
		short := false
		for k, s := range steps[1:] {
			short = short || s.Length < 1
			if s.Residual >= steps[k].Residual {
				t.Errorf("step %d: ‖R‖ grows from %g to %g", s.Iteration, steps[k].Residual, s.Residual)
			}
		}
		if !short {
			t.Errorf("steps %+v: none is shortened", steps)
		}
		for i, x := range u.Coef {
			if math.Abs(x) > 1e-10 {
				t.Errorf("u[%d] = %g", i, x)
			}
		}
	}
}

// Linear elasticity as a VectorFlux is the matrix of its bilinear form.
func TestNonlinearElastic(t *testing.T) {
	for _, shape := range []mesh.Shape{mesh.Triangle, mesh.Hexahedron} {
		e := P2
		if shape == mesh.Hexahedron {
			e = Q1
		}
		V, err := orderSpace(t, orderMesh(t, shape, 2), e).Vector(shape.Dim())
		sensitivityFail(t, err)
		f, err := NewNonlinear(V, nil)
		sensitivityFail(t, err)
		sensitivityFail(t, f.AddVector(func(_ *Point, _ *DualVec, grad *DualMat) (flux DualMat, source DualVec) {
			strain, div := grad.Sym(), grad.Trace()
			for i := range flux {
				flux[i] = strain[i].Times(2)
				flux[i][i] = flux[i][i].Add(div.Times(3))
			}
			return flux, source
		}))
		want, err := V.Bilinear(func(_ *Point, u, v *Basis) float64 {
			e, f := u.Strain(), v.Strain()
			return 2*e.Dot(&f) + 3*u.Div*v.Div
		})
		sensitivityFail(t, err)
		k := f.Matrix()
		sensitivityFail(t, f.Tangent(k, nonlinearRandom(V.N(), 1)))
		for p, w := range want.Value {
			if math.Abs(k.Value[p]-w) > 1e-12 {
				t.Fatalf("%v: entry %d is %g, want %g", shape, p, k.Value[p], w)
			}
		}
	}
}
