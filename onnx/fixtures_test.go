package onnx

import (
	"math"
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
	e := open(t)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".onnx"), func(t *testing.T) {
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
			if out, grad := v.worst(t, e, m); out > 1e-5 || grad > 1e-4 {
				t.Errorf("a single output is off by %.1e, a single gradient by %.1e of 1 + its size", out, grad)
			}
			t.Logf("output %.1e, gradient %.1e", r.Out, r.Grad)
		})
	}
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
