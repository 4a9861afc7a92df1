package onnx

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"abide/internal/engine"
)

func open(t testing.TB) *engine.Engine {
	t.Helper()
	e, err := engine.Open("go")
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// Networks of three exporters, and a graph per family of operators, give what
// their frameworks computed and differentiated.
func TestFixturesAgreeWithTheirFramework(t *testing.T) {
	files, err := filepath.Glob("testdata/*.onnx")
	if err != nil || len(files) < 12 {
		t.Fatalf("%d fixtures, %v", len(files), err)
	}
	for _, file := range files {
		for _, backend := range []string{"go", "xla"} {
			t.Run(strings.TrimSuffix(filepath.Base(file), ".onnx")+"/"+backend, func(t *testing.T) {
				e, err := engine.Open(backend)
				if err != nil && backend == "xla" {
					t.Skip(err)
				}
				if err != nil {
					t.Fatal(err)
				}
				agrees(t, e, file)
			})
		}
	}
}

func agrees(t *testing.T, e *engine.Engine, file string) {
	m, err := Read(file)
	if err != nil {
		t.Fatal(err)
	}
	v, err := ReadVectors(strings.TrimSuffix(file, ".onnx") + ".vectors.npz")
	if err != nil {
		t.Fatal(err)
	}
	r, err := v.Check(e, m)
	if err != nil {
		t.Fatal(err)
	}
	// Operators have outputs of very different sizes side by side: each number counts.
	if out, grad := v.worst(t, e, m); !(out <= 1e-5) || !(grad <= 1e-4) {
		t.Errorf("a single output is off by %.1e, a single gradient by %.1e of 1 + its size", out, grad)
	}
	t.Logf("output %.1e, gradient %.1e", r.Out, r.Grad)
}

// worst are the largest differences relative to one plus the size of each number.
func (v *Vectors) worst(t *testing.T, e *engine.Engine, m *Model) (out, grad float64) {
	n := len(m.Inputs)
	f := e.NewFunction("vectors", engine.Float32, func(in []*engine.Node) []*engine.Node {
		out := m.Apply(in[:n]...)[0]
		return []*engine.Node{out, engine.VJP(out, in[0], in[n])}
	})
	got, err := f.Call(append(slices.Clone(v.In), v.Cotangent)...)
	if err != nil {
		t.Fatal(err)
	}
	far := func(got, want []float64) (worst float64) {
		for i, w := range want {
			worst = max(worst, math.Abs(got[i]-w)/(1+math.Abs(w)))
		}
		return worst
	}
	return far(got[0].F64, v.Out.F64), far(got[1].F64, v.Grad.F64)
}

// A point's output does not depend on the points beside it, nor on their number:
// no batch of the export is left in the graph.
func TestPointsDoNotInteract(t *testing.T) {
	files, _ := filepath.Glob("testdata/*.onnx")
	e := open(t)
	for _, file := range files {
		m, err := Read(file)
		if err != nil {
			t.Fatal(err)
		}
		v, err := ReadVectors(strings.TrimSuffix(file, ".onnx") + ".vectors.npz")
		if err != nil {
			t.Fatal(err)
		}
		f := e.NewFunction("batches", engine.Float64, func(in []*engine.Node) []*engine.Node { return m.Apply(in...)[:1] })
		whole, err := f.Call(v.In...)
		if err != nil {
			t.Fatal(err)
		}
		// The last point alone, and all points seven times in the reverse order.
		n := v.In[0].Shape[0]
		var last, many []engine.Array
		for _, a := range v.In {
			size := len(a.F64) / n
			last = append(last, engine.Array{Shape: append([]int{1}, a.Shape[1:]...), F64: a.F64[(n-1)*size:]})
			b := engine.Array{Shape: append([]int{7 * n}, a.Shape[1:]...)}
			for i := range 7 * n {
				k := n - 1 - i%n
				b.F64 = append(b.F64, a.F64[k*size:(k+1)*size]...)
			}
			many = append(many, b)
		}
		alone, err := f.Call(last...)
		if err != nil {
			t.Fatalf("%s: one point: %v", file, err)
		}
		reversed, err := f.Call(many...)
		if err != nil {
			t.Fatalf("%s: many points: %v", file, err)
		}
		size := len(whole[0].F64) / n
		for i := range size {
			want := whole[0].F64[(n-1)*size+i]
			for _, got := range []float64{alone[0].F64[i], reversed[0].F64[i], reversed[0].F64[5*n*size+i]} {
				if !(math.Abs(got-want) <= 1e-10*(1+math.Abs(want))) {
					t.Fatalf("%s: output %d is %.15g, in another batch %.15g", file, i, want, got)
				}
			}
		}
	}
}

// No operator is in the table without a fixture that proves it.
func TestEveryOperatorHasAFixture(t *testing.T) {
	files, _ := filepath.Glob("testdata/*.onnx")
	used := map[string]bool{}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		g, _, err := parseModel(b)
		if err != nil {
			t.Fatal(err)
		}
		g.every(func(g *graphProto) error {
			for _, n := range g.nodes {
				used[n.op] = true
			}
			return nil
		})
	}
	for name := range operators {
		if !used[name] {
			t.Errorf("no fixture uses %s: add it to tools/export/fixtures.py", name)
		}
	}
}
