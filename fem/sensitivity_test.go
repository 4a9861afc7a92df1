package fem

import (
	"context"
	"math"
	"strings"
	"testing"

	"abide/mesh"
	"abide/sparse"
)

// sensitivityCase is a map m ↦ u(m) and its derivative at m.
type sensitivityCase struct {
	name   string
	V      *Space
	m      []float64
	solve  func(m []float64) []float64
	derive func(u []float64) *Sensitivity
}

func sensitivityFail(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// sensitivityLinear is −∇·c∇u = f with u = g: by c, log c, f, and g.
func sensitivityLinear(t testing.TB) []sensitivityCase {
	V := orderSpace(t, orderMesh(t, mesh.Triangle, 4), P2)
	cells := V.Mesh().Count()
	mass, err := V.Bilinear(func(_ *Point, u, v *Basis) float64 { return u.Value * v.Value })
	sensitivityFail(t, err)
	c0, f0 := make([]float64, cells), nonlinearRandom(V.N(), 2)
	for i, x := range nonlinearRandom(cells, 1) {
		c0[i] = math.Exp(x)
	}
	// forward solves with coefficients, source and boundary values.
	forward := func(c, f, g []float64) (*Fixed, *Factor, *Weighted, []float64) {
		fixed, err := V.Dirichlet(Dirichlet{Group: "left"}, Dirichlet{Group: "top", Value: func(x Vec) float64 { return 1 - x[0] }})
		sensitivityFail(t, err)
		at := 0
		for i, k := range fixed.Number {
			if k < 0 && g != nil {
				fixed.Value[i] = g[at]
				at++
			}
		}
		form, err := NewForm(V, fixed)
		sensitivityFail(t, err)
		k, err := form.Diffusion()
		sensitivityFail(t, err)
		a, b := form.Matrix(), make([]float64, V.N())
		sensitivityFail(t, k.Assemble(a, c))
		mass.Apply(b, f)
		sensitivityFail(t, k.Lift(b, c))
		factor, err := NewFactor(fixed, a)
		sensitivityFail(t, err)
		x, u := make([]float64, fixed.N()), make([]float64, V.N())
		fixed.Restrict(x, b)
		factor.Solve(x, x)
		fixed.Expand(u, x)
		return fixed, factor, k, u
	}
	exp := func(m []float64) []float64 {
		c := make([]float64, len(m))
		for i, x := range m {
			c[i] = math.Exp(x)
		}
		return c
	}
	fixed, factor, k, _ := forward(c0, f0, nil)
	logs, g0 := make([]float64, cells), nonlinearRandom(V.N()-fixed.N(), 3)
	for i, c := range c0 {
		logs[i] = math.Log(c)
	}
	b0 := make([]float64, V.N())
	mass.Apply(b0, f0)
	full, err := V.Bilinear(func(p *Point, u, v *Basis) float64 { return c0[p.Cell] * u.Grad.Dot(v.Grad) })
	sensitivityFail(t, err)
	by := func(d Differential, err error) *Sensitivity {
		sensitivityFail(t, err)
		return NewSensitivity(fixed, factor, d)
	}
	return []sensitivityCase{
		{"cells", V, c0, func(c []float64) []float64 { _, _, _, u := forward(c, f0, nil); return u },
			func(u []float64) *Sensitivity { return by(k.By(u, nil)) }},
		{"logarithm of cells", V, logs, func(m []float64) []float64 { _, _, _, u := forward(exp(m), f0, nil); return u },
			func(u []float64) *Sensitivity { return by(k.By(u, c0)) }},
		{"source", V, f0, func(f []float64) []float64 { _, _, _, u := forward(c0, f, nil); return u },
			func([]float64) *Sensitivity { return by(fixed.ByLoad(mass), nil) }},
		{"load", V, b0, func(b []float64) []float64 {
			u, x := make([]float64, V.N()), make([]float64, fixed.N())
			all := append([]float64(nil), b...)
			sensitivityFail(t, k.Lift(all, c0))
			fixed.Restrict(x, all)
			factor.Solve(x, x)
			fixed.Expand(u, x)
			return u
		}, func([]float64) *Sensitivity { return by(fixed.ByLoad(nil), nil) }},
		{"boundary", V, g0, func(g []float64) []float64 { _, _, _, u := forward(c0, f0, g); return u },
			func([]float64) *Sensitivity { return by(fixed.ByBoundary(full), nil) }},
	}
}

// sensitivityNonlinear is −∇·((a + u²)∇u) + b·∇u = f, whose tangent is not symmetric: by a in P1 and
// P0, by f, and by g.
func sensitivityNonlinear(t testing.TB) []sensitivityCase {
	V := orderSpace(t, orderMesh(t, mesh.Quadrilateral, 4), Q1)
	fixed, err := V.Dirichlet(Dirichlet{Group: "left", Value: func(x Vec) float64 { return x[1] }})
	sensitivityFail(t, err)
	f, err := NewNonlinear(V, fixed)
	sensitivityFail(t, err)
	nodes, cells := V.Zero(), orderSpace(t, V.Mesh(), P0).Zero()
	load := V.Zero()
	for i := range nodes.Coef {
		nodes.Coef[i] = 1 + 0.3*V.Place(i)[0]
		load.Coef[i] = 2 + V.Place(i)[1]
	}
	copy(cells.Coef, nonlinearRandom(len(cells.Coef), 1))
	sensitivityFail(t, f.Add(func(p *Point, u Dual, grad DualVec) (DualVec, Dual) {
		a, slope := nodes.Dual(p)
		c, _ := cells.Dual(p)
		s, _ := load.Dual(p)
		return grad.Mul(u.Mul(u).Add(a).Add(c.Exp())), grad[0].Add(slope.Dot(grad)).Sub(s)
	}))
	solve := func() []float64 {
		u := V.Zero()
		_, err := Newton{Tolerance: 1e-14}.Solve(context.Background(), f, u)
		sensitivityFail(t, err)
		return u.Coef
	}
	by := func(m *Function) sensitivityCase {
		return sensitivityCase{"", V, append([]float64(nil), m.Coef...), func(v []float64) []float64 {
			old := append([]float64(nil), m.Coef...)
			copy(m.Coef, v)
			defer copy(m.Coef, old)
			return solve()
		}, func(u []float64) *Sensitivity {
			inverse, err := f.Linearise(u)
			sensitivityFail(t, err)
			d, err := f.By(m, u)
			sensitivityFail(t, err)
			return NewSensitivity(fixed, inverse, d)
		}}
	}
	a, c, l := by(nodes), by(cells), by(load)
	a.name, c.name, l.name = "nonlinear, nodes", "nonlinear, cells", "nonlinear, load"
	var at []int
	var g0 []float64
	for i, k := range fixed.Number {
		if k < 0 {
			at, g0 = append(at, i), append(g0, fixed.Value[i])
		}
	}
	return []sensitivityCase{a, c, l, {"nonlinear, boundary", V, g0, func(g []float64) []float64 {
		for k, i := range at {
			fixed.Value[i] = g[k]
		}
		u := solve()
		for k, i := range at {
			fixed.Value[i] = g0[k]
		}
		return u
	}, func(u []float64) *Sensitivity {
		inverse, err := f.Linearise(u)
		sensitivityFail(t, err)
		full, err := f.By(nil, u)
		sensitivityFail(t, err)
		return NewSensitivity(fixed, inverse, fixed.ByBoundary(full))
	}}}
}

// For each parameter: w·(S v) = (Sᵀw)·v to rounding, and both Taylor remainders, of the
// state along v and of J = ½ Σ wᵢ (uᵢ − yᵢ)², are of order h².
func TestSensitivity(t *testing.T) {
	for _, c := range append(sensitivityLinear(t), sensitivityNonlinear(t)...) {
		u := c.solve(c.m)
		s, n := c.derive(u), len(u)
		v, w := nonlinearRandom(len(c.m), 7), nonlinearRandom(n, 8)
		du, dm := make([]float64, n), make([]float64, len(c.m))
		s.Apply(du, v)
		s.ApplyT(dm, w)
		a, size := nonlinearDot(w, du)
		if b, _ := nonlinearDot(dm, v); math.Abs(a-b) > 1e-12*size {
			t.Errorf("%s: w·(S v) = %.15g, (Sᵀw)·v = %.15g", c.name, a, b)
		}
		at := make([]float64, len(c.m))
		moved := func(h float64) []float64 {
			for i := range at {
				at[i] = c.m[i] + h*v[i]
			}
			return c.solve(at)
		}
		objective := func(u []float64) (sum float64) {
			for i, x := range u {
				sum += 0.5 * (1 + w[i]) * (x - w[i]) * (x - w[i])
			}
			return sum
		}
		ju := make([]float64, n)
		for i, x := range u {
			ju[i] = (1 + w[i]) * (x - w[i])
		}
		s.ApplyT(dm, ju)
		slope, _ := nonlinearDot(dm, v)
		j0 := objective(u)
		nonlinearSlope(t, c.name+", objective", 2, 0.02, func(h float64) float64 { return math.Abs(objective(moved(h)) - j0 - h*slope) })
		if c.name == "source" || c.name == "load" || c.name == "boundary" {
			continue // the state is linear in them: no remainder
		}
		nonlinearSlope(t, c.name+", state", 2, 0.02, func(h float64) float64 {
			var sum float64
			for i, x := range moved(h) {
				d := x - u[i] - h*du[i]
				sum += d * d
			}
			return math.Sqrt(sum)
		})
	}
}

// JᵀWJ of observations behind a map of parameters is the product of its columns.
func TestGaussNewton(t *testing.T) {
	c := sensitivityLinear(t)[1]
	n := c.V.N()
	h, err := c.V.Evaluation([]float64{0.3, 0.2, 0.7, 0.6, 0.5, 0.9})
	sensitivityFail(t, err)
	blocks, err := sensitivityBlocks(len(c.m), 5)
	sensitivityFail(t, err)
	s := c.derive(c.solve(c.m))
	s = NewSensitivity(s.fixed, s.inverse, Chain(s.by, blocks, len(c.m)))
	j := Chain(h, s, n)
	weight := []float64{1, 4, 0.5}
	columns := make([][]float64, 5)
	for k := range columns {
		e := make([]float64, 5)
		e[k] = 1
		columns[k] = make([]float64, 3)
		j.Apply(columns[k], e)
	}
	v, got := nonlinearRandom(5, 9), make([]float64, 5)
	GaussNewton(got, j, weight, v)
	for i := range got {
		var want, size float64
		for k := range v {
			for o, w := range weight {
				x := columns[i][o] * w * columns[k][o] * v[k]
				want, size = want+x, size+math.Abs(x)
			}
		}
		if math.Abs(got[i]-want) > 1e-12*size {
			t.Errorf("row %d: %g, want %g", i, got[i], want)
		}
	}
}

func TestSensitivityBadInput(t *testing.T) {
	c := sensitivityNonlinear(t)[0]
	f := c.derive(c.solve(c.m)).by.(*byFunction).f
	if _, err := f.By(nil, make([]float64, 3)); err == nil {
		t.Error("a state of another size: no error")
	}
	other := orderSpace(t, orderMesh(t, mesh.Quadrilateral, 4), Q1).Zero()
	if _, err := f.By(other, c.solve(c.m)); err == nil || !strings.Contains(err.Error(), "another mesh") {
		t.Errorf("a function of another mesh: %v", err)
	}
	V, err := c.V.Vector(2)
	sensitivityFail(t, err)
	if _, err := f.By(V.Zero(), c.solve(c.m)); err == nil || !strings.Contains(err.Error(), "components") {
		t.Errorf("a vector function: %v", err)
	}
}

// sensitivityBlocks maps k numbers to n cells, cell i having number i mod k.
func sensitivityBlocks(n, k int) (*sparse.CSR, error) {
	ptr, index, one := make([]int32, n+1), make([]int32, n), make([]float64, n)
	for i := range n {
		ptr[i+1], index[i], one[i] = int32(i+1), int32(i%k), 1
	}
	return sparse.NewCSR(n, k, ptr, index, one)
}
