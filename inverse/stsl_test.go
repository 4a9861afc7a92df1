package inverse

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"abide/internal/engine"
	"abide/prior"
)

// For a Gaussian prior the score is linear and nᵀs(z+n) − nᵀs(z) = nᵀ∇s n, whose
// expectation is tr ∇s: exactly the sum over unit vectors n. In sampler coordinates
// u of N(0, C), z = a u + b n: ∇s = −(a²C + b²I)⁻¹.
func TestTraceOfTheScoreOfAGaussian(t *testing.T) {
	c := mat.NewSymDense(3, []float64{1, 0.6, -0.2, 0.6, 1, 0.3, -0.2, 0.3, 1})
	p, err := prior.NewGaussian([]float64{1, 2, 3}, c, nil)
	if err != nil {
		t.Fatal(err)
	}
	e, err := engine.Open("go")
	if err != nil {
		t.Fatal(err)
	}
	const a, b = 0.8, 0.6
	f := e.NewFunction("trace", engine.Float64, func(in []*Node) []*Node {
		u, sigma, n, a := in[0], in[1], in[2], in[3]
		return []*Node{scoreTrace(p.Denoiser, p.Denoiser.Denoise(u, sigma), u, sigma, n, a)}
	})
	u := []float64{0.3, -1, 2, 0.3, -1, 2, 0.3, -1, 2}
	n := []float64{1, 0, 0, 0, 1, 0, 0, 0, 1}
	out, err := f.Call(engine.Rows(u, 3), engine.Scalar(b/a), engine.Rows(n, 3), engine.Scalar(a))
	if err != nil {
		t.Fatal(err)
	}
	got := out[0].F64[0] + out[0].F64[1] + out[0].F64[2]
	var s, inverse mat.Dense
	s.Scale(a*a, c)
	for i := range 3 {
		s.Set(i, i, s.At(i, i)+b*b)
	}
	if err := inverse.Inverse(&s); err != nil {
		t.Fatal(err)
	}
	if want := -mat.Trace(&inverse); math.Abs(got-want) > 1e-12 {
		t.Errorf("trace %.15g, want %.15g", got, want)
	}
}
