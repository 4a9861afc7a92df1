package equation

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// The numerical fluxes are what they are defined to be, on random states: Godunov's the
// least or greatest f between the two, Engquist and Osher's by ∫|f′|, Rusanov's with the
// slope in closed form.
func TestFluxesByDefinition(t *testing.T) {
	quadratics := map[string]func(u float64) float64{
		"u**2/2 - 0.4*u": func(u float64) float64 { return u*u/2 - 0.4*u },
		"3*u*(1 - u)":    func(u float64) float64 { return 3 * u * (1 - u) },
		"-2*u + 1":       func(u float64) float64 { return 1 - 2*u },
		"u/2":            func(u float64) float64 { return u / 2 },
	}
	r := rand.New(rand.NewPCG(5, 6))
	check := func(text, kind string, flux func(l, r float64) float64, tolerance float64) {
		t.Helper()
		e := checkParse(t, Spec{Equation: "dx(" + text + ") = 0", Flux: kind, Axes: []Axis{{Name: "x", Points: 40, Length: 40, Boundary: "periodic"}}})
		u, got := make([]float64, 40), make([]float64, 40)
		for i := range u {
			u[i] = 0.1 + 1.3*r.Float64()
		}
		e.Residual(got, u)
		for i := range u {
			want := flux(u[i], u[(i+1)%40]) - flux(u[(i+39)%40], u[i])
			if math.Abs(got[i]-want) > tolerance {
				t.Errorf("%s flux of %s: %.15g, by definition %.15g", kind, text, got[i], want)
				return
			}
		}
	}
	const steps = 4000 // between two states, at which a parabola is off by (Δu/steps)²
	for text, f := range quadratics {
		check(text, godunov, func(l, r float64) float64 {
			best := f(l)
			for k := range steps + 1 {
				v := f(l + (r-l)*float64(k)/steps)
				if l < r {
					best = min(best, v)
				} else {
					best = max(best, v)
				}
			}
			return best
		}, 1e-6)
		check(text, osher, func(l, r float64) float64 {
			variation := 0.0
			for k := range steps {
				variation += math.Abs(f(l+(r-l)*float64(k+1)/steps) - f(l+(r-l)*float64(k)/steps))
			}
			return (f(l) + f(r) - math.Copysign(variation, r-l)) / 2
		}, 1e-6)
	}
	f := func(u float64) float64 {
		return 0.3*math.Exp(u) + math.Sin(u)/(2+u) + math.Sqrt(u) - math.Log(u)*math.Tanh(2*u) + math.Pow(math.Cos(u), 3) - -u
	}
	slope := func(u float64) float64 {
		th := math.Tanh(2 * u)
		return 0.3*math.Exp(u) + (math.Cos(u)*(2+u)-math.Sin(u))/((2+u)*(2+u)) + 0.5/math.Sqrt(u) - th/u - math.Log(u)*2*(1-th*th) - 3*math.Cos(u)*math.Cos(u)*math.Sin(u) + 1
	}
	check("0.3*exp(u) + sin(u)/(2 + u) + sqrt(u) - log(u)*tanh(2*u) + cos(u)**3 - -u", rusanov, func(l, r float64) float64 {
		return (f(l)+f(r))/2 - max(math.Abs(slope(l)), math.Abs(slope(r)))*(r-l)/2
	}, 1e-12)
}

// A total flux is its parts: transport by the numerical flux, diffusion by inner
// derivatives.
func TestTotalFluxIsItsParts(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	u := checkRandom(r, 12)
	var got [2][]float64
	for i, text := range []string{"dx(u**2/2 - (1 + u)*dx(u) + u*(3 - u)) = 0", "dx(u**2/2) - dx((1 + u)*dx(u)) + dx(u*(3 - u)) = 0"} {
		e := checkParse(t, Spec{Equation: text, Flux: osher, Mean: "harmonic", Axes: []Axis{{Name: "x", Points: 12, Length: 1, Boundary: "periodic"}}})
		got[i] = make([]float64, 12)
		e.Residual(got[i], u)
	}
	for i := range u {
		if d := math.Abs(got[0][i] - got[1][i]); d > 1e-11*(1+math.Abs(got[0][i])) {
			t.Errorf("row %d: %g as one flux, %g as three", i, got[0][i], got[1][i])
		}
	}
}

// Scales are the lengths of the Jacobian's rows: of a second difference √6/h².
func TestScales(t *testing.T) {
	e := checkParse(t, Spec{Equation: "3*dxx(u) = u*u", Axes: []Axis{{Name: "x", Points: 8, Length: 2, Boundary: "periodic"}}})
	j, err := e.NewJacobian()
	if err != nil {
		t.Fatal(err)
	}
	scales := make([]float64, e.Rows())
	j.Scales(scales, make([]float64, e.Dim()))
	for i, v := range scales {
		if want := 3 * 16 * math.Sqrt(6); math.Abs(v-want) > 1e-12*want {
			t.Errorf("scale %d is %g, want %g", i, v, want)
		}
	}
}

// Rows are there where the whole stencil is known, and where values are fixed, each place
// once.
func TestWhichRows(t *testing.T) {
	for _, c := range []struct {
		equation string
		x, y     Axis
		rows     []int // of each block
	}{
		{"lap(u) = 0", Axis{Points: 7, Boundary: "dirichlet"}, Axis{Points: 5, Boundary: "dirichlet 1"}, []int{5 * 3, 5, 5, 5, 5}}, // sides of x whole, of y without corners
		{"u = 1", Axis{Points: 7, Boundary: "dirichlet"}, Axis{Points: 5, Boundary: "none"}, []int{5 * 5, 5, 5}},
		{"dxx(u) = 0", Axis{Points: 7, Boundary: "none"}, Axis{Points: 5, Boundary: "none"}, []int{5 * 5}},
		{"dxx(dxx(u)) = 0", Axis{Points: 7, Boundary: "none"}, Axis{Points: 5, Boundary: "none"}, []int{3 * 5}},
		{"dxy(u) = 0", Axis{Points: 7, Left: "none", Right: "neumann"}, Axis{Points: 5, Boundary: "periodic"}, []int{6 * 5}},
		{"lap(u) = 0", Axis{Points: 7, Boundary: "neumann"}, Axis{Points: 5, Centring: "cell", Boundary: "dirichlet"}, []int{7 * 5}},
	} {
		c.x.Name, c.y.Name, c.x.Length, c.y.Length = "x", "y", 1, 1
		e := checkParse(t, Spec{Equation: c.equation, Axes: []Axis{c.x, c.y}})
		var got []int
		for _, b := range e.Blocks() {
			got = append(got, b.N)
		}
		if len(got) != len(c.rows) {
			t.Errorf("%s: rows %v, want %v", c.equation, got, c.rows)
			continue
		}
		for i := range got {
			if got[i] != c.rows[i] {
				t.Errorf("%s: rows %v, want %v", c.equation, got, c.rows)
				break
			}
		}
	}
}

// What a report prints: places, scheme, stencils and orders.
func TestDescription(t *testing.T) {
	e := checkParse(t, Spec{
		Equation:  "dt(u) + u*dx(u) - nu*dxx(u) = 0",
		Axes:      []Axis{{Name: "t", Points: 11, Length: 1, Left: "dirichlet sin(x)"}, {Name: "x", Points: 9, Length: 1, Left: "dirichlet", Right: "neumann 1"}},
		Constants: map[string]float64{"nu": 0.1},
	})
	got := e.String()
	for _, want := range []string{
		"equation: dt(u) + u*dx(u) - nu*dxx(u) = 0\n  residual at (n+½, i), 80 rows: n = 0 … 9 of 11, i = 1 … 8 of 9; order 2 in t, 2 in x",
		"\n  dt(u): (uⁿ⁺¹ − uⁿ)/Δt, order 2", "\n  dx(u): (u₊₁ − u₋₁)/2h_x, order 2", "\n  dxx(u): (u₊₁ − 2u + u₋₁)/h_x², order 2",
		"u at the right of x: neumann 1, the value beyond is that of the mirror image", "initial: u = sin(x)\n  residual at (n, i), 9 rows", "boundary: u = 0\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%s\ndoes not say\n%s", got, want)
		}
	}
	for row, want := range map[int]string{0: "equation at t[0+½] = 0.05, x[1] = 0.125", 79: "equation at t[9+½] = 0.95, x[8] = 1", 80: "initial at t[0] = 0, x[0] = 0", 89: "boundary at t[1] = 0.1, x[0] = 0"} {
		if got := e.Label(row); got != want {
			t.Errorf("row %d: %s, want %s", row, got, want)
		}
	}
}
