package network

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/graph"

	"abide/internal/engine"
)

// architectures has small networks of every kind, on lines and planes, with and
// without conditions, patches, channels and attention.
var architectures = []Architecture{
	{Kind: "mlp", Shape: []int{3}, Width: 8, Depth: 2, Embedding: 6},
	{Kind: "mlp", Shape: []int{3}, Width: 8, Depth: 2, Embedding: 6, Condition: 2, Fourier: 0.3},
	{Kind: "residual-mlp", Shape: []int{3}, Width: 8, Depth: 2, Embedding: 6},
	{Kind: "residual-mlp", Shape: []int{2, 2}, Width: 8, Depth: 1, Embedding: 4, Condition: 3, Fourier: 0.3},
	{Kind: "unet", Shape: []int{8}, Width: 4, Depth: 1, Embedding: 4},
	{Kind: "unet", Shape: []int{20, 2}, Channels: true, Width: 4, Depth: 1, Embedding: 4, Condition: 2, Heads: -1},
	{Kind: "unet", Shape: []int{4, 6}, Width: 4, Depth: 2, Embedding: 4, Levels: 2, Multipliers: []int{1, 3}, Heads: 2},
	{Kind: "unet", Shape: []int{8, 8, 2}, Channels: true, Width: 4, Depth: 1, Embedding: 4, Condition: 2, Patch: 2, Levels: 2},
	{Kind: "fno", Shape: []int{9}, Width: 6, Depth: 2, Embedding: 4, Modes: 3},
	{Kind: "fno", Shape: []int{4, 5, 2}, Channels: true, Width: 4, Depth: 1, Embedding: 4, Condition: 2},
}

func name(a Architecture) string {
	return fmt.Sprintf("%s %v condition %d", a.Kind, a.Shape, a.Condition)
}

// each runs f on every architecture of the table, with weights that are not zero;
// on XLA, which compiles for seconds, on the last one of each kind.
func each(t *testing.T, e *engine.Engine, f func(t *testing.T, a Architecture, n Network)) {
	for i, a := range architectures {
		if e.Name() == "xla" && i+1 < len(architectures) && architectures[i+1].Kind == a.Kind {
			continue
		}
		t.Run(name(a), func(t *testing.T) {
			n, err := New(a, 3)
			if err != nil {
				t.Fatal(err)
			}
			disturb(n.Weights())
			f(t, a, n)
		})
	}
}

func openGo(t *testing.T) *engine.Engine {
	t.Helper()
	e, err := engine.Open("go")
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// inputs are u, a noise feature for each sample, and a condition.
func inputs(a Architecture, n int) []engine.Array {
	in := []engine.Array{array(normals(n*a.Dim(), 1), n, a.Dim()), array(normals(n, 2), n, 1)}
	if a.Condition > 0 {
		in = append(in, array(normals(n*a.Condition, 3), n, a.Condition))
	}
	return in
}

func apply(n Network) func(in []*engine.Node) *engine.Node {
	return func(in []*engine.Node) *engine.Node {
		if len(in) < 3 {
			return n.Apply(in[0], in[1], nil)
		}
		return n.Apply(in[0], in[1], in[2])
	}
}

func outputs(n Network) func(in []*engine.Node) []*engine.Node {
	return func(in []*engine.Node) []*engine.Node { return []*engine.Node{apply(n)(in)} }
}

func TestNetworkGradients(t *testing.T) {
	onBackends(t, func(t *testing.T, e *engine.Engine) {
		each(t, e, func(t *testing.T, a Architecture, n Network) {
			gradients(t, e, apply(n), n.Weights(), inputs(a, 2)...)
		})
	})
}

// Both backends compute the same function: their convolutions, for one, have
// nothing in common.
func TestBackendsAgree(t *testing.T) {
	onBackends(t, func(t *testing.T, e *engine.Engine) {
		reference := openGo(t)
		each(t, e, func(t *testing.T, a Architecture, n Network) {
			in := inputs(a, 3)
			near(t, "output", function(t, e, outputs(n))(in...)[0], function(t, reference, outputs(n))(in...)[0], 1e-12)
		})
	})
}

// Samples do not see each other, and one noise level for all is as good as one
// for each.
func TestSamplesAreIndependent(t *testing.T) {
	e := openGo(t)
	each(t, e, func(t *testing.T, a Architecture, n Network) {
		const rows = 3
		in := inputs(a, rows)
		f := function(t, e, outputs(n))
		together := f(in...)[0]
		d := a.Dim()
		for i := range rows {
			var one []engine.Array
			for _, x := range in {
				k := x.Shape[1]
				one = append(one, array(x.F64[i*k:(i+1)*k], 1, k))
			}
			near(t, "one sample", f(one...)[0], together[i*d:(i+1)*d], 1e-12)
		}
		level := slices.Clone(in)
		level[1] = engine.Scalar(0.3)
		many := slices.Clone(in)
		many[1] = array(slices.Repeat([]float64{0.3}, rows), rows, 1)
		near(t, "one level", f(level...)[0], f(many...)[0], 1e-12)
		if a.Condition > 0 {
			row := slices.Clone(in)
			row[2] = array(in[2].F64[:a.Condition], 1, a.Condition)
			many := slices.Clone(in)
			many[2] = array(slices.Repeat(in[2].F64[:a.Condition], rows), rows, a.Condition)
			near(t, "one condition", f(row...)[0], f(many...)[0], 1e-12)
		}
	})
}

// The noise level and the condition reach the output.
func TestNoiseAndConditionMatter(t *testing.T) {
	e := openGo(t)
	each(t, e, func(t *testing.T, a Architecture, n Network) {
		in := inputs(a, 1)
		f := function(t, e, outputs(n))
		was := f(in...)[0]
		for i := 1; i < len(in); i++ {
			moved := slices.Clone(in)
			moved[i] = array(normals(len(in[i].F64), 50), in[i].Shape...)
			if slices.Equal(f(moved...)[0], was) {
				t.Errorf("input %d changes nothing", i)
			}
		}
	})
}

// A fresh network is zero, so that the first denoiser is the skip path; it is the
// same for the same seed, and what Shapes and Cost say.
func TestNew(t *testing.T) {
	e := openGo(t)
	for _, a := range architectures {
		t.Run(name(a), func(t *testing.T) {
			n, err := New(a, 3)
			if err != nil {
				t.Fatal(err)
			}
			same, _ := New(a.Resolved(), 3)
			other, _ := New(a, 4)
			shapes := a.Shapes()
			if len(shapes) != len(n.Weights()) {
				t.Fatalf("%d shapes for %d weights", len(shapes), len(n.Weights()))
			}
			names, total, differ := map[string]bool{}, 0, false
			for i, w := range n.Weights() {
				if w.Name != shapes[i].Name || !slices.Equal(w.Shape, shapes[i].Dims) {
					t.Errorf("weights %s %v, shape %v", w.Name, w.Shape, shapes[i])
				}
				if names[w.Name] {
					t.Errorf("two weights are called %s", w.Name)
				}
				names[w.Name] = true
				size := 1
				for _, d := range w.Shape {
					size *= d
				}
				if len(w.Data) != size {
					t.Errorf("%s: %d values for shape %v", w.Name, len(w.Data), w.Shape)
				}
				total += size
				if !slices.Equal(w.Data, same.Weights()[i].Data) {
					t.Errorf("%s: the same seed gave other weights", w.Name)
				}
				differ = differ || !slices.Equal(w.Data, other.Weights()[i].Data)
			}
			if total != n.Cost().Parameters || !differ {
				t.Errorf("%d parameters for %d numbers; another seed makes a difference: %v", n.Cost().Parameters, total, differ)
			}
			for _, y := range function(t, e, outputs(n))(inputs(a, 2)...)[0] {
				if y != 0 {
					t.Fatal("a fresh network is not zero")
				}
			}
		})
	}
}

func TestHostileArchitectures(t *testing.T) {
	good := map[string]Architecture{}
	for _, a := range architectures {
		good[a.Kind] = a
		if err := a.Check(); err != nil {
			t.Errorf("%s: %v", name(a), err)
		}
	}
	for _, c := range []struct {
		kind, want string
		change     func(a *Architecture)
	}{
		{"mlp", "no kind", func(a *Architecture) { a.Kind = "perceptron" }},
		{"mlp", "shape", func(a *Architecture) { a.Shape = nil }},
		{"mlp", "shape", func(a *Architecture) { a.Shape = []int{1 << 20, 1 << 20, 1 << 20, 1 << 20} }},
		{"mlp", "shape", func(a *Architecture) { a.Shape = []int{3, 0} }},
		{"mlp", "condition", func(a *Architecture) { a.Condition = -1 }},
		{"mlp", "parameters", func(a *Architecture) { a.Width, a.Depth = 1<<16, 1<<10 }},
		{"residual-mlp", "parameters", func(a *Architecture) { a.Width, a.Depth = 1<<14, 1<<8 }},
		{"residual-mlp", "width", func(a *Architecture) { a.Width = 1 << 40 }},
		{"residual-mlp", "fourier", func(a *Architecture) { a.Fourier = -1 }},
		{"unet", "parameters", func(a *Architecture) { a.Width, a.Depth = 1<<12, 1<<6 }},
		{"unet", "multiple of 16", func(a *Architecture) { a.Patch, a.Levels, a.Multipliers = 2, 4, nil }},
		{"unet", "levels", func(a *Architecture) { a.Levels = 1 << 40 }},
		{"unet", "levels", func(a *Architecture) { a.Levels = -1 }},
		{"unet", "patches", func(a *Architecture) { a.Patch = 1 << 62 }},
		{"unet", "patches", func(a *Architecture) { a.Patch, a.Levels, a.Multipliers = 1<<62, 0, nil }},
		{"unet", "multipliers", func(a *Architecture) { a.Levels, a.Multipliers = 2, []int{1} }},
		{"unet", "multiplier", func(a *Architecture) { a.Levels, a.Multipliers = 1, []int{-1} }},
		{"unet", "heads", func(a *Architecture) { a.Heads = 3 }},
		{"unet", "divides every side", func(a *Architecture) { a.Patch = 3 }},
		{"unet", "line or a plane", func(a *Architecture) { a.Shape = []int{8, 8, 8, 8} }},
		{"unet", "line or a plane", func(a *Architecture) { a.Shape = []int{8} }}, // with channels
		{"fno", "modes", func(a *Architecture) { a.Modes = 4 }},
		{"fno", "modes", func(a *Architecture) { a.Modes = -1 }},
		{"fno", "lower the modes", func(a *Architecture) { a.Shape, a.Modes = []int{2048, 2048, 1}, 1024 }},
	} {
		a := good[c.kind]
		c.change(&a)
		if err := a.Check(); err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "network: ") {
			t.Errorf("%+v: got %v, want an error with %q", a, err, c.want)
		}
	}
}

// Derivatives can be differentiated: a Jacobian–vector product by two
// vector–Jacobian products is what differences of the output say.
func TestSecondDerivatives(t *testing.T) {
	onBackends(t, func(t *testing.T, e *engine.Engine) {
		each(t, e, func(t *testing.T, a Architecture, n Network) {
			const rows = 2
			in := inputs(a, rows)
			v := signs(rows*a.Dim(), 5)
			f := function(t, e, outputs(n))
			got := function(t, e, func(in []*engine.Node) []*engine.Node {
				return []*engine.Node{engine.JVP(func(u *engine.Node) *engine.Node {
					return apply(n)(append([]*engine.Node{u}, in[2:]...))
				}, in[0], in[1])}
			})(append([]engine.Array{in[0], array(v, rows, a.Dim())}, in[1:]...)...)[0]
			moved := func(x float64) []float64 {
				u := slices.Clone(in[0].F64)
				for j := range v {
					u[j] += x * v[j]
				}
				return f(append([]engine.Array{array(u, rows, a.Dim())}, in[1:]...)...)[0]
			}
			h := step(len(v))
			up, down, up2, down2 := moved(h), moved(-h), moved(2*h), moved(-2*h)
			want := make([]float64, len(got))
			for i := range want {
				want[i] = (8*(up[i]-down[i]) - (up2[i] - down2[i])) / (12 * h)
			}
			near(t, "jvp", got, want, 1e-8)
		})
	})
}

// No weight is idle: each array has a gradient.
func TestEveryWeightMatters(t *testing.T) {
	e := openGo(t)
	each(t, e, func(t *testing.T, a Architecture, n Network) {
		out := function(t, e, func(in []*engine.Node) []*engine.Node {
			y := apply(n)(in)
			var nodes []*engine.Node
			for _, w := range n.Weights() {
				nodes = append(nodes, w.Use(y.Graph()))
			}
			return graph.Gradient(graph.ReduceAllSum(graph.Mul(y, y)), nodes...)
		})(inputs(a, 2)...)
		for i, w := range n.Weights() {
			if !slices.ContainsFunc(out[i], func(g float64) bool { return g != 0 }) {
				t.Errorf("%s has no influence", w.Name)
			}
		}
	})
}

// Whatever a model file says of its network, it is refused or can be listed, in
// bounded time and memory, and stays the same when it is read again.
func FuzzArchitecture(f *testing.F) {
	for _, a := range architectures {
		text, err := json.Marshal(a)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte(`{"kind":"unet","shape":[8,8],"width":4,"depth":1,"embedding":4,"patch":4611686018427387904}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var a Architecture
		if json.Unmarshal(text, &a) != nil || a.Check() != nil {
			return
		}
		total := 0
		for _, s := range a.Shapes() {
			n := 1
			for _, d := range s.Dims {
				n *= d
			}
			total += n
		}
		if total < 1 || total > maxParameters {
			t.Fatalf("%d parameters", total)
		}
		if r := a.Resolved(); r.Check() != nil || !slices.EqualFunc(a.Shapes(), r.Shapes(), func(x, y Shape) bool {
			return x.Name == y.Name && slices.Equal(x.Dims, y.Dims)
		}) {
			t.Fatalf("%+v is not what it resolves to, %+v", a, r)
		}
	})
}
