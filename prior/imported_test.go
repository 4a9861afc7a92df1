package prior

import (
	"math"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"gonum.org/v1/gonum/mat"

	"abide/internal/engine"
	"abide/internal/keyed"
	"abide/onnx"
)

func readFixture(t *testing.T, name string) *onnx.Model {
	t.Helper()
	m, err := onnx.Read(filepath.Join("..", "onnx", "testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// exactMixture is the law that tools/export/fixtures.py wrote two exact networks of:
// 0.4 N((−2, 0.5), ¼I) + 0.6 N((1.5, −1), ¼I).
func exactMixture() *Mixture {
	quarter := mat.NewSymDense(2, []float64{0.25, 0, 0, 0.25})
	return newMixture([]float64{0.4, 0.6}, []float64{-2, 0.5, 1.5, -1}, []*mat.SymDense{quarter, quarter})
}

// Networks of torch and JAX that predict noise, velocity, score and clean point of a mixture,
// each on its own process, are the mixture's denoiser and have its Jacobian: to
// rounding in float64, but for the constants that were written as float32.
func TestImportedNetworksAreTheMixture(t *testing.T) {
	e, err := engine.Open("go")
	if err != nil {
		t.Fatal(err)
	}
	exact := exactMixture()
	u := make([]float64, 40)
	keyed.New(4, "points", 0, 0).Normal(u)
	for _, c := range []struct {
		file    string
		output  Output
		time    Time
		process Process
	}{
		{"exact-noise.onnx", OutputNoise, Time{}, VPProcess{0.1, 20}},
		{"exact-velocity.onnx", OutputVelocity, Time{}, FlowProcess{}},
		{"exact-score.onnx", OutputScore, Time{}, VEProcess{0.01, 50}},
		{"exact-x0.onnx", OutputX0, Time{"log_sigma", 0.25}, EDMProcess{0.002, 80}},
	} {
		network, err := NewImported(readFixture(t, c.file), nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, scaled := range []bool{false, true} {
			p := Parameterised{Network: network, Output: c.output, Process: c.process, Time: c.time}
			r, m := 1.0, []float64{0, 0}
			if scaled {
				r, m = 1.6, []float64{0.1, -0.4}
				p.Centre, p.Spread = m, r
			}
			f := e.NewFunction("both", engine.Float64, func(in []*Node) []*Node {
				d, j := DenoiseJacobian(p, in[0], in[1])
				y := Add(MulScalar(in[0], r), ExpandDims(ConstAs(in[0], m), 0))
				want := exact.Denoise(y, MulScalar(in[1], r))
				return []*Node{d, j, MulScalar(Sub(want, ExpandDims(ConstAs(want, m), 0)), 1/r), engine.Jacobian(want, y)}
			})
			for _, s := range []float64{0.05, 0.3, 1, 4, 30} {
				z := make([]float64, len(u))
				for i := range z {
					z[i] = math.Sqrt(2+s*s) * u[i]
				}
				out, err := f.Call(engine.Rows(z, 2), engine.Array{Shape: []int{20, 1}, F64: constant(s, 20)})
				if err != nil {
					t.Fatal(err)
				}
				for k, tolerance := range []float64{2e-6, 2e-5} {
					for i := range out[k].F64 {
						if got, want := out[k].F64[i], out[k+2].F64[i]; !(math.Abs(got-want) <= tolerance*(1+s)) {
							t.Errorf("%s σ %g, scaled %t: %d[%d] = %.9g, want %.9g", c.file, s, scaled, k, i, got, want)
						}
					}
				}
			}
		}
	}
}

// A chain with whole indices is the denoiser at the noise levels of its indices, and
// takes the nearest index between them.
func TestImportedChain(t *testing.T) {
	e, err := engine.Open("go")
	if err != nil {
		t.Fatal(err)
	}
	network, err := NewImported(readFixture(t, "exact-v.onnx"), nil)
	if err != nil {
		t.Fatal(err)
	}
	chain, err := NewDiscreteProcess("cosine", 100, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	p := Parameterised{Network: network, Output: OutputV, Process: chain}
	exact := exactMixture()
	f := e.NewFunction("both", engine.Float64, func(in []*Node) []*Node {
		return []*Node{p.Denoise(in[0], in[1]), exact.Denoise(in[0], in[1])}
	})
	u := make([]float64, 20)
	keyed.New(5, "points", 0, 0).Normal(u)
	for _, i := range []int{2, 30, 60, 90} {
		for _, between := range []float64{0, 0.3} {
			s := math.Exp(chain.logSigma[i] + between*(chain.logSigma[i+1]-chain.logSigma[i]))
			z := make([]float64, len(u))
			for k := range z {
				z[k] = math.Sqrt(2+s*s) * u[k]
			}
			out, err := f.Call(engine.Rows(z, 2), engine.Scalar(s))
			if err != nil {
				t.Fatal(err)
			}
			worst := 0.0
			for k, got := range out[0].F64 {
				worst = max(worst, math.Abs(got-out[1].F64[k]))
			}
			// Off the indices the network answers for a noise level that is 0.3 of a step away.
			if between == 0 && worst > 1e-5*(1+s) || between > 0 && (worst < 1e-4 || worst > 0.1*(1+s)) {
				t.Errorf("index %d and %g: off by %.2g", i, between, worst)
			}
		}
	}
}

func constant(v float64, n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = v
	}
	return x
}

// Inputs are found by name or by size, and what does not fit is said.
func TestImportedInputs(t *testing.T) {
	in := func(name string, dims ...int) onnx.Tensor { return onnx.Tensor{Name: name, Dims: dims} }
	for _, c := range []struct {
		inputs []onnx.Tensor
		shape  []int
		dim    int
		want   string
	}{
		{[]onnx.Tensor{in("x", -1, 2), in("t", -1)}, nil, 2, ""},
		{[]onnx.Tensor{in("t", -1), in("x", -1, 2)}, nil, 2, ""},
		{[]onnx.Tensor{in("timestep"), in("sample", -1, 1, 8, 8)}, nil, 64, ""},
		{[]onnx.Tensor{in("sample", -1, 1, -1, -1), in("timestep", 1)}, []int{1, 8, 8}, 64, ""},
		{[]onnx.Tensor{in("x", -1, 3)}, []int{3}, 3, ""},
		{[]onnx.Tensor{in("x", -1, 1), in("t", -1, 1)}, nil, 1, ""},
		{[]onnx.Tensor{in("x", -1, 2), in("t", -1), in("y", -1)}, nil, 0, `takes 3 inputs, ["x" "t" "y"]: export a function of points and times only`},
		{[]onnx.Tensor{in("x", 4, 2), in("t", 4)}, nil, 0, "takes exactly 4 points at a time: export with a dynamic batch axis"},
		{[]onnx.Tensor{in("x", -1, 1, -1, -1), in("t", -1)}, nil, 0, "say the shape of one point"},
		{[]onnx.Tensor{in("x", -1, 1, 8, 8), in("t", -1)}, []int{64}, 0, "takes points of shape [1 8 8], not [64]"},
		{[]onnx.Tensor{in("x", -1, 2), in("t", -1, 2)}, nil, 0, "not that of times"},
	} {
		n, err := NewImported(&onnx.Model{Inputs: c.inputs}, c.shape)
		if c.want != "" {
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v: %v, want %q", c.inputs, err, c.want)
			}
			continue
		}
		if err != nil || n.Dim() != c.dim {
			t.Errorf("%v: %v, want %d numbers", c.inputs, err, c.dim)
		}
	}
}
