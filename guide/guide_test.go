package guide

import (
	"math"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"gonum.org/v1/gonum/mat"

	"abide/constraint"
	"abide/internal/engine"
	"abide/prior"
)

func call(t *testing.T, d prior.Denoiser, u []float64, dim int, sigma float64) []float64 {
	t.Helper()
	e, err := engine.Open("go")
	if err != nil {
		t.Fatal(err)
	}
	f := e.NewFunction("guided", engine.Float64, func(in []*engine.Node) []*engine.Node {
		return []*engine.Node{d.Denoise(in[0], in[1])}
	})
	out, err := f.Call(engine.Rows(u, dim), engine.Scalar(sigma))
	if err != nil {
		t.Fatal(err)
	}
	return out[0].F64
}

func standardGaussian(t *testing.T) *prior.Prior {
	t.Helper()
	p, err := prior.NewGaussian([]float64{0, 0}, mat.NewSymDense(2, []float64{1, 0, 0, 1}), nil)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// An energy without slope leaves the denoiser as it is, to the last bit.
func TestZeroEnergyLeavesTheDenoiser(t *testing.T) {
	p := standardGaussian(t)
	g := PlugIn{Weight: 3, Energy: func(u *engine.Node) *engine.Node { return graph.MulScalar(graph.ReduceSum(u, -1), 0) }}
	u := []float64{0.3, -1.2, 2, 0.7}
	got, want := call(t, g.Guide(p.Denoiser), u, 2, 0.8), call(t, p.Denoiser, u, 2, 0.8)
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("entry %d: %.17g, without guidance %.17g", i, got[i], want[i])
		}
	}
}

// For N(0, I) and a broken half-space a·u ≤ b the guided estimate has the closed
// form D − wσ²J·a (a·D − b)/(h‖a‖)², D = z/(1+σ²), J = 1/(1+σ²), h = RowWidth;
// where the row is obeyed nothing moves.
func TestBrokenRowsPull(t *testing.T) {
	p := standardGaussian(t)
	a, b, w, sigma := []float64{2, 1}, 0.5, 0.7, 0.6
	row, err := constraint.NewHalfSpace("row", a, b)
	if err != nil {
		t.Fatal(err)
	}
	d := PlugIn{Weight: w, Energy: Sum(p.Coordinates, []constraint.Constraint{row}, nil)}.Guide(p.Denoiser)
	j := 1 / (1 + sigma*sigma)
	for _, z := range [][]float64{{1.5, 0.3}, {-1, 0.2}} {
		got := call(t, d, z, 2, sigma)
		size := math.Hypot(a[0], a[1])
		broken := math.Max(j*(a[0]*z[0]+a[1]*z[1])-b, 0)
		for i := range 2 {
			want := j*z[i] - w*sigma*sigma*j*a[i]*broken/(RowWidth*RowWidth*size*size)
			if math.Abs(got[i]-want) > 1e-14 {
				t.Errorf("at %v: entry %d is %.15g, want %.15g", z, i, got[i], want)
			}
		}
	}
}
