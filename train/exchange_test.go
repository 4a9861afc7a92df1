package train

import (
	"math"
	"strings"
	"testing"

	"abide/dataio"
	"abide/internal/engine"
	"abide/prior"
)

// A network of ours means the same to NumPy: testdata/numpy.npz holds what
// tools/export/check_weights.py computes from the file alone, by the formulas that
// docs/exchange.md gives to torch and JAX.
func TestWeightsAsNumPyReadsThem(t *testing.T) {
	m, err := Read("../examples/concrete/prior.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	arrays, err := dataio.ReadNPZ("testdata/numpy.npz")
	if err != nil {
		t.Fatal(err)
	}
	by := map[string]*dataio.Array{}
	for _, a := range arrays {
		by[a.Name] = a
	}
	u, sigma, want := by["u"], by["sigma"], by["denoised"]
	e, err := engine.Open("go")
	if err != nil {
		t.Fatal(err)
	}
	f := e.NewFunction("denoise", engine.Float64, func(in []*engine.Node) []*engine.Node {
		return []*engine.Node{prior.EDM{Network: m.Network}.Denoise(in[0], in[1])}
	})
	got, err := f.Call(engine.Rows(u.F64, u.Shape[1]), engine.Array{Shape: []int{sigma.Shape[0], 1}, F64: sigma.F64})
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range got[0].F64 {
		if !(math.Abs(v-want.F64[i]) <= 1e-9) {
			t.Errorf("row %d column %d: %.12g, NumPy has %.12g", i/u.Shape[1], i%u.Shape[1], v, want.F64[i])
		}
	}
}

// Weights that are not numbers are refused with their place.
func TestNaNWeightsAreRefused(t *testing.T) {
	m := trained(t)
	w := m.Network.Weights()[1]
	w.Data[3] = float32(math.NaN())
	if _, err := Read(save(t, m)); err == nil || !strings.Contains(err.Error(), `weights "`+w.Name+`" hold NaN at place 3: the training diverged`) {
		t.Errorf("%v", err)
	}
	w.Data[3] = float32(math.Inf(-1))
	if _, err := Read(save(t, m)); err == nil || !strings.Contains(err.Error(), "-Inf") {
		t.Errorf("%v", err)
	}
}
