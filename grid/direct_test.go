package grid

import (
	"errors"
	"fmt"
	"math"
	"testing"
)

var directAxes = []Axis{
	{Centring: Vertex, Boundary: Dirichlet}, {Centring: Cell, Boundary: Dirichlet},
	{Centring: Vertex, Boundary: Neumann}, {Centring: Cell, Boundary: Neumann},
	{Centring: Vertex, Boundary: Periodic}, {Centring: Cell, Boundary: Periodic},
}

func (a Axis) with(cells int, length float64) Axis {
	a.Cells, a.Length = cells, length
	return a
}

// The stencil, written without transforms, gives back the right-hand side: a backward
// error of 1e-12 for every pair of axes, with c of both signs.
func TestDirectResidual(t *testing.T) {
	var boxes [][]Axis
	for _, a := range directAxes {
		boxes = append(boxes, []Axis{a.with(37, 1.3)}, []Axis{a.with(2, 1)})
		for _, b := range directAxes {
			boxes = append(boxes, []Axis{a.with(12, 1), b.with(15, 0.7)})
		}
	}
	boxes = append(boxes, []Axis{directAxes[0].with(6, 1), directAxes[3].with(5, 2), directAxes[4].with(4, 1)})
	for _, box := range boxes {
		for _, c := range []float64{1.7, -3.3, 0} {
			d, err := NewDirect(c, Stencil, box...)
			if err != nil {
				t.Fatalf("%v, c = %g: %v", box, c, err)
			}
			f := randomNumbers(7, d.Size())
			if d.Singular() {
				mean := d.Mean(f)
				for i := range f {
					f[i] -= mean
				}
			}
			u, r := make([]float64, len(f)), make([]float64, len(f))
			d.Solve(u, f)
			d.Apply(r, u)
			norm := math.Abs(c)
			for _, a := range box {
				norm += 4 / (a.H() * a.H())
			}
			if e := difference(r, f); !(e <= 1e-12*(norm*largest(u)+largest(f))) {
				t.Errorf("%v, c = %g: residual %g", box, c, e)
			}
			if d.Singular() && !(math.Abs(d.Mean(u)) <= 1e-13*largest(u)) {
				t.Errorf("%v: the mean is %g", box, d.Mean(u))
			}
		}
	}
}

// directManufactured has, for each condition, a function of x in [0, 1] that obeys it,
// with −u″.
var directManufactured = map[Boundary]struct{ u, minus func(x float64) float64 }{
	Dirichlet: {func(x float64) float64 { return x * (1 - x) * math.Exp(x) }, func(x float64) float64 { return x * (3 + x) * math.Exp(x) }},
	Neumann:   {func(x float64) float64 { return x * x * (3 - 2*x) }, func(x float64) float64 { return 12*x - 6 }},
	Periodic: {func(x float64) float64 { return math.Exp(math.Sin(2 * math.Pi * x)) }, func(x float64) float64 {
		s, c := math.Sincos(2 * math.Pi * x)
		return 4 * math.Pi * math.Pi * (s - c*c) * math.Exp(s)
	}},
}

// Order 2 in the largest error, for every pair of axes, also with c below the first
// eigenvalues.
func TestDirectOrder(t *testing.T) {
	for _, a := range directAxes {
		for _, b := range directAxes {
			for _, c := range []float64{2, -5.5} {
				var e [2]float64
				for level, n := range []int{64, 128} {
					box := []Axis{a.with(n, 1), b.with(n, 1)}
					d, err := NewDirect(c, Stencil, box...)
					if err != nil {
						t.Fatal(err)
					}
					f, want := make([]float64, d.Size()), make([]float64, d.Size())
					p, q := directManufactured[a.Boundary], directManufactured[b.Boundary]
					for i := range box[0].Size() {
						for j := range box[1].Size() {
							x, y, k := box[0].At(i), box[1].At(j), i*box[1].Size()+j
							want[k] = p.u(x) * q.u(y)
							f[k] = p.minus(x)*q.u(y) + p.u(x)*q.minus(y) + c*want[k]
						}
					}
					d.Solve(f, f)
					e[level] = difference(f, want)
				}
				if order := math.Log2(e[0] / e[1]); math.Abs(order-2) > 0.05 {
					t.Errorf("%v × %v, c = %g: order %.3f", a, b, c, order)
				}
			}
		}
	}
}

// The spectral symbol solves for eigenfunctions of −Δ exactly, and for a smooth
// periodic function to rounding.
func TestDirectSpectral(t *testing.T) {
	box := []Axis{directAxes[0].with(16, 2), directAxes[3].with(12, 1), directAxes[4].with(48, 1)}
	d, err := NewDirect(0.5, Spectral, box...)
	if err != nil {
		t.Fatal(err)
	}
	f, want := make([]float64, d.Size()), make([]float64, d.Size())
	p := directManufactured[Periodic]
	k := 0
	for i := range box[0].Size() {
		for j := range box[1].Size() {
			for l := range box[2].Size() {
				s, c, z := math.Sin(3*math.Pi*box[0].At(i)/2), math.Cos(2*math.Pi*box[1].At(j)), box[2].At(l)
				want[k] = s * c * p.u(z)
				f[k] = s * c * (p.minus(z) + (9*math.Pi*math.Pi/4+4*math.Pi*math.Pi+0.5)*p.u(z))
				k++
			}
		}
	}
	back := make([]float64, d.Size())
	d.Apply(back, want)
	if e := difference(back, f); !(e <= 1e-11*largest(f)) {
		t.Errorf("apply off by %g", e)
	}
	d.Solve(f, f)
	if e := difference(f, want); !(e <= 1e-12*largest(want)) {
		t.Errorf("off by %g", e)
	}
}

// A resonant equation is refused and a nearly resonant one tells how near it is.
func TestDirectResonance(t *testing.T) {
	for _, a := range directAxes {
		box := []Axis{a.with(16, 1), a.with(10, 1)}
		eigenvalue := func(k, l int) float64 {
			x, y := math.Sin(a.with(16, 1).angle(k)/2)*32, math.Sin(a.with(10, 1).angle(l)/2)*20
			return x*x + y*y
		}
		if _, err := NewDirect(-eigenvalue(2, 3), Stencil, box...); !errors.Is(err, ErrResonant) {
			t.Errorf("%v: c = −λ: %v", a, err)
		}
		d, err := NewDirect(-eigenvalue(2, 3)+1e-3, Stencil, box...)
		if err != nil || math.Abs(d.Distance()-1e-3) > 1e-12*1e3 {
			t.Errorf("%v: distance %g (%v)", a, d.Distance(), err)
		}
		// Near is not on: 1e-9 of the largest eigenvalue away there is a solution.
		if _, err := NewDirect(-eigenvalue(2, 3)*(1+1e-10), Stencil, box...); err != nil {
			t.Errorf("%v: c = −λ (1 + 1e-10): %v", a, err)
		}
	}
	free := directAxes[2].with(8, 1)
	if d, err := NewDirect(0, Stencil, free, free); err != nil || !d.Singular() || math.Abs(d.Distance()-256*math.Pow(math.Sin(math.Pi/16), 2)) > 1e-10 {
		t.Errorf("Neumann: %v, distance %g", err, d.Distance())
	}
	if _, err := NewDirect(1e-15, Stencil, free, free); !errors.Is(err, ErrResonant) {
		t.Errorf("c that rounds to nothing: %v", err)
	}
	f := randomNumbers(1, 81)
	d, _ := NewDirect(0, Stencil, free, free)
	u, v := make([]float64, 81), make([]float64, 81)
	d.Solve(u, f)
	for i := range f {
		f[i] += 5
	}
	d.Solve(v, f)
	if e := difference(u, v); !(e <= 1e-13) {
		t.Errorf("a constant in f changes u by %g", e)
	}
}

func TestDirectBadInput(t *testing.T) {
	good := Axis{Cells: 4, Length: 1}
	for _, c := range []struct {
		c    float64
		s    Symbol
		axes []Axis
	}{
		{0, Stencil, nil}, {0, Stencil, []Axis{{Cells: 1, Length: 1}}}, {0, Stencil, []Axis{{Cells: 4, Length: -1}}},
		{0, Stencil, []Axis{good, {Cells: 4, Length: math.NaN()}}}, {0, Stencil, []Axis{{Cells: 4, Length: 1, Boundary: 3}}},
		{0, Stencil, []Axis{{Cells: 4, Length: 1, Centring: -1}}}, {math.NaN(), Stencil, []Axis{good}}, {0, 7, []Axis{good}},
	} {
		if _, err := NewDirect(c.c, c.s, c.axes...); err == nil {
			t.Errorf("%v: no error", c)
		}
	}
}

func BenchmarkDirect(b *testing.B) {
	for _, n := range []int{128, 512, 1024} {
		for _, a := range []Axis{directAxes[0], directAxes[2], directAxes[3], directAxes[4]} {
			b.Run(fmt.Sprintf("%v%v/%d", a.Boundary, a.Centring, n), func(b *testing.B) {
				d, err := NewDirect(1, Stencil, a.with(n, 1), a.with(n, 1))
				if err != nil {
					b.Fatal(err)
				}
				f := randomNumbers(1, d.Size())
				b.ReportAllocs()
				for b.Loop() {
					d.Solve(f, f)
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*d.Size()), "ns/unknown")
			})
		}
	}
}
