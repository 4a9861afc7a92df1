package equation

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/pelletier/go-toml/v2"

	"abide/grid"
	"abide/pde"
)

// familyCase is a family's equation as it stands in a spec, in five lines at most. %[1]d is
// the parameter "grid", %[2]d one more, and so on as the text says.
type familyCase struct {
	kind   string
	given  pde.Values
	spec   string
	fields []string                                // arrays of a sample that make the state, in order; none: all
	state  func(n int, s pde.Sample) []float64     // or made otherwise
	keep   func(s pde.Sample, x, t float64) bool   // rows that count, by their place
	grids  []int                                   // for the order; one: zero to rounding
	times  func(n int) pde.Values                  // that go with a grid
	scale  func(f pde.Family, e *Equation) float64 // what residuals are multiplied with to be those of the family
	order  float64
}

func familySpec(t *testing.T, text string, n int) Spec {
	t.Helper()
	if lines := strings.Count(strings.TrimSpace(text), "\n") + 1; lines > 5 {
		t.Fatalf("%d lines:\n%s", lines, text)
	}
	var s Spec
	d := toml.NewDecoder(strings.NewReader(strings.NewReplacer("{n}", fmt.Sprint(n), "{n+1}", fmt.Sprint(n+1), "{2n+1}", fmt.Sprint(2*n+1)).Replace(text)))
	d.DisallowUnknownFields()
	if err := d.Decode(&s); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return s
}

func familyDt(_ pde.Family, e *Equation) float64 { return e.axes[e.time].h }

// The largest residual of the equation rows that count, and their root mean square.
func (c *familyCase) residual(t *testing.T, n int) (worst, rms float64, e *Equation, f pde.Family) {
	t.Helper()
	var kind pde.Kind
	for _, k := range pde.Table {
		if k.Name == c.kind {
			kind = k
		}
	}
	given := pde.Values{"grid": n}
	for name, v := range c.given {
		given[name] = v
	}
	if c.times != nil {
		for name, v := range c.times(n) {
			given[name] = v
		}
	}
	f, err := kind.Make(given)
	if err != nil {
		t.Fatal(err)
	}
	e = checkParse(t, familySpec(t, c.spec, n))
	count := 0
	for index := range 2 {
		s, err := f.Draw(context.Background(), 5, index)
		if err != nil {
			t.Fatal(err)
		}
		var u []float64
		if c.state != nil {
			u = c.state(n, s)
		} else {
			for i, a := range f.Arrays() {
				if c.fields == nil || strings.Contains(" "+strings.Join(c.fields, " ")+" ", " "+a.Name+" ") {
					u = append(u, s[i]...)
				}
			}
		}
		if len(u) != e.Dim() {
			t.Fatalf("a state of %d numbers for an equation of %d", len(u), e.Dim())
		}
		r := make([]float64, e.Rows())
		e.Residual(r, u)
		scale := 1.0
		if c.scale != nil {
			scale = c.scale(f, e)
		}
		for _, b := range e.blocks {
			for k, v := range r[b.first : b.first+b.rows] {
				at := b.places.at(k, len(e.axes))
				var x, tm float64
				for i := range e.axes {
					if i == e.time {
						tm = e.axes[i].at(at[i])
					} else {
						x = e.axes[i].at(at[i])
					}
				}
				if c.keep != nil && !c.keep(s, x, tm) {
					continue
				}
				worst = max(worst, math.Abs(v)*scale)
				rms += v * v
				count++
			}
		}
	}
	return worst, math.Sqrt(rms / float64(count)), e, f
}

var familyCases = []familyCase{
	// Where the text's scheme is the family's: zero to rounding.
	{kind: "heat", spec: `
equation = "dt(u) - nu*dxx(u) = 0"
axes = [{ name = "t", points = 65, length = 1 }, { name = "x", points = {n+1}, length = 1, boundary = "dirichlet" }]
constants = { nu = 0.05 }`, grids: []int{64}, scale: familyDt},
	{kind: "heat", given: pde.Values{"theta": 1.0}, spec: `
equation = "dt(u) - dx(nu*dx(u)) = 0"
axes = [{ name = "t", points = 65, length = 1 }, { name = "x", points = {n+1}, length = 1, boundary = "dirichlet" }]
constants = { nu = 0.05 }
time = "backward"`, grids: []int{64}, scale: familyDt},
	{kind: "heat", given: pde.Values{"theta": 0.7}, spec: `
equation = "dt(u) - nu*lap(u) = 0"
axes = [{ name = "t", points = 65, length = 1 }, { name = "x", points = {n+1}, length = 1, boundary = "dirichlet" }]
constants = { nu = 0.05 }
time = "theta 0.7"`, grids: []int{64}, scale: familyDt},
	{kind: "wave", spec: `
equation = "dtt(u) = c**2*dxx(u)"
axes = [{ name = "t", points = 129, length = 1, left = "neumann v" }, { name = "x", points = {n+1}, length = 1, boundary = "dirichlet" }]
fields = [{ name = "v", axes = ["x"] }, { name = "u" }]
constants = { c = 1.0 }`, grids: []int{64}, scale: func(f pde.Family, e *Equation) float64 { return e.axes[e.time].h * e.axes[e.time].h }},
	{kind: "poisson", spec: `
equation = "lap(u) = f"
axes = [{ name = "x", points = {n+1}, length = 1, boundary = "dirichlet" }, { name = "y", points = {n+1}, length = 1, boundary = "dirichlet" }]
fields = [{ name = "f", rules = { x = "none", y = "none" } }, { name = "u" }]`, grids: []int{64}},
	{kind: "helmholtz", given: pde.Values{"k": 3.0}, spec: `
equation = "lap(u) + k**2*u = f"
axes = [{ name = "x", points = {n+1}, length = 1, boundary = "dirichlet" }, { name = "y", points = {n+1}, length = 1, boundary = "dirichlet" }]
fields = [{ name = "f", rules = { x = "none", y = "none" } }, { name = "u" }]
constants = { k = 3 }`, grids: []int{64}},
	{kind: "darcy", spec: `
equation = "-div(a*grad(u)) = 1"
axes = [{ name = "x", points = {n+1}, length = 1, boundary = "dirichlet" }, { name = "y", points = {n+1}, length = 1, boundary = "dirichlet" }]
fields = [{ name = "a", rules = { x = "none", y = "none" } }, { name = "u" }]`, grids: []int{64}},
	{kind: "darcy", given: pde.Values{"mean": "harmonic", "contrast": "12/3"}, spec: `
equation = "-div(a*grad(u)) = 1"
axes = [{ name = "x", points = {n+1}, length = 1, boundary = "dirichlet" }, { name = "y", points = {n+1}, length = 1, boundary = "dirichlet" }]
fields = [{ name = "a", rules = { x = "none", y = "none" } }, { name = "u" }]
mean = "harmonic"`, grids: []int{64}},
	{kind: "burgers-shock", spec: familyShock + `flux = "godunov"`, fields: []string{"b", "u"}, grids: []int{100}, scale: familyDt},
	{kind: "burgers-shock", given: pde.Values{"flux": "engquist-osher"}, spec: familyShock + `flux = "engquist-osher"`, fields: []string{"b", "u"}, grids: []int{100}, scale: familyDt},
	{kind: "burgers-shock", given: pde.Values{"flux": "rusanov"}, spec: familyShock + `flux = "rusanov"`, fields: []string{"b", "u"}, grids: []int{100}, scale: familyDt},

	// Where it is another one: the truncation order that is stated.
	{kind: "heat-closed", spec: `
equation = "dt(u) - nu*dxx(u) = 0"
axes = [{ name = "t", points = {n}, length = 1 }, { name = "x", points = {n}, length = 6.283185307179586, boundary = "periodic" }]
fields = [{ name = "nu", axes = ["none"] }, { name = "phi", axes = ["none"] }, { name = "u" }]`, grids: []int{64, 128, 256}, times: familyTimes("times", 0), order: 2},
	{kind: "stokes-second", spec: `
equation = "dt(u) - omega/(2*k**2)*dyy(u) = 0"
axes = [{ name = "t", points = {n}, length = 1 }, { name = "y", points = {n}, length = 1, boundary = "none" }]
fields = [{ name = "k", axes = ["none"] }, { name = "omega", axes = ["none"] }, { name = "u" }]`, grids: []int{100, 200, 400}, times: familyTimes("times", 0), order: 2},
	{kind: "porous-medium", spec: `
equation = "dt(u) - dx(u**m*dx(u)) = 0"
axes = [{ name = "t", points = {n}, length = 1 }, { name = "x", points = {n}, length = 1, boundary = "none" }]
fields = [{ name = "m", axes = ["none"] }, { name = "u" }]`, grids: []int{101, 201, 401}, order: 2, // away from the front
		keep: func(_ pde.Sample, x, t float64) bool { return t-x > 0.2 }},
	{kind: "stefan", spec: `
equation = "dt(u) - dx(dx(u)) = 0"
axes = [{ name = "t", points = {n}, length = 0.1 }, { name = "x", points = {n}, length = 1, boundary = "none" }]
fields = [{ name = "threshold", axes = ["none"] }, { name = "alpha", axes = ["none"] }, { name = "u" }]`, grids: []int{101, 201, 401}, times: familyTimes("times", 0), order: 2, // within the melt
		keep: func(s pde.Sample, x, t float64) bool { return t > 0.03 && x+0.03 < s[1][0]*math.Sqrt(t) }},
	{kind: "advection", given: pde.Values{"highest": 3}, spec: `
equation = "dt(u) + beta*dx(u) = 0"
axes = [{ name = "t", points = {n+1}, length = 2 }, { name = "x", points = {n}, length = 1, boundary = "periodic" }]
constants = { beta = 0.4 }`, grids: []int{64, 128, 256}, times: func(n int) pde.Values { return pde.Values{"times": n, "beta": 0.4} }, order: 2},
	{kind: "burgers", given: pde.Values{"nu": 0.05}, spec: `
equation = "dt(u) + u*dx(u) - nu*dxx(u) = 0"
axes = [{ name = "t", points = {n+1}, length = 1 }, { name = "x", points = {n}, length = 1, boundary = "periodic" }]
constants = { nu = 0.05 }`, grids: []int{64, 128, 256}, times: familyTimes("times", 0), order: 2,
		keep: func(_ pde.Sample, _, t float64) bool { return t > 0.2 }},
	{kind: "reaction-diffusion", given: pde.Values{"rho": 1.0, "end": 1.0}, spec: `
equation = "dt(u) = nu*dxx(u) + rho*u*(1 - u)"
axes = [{ name = "t", points = {n+1}, length = 1 }, { name = "x", points = {n}, length = 1, centring = "cell", left = "neumann p", right = "neumann q" }]
fields = [{ name = "p", axes = ["none"] }, { name = "q", axes = ["none"] }, { name = "u" }]
constants = { nu = 0.005, rho = 1 }`, state: familySlopes, grids: []int{32, 64, 128}, times: familyTimes("times", 1), order: 2,
		keep: func(_ pde.Sample, _, t float64) bool { return t > 0.3 }},
	{kind: "navier-stokes", given: pde.Values{"end": 0.5, "nu": 0.05, "force": "random"}, spec: `
equations = ["dt(w) + dy(psi)*dx(w) - dx(psi)*dy(w) - nu*lap(w) = 0.1*sqrt(2)*sin(2*pi*(x + y) + phi)", "lap(psi) = -w"]
axes = [{ name = "t", points = {n+1}, length = 0.5 }, { name = "x", points = {n}, length = 1, boundary = "periodic" }, { name = "y", points = {n}, length = 1, boundary = "periodic" }]
fields = [{ name = "phi", axes = ["none"] }, { name = "w" }, { name = "psi" }]
constants = { nu = 0.05 }`, state: familyStream, grids: []int{32, 64}, times: familyTimes("times", 0), order: 2,
		keep: func(_ pde.Sample, _, t float64) bool { return t > 0.3 }},
}

const familyShock = `
equation = "dt(u) + dx(u**2/2) = 0"
axes = [{ name = "t", points = {n+1}, length = 1 }, { name = "x", points = {n}, length = 1, centring = "cell", left = "inflow b", right = "neumann" }]
fields = [{ name = "b", axes = ["none"] }, { name = "u" }]
time = "forward"
`

func familyTimes(name string, more int) func(n int) pde.Values {
	return func(n int) pde.Values { return pde.Values{name: n + more} }
}

// familySlopes turns the fluxes −ν u_x through walls into slopes.
func familySlopes(_ int, s pde.Sample) []float64 {
	return append([]float64{-s[0][0] / 0.005, -s[1][0] / 0.005}, s[2]...)
}

// familyStream adds the stream function, by Fourier modes.
func familyStream(n int, s pde.Sample) []float64 {
	fft, err := grid.NewFFT(n, n)
	if err != nil {
		panic(err)
	}
	u := append([]float64{s[0][0]}, s[1]...)
	for from := 0; from < len(s[1]); from += n * n {
		z := make([]complex128, n*n)
		for i := range z {
			z[i] = complex(s[1][from+i], 0)
		}
		fft.Forward(z, z)
		for i := range z {
			p, q := i/n, i%n
			p, q = min(p, n-p), min(q, n-q)
			if p+q == 0 {
				z[i] = 0
				continue
			}
			z[i] /= complex(4*math.Pi*math.Pi*float64(p*p+q*q), 0)
		}
		fft.Inverse(z, z)
		for _, v := range z {
			u = append(u, real(v))
		}
	}
	return u
}

// Every equation of the families that ECI, PCFM and DiffusionPDE sample, in five lines at
// most: on the family's own data its residual is zero to rounding, in the family's unit,
// where the schemes are the same, and else vanishes with the order that is stated.
func TestFamilies(t *testing.T) {
	for _, c := range familyCases {
		t.Run(c.kind, func(t *testing.T) {
			t.Parallel()
			if len(c.grids) == 1 {
				worst, _, _, f := c.residual(t, c.grids[0])
				unit := 0.0
				for _, r := range f.Rows() {
					if r.Name == "equation" {
						unit = r.Unit
					}
				}
				if !(worst <= 1e-10*unit) {
					t.Errorf("residual %g, of %g", worst, unit)
				}
				t.Logf("residual %.2g of the unit", worst/unit)
				return
			}
			var h, r []float64
			for _, n := range c.grids {
				_, rms, e, _ := c.residual(t, n)
				for axis, o := range e.Blocks()[0].Order {
					if float64(o) != c.order {
						t.Errorf("order %d in %s is stated, %g predicted", o, axis, c.order)
					}
				}
				intervals := float64(n)
				if !e.axes[len(e.axes)-1].periodic && !e.axes[len(e.axes)-1].cell {
					intervals--
				}
				h, r = append(h, 1/intervals), append(r, rms)
			}
			order, verdict := pde.Observed(h, r)
			if math.Abs(order-c.order) > 0.1 {
				t.Errorf("order %.3f, stated %g: %s %.3g", order, c.order, verdict, r)
			}
			t.Logf("order %.3f, residuals %.3g", order, r)
		})
	}
}
