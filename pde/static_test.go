package pde

import (
	"errors"
	"math"
	"testing"

	"abide/grid"
)

func staticMake[T any](t testing.TB, k Kind, v Values) T {
	t.Helper()
	f, err := k.Make(v)
	if err != nil {
		t.Fatal(err)
	}
	return f.(T)
}

// staticAt fills an array of vertices with a function.
func staticAt(n int, f func(x, y float64) float64) []float64 {
	out := make([]float64, 0, (n+1)*(n+1))
	for i := range n + 1 {
		for j := range n + 1 {
			out = append(out, f(float64(i)/float64(n), float64(j)/float64(n)))
		}
	}
	return out
}

func staticError(u, want []float64) (worst float64) {
	for i := range u {
		worst = max(worst, math.Abs(u[i]-want[i]))
	}
	return worst
}

func staticSine(x, y float64) float64 { return math.Sin(math.Pi*x) * math.Sin(math.Pi*y) }

// The manufactured solution u = sin πx sin πy with a = 1 + x + y (T11-M), by both means.
func TestDarcyOrder(t *testing.T) {
	for _, mean := range []string{"arithmetic", "harmonic"} {
		var h, e []float64
		for _, n := range []int{16, 32, 64, 128} {
			f := staticMake[*darcy](t, darcyKind, Values{"grid": n, "mean": mean})
			a := staticAt(n, func(x, y float64) float64 { return 1 + x + y })
			source := staticAt(n, func(x, y float64) float64 {
				sx, cx := math.Sincos(math.Pi * x)
				sy, cy := math.Sincos(math.Pi * y)
				return 2*math.Pi*math.Pi*(1+x+y)*sx*sy - math.Pi*(cx*sy+sx*cy)
			})
			u := make([]float64, len(a))
			if err := f.solve(u, a, source); err != nil {
				t.Fatal(err)
			}
			h, e = append(h, 1/float64(n)), append(e, staticError(u, staticAt(n, staticSine)))
		}
		if order, _ := Observed(h, e); math.Abs(order-2) > 0.05 {
			t.Errorf("%s: order %.3f, errors %.3g", mean, order, e)
		}
	}
}

// u = x(1−x) eˣ sin πy, which is no eigenfunction, below and above the first resonance.
func TestHelmholtzOrder(t *testing.T) {
	for _, k := range []float64{0, 1, 6} {
		var h, e []float64
		for _, n := range []int{16, 32, 64, 128} {
			v, kind := Values{"grid": n}, poissonKind
			if k != 0 {
				v["k"], kind = k, helmholtzKind
			}
			f := staticMake[*helmholtz](t, kind, v)
			want := staticAt(n, func(x, y float64) float64 { return x * (1 - x) * math.Exp(x) * math.Sin(math.Pi*y) })
			source := staticAt(n, func(x, y float64) float64 {
				return (-x*(3+x) + (k*k-math.Pi*math.Pi)*x*(1-x)) * math.Exp(x) * math.Sin(math.Pi*y)
			})
			u := make([]float64, len(want))
			f.solve(u, source)
			h, e = append(h, 1/float64(n)), append(e, staticError(u, want))
		}
		// With k = 6 the coarsest grid is not yet in the regime of the leading term.
		if order, _ := Observed(h[1:], e[1:]); math.Abs(order-2) > 0.05 {
			t.Errorf("k = %g: order %.3f, errors %.3g", k, order, e)
		}
	}
}

// k² on an eigenvalue of the stencil is refused by name.
func TestHelmholtzResonance(t *testing.T) {
	const n = 8
	s := 2 * n * math.Sin(math.Pi/(2*n))
	if _, err := helmholtzKind.Make(Values{"grid": n, "k": math.Sqrt(2) * s}); !errors.Is(err, grid.ErrResonant) {
		t.Errorf("k² is an eigenvalue: %v", err)
	}
}

// −Δu = 1 on the square: u(½, ½) = 0.0736713532 (T11), and so a u of every constant a.
func TestDarcyConstant(t *testing.T) {
	var errs, h []float64
	for _, n := range []int{32, 64, 128} {
		f := staticMake[*darcy](t, darcyKind, Values{"grid": n})
		u := make([]float64, (n+1)*(n+1))
		if err := f.solve(u, staticAt(n, func(x, y float64) float64 { return 5 }), nil); err != nil {
			t.Fatal(err)
		}
		h, errs = append(h, 1/float64(n)), append(errs, math.Abs(5*u[len(u)/2]-0.0736713532))
	}
	if order, _ := Observed(h, errs); math.Abs(order-2) > 0.05 || errs[2] > 1e-5 {
		t.Errorf("order %.3f, errors %.3g", order, errs)
	}
}

// T18 to the printed digits: z = 1 and 2 on the halves, f = 10.
func TestDarcy1dLayers(t *testing.T) {
	const n = 120
	z, u := make([]float64, n), make([]float64, n+1)
	for i := range z {
		z[i] = 1
		if i >= n/2 {
			z[i] = 2
		}
	}
	if err := SolveDarcy1D(u, z, 10); err != nil {
		t.Fatal(err)
	}
	for place, want := range map[int]float64{n * 5 / 12: 0.868056, n / 4: 0.729167, n / 2: 0.833333, n * 3 / 4: 0.572917} {
		if math.Abs(u[place]-want) > 5e-7 {
			t.Errorf("u(%d/%d) = %.6f, want %.6f", place, n, u[place], want)
		}
	}
	for i, v := range u {
		if v > u[n*5/12] {
			t.Errorf("u(%d/%d) = %.6f is above the maximum at 5/12", i, n, v)
		}
	}
	for i := range z {
		z[i] = 1
	}
	if err := SolveDarcy1D(u, z, 1); err != nil {
		t.Fatal(err)
	}
	for i, v := range u {
		if x := float64(i) / n; math.Abs(v-(x-x*x)/2) > 1e-15 {
			t.Errorf("z = f = 1: u(%g) is off by %g", x, v-(x-x*x)/2)
		}
	}
}

// z = 1 + x from its values in the middle of cells, f = 10: u = ∫ (c − 10 x)/(1 + x) dx is
// met with order 2.
func TestDarcy1dOrder(t *testing.T) {
	c := 10/math.Log(2) - 10
	exact := func(x float64) float64 { return c*math.Log(1+x) - 10*(x-math.Log(1+x)) }
	var h, e []float64
	for _, n := range []int{32, 64, 128} {
		z, u := make([]float64, n), make([]float64, n+1)
		for i := range z {
			z[i] = 1 + (float64(i)+0.5)/float64(n)
		}
		if err := SolveDarcy1D(u, z, 10); err != nil {
			t.Fatal(err)
		}
		worst := 0.0
		for i, v := range u {
			worst = max(worst, math.Abs(v-exact(float64(i)/float64(n))))
		}
		h, e = append(h, 1/float64(n)), append(e, worst)
	}
	if order, _ := Observed(h, e); math.Abs(order-2) > 0.05 {
		t.Errorf("order %.3f, errors %.3g", order, e)
	}
}

func TestDarcy1dBadInput(t *testing.T) {
	if SolveDarcy1D(make([]float64, 3), make([]float64, 3), 1) == nil {
		t.Error("too few values of u: no error")
	}
	for _, bad := range []float64{0, -1, math.NaN()} {
		if SolveDarcy1D(make([]float64, 3), []float64{1, bad}, 1) == nil {
			t.Errorf("z = %g: no error", bad)
		}
	}
}
