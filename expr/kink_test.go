package expr

import (
	"math"
	"slices"
	"sync"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
)

// Slopes at kinks are a promise, the same on the host and in the graph.
func TestSlopesAtKinks(t *testing.T) {
	for _, c := range []struct {
		formula  string
		at, want []float64
	}{
		{"abs(a)", []float64{0, 1, 1, 1}, []float64{0, 0, 0, 0}},
		{"abs(a) + a", []float64{-2, 1, 1, 1}, []float64{0, 0, 0, 0}},
		{"min(a, b, d)", []float64{1, 1, 5, 1}, []float64{1, 0, 0, 0}},
		{"max(d, b, a)", []float64{1, 1, 5, 1}, []float64{0, 0, 0, 1}},
		{"max(0, a)", []float64{0, 1, 1, 1}, []float64{0, 0, 0, 0}},
		{"min(x)", []float64{3, 2, 2, 2}, []float64{0, 1, 0, 0}},
		{"max(x) * 2", []float64{1, 3, 3, 2}, []float64{0, 2, 0, 0}},
		{"norm(x)", []float64{0, 0, 0, 0}, []float64{0, 0, 0, 0}},
		{"norm(x[:2] - 1) + d", []float64{1, 1, 0, 0}, []float64{0, 0, 0, 1}},
		{"sqrt(a*b)", []float64{0, 1, 0, 0}, []float64{0, 0, 0, 0}},
		{"a**1.5 + b**0.25 + 3*d", []float64{0, 0, 0, 0}, []float64{0, 0, 0, 3}},
		{"a**b", []float64{0, 2, 0, 0}, []float64{0, 0, 0, 0}},
		{"a**3 + a**2", []float64{-1, 0, 0, 0}, []float64{1, 0, 0, 0}},
	} {
		e := mustParse(t, c.formula)
		g := make([]float64, dim)
		v := e.Gradient(c.at, g)
		if !slices.Equal(g, c.want) {
			t.Errorf("%s at %v: gradient %v, want %v", c.formula, c.at, g, c.want)
		}
		if got := run(t, c.at, e.Node); got[0] != v {
			t.Errorf("%s at %v: graph %g, host %g", c.formula, c.at, got[0], v)
		}
		got := run(t, c.at, func(x *graph.Node) *graph.Node { return graph.Gradient(graph.ReduceAllSum(e.Node(x)), x)[0] })
		if !slices.Equal(got, c.want) {
			t.Errorf("%s at %v: graph gradient %v, want %v", c.formula, c.at, got, c.want)
		}
	}
}

// A point outside the domain of a formula must never look as if it obeyed: NaN
// is not outvoted.
func TestUndefinedStaysUndefined(t *testing.T) {
	at := []float64{-1, 1, 2, 3}
	for _, formula := range []string{
		"max(log(a), 0)", "max(0, log(a))", "min(sqrt(a), 0)", "min(0, sqrt(a))", "max([0, log(a)])", "min([log(a), 0])",
		"max([1, log(a), 2])", "norm([a, sqrt(a)])", "a**0.5", "a**1.5", "abs(log(a))", "d**sqrt(a)",
	} {
		e := mustParse(t, formula)
		if v := e.Value(at); !math.IsNaN(v) {
			t.Errorf("%s is %g on the host, want NaN", formula, v)
		}
		if v := run(t, at, e.Node); !math.IsNaN(v[0]) {
			t.Errorf("%s is %g in the graph, want NaN", formula, v[0])
		}
	}
}

// An operand that a minimum does not choose has no part in the gradient, even
// where its own slope is infinite.
func TestUnchosenOperandStaysOut(t *testing.T) {
	for _, formula := range []string{"min(b, -log(a))", "min(b, d/a)", "min(b, norm([d/a, 1]))"} {
		e, g := mustParse(t, formula), make([]float64, dim)
		if v := e.Gradient([]float64{0, 7, 0, 1}, g); v != 7 || !slices.Equal(g, []float64{0, 1, 0, 0}) {
			t.Errorf("%s: value %g, gradient %v", formula, v, g)
		}
	}
}

func TestEvaluationDoesNotAllocate(t *testing.T) {
	e := mustParse(t, "sum(exp(x[0:3] * [1, 2, 3])) / norm(x) + min(a, b)**2")
	x, g := []float64{1, 2, 3, 4}, make([]float64, dim)
	if n := testing.AllocsPerRun(1000, func() { e.Value(x) }); n != 0 {
		t.Errorf("Value allocates %g times", n)
	}
	if n := testing.AllocsPerRun(1000, func() { e.Gradient(x, g) }); n != 0 {
		t.Errorf("Gradient allocates %g times", n)
	}
}

func TestConcurrentUse(t *testing.T) {
	e := mustParse(t, "sum(x*x) * exp(-a) + max(x)")
	x := points(200)
	want, wantG := make([]float64, 200), make([]float64, len(x))
	for i := range want {
		want[i] = e.Gradient(x[i*dim:(i+1)*dim], wantG[i*dim:(i+1)*dim])
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			g := make([]float64, dim)
			for i := range want {
				p := x[i*dim : (i+1)*dim]
				if e.Value(p) != want[i] || e.Gradient(p, g) != want[i] || !slices.Equal(g, wantG[i*dim:(i+1)*dim]) {
					t.Errorf("point %d differs when evaluated at the same time by others", i)
					return
				}
			}
		})
	}
	wg.Wait()
}

func BenchmarkValue(b *testing.B) {
	e := mustParse(b, "a/(b + 'fly ash') - 0.45")
	x := []float64{1, 2, 3, 4}
	for b.Loop() {
		e.Value(x)
	}
}

func BenchmarkGradient(b *testing.B) {
	e := mustParse(b, "a/(b + 'fly ash') - 0.45")
	x, g := []float64{1, 2, 3, 4}, make([]float64, dim)
	for b.Loop() {
		e.Gradient(x, g)
	}
}
