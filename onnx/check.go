package onnx

import (
	"fmt"
	"math"
	"slices"

	. "github.com/gomlx/gomlx/core/graph"

	"abide/dataio"
	"abide/internal/engine"
)

// Vectors are what the exporting framework computed, written beside the network
// by tools/export; see [Vectors.Check].
type Vectors struct {
	In        []engine.Array // in the order of the network's inputs
	Out       engine.Array
	Cotangent engine.Array // c
	Grad      engine.Array // ∂⟨c, out⟩/∂ the first input
	Trace     []float64    // per operator: sum and sum of sizes of its first output; NaN: not known
	Data      *dataio.Array
}

// Tolerances of the comparison with the exporting framework, both relative to
// the largest number compared: float32 rounding through a network gives 1e-6.
const (
	outTolerance  = 1e-5
	gradTolerance = 1e-4
)

// ReadVectors reads the arrays x, t, out, cotangent, grad and, where there are,
// trace and data of an npz file. Networks without a time have no t.
func ReadVectors(path string) (*Vectors, error) {
	list, err := dataio.ReadNPZ(path)
	if err != nil {
		return nil, err
	}
	v := &Vectors{}
	found := map[string]bool{}
	var t *engine.Array
	for _, a := range list {
		e := engine.Array{Shape: a.Shape, F64: a.Float64()}
		found[a.Name] = true
		for i, x := range e.F64 {
			if math.IsNaN(x) && a.Name != "trace" {
				return nil, fmt.Errorf("onnx: %s: %s holds NaN at place %d: export again", path, a.Name, i)
			}
		}
		switch a.Name {
		case "x":
			v.In = append(v.In, e)
		case "t":
			t = &e
		case "out":
			v.Out = e
		case "cotangent":
			v.Cotangent = e
		case "grad":
			v.Grad = e
		case "trace":
			v.Trace = e.F64
		case "data":
			v.Data = a
		}
	}
	for _, name := range []string{"x", "out", "cotangent", "grad"} {
		if !found[name] {
			return nil, fmt.Errorf("onnx: %s: no array %q: write the file with tools/export/abide_export.py", path, name)
		}
	}
	if t != nil {
		v.In = append(v.In, *t)
	}
	if !slices.Equal(v.Out.Shape, v.Cotangent.Shape) || !slices.Equal(v.In[0].Shape, v.Grad.Shape) {
		return nil, fmt.Errorf("onnx: %s: shapes of out %v and cotangent %v, or of x %v and grad %v differ: export again", path, v.Out.Shape, v.Cotangent.Shape, v.In[0].Shape, v.Grad.Shape)
	}
	return v, nil
}

// Errors are the largest differences found, relative to the largest number.
type Errors struct{ Out, Grad float64 }

// Check compares the network as it is built here with the framework it comes
// from: the outputs to 1e-5, the gradient in the input to 1e-4 of the largest. The
// error names the first operator whose output is not the exporter's.
func (v *Vectors) Check(e *engine.Engine, m *Model) (Errors, error) {
	if len(v.In) != len(m.Inputs) {
		return Errors{}, fmt.Errorf("onnx: vectors of %d inputs for a network of %d: export both together", len(v.In), len(m.Inputs))
	}
	var which []int // operators whose sums are computed
	f := e.NewFunction("vectors", engine.Float32, func(in []*Node) []*Node {
		n := len(m.Inputs)
		b, first := m.build(in[:n])
		out := b.asNode(b.values[m.Outputs[0]])
		if !slices.Equal(out.Shape().Dimensions, v.Out.Shape) {
			panic(fmt.Errorf("onnx: output of shape %v, the vectors have %v: export both together", out.Shape().Dimensions, v.Out.Shape))
		}
		grad := engine.VJP(out, in[0], in[n])
		which = nil
		sums := []*Node{out, grad}
		for k, x := range first {
			if len(v.Trace) == 2*len(first) && x.node != nil && !math.IsNaN(v.Trace[2*k]) {
				which = append(which, k)
				y := b.asNode(x)
				sums = append(sums, ReduceAllSum(y), ReduceAllSum(Abs(y)))
			}
		}
		return sums
	})
	got, err := f.Call(slices.Concat(v.In, []engine.Array{v.Cotangent})...)
	if err != nil {
		return Errors{}, err
	}
	r := Errors{farthest(got[0].F64, v.Out.F64), farthest(got[1].F64, v.Grad.F64)}
	if r.Out <= outTolerance && r.Grad <= gradTolerance {
		return r, nil
	}
	suspect := ""
	for i, k := range which {
		sum, size := got[2+2*i].F64[0], got[3+2*i].F64[0]
		if want := v.Trace[2*k+1]; math.Abs(size-want) > 1e-4*(want+1e-6) || math.Abs(sum-v.Trace[2*k]) > 1e-4*(want+1e-6) {
			suspect = "; the first operator that differs is " + m.nodes[k].place(k)
			break
		}
	}
	if suspect == "" && len(which) > 0 && r.Out > outTolerance {
		suspect = "; no operator differs from ONNX's reference, so the exported graph is not what the framework computes"
	}
	return r, fmt.Errorf("onnx: the network differs from the one that was exported: output by %.1e (allowed %.0e), gradient by %.1e (allowed %.0e) of the largest%s", r.Out, outTolerance, r.Grad, gradTolerance, suspect)
}

// farthest is the largest difference, relative to the largest number wanted.
func farthest(got, want []float64) float64 {
	worst, size := 0.0, 1e-30
	for i, w := range want {
		d := math.Abs(got[i] - w)
		if math.IsNaN(d) {
			return math.Inf(1)
		}
		worst, size = max(worst, d), max(size, math.Abs(w))
	}
	return worst / size
}
