package network

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"abide/internal/engine"
	"abide/internal/keyed"
)

// onBackends runs f on every backend of this build. A graph that hangs fails its
// test after two minutes, and the other tests go on.
func onBackends(t *testing.T, f func(t *testing.T, e *engine.Engine)) {
	for _, name := range []string{"go", "xla"} {
		t.Run(name, func(t *testing.T) {
			e, err := engine.Open(name)
			if err != nil && name == "xla" {
				t.Skip(err)
			}
			if err != nil {
				t.Fatal(err)
			}
			done := make(chan struct{})
			go func() {
				defer close(done)
				f(t, e)
			}()
			select {
			case <-done:
			case <-time.After(2 * time.Minute):
				t.Fatal("no result after two minutes: the backend hangs")
			}
		})
	}
}

// normals is n draws of N(0, 1).
func normals(n, stream int) []float64 {
	x := make([]float64, n)
	keyed.New(1, "network tests", stream, 0).Normal(x)
	return x
}

func array(x []float64, dims ...int) engine.Array { return engine.Array{Shape: dims, F64: x} }

// near fails where got and want differ by more than tol·max(1, |want|).
func near(t *testing.T, what string, got, want []float64, tol float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d values, want %d", what, len(got), len(want))
	}
	for i := range got {
		if !(math.Abs(got[i]-want[i]) <= tol*math.Max(1, math.Abs(want[i]))) {
			t.Fatalf("%s: value %d is %.17g, want %.17g within %g", what, i, got[i], want[i], tol)
		}
	}
}

// disturb makes every weight N(start, 1/fan-in) on a grid of 2⁻¹⁸, so that float32
// holds it, and the steps of differences, exactly.
func disturb(weights []*engine.Weights) {
	for i, w := range weights {
		fan := 4
		if len(w.Shape) > 1 {
			fan = len(w.Data) / w.Shape[len(w.Shape)-1]
		}
		for j, v := range normals(len(w.Data), 100+i) {
			x := v / math.Sqrt(float64(fan))
			if name := w.Name; len(name) > 5 && (name[len(name)-5:] == ".gain" || name[len(name)-5:] == "scale") {
				x++
			}
			w.Data[j] = float32(math.Round(x*0x1p18) / 0x1p18)
		}
		w.Changed()
	}
}

// function compiles a graph in float64.
func function(t *testing.T, e *engine.Engine, build func(in []*engine.Node) []*engine.Node) func(in ...engine.Array) [][]float64 {
	t.Helper()
	f := e.NewFunction(t.Name(), engine.Float64, build)
	return func(in ...engine.Array) [][]float64 {
		t.Helper()
		out, err := f.Call(in...)
		if err != nil {
			t.Fatal(err)
		}
		var all [][]float64
		for _, a := range out {
			all = append(all, a.F64)
		}
		return all
	}
}

// signs is a direction of ±1.
func signs(n, stream int) []float64 {
	s := normals(n, 1000+stream)
	for i := range s {
		s[i] = math.Copysign(1, s[i])
	}
	return s
}

// step along n signs moves a point by about 2⁻¹² and is a power of two.
func step(n int) float64 { return math.Ldexp(1, -12-int(math.Ceil(math.Log2(float64(n))/2))) }

// difference is the central difference of fourth order of f at 0.
func difference(f func(x float64) float64, h float64) float64 {
	return (8*(f(h)-f(-h)) - (f(2*h) - f(-2*h))) / (12 * h)
}

// gradients compares the gradients of E = ⟨r, f(inputs; weights)⟩ for inputs and
// for every array of weights with differences along two directions of signs.
//
// The error of the differences is h⁴/30 ≈ 1e-16 of a fifth derivative along a unit
// vector, and 2⁻⁵² E/h of rounding, some 1e-12 √n E; 1e-8 of the size of the
// derivative leaves room for what norms of few numbers make of them.
func gradients(t *testing.T, e *engine.Engine, f func(in []*engine.Node) *engine.Node, weights []*engine.Weights, in ...engine.Array) {
	t.Helper()
	const tol = 1e-8
	disturb(weights)
	run := function(t, e, func(in []*engine.Node) []*engine.Node { return []*engine.Node{f(in)} })
	r := normals(len(run(in...)[0]), 1)
	grad := function(t, e, func(in []*engine.Node) []*engine.Node {
		y := f(in[:len(in)-1])
		nodes := slices.Clone(in[:len(in)-1])
		for _, w := range weights {
			nodes = append(nodes, w.Use(y.Graph()))
		}
		return gradient(y, in[len(in)-1], nodes)
	})
	energy := func(in []engine.Array) (s float64) {
		for i, y := range run(in...)[0] {
			s += r[i] * y
		}
		return s
	}
	out := run(in...)[0]
	got := grad(append(slices.Clone(in), array(r, len(out)))...)
	compare := func(what string, g []float64, h float64, move func(v []float64, x float64) float64) {
		t.Helper()
		for k := range 2 {
			v := signs(len(g), k)
			var along float64
			for i := range g {
				along += v[i] * g[i]
			}
			near(t, what, []float64{along}, []float64{difference(func(x float64) float64 { return move(v, x) }, h)}, tol)
		}
	}
	for i := range in {
		h := step(len(got[i]))
		if in[i].Shape[1] == 1 { // the noise feature enters by up to 64 radians a unit
			h /= 64
		}
		compare(fmt.Sprintf("gradient for input %d", i), got[i], h, func(v []float64, x float64) float64 {
			moved := slices.Clone(in)
			moved[i] = array(slices.Clone(in[i].F64), in[i].Shape...)
			for j := range v {
				moved[i].F64[j] += x * v[j]
			}
			return energy(moved)
		})
	}
	for i, w := range weights {
		kept := slices.Clone(w.Data)
		compare("gradient for "+w.Name, got[len(in)+i], step(len(w.Data)), func(v []float64, x float64) float64 {
			for j := range v {
				w.Data[j] = kept[j] + float32(x*v[j])
			}
			w.Changed()
			defer func() { copy(w.Data, kept); w.Changed() }()
			return energy(in)
		})
	}
}
