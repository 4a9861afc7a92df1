package potential

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/graph"

	"abide/internal/engine"

	"abide/expr"
)

const dim = 3

// kind and row have the shape of their namesakes in package constraint.
type kind int

type row struct {
	Name      string
	Kind      kind
	Scale     float64
	Tolerance float64
}

func (r row) Violation(residual float64) float64 {
	if r.Kind == 1 {
		return math.Abs(residual)
	}
	return max(residual, 0)
}

// twoRows is x₀·x₁ − x₂ ≤ 0 and x₀ + x₁ + x₂ − 1 = 0.
type twoRows struct{ scale float64 }

func (c twoRows) Name() string { return "two rows" }

func (c twoRows) Rows() []row {
	return []row{{Name: "inequality", Scale: c.scale}, {Name: "equation", Kind: 1, Scale: 2}}
}

func (c twoRows) Residual(x *Node) *Node {
	at := func(i int) *Node { return graph.Slice(x, graph.AxisRange(), graph.AxisElem(i)) }
	return graph.Concatenate([]*Node{
		graph.Sub(graph.Mul(at(0), at(1)), at(2)),
		graph.AddScalar(graph.Add(graph.Add(at(0), at(1)), at(2)), -1),
	}, 1)
}

func (c twoRows) ResidualAt(x, r []float64) { r[0], r[1] = x[0]*x[1]-x[2], x[0]+x[1]+x[2]-1 }

func (c twoRows) JacobianAt(x, jac []float64) { copy(jac, []float64{x[1], x[0], -1, 1, 1, 1}) }

type noRows struct{ twoRows }

func (noRows) Rows() []row { return nil }

func formula(t testing.TB, source string) *expr.Expr {
	t.Helper()
	e, err := expr.Parse(source, nil, dim)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func must[P any](p P, err error) P {
	if err != nil {
		panic(err)
	}
	return p
}

// known are potentials with the same energy written by hand.
type known struct {
	p Potential
	f func(x []float64) float64
}

func all(t testing.TB) []known {
	square := func(v float64) float64 { return v * v }
	return []known{
		{must(NewCost("affine", formula(t, "2*x[0] - x[2]/4 + 3"), -1.5)), func(x []float64) float64 {
			return -1.5 * (2*x[0] - x[2]/4 + 3)
		}},
		{must(NewCost("curved", formula(t, "x[0]**3*exp(x[1])"), 0.3)), func(x []float64) float64 {
			return 0.3 * x[0] * x[0] * x[0] * math.Exp(x[1])
		}},
		{must(NewMeasurement("matrix", [][]float64{{1, 2, 0}, {0, -1, 3}}, []float64{1, -2}, []float64{0.5, 2})), func(x []float64) float64 {
			return square(x[0]+2*x[1]-1)/(2*0.25) + square(-x[1]+3*x[2]+2)/(2*4)
		}},
		{must(NewMask("mask", dim, []int{2, 0}, []float64{0.5, -1}, []float64{0.7})), func(x []float64) float64 {
			return (square(x[2]-0.5) + square(x[0]+1)) / (2 * 0.49)
		}},
		{must(NewPenalty("penalty", twoRows{0.5}, 4)), func(x []float64) float64 {
			return 4 * (square(max(x[0]*x[1]-x[2], 0)/0.5) + square((x[0]+x[1]+x[2]-1)/2))
		}},
	}
}

func points(n int) []float64 {
	rng := rand.New(rand.NewPCG(3, 4))
	x := make([]float64, n*dim)
	for i := range x {
		x[i] = 4*rng.Float64() - 2
	}
	return x
}

func run(t testing.TB, x []float64, f func(x *Node) *Node) []float64 {
	t.Helper()
	return runRows(t, x, dim, f)
}

func runRows(t testing.TB, x []float64, width int, f func(x *Node) *Node) []float64 {
	t.Helper()
	e, err := engine.Open("go")
	if err != nil {
		t.Fatal(err)
	}
	f64 := e.NewFunction("test", engine.Float64, func(in []*Node) []*Node { return []*Node{graph.Reshape(f(in[0]), -1)} })
	out, err := f64.Call(engine.Rows(x, width))
	if err != nil {
		t.Fatal(err)
	}
	return out[0].F64
}

// near allows for some hundred roundings of 2⁻⁵³ in terms of size up to a
// hundred times the result (tol 1e-11), or for what is stated at the call.
func near(a, b, tol float64) bool { return math.Abs(a-b) <= tol*(1+math.Abs(a)+math.Abs(b)) }

func TestEnergyOnHostAndInGraph(t *testing.T) {
	const n = 40
	x, g, g2 := points(n), make([]float64, dim), make([]float64, dim)
	for _, k := range all(t) {
		energy := run(t, x, k.p.Energy)
		gradient := run(t, x, func(x *Node) *Node { return graph.Gradient(graph.ReduceAllSum(k.p.Energy(x)), x)[0] })
		if len(energy) != n {
			t.Fatalf("%s: %d energies for %d points", k.p.Name(), len(energy), n)
		}
		for i := range n {
			p := slices.Clone(x[i*dim : (i+1)*dim])
			want := k.f(p)
			if e := k.p.EnergyAt(p); !near(e, want, 1e-11) {
				t.Fatalf("%s at %v: energy %g, want %g", k.p.Name(), p, e, want)
			}
			if e := k.p.GradientAt(p, g); !near(e, want, 1e-11) {
				t.Fatalf("%s at %v: GradientAt returns %g, want %g", k.p.Name(), p, e, want)
			}
			if !near(energy[i], want, 1e-11) {
				t.Fatalf("%s at %v: graph energy %g, want %g", k.p.Name(), p, energy[i], want)
			}
			differences(k.f, p, g2)
			for j := range g {
				// The step h = 1e-5 leaves h²/6·E‴ and 2⁻⁵³·E/h, both below 1e-8 of 1 + |E′| here; no
				// point lies within h of the kink in the penalty's second derivative.
				if !near(g[j], g2[j], 1e-7) {
					t.Fatalf("%s at %v: ∂E/∂x[%d] = %g, differences give %g", k.p.Name(), p, j, g[j], g2[j])
				}
				if !near(g[j], gradient[i*dim+j], 1e-11) {
					t.Fatalf("%s at %v: ∂E/∂x[%d]: host %g, graph %g", k.p.Name(), p, j, g[j], gradient[i*dim+j])
				}
			}
		}
	}
}

func differences(f func([]float64) float64, x, g []float64) {
	const h = 1e-5
	for j, at := range x {
		x[j] = at + h
		up := f(x)
		x[j] = at - h
		g[j] = (up - f(x)) / (2 * h)
		x[j] = at
	}
}

func TestCostIsLinearWhereItsFormulaIs(t *testing.T) {
	l, ok := all(t)[0].p.(Linear)
	if !ok {
		t.Fatal("an affine cost is not linear")
	}
	if c, c0 := l.Coefficients(); !slices.Equal(c, []float64{-3, 0, 0.375}) || c0 != -4.5 {
		t.Errorf("coefficients %v, %g", c, c0)
	}
	if _, ok := all(t)[1].p.(Linear); ok {
		t.Error("a curved cost is taken for linear")
	}
}

// exp(−E) is the likelihood up to its constant: E + Σ ½ log(2πv) is −log of a
// product of normal densities, written here as such.
func TestMeasurementIsItsLikelihood(t *testing.T) {
	x := points(10)
	for _, k := range all(t)[2:4] {
		a, y, v, _ := k.p.(*Measurement).Rows()
		for i := 0; i < len(x); i += dim {
			p, likelihood, constant := x[i:i+dim], 1.0, 0.0
			for r := range y {
				mean := 0.0
				for j := range p {
					mean += a[r*dim+j] * p[j]
				}
				likelihood *= math.Exp(-(y[r]-mean)*(y[r]-mean)/(2*v[r])) / math.Sqrt(2*math.Pi*v[r])
				constant += 0.5 * math.Log(2*math.Pi*v[r])
			}
			if got := k.p.EnergyAt(p) + constant; likelihood > 1e-300 && !near(got, -math.Log(likelihood), 1e-11) {
				t.Errorf("%s at %v: negative log-likelihood %g, want %g", k.p.Name(), p, got, -math.Log(likelihood))
			}
		}
	}
}

func TestPenaltyOfBoundaryAndUndefined(t *testing.T) {
	p := must(NewPenalty("p", twoRows{1}, 4))
	g := make([]float64, dim)
	if e := p.GradientAt([]float64{0, 0.5, 0.5}, g); e != 0 || !slices.Equal(g, []float64{0, 0, 0}) {
		t.Errorf("a point that obeys has energy %g, gradient %v", e, g)
	}
	undefined := []float64{math.NaN(), 1, 1}
	if e := p.EnergyAt(undefined); !math.IsNaN(e) {
		t.Errorf("an undefined residual has energy %g on the host", e)
	}
	if e := run(t, undefined, p.Energy); !math.IsNaN(e[0]) {
		t.Errorf("an undefined residual has energy %g in the graph", e[0])
	}
}

func TestHostFormsDoNotAllocate(t *testing.T) {
	x, g := []float64{1, 2, 3}, make([]float64, dim)
	for _, k := range all(t) {
		if n := testing.AllocsPerRun(100, func() { k.p.EnergyAt(x); k.p.GradientAt(x, g) }); n != 0 {
			t.Errorf("%s allocates %g times", k.p.Name(), n)
		}
	}
}

func TestErrors(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	one := [][]float64{{1, 0}}
	measurement := func(a [][]float64, y, std []float64) error { _, err := NewMeasurement("m", a, y, std); return err }
	mask := func(index []int, y, std []float64) error { _, err := NewMask("m", 2, index, y, std); return err }
	penalty := func(c Rows[row], w float64) error { _, err := NewPenalty("m", c, w); return err }
	cost := func(source string, w float64) error { _, err := NewCost("m", formula(t, source), w); return err }
	for _, c := range []struct {
		err  error
		want string
	}{
		{cost("x[0]", nan), "weight NaN"},
		{cost("x[0]", inf), "weight +Inf"},
		{cost("3", 1), "uses no column"},
		{measurement(nil, nil, []float64{1}), "empty"},
		{measurement([][]float64{{}}, []float64{1}, []float64{1}), "empty"},
		{measurement([][]float64{{1, 2}, {1}}, []float64{1, 2}, []float64{1}), "row 1 has 1 numbers, row 0 has 2"},
		{measurement([][]float64{{1, nan}}, []float64{1}, []float64{1}), "row 0, column 1 is NaN"},
		{measurement([][]float64{{1, 1}, {0, 0}}, []float64{1, 2}, []float64{1}), "row 1 is all zeros"},
		{measurement(one, []float64{1, 2}, []float64{1}), "2 values of y for 1"},
		{measurement(one, []float64{inf}, []float64{1}), "y[0] is +Inf"},
		{measurement(one, []float64{1}, nil), "0 values of std"},
		{measurement([][]float64{{1}, {2}, {3}}, []float64{1, 2, 3}, []float64{1, 1}), "2 values of std for 3"},
		{measurement(one, []float64{1}, []float64{0}), "std[0] is 0"},
		{measurement(one, []float64{1}, []float64{-1}), "std[0] is -1"},
		{measurement(one, []float64{1}, []float64{1e-200}), "std[0] is 1e-200"},
		{mask(nil, nil, []float64{1}), "at least one index"},
		{mask([]int{0, 2}, []float64{1, 2}, []float64{1}), "index 2 (entry 1) is out of range"},
		{mask([]int{-1}, []float64{1}, []float64{1}), "index -1"},
		{mask([]int{1, 1}, []float64{1, 2}, []float64{1}), "measured twice"},
		{mask([]int{1}, []float64{1, 2}, []float64{1}), "2 values of y"},
		{penalty(twoRows{1}, -1), "weight -1"},
		{penalty(twoRows{1}, nan), "weight NaN"},
		{penalty(twoRows{0}, 1), "row 0 (inequality) has scale 0"},
		{penalty(noRows{}, 1), "no rows"},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.want) || !strings.HasPrefix(c.err.Error(), "potential: ") || !strings.Contains(c.err.Error(), `"m"`) {
			t.Errorf("error %v, want one with %q", c.err, c.want)
		}
	}
}
