package physics

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"abide/pde"
)

func newtonMetric(r *rand.Rand, n int) Metric {
	w := make(Metric, n)
	for i := range w {
		w[i] = math.Exp(r.NormFloat64() / 2)
	}
	return w
}

// From noise about true data: obeyed to 1e-9, nothing moves the second time, and what
// was moved has no tangential part: u₀ − u = W⁻¹Jᵀλ.
func TestNewtonNearest(t *testing.T) {
	familyEach(t, func(t *testing.T, c familyCase, p Constraint, u []float64, r *rand.Rand) {
		w := newtonMetric(r, len(u))
		n, err := NewNewton(p, NewtonOptions{Metric: w})
		if err != nil {
			t.Fatal(err)
		}
		u0 := familyPlus(u, 1, familyNoise(r, len(u), c.noise))
		u = append([]float64(nil), u0...)
		out, err := n.Solve(u)
		t.Logf("%+v", out)
		if err != nil {
			t.Fatal(err)
		}
		if v, row, place := Violation(p, u); !(v <= 1e-11) {
			t.Errorf("row %d is violated by %g at %d", row, v, place)
		}
		moved := familyPlus(u0, -1, u)
		along := append([]float64(nil), moved...)
		if err := n.Tangent(u, along); err != nil {
			t.Fatal(err)
		}
		if got, all := n.size(along), n.size(moved); !(got <= 1e-7*all) {
			t.Errorf("%g of the way %g is along the manifold", got, all)
		}
		again := append([]float64(nil), u...)
		if err := n.Project(again); err != nil {
			t.Fatal(err)
		}
		if d := n.size(familyPlus(again, -1, u)); !(d <= 1e-11*n.size(u)) {
			t.Errorf("the second projection moves by %g of %g", d, n.size(u))
		}
	})
}

// On every family, at a projected field: Π is self-adjoint in W, once and twice the same,
// and J Π v = 0; ⟨J v, w⟩ = ⟨v, Jᵀ w⟩.
func TestNewtonTangent(t *testing.T) {
	familyEach(t, func(t *testing.T, c familyCase, p Constraint, u []float64, r *rand.Rand) {
		w := newtonMetric(r, len(u))
		n, err := NewNewton(p, NewtonOptions{Metric: w})
		if err != nil {
			t.Fatal(err)
		}
		u = familyPlus(u, 1, familyNoise(r, len(u), c.noise))
		if err := n.Project(u); err != nil {
			t.Fatal(err)
		}
		a, b, rows := familyNoise(r, len(u), 1), familyNoise(r, len(u), 1), familyNoise(r, Size(p), 1)
		pa, pb := slices.Clone(a), slices.Clone(b)
		if err := errors.Join(n.Tangent(u, pa), n.Tangent(u, pb)); err != nil {
			t.Fatal(err)
		}
		var left, right, scale float64
		for i := range a {
			left += pa[i] * w[i] * b[i]
			right += a[i] * w[i] * pb[i]
			scale += w[i] * math.Abs(a[i]*b[i])
		}
		jv, jtw := make([]float64, Size(p)), make([]float64, len(u))
		p.JVP(jv, u, a)
		p.VJP(jtw, u, rows)
		size := 0.0
		for i, x := range jv {
			size += math.Abs(x * rows[i])
		}
		products := math.Abs(familyDot(jv, rows)-familyDot(a, jtw)) / size
		p.JVP(jv, u, pa)
		off := 0.0
		for i, x := range jv {
			if !n.upper[i] { // of inequalities those that are met
				off = max(off, math.Abs(x)/n.unit[i])
			}
		}
		twice := slices.Clone(pa)
		if err := n.Tangent(u, twice); err != nil {
			t.Fatal(err)
		}
		again := n.size(familyPlus(twice, -1, pa)) / n.size(a)
		t.Logf("Π self-adjoint to %.1e, J Π v %.1e, twice %.1e, products %.1e", math.Abs(left-right)/scale, off, again, products)
		if !(math.Abs(left-right) <= 1e-13*scale) || !(products <= 1e-12) || !(again <= 1e-12) || !(off <= 1e-12) {
			t.Error("Π or the products are not what they are to be")
		}
	})
}

// newtonDense is the nearest point by dense matrices: the same iteration, each step the
// solution of the KKT system [W Jᵀ; J 0] by gonum's LU.
func newtonDense(t *testing.T, p Constraint, w Metric, u0 []float64, steps int) []float64 {
	t.Helper()
	n, m := p.Dim(), Size(p)
	u := append([]float64(nil), u0...)
	c, e, col := make([]float64, m), make([]float64, n), make([]float64, m)
	for range steps {
		k, b := mat.NewDense(n+m, n+m, nil), mat.NewVecDense(n+m, nil)
		p.Residual(c, u)
		for i := range n {
			k.Set(i, i, 1/w.Inverse(i))
			b.SetVec(i, u0[i]/w.Inverse(i))
			e[i] = 1
			p.JVP(col, u, e)
			e[i] = 0
			for j, x := range col {
				k.Set(i, n+j, x)
				k.Set(n+j, i, x)
				b.SetVec(n+j, b.AtVec(n+j)+x*u[i])
			}
		}
		for j, x := range c {
			b.SetVec(n+j, b.AtVec(n+j)-x)
		}
		var x mat.VecDense
		if err := x.SolveVec(k, b); err != nil {
			t.Fatal(err)
		}
		copy(u, x.RawVector().Data)
	}
	return u
}

func TestNewtonDense(t *testing.T) {
	for _, name := range []string{"darcy", "burgers", "reaction mass", "wave energy", "advection energy", "navier-stokes", "burgers viscous", "fitzhugh-nagumo"} {
		t.Run(name, func(t *testing.T) {
			c := familyCases[name]
			p, _, s := familyMake(t, c)
			r := rand.New(rand.NewPCG(11, 12))
			u0 := familyPlus(familyField(p, s), 1, familyNoise(r, p.Dim(), c.noise))
			w := newtonMetric(r, len(u0))
			want := newtonDense(t, p, w, u0, 25)
			n, err := NewNewton(p, NewtonOptions{Metric: w})
			if err != nil {
				t.Fatal(err)
			}
			u := append([]float64(nil), u0...)
			if err := n.Project(u); err != nil {
				t.Fatal(err)
			}
			residualNear(t, "Newton", u, want, 1e-9)
			free, err := NewNewton(p, NewtonOptions{Metric: w, Free: true})
			if err != nil {
				t.Fatal(err)
			}
			u = append([]float64(nil), u0...)
			if err := free.Project(u); err != nil {
				t.Fatal(err)
			}
			residualNear(t, "without a matrix", u, want, 1e-7)
		})
	}
}

// The violation of each root step is at most a constant times the square of the one before:
// the order observed from three in a row is 2.
func TestNewtonQuadratic(t *testing.T) {
	for _, name := range []string{"darcy", "burgers", "reaction-diffusion", "allen-cahn"} {
		c := familyCases[name]
		p, _, s := familyMake(t, c)
		u := familyPlus(familyField(p, s), 1, familyNoise(rand.New(rand.NewPCG(13, 14)), p.Dim(), 3*c.noise))
		n, err := NewNewton(p, NewtonOptions{Root: true})
		if err != nil {
			t.Fatal(err)
		}
		out, err := n.Solve(u)
		if err != nil {
			t.Fatal(err)
		}
		h := out.History
		for k := 1; k < len(h); k++ {
			if bound := 10 * h[k-1] * h[k-1]; !(h[k] <= max(bound, 1e-14)) {
				t.Errorf("%s: violations %.2g: step %d is not below %.2g", name, h, k, bound)
			}
		}
		if len(h) > 6 {
			t.Errorf("%s: %d steps: %.2g", name, len(h), h)
		}
	}
}

// The mass rows of Burgers' equation follow from its own rows, and all rows together leave
// no freedom: pivots are replaced and counted, the data come back.
func TestNewtonDependentRows(t *testing.T) {
	p, _, s := familyMake(t, familyCase{kind: "burgers-shock", values: pde.Values{"grid": 8, "flux": "engquist-osher"}, arrays: []string{"u"}})
	want := familyField(p, s)
	u := familyPlus(want, 1, familyNoise(rand.New(rand.NewPCG(15, 16)), p.Dim(), 0.01))
	n, err := NewNewton(p, NewtonOptions{})
	if err != nil {
		t.Fatal(err)
	}
	out, err := n.Solve(u)
	if err != nil {
		t.Fatal(err)
	}
	if out.Dependent != 8 {
		t.Errorf("%d rows found to follow from others, want the 8 of mass", out.Dependent)
	}
	residualNear(t, "the solution", u, want, 1e-10)
}

// newtonTwice is u₀ = a and u₀ = b.
type newtonTwice struct{ a, b float64 }

func (c newtonTwice) Dim() int { return 3 }
func (c newtonTwice) Rows() []Row {
	return []Row{{Name: "twice", Size: 2, Unit: 1, Tolerance: 1e-9}}
}
func (c newtonTwice) Residual(dst, u []float64) { dst[0], dst[1] = u[0]-c.a, u[0]-c.b }
func (c newtonTwice) JVP(dst, u, v []float64)   { dst[0], dst[1] = v[0], v[0] }
func (c newtonTwice) VJP(dst, u, w []float64)   { dst[0], dst[1], dst[2] = w[0]+w[1], 0, 0 }

// Without a matrix rows that are there twice are met, to rounding of what they differ by, and
// those that contradict are an error.
func TestNewtonFreeDependentRows(t *testing.T) {
	for _, c := range []struct {
		law newtonTwice
		ok  bool
	}{{newtonTwice{1, 1}, true}, {newtonTwice{1, 1 + 4e-16}, true}, {newtonTwice{1, 1.1}, false}, {newtonTwice{1, 1 + 1e-6}, false}} {
		n, err := NewNewton(c.law, NewtonOptions{Free: true, Metric: Metric{2, 1, 1}})
		if err != nil {
			t.Fatal(err)
		}
		u := []float64{0.3, -1, 2}
		if err := n.Project(u); (err == nil) != c.ok {
			t.Errorf("%+v: %v", c.law, err)
		}
		if c.ok {
			residualNear(t, "the nearest point", u, []float64{1, -1, 2}, 1e-14)
		}
	}
}

// newtonMany is A u = 0.
type newtonMany struct {
	a    []float64
	n, m int
}

func (c newtonMany) Dim() int                  { return c.n }
func (c newtonMany) Rows() []Row               { return []Row{{Name: "many", Size: c.m, Unit: 1}} }
func (c newtonMany) Residual(dst, u []float64) { c.JVP(dst, u, u) }
func (c newtonMany) JVP(dst, u, v []float64) {
	for i := range dst {
		dst[i] = familyDot(c.a[i*c.n:(i+1)*c.n], v)
	}
}
func (c newtonMany) VJP(dst, u, w []float64) {
	clear(dst)
	for i, x := range c.a {
		dst[i%c.n] += x * w[i/c.n]
	}
}

// Of 40 rows in 6 unknowns S is singular: b in its range but for 1e-8 is met to that, one
// outside is told, whichever way the iteration comes to its end.
func TestNewtonFreeOutsideOfRange(t *testing.T) {
	r := rand.New(rand.NewPCG(17, 18))
	c := newtonMany{a: familyNoise(r, 240, 1), n: 6, m: 40}
	f := newFree(c, slices.Repeat([]float64{1}, c.m), newtonMetric(r, c.n), 0, nil)
	f.at(make([]float64, c.n))
	if err := f.activate(slices.Repeat([]bool{true}, c.m)); err != nil {
		t.Fatal(err)
	}
	b, noise, lambda, got := make([]float64, c.m), familyNoise(r, c.m, 1), make([]float64, c.m), make([]float64, c.m)
	c.JVP(b, nil, familyNoise(r, c.n, 1))
	size := math.Sqrt(familyDot(b, b))
	b = familyPlus(b, 1e-8, noise)
	if err := f.solve(lambda, b); err != nil {
		t.Fatal(err)
	}
	f.Apply(got, lambda)
	got = familyPlus(got, -1, b)
	if off := math.Sqrt(familyDot(got, got)); !(off <= 1e-7*size) {
		t.Errorf("a right-hand side with 1e-8 outside of the range is missed by %g of %g", off, size)
	}
	if err := f.solve(lambda, noise); !errors.Is(err, errOutside) {
		t.Errorf("outside of the range: %v", err)
	}
	two := newFree(newtonTwice{}, []float64{1, 1}, Metric{2, 1, 1}, 0, nil)
	two.at(make([]float64, 3))
	if err := two.activate([]bool{true, true}); err != nil {
		t.Fatal(err)
	}
	if err := two.solve(make([]float64, 2), []float64{0, 1}); !errors.Is(err, errOutside) { // no curvature in the second step
		t.Errorf("outside of the range: %v", err)
	}
}

// newtonBall is ½|u|² ≤ or = ½ r², with the closed form u r/|u|.
type newtonBall struct {
	n     int
	r     float64
	upper bool
}

func (b newtonBall) Dim() int { return b.n }
func (b newtonBall) Rows() []Row {
	return []Row{{Name: "ball", Size: 1, Unit: 1, Tolerance: 1e-9, Upper: b.upper}}
}
func (b newtonBall) Residual(dst, u []float64) { dst[0] = (familyDot(u, u) - b.r) / 2 }
func (b newtonBall) JVP(dst, u, v []float64)   { dst[0] = familyDot(u, v) }
func (b newtonBall) VJP(dst, u, w []float64) {
	for i, x := range u {
		dst[i] = w[0] * x
	}
}

// On a sphere of radius 1 from √2 the nearest point is u/|u|, from within a ball nothing
// moves, and no field has |u|² = −1.
func TestNewtonBall(t *testing.T) {
	for _, c := range []struct {
		ball newtonBall
		u    []float64
		want []float64
	}{
		{newtonBall{2, 1, false}, []float64{1, 1}, []float64{math.Sqrt(0.5), math.Sqrt(0.5)}},
		{newtonBall{2, 1, true}, []float64{1, 1}, []float64{math.Sqrt(0.5), math.Sqrt(0.5)}},
		{newtonBall{2, 1, true}, []float64{0.5, 0.5}, []float64{0.5, 0.5}},
		{newtonBall{2, 1, false}, []float64{0.9, 0}, []float64{1, 0}},
	} {
		n, err := NewNewton(c.ball, NewtonOptions{})
		if err != nil {
			t.Fatal(err)
		}
		u := append([]float64(nil), c.u...)
		if out, err := n.Solve(u); err != nil {
			t.Errorf("%+v: %+v: %v", c.ball, out, err)
		}
		residualNear(t, "the sphere", u, c.want, 1e-9)
	}
	n, err := NewNewton(newtonBall{2, -1, false}, NewtonOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := n.Project([]float64{1, 1}); !errors.Is(err, ErrInfeasible) {
		t.Errorf("|u|² = −1: %v", err)
	}
	if err := n.Project([]float64{1, math.NaN()}); !errors.Is(err, ErrInfeasible) {
		t.Errorf("not a number: %v", err)
	}
}

// A batch is its fields, one by one, to the last bit.
func TestNewtonBatch(t *testing.T) {
	c := familyCases["darcy"]
	p, _, s := familyMake(t, c)
	n, err := NewNewton(p, NewtonOptions{})
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(17, 18))
	var batch, single []float64
	for range 7 {
		u := familyPlus(familyField(p, s), 1, familyNoise(r, p.Dim(), c.noise))
		batch = append(batch, u...)
		if err := n.Project(u); err != nil {
			t.Fatal(err)
		}
		single = append(single, u...)
	}
	if err := n.ProjectBatch(batch); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(batch, single) {
		t.Error("a batch differs from its fields")
	}
}
