package grid

import (
	"errors"
	"math"
	"testing"

	"abide/sparse"
)

func mgNew(t testing.TB, n0, n1 int, b0, b1 Boundary) *Multigrid {
	t.Helper()
	m, err := NewMultigrid(Axis{Cells: n0, Length: 1, Boundary: b0}, Axis{Cells: n1, Length: float64(n1) / float64(n0), Boundary: b1})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// mgField is a rough field on (n+1)² vertices: a few cosines of random weights, of
// length scales that do not depend on n.
func mgField(seed uint64, n0, n1 int) []float64 {
	w, out := randomNumbers(seed, 64), make([]float64, (n0+1)*(n1+1))
	wave := func(n int) []float64 {
		c := make([]float64, 8*(n+1))
		for i := range c {
			c[i] = math.Cos(math.Pi * float64(i%8*(i/8)) / float64(n))
		}
		return c
	}
	c0, c1 := wave(n0), wave(n1)
	for i := range n0 + 1 {
		for j := range n1 + 1 {
			for k := 1; k < 64; k++ {
				p, q := float64(k/8), float64(k%8)
				out[i*(n1+1)+j] += 30 * w[k] / (9 + math.Pi*math.Pi*(p*p+q*q)) * c0[8*i+k/8] * c1[8*j+k%8]
			}
		}
	}
	return out
}

func mgPush(z []float64, f func(float64) float64) []float64 {
	out := make([]float64, len(z))
	for i, v := range z {
		out[i] = f(v)
	}
	return out
}

func mgJump(low float64) func(float64) float64 {
	return func(z float64) float64 {
		if z >= 0 {
			return 12
		}
		return low
	}
}

var mgCoefficients = map[string]func(float64) float64{
	"constant": func(float64) float64 { return 1 }, "lognormal": math.Exp, "12/4": mgJump(4), "12/3": mgJump(3),
}

// Iterations to 1e-8 with f = 1 do not depend on h: at most two more from 32² to 256²
// cells, and no more than the cost of the method is quoted with.
func TestMultigridIterations(t *testing.T) {
	for name, most := range map[string]int{"constant": 9, "lognormal": 10, "12/4": 11, "12/3": 11} {
		least, worst := math.MaxInt, 0
		for _, n := range []int{32, 64, 127, 128, 129, 256} {
			m := mgNew(t, n, n, Dirichlet, Dirichlet)
			if err := m.Set(mgPush(mgField(1, n, n), mgCoefficients[name]), Arithmetic, 0); err != nil {
				t.Fatal(err)
			}
			b := mgOnes(m)
			c, err := m.CG(b, b, 1e-8, 30)
			if err != nil {
				t.Errorf("%s, %d cells: %v", name, n, err)
			}
			least, worst = min(least, c.Iterations), max(worst, c.Iterations)
		}
		if worst > most || worst-least > 2 {
			t.Errorf("%s: from %d to %d iterations, at most %d expected", name, least, worst, most)
		}
	}
}

func mgOnes(m *Multigrid) []float64 {
	return mgPush(make([]float64, m.Size()), func(float64) float64 { return 1 })
}

var (
	_ sparse.Solver   = (*Direct)(nil)
	_ sparse.Solver   = (*Multigrid)(nil)
	_ sparse.Operator = (*Direct)(nil)
	_ sparse.Operator = (*Multigrid)(nil)
)

var mgBoundaries = [][2]Boundary{{Dirichlet, Dirichlet}, {Dirichlet, Neumann}, {Neumann, Dirichlet}, {Neumann, Neumann}}

// With a constant coefficient the equation is the one of Direct, whatever the numbers
// of cells, conditions and c; and so the solution.
func TestMultigridAgainstDirect(t *testing.T) {
	for _, b := range mgBoundaries {
		for _, cells := range [][2]int{{32, 32}, {24, 40}, {17, 23}, {2, 2}, {3, 9}, {40, 5}} {
			if (b[0] == Neumann && cells[0]%2 == 1) || (b[1] == Neumann && cells[1]%2 == 1) {
				continue
			}
			for _, c := range []float64{0, 2.5} {
				m := mgNew(t, cells[0], cells[1], b[0], b[1])
				if err := m.Set(mgPush(make([]float64, (cells[0]+1)*(cells[1]+1)), func(float64) float64 { return 3 }), Harmonic, 3*c); err != nil {
					t.Fatal(err)
				}
				d, err := NewDirect(c, Stencil, m.axes[:]...)
				if err != nil {
					t.Fatal(err)
				}
				f := randomNumbers(2, m.Size())
				if mean := d.Mean(f); d.Singular() {
					for i := range f {
						f[i] -= mean
					}
				}
				want, got, r := make([]float64, m.Size()), make([]float64, m.Size()), make([]float64, m.Size())
				d.Solve(want, f)
				scale(f, 3)
				conv, err := m.CG(got, f, 1e-13, 40)
				if err != nil {
					t.Errorf("%v, %v cells, c = %g: %v", b, cells, c, err)
				}
				if e := difference(got, want); !(e <= 1e-11*largest(want)) {
					t.Errorf("%v, %v cells, c = %g, %d iterations: off by %g", b, cells, c, conv.Iterations, e/largest(want))
				}
				m.Apply(r, want)
				if e := difference(r, f); !(e <= 1e-11*largest(f)) {
					t.Errorf("%v, %v cells, c = %g: apply off by %g", b, cells, c, e)
				}
			}
		}
	}
}

// Apply is the flux form with the mean that was asked for, written again here.
func TestMultigridFlux(t *testing.T) {
	for _, mean := range []Mean{Arithmetic, Harmonic} {
		const n0, n1, c = 9, 14, 1.5
		m, err := NewMultigrid(Axis{Cells: n0, Length: 1}, Axis{Cells: n1, Length: 2})
		if err != nil {
			t.Fatal(err)
		}
		a := mgPush(mgField(4, n0, n1), math.Exp)
		if err := m.Set(a, mean, c); err != nil {
			t.Fatal(err)
		}
		u, got := randomNumbers(5, m.Size()), make([]float64, m.Size())
		m.Apply(got, u)
		value := func(i, j int) float64 {
			if i == 0 || j == 0 || i == n0 || j == n1 {
				return 0
			}
			return u[(i-1)*(n1-1)+j-1]
		}
		edge := func(i, j, k, l int) float64 {
			p, q := a[i*(n1+1)+j], a[k*(n1+1)+l]
			if mean == Harmonic {
				return 1 / (0.5/p + 0.5/q)
			}
			return (p + q) / 2
		}
		for i := 1; i < n0; i++ {
			for j := 1; j < n1; j++ {
				want := c * value(i, j)
				for _, s := range [][3]float64{{1, 0, n0 * n0}, {-1, 0, n0 * n0}, {0, 1, n1 * n1 / 4}, {0, -1, n1 * n1 / 4}} {
					k, l := i+int(s[0]), j+int(s[1])
					want += edge(i, j, k, l) * (value(i, j) - value(k, l)) * s[2]
				}
				if g := got[(i-1)*(n1-1)+j-1]; math.Abs(g-want) > 1e-12*largest(got) {
					t.Fatalf("mean %d at (%d, %d): %g, want %g", mean, i, j, g, want)
				}
			}
		}
	}
}

// A cycle is symmetric and positive in the weights of the axes, as conjugate gradients
// need it, and reduces the error of Poisson's equation in energy about as the two-grid theory of
// one red-black sweep says: by 0.25 a time.
func TestMultigridCycle(t *testing.T) {
	for _, b := range mgBoundaries {
		m := mgNew(t, 48, 36, b[0], b[1])
		if err := m.Set(mgPush(mgField(6, 48, 36), mgJump(3)), Arithmetic, 1); err != nil {
			t.Fatal(err)
		}
		inner := func(x, y []float64) (s float64) {
			for i := range m.axes[0].Size() {
				for j := range m.axes[1].Size() {
					k := i*m.axes[1].Size() + j
					s += m.axes[0].Weight(i) * m.axes[1].Weight(j) * x[k] * y[k]
				}
			}
			return s
		}
		x, y := randomNumbers(1, m.Size()), randomNumbers(2, m.Size())
		bx, by := make([]float64, m.Size()), make([]float64, m.Size())
		m.Solve(bx, x)
		m.Solve(by, y)
		xx, yy := inner(x, bx), inner(y, by)
		if d := inner(x, by) - inner(y, bx); !(math.Abs(d) <= 1e-13*math.Sqrt(xx*yy)) {
			t.Errorf("%v: not symmetric by %g", b, d/math.Sqrt(xx*yy))
		}
		if !(xx > 0 && yy > 0) {
			t.Errorf("%v: not positive: %g, %g", b, xx, yy)
		}
		ones := make([]float64, 49*37)
		for i := range ones {
			ones[i] = 1
		}
		if err := m.Set(ones, Arithmetic, 1); err != nil {
			t.Fatal(err)
		}
		// Error e ← e − B A e, ten times; the last ratio is near the largest eigenvalue.
		e, ae := randomNumbers(3, m.Size()), make([]float64, m.Size())
		energy, ratio := 0.0, 0.0
		for range 10 {
			m.Apply(ae, e)
			ratio, energy = inner(e, ae)/energy, inner(e, ae)
			m.Solve(ae, ae)
			for i := range e {
				e[i] -= ae[i]
			}
		}
		if !(math.Sqrt(ratio) < 0.26) {
			t.Errorf("%v: a cycle reduces the error by %.3f", b, math.Sqrt(ratio))
		}
	}
}

// −div((1+x+y) ∇u) = f with u = sin πx sin πy is met with order 2, by either mean.
func TestMultigridOrder(t *testing.T) {
	for _, mean := range []Mean{Arithmetic, Harmonic} {
		var e [2]float64
		for level, n := range []int{64, 128} {
			m := mgNew(t, n, n, Dirichlet, Dirichlet)
			h, a := 1/float64(n), make([]float64, (n+1)*(n+1))
			for i := range n + 1 {
				for j := range n + 1 {
					a[i*(n+1)+j] = 1 + float64(i+j)*h
				}
			}
			if err := m.Set(a, mean, 0); err != nil {
				t.Fatal(err)
			}
			f, want := make([]float64, m.Size()), make([]float64, m.Size())
			for i := range n - 1 {
				for j := range n - 1 {
					sx, cx := math.Sincos(math.Pi * float64(i+1) * h)
					sy, cy := math.Sincos(math.Pi * float64(j+1) * h)
					want[i*(n-1)+j] = sx * sy
					f[i*(n-1)+j] = 2*math.Pi*math.Pi*(1+float64(i+j+2)*h)*sx*sy - math.Pi*(cx*sy+sx*cy)
				}
			}
			if _, err := m.CG(f, f, 1e-12, 40); err != nil {
				t.Fatal(err)
			}
			e[level] = difference(f, want)
		}
		if order := math.Log2(e[0] / e[1]); math.Abs(order-2) > 0.05 {
			t.Errorf("mean %d: order %.3f", mean, order)
		}
	}
}

// A new coefficient costs no memory and leaves nothing of the old one.
func TestMultigridReset(t *testing.T) {
	const n = 32
	m := mgNew(t, n, n, Dirichlet, Dirichlet)
	a, b := mgPush(mgField(1, n, n), math.Exp), mgPush(mgField(2, n, n), mgJump(3))
	f := mgOnes(m)
	first, second := make([]float64, m.Size()), make([]float64, m.Size())
	solve := func(dst, a []float64) {
		if err := m.Set(a, Arithmetic, 0); err != nil {
			t.Fatal(err)
		}
		if _, err := m.CG(dst, f, 1e-10, 30); err != nil {
			t.Fatal(err)
		}
	}
	solve(first, a)
	if n := testing.AllocsPerRun(3, func() { solve(second, b) }); n != 0 {
		t.Errorf("%g allocations", n)
	}
	solve(second, a)
	if difference(first, second) != 0 {
		t.Error("the same coefficient has another solution after one in between")
	}
}

func TestMultigridBadInput(t *testing.T) {
	good := Axis{Cells: 8, Length: 1}
	for _, a := range []Axis{{Cells: 8, Length: 1, Centring: Cell}, {Cells: 8, Length: 1, Boundary: Periodic}, {Cells: 0, Length: 1}} {
		if _, err := NewMultigrid(good, a); err == nil {
			t.Errorf("%v: no error", a)
		}
	}
	free := Axis{Cells: 1001, Length: 1, Boundary: Neumann}
	if _, err := NewMultigrid(free, free); err == nil {
		t.Error("odd Neumann axes of 1001 cells: no error")
	}
	m := mgNew(t, 8, 8, Dirichlet, Dirichlet)
	a := mgPush(make([]float64, 81), func(float64) float64 { return 1 })
	for name, err := range map[string]error{"short": m.Set(a[:80], Arithmetic, 0), "mean": m.Set(a, 2, 0), "c": m.Set(a, Arithmetic, -1)} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	for _, bad := range []float64{0, -1, math.NaN(), math.Inf(1)} {
		a[40] = bad
		if m.Set(a, Arithmetic, 0) == nil {
			t.Errorf("coefficient %g: no error", bad)
		}
	}
	a[40] = 1
	if err := m.Set(a, Arithmetic, 0); err != nil {
		t.Fatal(err)
	}
	if _, err := m.CG(make([]float64, 49), randomNumbers(1, 49), 1e-12, 0); !errors.Is(err, ErrNotConverged) {
		t.Errorf("no iterations allowed: %v", err)
	}
	f := randomNumbers(1, 49)
	f[3] = math.NaN()
	if _, err := m.CG(make([]float64, 49), f, 1e-12, 100); !errors.Is(err, ErrNotConverged) {
		t.Errorf("a right-hand side that is no number: %v", err)
	}
	f[3] = 1
	if c, err := m.CG(make([]float64, 49), f, 1e-10, 20); err != nil {
		t.Errorf("after one that is no number: %v, %v", c, err)
	}
}
