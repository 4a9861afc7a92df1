package expr

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gomlx/gomlx/core/graph"

	"abide/internal/engine"
)

// names of the columns of all formulas below.
var names = []string{"a", "b", "fly ash", "d"}

const dim = 4

// oracle is a formula with the same function written by hand, smooth for
// 0.5 ≤ xᵢ ≤ 2 off the diagonals.
type oracle struct {
	formula string
	f       func(x []float64) float64
}

func oracles() []oracle {
	sum := func(x []float64) (s float64) {
		for _, v := range x {
			s += v
		}
		return
	}
	norm := func(x []float64) (s float64) {
		for _, v := range x {
			s += v * v
		}
		return math.Sqrt(s)
	}
	return []oracle{
		{"a + 2*b", func(x []float64) float64 { return x[0] + 2*x[1] }},
		{"1/2*a - b/(a + d)", func(x []float64) float64 { return 0.5*x[0] - x[1]/(x[0]+x[3]) }},
		{"-a**2 + (-b)^3", func(x []float64) float64 { return -x[0]*x[0] - x[1]*x[1]*x[1] }},
		{"(a - 5)**-3 * (b - 4)**7", func(x []float64) float64 { return math.Pow(x[0]-5, -3) * math.Pow(x[1]-4, 7) }},
		{"2**-a**2", func(x []float64) float64 { return math.Pow(2, -x[0]*x[0]) }},
		{"a**0.5 + a**1.7 + pow(b, -2.5) + a**0", func(x []float64) float64 {
			return math.Sqrt(x[0]) + math.Pow(x[0], 1.7) + math.Pow(x[1], -2.5) + 1
		}},
		{"a**b**d", func(x []float64) float64 { return math.Pow(x[0], math.Pow(x[1], x[3])) }},
		{"exp(-a) * log(b) + sqrt('fly ash')", func(x []float64) float64 { return math.Exp(-x[0])*math.Log(x[1]) + math.Sqrt(x[2]) }},
		{"sin(a)*cos(b)*tanh(d)", func(x []float64) float64 { return math.Sin(x[0]) * math.Cos(x[1]) * math.Tanh(x[3]) }},
		{"abs(a - 3) * abs(b)", func(x []float64) float64 { return math.Abs(x[0]-3) * math.Abs(x[1]) }},
		{"min(a, b, 1.1) * max(d, 0.9, a*b)", func(x []float64) float64 {
			return min(x[0], x[1], 1.1) * max(x[3], 0.9, x[0]*x[1])
		}},
		{"min(x) + max(x[1:4])**2", func(x []float64) float64 {
			m := max(x[1], x[2], x[3])
			return min(x[0], x[1], x[2], x[3]) + m*m
		}},
		{"sum(x*x)/norm(x) - norm(x[1:3] - [a, d])", func(x []float64) float64 {
			return sum([]float64{x[0] * x[0], x[1] * x[1], x[2] * x[2], x[3] * x[3]})/norm(x) - math.Hypot(x[1]-x[0], x[2]-x[3])
		}},
		{"dot(exp([a, b]), 1/x[2:])", func(x []float64) float64 { return math.Exp(x[0])/x[2] + math.Exp(x[1])/x[3] }},
		{"sum(max(x - 1, 0)**2) + sum([1, 2]*a)", func(x []float64) float64 {
			s := 3 * x[0]
			for _, v := range x {
				s += max(v-1, 0) * max(v-1, 0)
			}
			return s
		}},
		{"sum(2**x[:2]) + sum(x[:2]**[2, 0.5]) + sum(x**[1, 1, 1, 1])", func(x []float64) float64 {
			return math.Pow(2, x[0]) + math.Pow(2, x[1]) + x[0]*x[0] + math.Sqrt(x[1]) + sum(x)
		}},
		{"x[0]*x[1 + 1] - x[0x3]", func(x []float64) float64 { return x[0]*x[2] - x[3] }},
		{"sum(sqrt(x)) / (1 + sum(tanh(x[3:])))", func(x []float64) float64 {
			return (math.Sqrt(x[0]) + math.Sqrt(x[1]) + math.Sqrt(x[2]) + math.Sqrt(x[3])) / (1 + math.Tanh(x[3]))
		}},
	}
}

// points are n points with entries in [0.5, 2].
func points(n int) []float64 {
	rng := rand.New(rand.NewPCG(1, 2))
	x := make([]float64, n*dim)
	for i := range x {
		x[i] = 0.5 + 1.5*rng.Float64()
	}
	return x
}

func mustParse(t testing.TB, formula string) *Expr {
	t.Helper()
	e, err := Parse(formula, names, dim)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// run evaluates a graph over points [n, dim] and returns its output, flat.
func run(t testing.TB, x []float64, f func(x *graph.Node) *graph.Node) []float64 {
	t.Helper()
	e, err := engine.Open("go")
	if err != nil {
		t.Fatal(err)
	}
	f64 := e.NewFunction("test", engine.Float64, func(in []*graph.Node) []*graph.Node { return []*graph.Node{graph.Reshape(f(in[0]), -1)} })
	out, err := f64.Call(engine.Rows(x, dim))
	if err != nil {
		t.Fatal(err)
	}
	return out[0].F64
}

// near tells whether two numbers differ by rounding alone: the formulas above
// make at most a few hundred roundings of 2⁻⁵³ in numbers up to 10³, which is
// below 1e-10 in all; tol is a multiple of that where differences are taken.
func near(a, b, tol float64) bool {
	return math.Abs(a-b) <= tol*(1+math.Abs(a)+math.Abs(b)) || math.IsNaN(a) && math.IsNaN(b)
}

func TestValueAgainstHandWritten(t *testing.T) {
	x := points(50)
	for _, o := range oracles() {
		e := mustParse(t, o.formula)
		for i := 0; i < len(x); i += dim {
			p := x[i : i+dim]
			if got, want := e.Value(p), o.f(p); !near(got, want, 1e-12) {
				t.Fatalf("%s at %v: %g, want %g", o.formula, p, got, want)
			}
		}
	}
}

// Central differences with step h err by h²/6·f‴ + 2⁻⁵³·f/h: with h = 1e-5
// below 1e-7 for these formulas, whose third derivatives stay below 1e3.
func TestGradientAgainstDifferences(t *testing.T) {
	const h = 1e-5
	x, g := points(20), make([]float64, dim)
	for _, o := range oracles() {
		e := mustParse(t, o.formula)
		for i := 0; i < len(x); i += dim {
			p := append([]float64(nil), x[i:i+dim]...)
			if v := e.Gradient(p, g); v != e.Value(p) {
				t.Fatalf("%s: Gradient returns %g, Value %g", o.formula, v, e.Value(p))
			}
			for j := range p {
				at := p[j]
				p[j] = at + h
				up := o.f(p)
				p[j] = at - h
				down := o.f(p)
				p[j] = at
				if want := (up - down) / (2 * h); !near(g[j], want, 1e-6) {
					t.Fatalf("%s at %v: ∂/∂x[%d] = %g, differences give %g", o.formula, p, j, g[j], want)
				}
			}
		}
	}
}

func TestGraphAgreesWithHost(t *testing.T) {
	const n = 7
	x, g := points(n), make([]float64, dim)
	for _, o := range oracles() {
		e := mustParse(t, o.formula)
		value := run(t, x, e.Node)
		gradient := run(t, x, func(x *graph.Node) *graph.Node { return graph.Gradient(graph.ReduceAllSum(e.Node(x)), x)[0] })
		if len(value) != n {
			t.Fatalf("%s: graph gives %d values for %d points", o.formula, len(value), n)
		}
		for i := range n {
			if v := e.Gradient(x[i*dim:(i+1)*dim], g); !near(v, value[i], 1e-12) {
				t.Fatalf("%s: host %g, graph %g", o.formula, v, value[i])
			}
			for j := range g {
				if !near(g[j], gradient[i*dim+j], 1e-10) {
					t.Fatalf("%s: ∂/∂x[%d]: host %g, graph %g", o.formula, j, g[j], gradient[i*dim+j])
				}
			}
		}
	}
}

// The gradient of |∇f|² is 2 H ∇f, which differences of the host gradient along
// ∇f give as well. Twisted proposals differentiate twice.
func TestGraphDifferentiatesTwice(t *testing.T) {
	const n, h = 3, 1e-6
	x := points(n)
	g, up, down, p := make([]float64, dim), make([]float64, dim), make([]float64, dim), make([]float64, dim)
	for _, o := range oracles() {
		e := mustParse(t, o.formula)
		if _, _, affine := e.Affine(); affine {
			continue // its gradient is constant
		}
		got := run(t, x, func(x *graph.Node) *graph.Node {
			g := graph.Gradient(graph.ReduceAllSum(e.Node(x)), x)[0]
			return graph.Gradient(graph.ReduceAllSum(graph.Square(g)), x)[0]
		})
		for i := range n {
			at := x[i*dim : (i+1)*dim]
			e.Gradient(at, g)
			length := math.Sqrt(g[0]*g[0] + g[1]*g[1] + g[2]*g[2] + g[3]*g[3])
			shifted := func(s float64, out []float64) {
				for j := range p {
					p[j] = at[j] + s*g[j]/length
				}
				e.Gradient(p, out)
			}
			shifted(h, up)
			shifted(-h, down)
			for j := range g {
				want := 2 * length * (up[j] - down[j]) / (2 * h)
				if math.Abs(got[i*dim+j]-want) > 1e-5*(1+math.Abs(want)+length*length) {
					t.Fatalf("%s at %v: ∂|∇f|²/∂x[%d] = %g, differences give %g", o.formula, at, j, got[i*dim+j], want)
				}
			}
		}
	}
}
