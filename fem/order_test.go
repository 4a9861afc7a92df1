package fem

import (
	"fmt"
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"abide/mesh"
	"abide/sparse"
)

const π = math.Pi

// orderMesh is the unit interval, square or cube in n cells each way; cubes are made here.
func orderMesh(t testing.TB, shape mesh.Shape, n int) *mesh.Mesh {
	t.Helper()
	var m *mesh.Mesh
	var err error
	switch shape {
	case mesh.Interval:
		m, err = mesh.NewInterval(n, 0, 1)
	case mesh.Triangle, mesh.Quadrilateral:
		m, err = mesh.NewRectangle(shape, n, n, 1, 1)
	default:
		m = orderCube(shape, n)
	}
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// orderCube cuts the unit cube into n³ hexahedra, or each of those into six tetrahedra
// around its long diagonal.
func orderCube(shape mesh.Shape, n int) *mesh.Mesh {
	m := &mesh.Mesh{Shape: shape}
	at := func(i, j, k int) int32 { return int32((k*(n+1)+j)*(n+1) + i) }
	for k := range n + 1 {
		for j := range n + 1 {
			for i := range n + 1 {
				m.Points = append(m.Points, float64(i)/float64(n), float64(j)/float64(n), float64(k)/float64(n))
			}
		}
	}
	for k := range n {
		for j := range n {
			for i := range n {
				v := [8]int32{at(i, j, k), at(i+1, j, k), at(i+1, j+1, k), at(i, j+1, k), at(i, j, k+1), at(i+1, j, k+1), at(i+1, j+1, k+1), at(i, j+1, k+1)}
				if shape == mesh.Hexahedron {
					m.Cells = append(m.Cells, v[:]...)
					continue
				}
				for _, w := range [][2]int{{1, 2}, {2, 3}, {3, 7}, {7, 4}, {4, 5}, {5, 1}} {
					m.Cells = append(m.Cells, v[0], v[w[0]], v[w[1]], v[6])
				}
			}
		}
	}
	return m
}

// orderDense solves with a dense factorisation.
func orderDense(t testing.TB, a *sparse.CSR, b []float64) []float64 {
	t.Helper()
	full := mat.NewDense(a.Rows, a.Cols, nil)
	for i := range a.Rows {
		for k := a.Ptr[i]; k < a.Ptr[i+1]; k++ {
			full.Set(i, int(a.Index[k]), a.Value[k])
		}
	}
	x := mat.NewVecDense(a.Rows, nil)
	if err := x.SolveVec(full, mat.NewVecDense(len(b), b)); err != nil {
		t.Fatal(err)
	}
	return x.RawVector().Data
}

// orderCG is conjugate gradients, for tests alone.
func orderCG(a *sparse.CSR, b []float64) []float64 {
	n := len(b)
	x, r, p, q := make([]float64, n), append([]float64(nil), b...), append([]float64(nil), b...), make([]float64, n)
	dot := func(a, b []float64) (s float64) {
		for i := range a {
			s += a[i] * b[i]
		}
		return s
	}
	rr := dot(r, r)
	stop := 1e-26 * rr
	for range 10 * n {
		if rr <= stop {
			break
		}
		a.Apply(q, p)
		alpha := rr / dot(p, q)
		for i := range x {
			x[i] += alpha * p[i]
			r[i] -= alpha * q[i]
		}
		next := dot(r, r)
		for i := range p {
			p[i] = r[i] + next/rr*p[i]
		}
		rr = next
	}
	return x
}

// orderProblem is −∇·κ∇u = f with u = Π sin πx_k, zero on the boundary.
type orderProblem struct {
	d     int
	kappa func(x Vec) (float64, Vec) // and its gradient
}

func (o orderProblem) u(x Vec) float64 {
	u := 1.0
	for k := range o.d {
		u *= math.Sin(π * x[k])
	}
	return u
}

func (o orderProblem) grad(x Vec) Vec {
	var g Vec
	for k := range o.d {
		g[k] = π * math.Cos(π*x[k])
		for l := range o.d {
			if l != k {
				g[k] *= math.Sin(π * x[l])
			}
		}
	}
	return g
}

func (o orderProblem) f(x Vec) float64 {
	k, slope := o.kappa(x)
	return k*float64(o.d)*π*π*o.u(x) - slope.Dot(o.grad(x))
}

func orderUnit(Vec) (float64, Vec) { return 1, Vec{} }

// solve returns the solution.
func (o orderProblem) solve(t testing.TB, V *Space, load ...Option) *Function {
	t.Helper()
	fixed, err := V.Dirichlet(Dirichlet{})
	if err != nil {
		t.Fatal(err)
	}
	form, err := NewForm(V, fixed)
	if err != nil {
		t.Fatal(err)
	}
	err = form.Add(func(p *Point, u, v *Basis) float64 {
		k, _ := o.kappa(p.X)
		return k * u.Grad.Dot(v.Grad)
	})
	if err != nil {
		t.Fatal(err)
	}
	k := form.Matrix()
	if err := form.Assemble(k); err != nil {
		t.Fatal(err)
	}
	b, err := V.Linear(func(p *Point, v *Basis) float64 { return o.f(p.X) * v.Value }, load...)
	if err != nil {
		t.Fatal(err)
	}
	free := make([]float64, fixed.N())
	fixed.Restrict(free, b)
	u := V.Zero()
	fixed.Expand(u.Coef, orderCG(k, free))
	return u
}

func (o orderProblem) errors(t testing.TB, u *Function) (l2, h1 float64) {
	t.Helper()
	l2, err := u.L2Error(func(x Vec) Vec { return Vec{o.u(x)} })
	if err != nil {
		t.Fatal(err)
	}
	h1, err = u.H1Error(func(x Vec) Mat { return Mat{o.grad(x)} })
	if err != nil {
		t.Fatal(err)
	}
	return l2, h1
}

func orderSpace(t testing.TB, m *mesh.Mesh, e Element) *Space {
	t.Helper()
	V, err := NewSpace(m, e)
	if err != nil {
		t.Fatal(err)
	}
	return V
}

// Errors in L² fall with order k+1 and in H¹ with k; on the square they are those of
// an independent program, to the digits it printed.
func TestOrders(t *testing.T) {
	for _, c := range []struct {
		shape   mesh.Shape
		e       Element
		n       int
		printed [2]string
		l2, h1  float64
		load    []Option
	}{
		{mesh.Triangle, P1, 32, [2]string{"1.350e-03", "3.380e-04"}, 2, 1, nil},
		{mesh.Triangle, P2, 32, [2]string{"8.601e-06", "1.075e-06"}, 3, 2, nil},
		{mesh.Quadrilateral, Q1, 32, [2]string{"4.752e-04", "1.188e-04"}, 2, 1, []Option{Degree(4)}},
		{mesh.Quadrilateral, Q2, 32, [2]string{"3.847e-06", "4.809e-07"}, 3, 2, nil},
		{mesh.Interval, P1, 32, [2]string{}, 2, 1, nil},
		{mesh.Interval, P2, 32, [2]string{}, 3, 2, nil},
		{mesh.Interval, Q2, 32, [2]string{}, 3, 2, nil},
	} {
		t.Run(fmt.Sprint(c.shape, " ", c.e), func(t *testing.T) {
			o := orderProblem{c.shape.Dim(), orderUnit}
			var l2, h1 [2]float64
			for i := range l2 {
				l2[i], h1[i] = o.errors(t, o.solve(t, orderSpace(t, orderMesh(t, c.shape, c.n<<i), c.e), c.load...))
				if got := fmt.Sprintf("%.3e", l2[i]); c.printed[i] != "" && got != c.printed[i] {
					t.Errorf("n = %d: error %s in L², want %s", c.n<<i, got, c.printed[i])
				}
			}
			if r := math.Log2(l2[0] / l2[1]); math.Abs(r-c.l2) > 0.05 {
				t.Errorf("order %.3f in L² (%.4g, %.4g), want %g", r, l2[0], l2[1], c.l2)
			}
			if r := math.Log2(h1[0] / h1[1]); math.Abs(r-c.h1) > 0.05 {
				t.Errorf("order %.3f in H¹ (%.4g, %.4g), want %g", r, h1[0], h1[1], c.h1)
			}
		})
	}
}
