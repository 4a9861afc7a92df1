package cli

import (
	"math"
	"path/filepath"
	"testing"

	"abide/internal/engine"
	"abide/spec"
)

// A network is not asked at noise its process never reached: from there on the
// denoiser is the Gaussian's, which is affine in the point; the mixture's is not.
func TestImportedNetworkEndsWithItsProcess(t *testing.T) {
	model, err := filepath.Abs("../../onnx/testdata/exact-x0.onnx")
	if err != nil {
		t.Fatal(err)
	}
	src := "[prior]\nkind = \"onnx\"\nmodel = '" + model + "'\noutput = \"x0\"\nprocess = { kind = \"edm\", sigma_min = 0.01, sigma_max = 1.0 }\n"
	s, err := spec.Parse("spec.toml", []byte(src), nil)
	if err != nil {
		t.Fatal(err)
	}
	p, err := newImported(s)
	if err != nil {
		t.Fatal(err)
	}
	e, err := engine.Open("go")
	if err != nil {
		t.Fatal(err)
	}
	f := e.NewFunction("denoise", engine.Float32, func(in []*engine.Node) []*engine.Node {
		return []*engine.Node{p.Denoiser.Denoise(in[0], in[1])}
	})
	// Second difference over three points in a row, relative to the first.
	bend := func(level float64) float64 {
		out, err := f.Call(engine.Rows([]float64{-2, 0.6, 0.2, -0.2, 2.4, -1}, 2), engine.Scalar(level/p.Coordinates.Scale[0]))
		if err != nil {
			t.Fatal(err)
		}
		d := out[0].F64
		return math.Abs(d[0]-2*d[2]+d[4]) / math.Abs(d[4]-d[0])
	}
	if b := bend(0.3); b < 0.01 {
		t.Errorf("within the process the second difference is %.1e of the first: the network is not asked", b)
	}
	if b := bend(1.5); !(b < 1e-5) { // float32
		t.Errorf("beyond the process the second difference is %.1e of the first: not the Gaussian's", b)
	}
}
