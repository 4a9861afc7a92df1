package engine

import (
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
)

func TestWeightsChangeBetweenCalls(t *testing.T) {
	onBackends(t, func(t *testing.T, e *Engine) {
		w := NewWeights("w", 2, 1)
		copy(w.Data, []float32{1, 10})
		builds := 0
		build := func(in []*Node) []*Node {
			builds++
			return []*Node{graph.Dot(in[0], w.Use(in[0].Graph())).Product()}
		}
		// Two functions of different precision share the weights.
		single, double := e.NewFunction("single", Float32, build), e.NewFunction("double", Float64, build)
		check := func(want float64) {
			t.Helper()
			for _, f := range []*Function{single, double} {
				out, err := f.Call(Rows([]float64{2, 3}, 2))
				if err != nil {
					t.Fatal(err)
				}
				near(t, "product", out[0].F64, []float64{want}, 0)
			}
		}
		check(32)
		w.Data[0] = 5
		w.Changed()
		check(40)
		for i := range 100 { // as in training
			w.Data[1] = float32(i)
			w.Changed()
			check(10 + 3*float64(i))
		}
		if builds != 2 {
			t.Errorf("%d graphs were built, want 2", builds)
		}
	})
}

func TestWeightsUsedTwiceAreOneInput(t *testing.T) {
	onBackends(t, func(t *testing.T, e *Engine) {
		a, b := NewWeights("w"), NewWeights("w") // scalars of the same name
		a.Data[0], b.Data[0] = 2, 3
		out := call(t, e, Float64, func(in []*Node) []*Node {
			g := in[0].Graph()
			if a.Use(g) != a.Use(g) || a.Use(g) == b.Use(g) {
				t.Error("one node for each weights is wanted")
			}
			y := graph.Mul(graph.Mul(in[0], a.Use(g)), graph.Mul(a.Use(g), b.Use(g)))
			return []*Node{y, graph.Gradient(y, a.Use(g))[0]}
		}, Scalar(1))
		near(t, "a²b", out[0].F64, []float64{12}, 0)
		near(t, "∂/∂a", out[1].F64, []float64{12}, 0)
	})
}

func TestWeightsOutsideAFunction(t *testing.T) {
	e, err := Open("go")
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if r, ok := recover().(error); !ok || !strings.Contains(r.Error(), "NewFunction") {
			t.Errorf("got %v", r)
		}
	}()
	NewWeights("w", 1).Use(graph.NewGraph(e.backend, "alone"))
}
