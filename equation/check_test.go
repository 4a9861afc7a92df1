package equation

import (
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/gomlx/gomlx/core/graph"

	"abide/internal/engine"
)

func checkParse(t *testing.T, s Spec) *Equation {
	t.Helper()
	e, err := Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func checkRandom(r *rand.Rand, n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = 0.5 + r.Float64()
	}
	return x
}

// checkSpecs use every operator, scheme, flux, mean and boundary rule at least once.
func checkSpecs() map[string]Spec {
	vertex := func(name string, n int, rule string) Axis {
		return Axis{Name: name, Points: n, Length: 1.3, Boundary: rule}
	}
	cell := func(name string, n int, left, right string) Axis {
		return Axis{Name: name, Points: n, Range: []float64{-0.5, 1}, Centring: "cell", Left: left, Right: right}
	}
	nu := map[string]float64{"nu": 0.3}
	times := Axis{Name: "t", Points: 4, Length: 0.2}
	return map[string]Spec{
		"burgers":       {Equation: "dt(u) + u*dx(u) - nu*dxx(u) = 0", Axes: []Axis{times, vertex("x", 7, "periodic")}, Constants: nu},
		"burgers theta": {Equation: "dt(u) + dx(u**2/2 - nu*dx(u)) = sin(x)*t", Axes: []Axis{times, cell("x", 6, "dirichlet sin(t)", "neumann 2*t")}, Constants: nu, Time: "theta 0.7"},
		"godunov":       {Equation: "dt(u) + dx(u*(1.7 - u)) = 0", Axes: []Axis{times, cell("x", 6, "inflow 0.3", "neumann")}, Flux: "godunov", Time: "forward"},
		"osher":         {Equation: "dt(u) + dx(u**2 - 2*u) = 0", Axes: []Axis{times, cell("x", 6, "inflow 0.3", "neumann")}, Flux: "engquist-osher", Time: "backward"},
		"rusanov":       {Equation: "dt(u) + dx(q*exp(u)*x/u - sin(u)**3) = 0", Axes: []Axis{times, cell("x", 6, "inflow 0.3", "neumann")}, Flux: "rusanov", Fields: []Field{{Name: "u"}, {Name: "q", Axes: []string{"none"}}}},
		"wave":          {Equation: "dtt(u) + dt(u)**2 = dxx(u)", Axes: []Axis{{Name: "t", Points: 5, Length: 1, Left: "neumann x"}, vertex("x", 6, "dirichlet t")}},
		"darcy": {Equation: "-div(a*grad(u)) = f", Axes: []Axis{vertex("x", 5, "dirichlet x + y"), vertex("y", 6, "dirichlet")}, Functions: map[string]string{"f": "x*y"},
			Fields: []Field{{Name: "a", Rules: map[string]string{"x": "none", "y": "none"}}, {Name: "u"}}, Mean: "harmonic"},
		"mixed":  {Equation: "dxy(u)*u + lap(lap(u)) + exp(-u)*dyy(u/(2 + y)) = k", Axes: []Axis{vertex("x", 7, "neumann 1"), cell("y", 6, "neumann y", "dirichlet x")}, Fields: []Field{{Name: "u"}, {Name: "k", Axes: []string{"none"}}}},
		"stream": {Equations: []string{"dt(w) + dy(p)*dx(w) - dx(p)*dy(w) - nu*lap(w) = 0", "lap(p) = -w"}, Axes: []Axis{{Name: "t", Points: 3, Length: 0.2}, vertex("x", 5, "periodic"), vertex("y", 4, "periodic")}, Fields: []Field{{Name: "w"}, {Name: "p"}}, Constants: nu},
		"given": {Equation: "dtt(u) = dx((1 + u**2)*dx(u)) - q", Axes: []Axis{{Name: "t", Points: 5, Length: 1, Left: "neumann v"}, cell("x", 6, "neumann p", "dirichlet q")},
			Fields: []Field{{Name: "v", Axes: []string{"x"}, Rules: map[string]string{"x": "none"}}, {Name: "p", Axes: []string{"none"}}, {Name: "q", Axes: []string{"t"}}, {Name: "u"}}},
		"fixed": {Equation: "dt(u) = dxx(u)", Axes: []Axis{{Name: "t", Points: 5, Length: 1, Left: "dirichlet v"}, vertex("x", 6, "dirichlet q")},
			Fields: []Field{{Name: "v", Axes: []string{"x"}, Rules: map[string]string{"x": "none"}}, {Name: "q", Axes: []string{"t"}, Rules: map[string]string{"t": "none"}}, {Name: "u"}}},
		"pme": {Equation: "dt(u) = dx(u**m*dx(u))", Axes: []Axis{times, vertex("x", 6, "none")}, Fields: []Field{{Name: "m", Axes: []string{"none"}}, {Name: "u"}}},
	}
}

func checkDot(a, b []float64) (s float64) {
	for i := range a {
		s += a[i] * b[i]
	}
	return s
}

func checkNorm(a []float64) float64 { return math.Sqrt(checkDot(a, a)) }

// ⟨J v, y⟩ = ⟨v, Jᵀ y⟩; J v is what differences of the residual tend to; the sparse
// Jacobian is the same J, column by column.
func TestDerivativesAgree(t *testing.T) {
	for name, spec := range checkSpecs() {
		t.Run(name, func(t *testing.T) {
			e := checkParse(t, spec)
			r := rand.New(rand.NewPCG(1, 2))
			d, m := e.Dim(), e.Rows()
			u, v, y := checkRandom(r, d), checkRandom(r, d), checkRandom(r, m)
			jv, jty := make([]float64, m), make([]float64, d)
			e.JVP(jv, u, v)
			e.VJP(jty, u, y)
			if a, b := checkDot(jv, y), checkDot(v, jty); math.Abs(a-b) > 1e-12*checkNorm(jv)*checkNorm(y) {
				t.Errorf("⟨Jv, y⟩ = %.17g, ⟨v, Jᵀy⟩ = %.17g", a, b)
			}
			j, err := e.NewJacobian()
			if err != nil {
				t.Fatal(err)
			}
			j.At(u)
			got, unit := make([]float64, m), make([]float64, d)
			for c := range d {
				unit[c] = 1
				e.JVP(got, u, unit)
				unit[c] = 0
				for i := range got {
					if w := j.CSR.At(i, c); math.Abs(got[i]-w) > 1e-12*(1+math.Abs(w)) {
						t.Fatalf("∂r_%d/∂u_%d: JVP %g, sparse %g", i, c, got[i], w)
					}
				}
			}
			if name == "godunov" || name == "osher" {
				return // kinks
			}
			plus, minus, h := make([]float64, m), make([]float64, m), 1e-5
			for i := range u {
				u[i] += h * v[i]
			}
			e.Residual(plus, u)
			for i := range u {
				u[i] -= 2 * h * v[i]
			}
			e.Residual(minus, u)
			for i := range plus {
				plus[i] = (plus[i]-minus[i])/(2*h) - jv[i]
			}
			if e := checkNorm(plus); !(e <= 1e-6*(1+checkNorm(jv))) {
				t.Errorf("differences and J v are %g apart, of %g", e, checkNorm(jv))
			}
		})
	}
}

// The graph is the host's residual, its vector–Jacobian product is the host's, and it has
// a second derivative: J v by two products.
func TestGraphIsTheHost(t *testing.T) {
	en, err := engine.Open("go")
	if err != nil {
		t.Fatal(err)
	}
	const n = 3
	for name, spec := range checkSpecs() {
		t.Run(name, func(t *testing.T) {
			e := checkParse(t, spec)
			d, m := e.Dim(), e.Rows()
			f := en.NewFunction("residual", engine.Float64, func(in []*graph.Node) []*graph.Node {
				r := e.Graph(in[0])
				return []*graph.Node{r, engine.VJP(r, in[0], in[2]), engine.JVP(e.Graph, in[0], in[1])}
			})
			r := rand.New(rand.NewPCG(3, 4))
			u, v, y := checkRandom(r, n*d), checkRandom(r, n*d), checkRandom(r, n*m)
			out, err := f.Call(engine.Rows(u, d), engine.Rows(v, d), engine.Rows(y, m))
			if err != nil {
				t.Fatal(err)
			}
			for k := range n {
				want := [3][]float64{make([]float64, m), make([]float64, d), make([]float64, m)}
				e.Residual(want[0], u[k*d:(k+1)*d])
				e.VJP(want[1], u[k*d:(k+1)*d], y[k*m:(k+1)*m])
				e.JVP(want[2], u[k*d:(k+1)*d], v[k*d:(k+1)*d])
				for o, w := range want {
					size := 0.0
					for _, x := range w {
						size = max(size, math.Abs(x))
					}
					for i, x := range w {
						if g := out[o].F64[k*len(w)+i]; !(math.Abs(g-x) <= 1e-12*(1+size)) {
							t.Fatalf("output %d of point %d: graph %g, host %g", o, k, g, x)
						}
					}
				}
			}
		})
	}
}

// Calls side by side give what calls one by one do.
func TestConcurrentCalls(t *testing.T) {
	e := checkParse(t, checkSpecs()["burgers"])
	r := rand.New(rand.NewPCG(1, 1))
	var wait sync.WaitGroup
	for range 8 {
		u := checkRandom(r, e.Dim())
		want := make([]float64, e.Rows())
		e.Residual(want, u)
		wait.Go(func() {
			got := make([]float64, e.Rows())
			for range 50 {
				e.Residual(got, u)
				if !slices.Equal(got, want) {
					t.Error("another residual beside other calls")
					return
				}
			}
		})
	}
	wait.Wait()
}

// No allocation once work space is there.
func TestHostDoesNotAllocate(t *testing.T) {
	e := checkParse(t, checkSpecs()["rusanov"])
	u, d := checkRandom(rand.New(rand.NewPCG(1, 1)), e.Dim()), make([]float64, e.Dim())
	r := make([]float64, e.Rows())
	if n := testing.AllocsPerRun(100, func() { e.Residual(r, u); e.JVP(r, u, u); e.VJP(d, u, r) }); n > 0.5 {
		t.Errorf("%g allocations a call", n)
	}
}
