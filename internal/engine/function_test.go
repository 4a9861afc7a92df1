package engine

import (
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
)

func TestCompiledOncePerShape(t *testing.T) {
	onBackends(t, func(t *testing.T, e *Engine) {
		var builds atomic.Int32
		f := e.NewFunction("f", Float64, func(in []*Node) []*Node {
			builds.Add(1)
			return []*Node{graph.AddScalar(in[0], 1)}
		})
		// Eight goroutines, none of which has been here before, with three shapes.
		var wg sync.WaitGroup
		for i := range 24 {
			wg.Go(func() {
				n := 1 + i%3
				out, err := f.Call(Rows(make([]float64, 2*n), 2))
				if err != nil {
					t.Error(err)
				} else if !slices.Equal(out[0].Shape, []int{n, 2}) || out[0].F64[2*n-1] != 1 {
					t.Errorf("%d rows: got %v", n, out[0])
				}
			})
		}
		wg.Wait()
		if n := builds.Load(); n != 3 {
			t.Errorf("built %d times for 3 shapes", n)
		}
		// [N, 1], [N] and a scalar are different shapes.
		for _, a := range []Array{Rows([]float64{1}, 1), {Shape: []int{1}, F64: []float64{1}}, Scalar(1)} {
			out, err := f.Call(a)
			if err != nil {
				t.Fatal(err)
			}
			if len(out[0].Shape) != len(a.Shape) || len(out[0].F64) != 1 || out[0].F64[0] != 2 {
				t.Errorf("shape %v: got %v", a.Shape, out[0])
			}
		}
		if n := builds.Load(); n != 6 {
			t.Errorf("built %d times for 6 shapes", n)
		}
	})
}

func TestPrecisions(t *testing.T) {
	third := func(in []*Node) []*Node { return []*Node{graph.DivScalar(in[0], 3)} }
	onBackends(t, func(t *testing.T, e *Engine) {
		for _, in := range []Array{{F64: []float64{1}}, {F32: []float32{1}}} {
			double, err := e.NewFunction("double", Float64, third).CallNative(in)
			if err != nil {
				t.Fatal(err)
			}
			if double[0].F32 != nil || double[0].F64[0] != 1.0/3 {
				t.Errorf("float64: got %v", double[0])
			}
			single, err := e.NewFunction("single", Float32, third).CallNative(in)
			if err != nil {
				t.Fatal(err)
			}
			if single[0].F64 != nil || single[0].F32[0] != float32(1)/3 {
				t.Errorf("float32: got %v", single[0])
			}
		}
		wide := call(t, e, Float32, third, Scalar(1))
		if wide[0].F32 != nil || wide[0].F64[0] != float64(float32(1)/3) {
			t.Errorf("float32 as float64: got %v", wide[0])
		}
	})
}

// Inputs are read, not taken: a graph that could work in place on its input, or
// return it, does neither to the caller's slice.
func TestInputsStayTheCallers(t *testing.T) {
	onBackends(t, func(t *testing.T, e *Engine) {
		for _, dtype := range []DType{Float64, Float32} {
			f := e.NewFunction("f", dtype, func(in []*Node) []*Node { return []*Node{graph.Neg(graph.Exp(in[0])), in[0], in[1]} })
			x := normals(4096, 0)
			single := make([]float32, len(x))
			for i, v := range x {
				single[i] = float32(v)
			}
			in := []Array{Rows(x, 4), {Shape: []int{1024, 4}, F32: single}}
			kept, kept32 := slices.Clone(x), slices.Clone(single)
			var first []Array
			for range 5 { // later calls reuse the buffers of earlier ones
				out, err := f.Call(in...)
				if err != nil {
					t.Fatal(err)
				}
				if !slices.Equal(x, kept) || !slices.Equal(single, kept32) {
					t.Fatalf("%s: the call changed its inputs", dtype)
				}
				if first == nil {
					first = out
				}
			}
			want := slices.Clone(first[0].F64)
			x[0], single[0] = 1e9, 1e9
			if _, err := f.Call(in...); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(first[0].F64, want) || first[1].F64[0] == 1e9 || first[2].F64[0] == 1e9 {
				t.Errorf("%s: outputs of an earlier call changed", dtype)
			}
			first[1].F64[1] = 7
			if x[1] == 7 {
				t.Errorf("%s: an output is the caller's input", dtype)
			}
		}
	})
}

// network is a graph with what our networks have in it: products, broadcasts,
// reductions, a gradient.
func network(w *Weights) func(in []*Node) []*Node {
	return func(in []*Node) []*Node {
		h := in[0]
		for range 3 {
			h = graph.Dot(h, w.Use(h.Graph())).Product()
			h = graph.Div(h, graph.Sqrt(graph.AddScalar(graph.ReduceAndKeep(graph.Mul(h, h), graph.ReduceSum, -1), 1)))
		}
		return []*Node{h, graph.Gradient(graph.ReduceAllSum(graph.Mul(h, h)), in[0])[0], graph.ReduceAllMean(h)}
	}
}

// The same input gives the same bits: again, from many goroutines at once, and
// from a graph built anew.
func TestBitIdentical(t *testing.T) {
	x := normals(257*64, 0)
	w := NewWeights("w", 64, 64)
	for i, v := range normals(64*64, 1) {
		w.Data[i] = float32(v) / 8
	}
	onBackends(t, func(t *testing.T, e *Engine) {
		f := e.NewFunction("network", Float32, network(w))
		want, err := f.Call(Rows(x, 64))
		if err != nil {
			t.Fatal(err)
		}
		same := func(what string, f *Function) {
			out, err := f.Call(Rows(x, 64))
			if err != nil {
				t.Error(err)
				return
			}
			for k := range out {
				if !slices.Equal(out[k].F64, want[k].F64) {
					t.Errorf("%s: output %d differs", what, k)
				}
			}
		}
		for range 5 {
			same("again", f)
			same("built anew", e.NewFunction("network", Float32, network(w)))
		}
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for range 5 {
					same("concurrent", f)
				}
			})
		}
		wg.Wait()
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
		same("one core", f)
		runtime.GOMAXPROCS(5)
		same("five cores", f)
	})
}

// With the default worker pool of the pure-Go backend this hangs for ever: every
// product takes a worker and waits for a second one.
func TestIndependentProductsDoNotDeadlock(t *testing.T) {
	const n, products = 256, 8
	x := normals(n*n, 0)
	onBackends(t, func(t *testing.T, e *Engine) {
		f := e.NewFunction("products", Float32, func(in []*Node) []*Node {
			sum := in[0]
			for _, a := range in {
				sum = graph.Add(sum, graph.Dot(a, a).Product())
			}
			return []*Node{sum}
		})
		in := make([]Array, products)
		for i := range in {
			in[i] = Rows(x, n)
		}
		for range 10 {
			if _, err := f.CallNative(in...); err != nil {
				t.Fatal(err)
			}
		}
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				if _, err := f.CallNative(in...); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
	})
}

func TestErrorsOfBuilding(t *testing.T) {
	onBackends(t, func(t *testing.T, e *Engine) {
		for name, c := range map[string]struct {
			build func(in []*Node) []*Node
			want  string
		}{
			"panics with a string": {func([]*Node) []*Node { panic("no such thing") }, "no such thing"},
			"shapes do not match":  {func(in []*Node) []*Node { return []*Node{graph.Dot(in[0], in[0]).Product()} }, "building the graph"},
			"too few inputs":       {func(in []*Node) []*Node { return []*Node{in[1]} }, "index out of range"},
			"nothing to return":    {func(in []*Node) []*Node { return nil }, "building the graph"},
			"nil to return":        {func(in []*Node) []*Node { return []*Node{nil} }, "output 0"},
			"another precision":    {func(in []*Node) []*Node { return []*Node{graph.ConvertDType(in[0], Float32)} }, "output 0 has type Float32, want Float64"},
		} {
			f := e.NewFunction("broken", Float64, c.build)
			for range 2 { // the second call finds the outcome of the first
				out, err := f.Call(Rows(make([]float64, 6), 3))
				if err == nil || out != nil || !strings.Contains(err.Error(), "engine: broken") || !strings.Contains(err.Error(), c.want) {
					t.Errorf("%s: got %v, %v", name, out, err)
				}
			}
		}
	})
}

func TestErrorsOfSizes(t *testing.T) {
	onBackends(t, func(t *testing.T, e *Engine) {
		builds := 0
		f := e.NewFunction("f", Float64, func(in []*Node) []*Node {
			builds++
			return in
		})
		for name, c := range map[string]struct {
			in   Array
			want string
		}{
			"too few":      {Array{Shape: []int{2, 2}, F64: make([]float64, 3)}, "3 values for shape [2 2]"},
			"too many":     {Array{Shape: []int{2}, F32: make([]float32, 3)}, "3 values for shape [2]"},
			"no values":    {Array{}, "0 values"},
			"ragged rows":  {Rows(make([]float64, 5), 2), "5 values"},
			"no rows":      {Rows(nil, 2), "at least 1"},
			"negative":     {Array{Shape: []int{-1, -2}, F64: make([]float64, 2)}, "at least 1"},
			"both":         {Array{F64: []float64{1}, F32: []float32{1}}, "give one"},
			"scalar of 2":  {Array{F64: []float64{1, 2}}, "2 values"},
			"both, halved": {Array{Shape: []int{2}, F64: []float64{1}, F32: []float32{1}}, "give one"},
		} {
			_, err := f.Call(Scalar(1), c.in)
			if err == nil || !strings.Contains(err.Error(), "engine: f: input 1") || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: got %v", name, err)
			}
		}
		if builds != 0 {
			t.Errorf("%d graphs were built for inputs that cannot be", builds)
		}
		// Weights whose data were resized by mistake.
		w := NewWeights("w", 2)
		w.Data = w.Data[:1]
		g := e.NewFunction("g", Float64, func(in []*Node) []*Node { return []*Node{graph.Mul(in[0], w.Use(in[0].Graph()))} })
		if _, err := g.Call(Scalar(1)); err == nil || !strings.Contains(err.Error(), "weights w") {
			t.Errorf("weights of the wrong size: %v", err)
		}
	})
}
