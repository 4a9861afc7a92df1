package train

import (
	"context"
	"math"
	"testing"

	"abide/internal/engine"
	"abide/internal/keyed"
	"abide/network"
)

// A Fourier neural operator trained on a stationary Gaussian field on a ring comes
// nearer to the exact denoiser, λ/(λ + σ²) on every wave, than any denoiser that
// looks at a point and its two neighbours: far nearer than the trivial one, z/(1+σ²),
// which is where the network starts. Excess risks E‖D − D*‖² of both rivals are
// exact; that of the network is a mean, held against them with five standard errors.
func TestFourierOperatorFindsTheFieldsDenoiser(t *testing.T) {
	const n, rows = 16, 4000
	lambda := make([]float64, n) // eigenvalues of the covariance, with mean 1
	total := 0.0
	for k := range lambda {
		w := 2 * math.Pi * float64(min(k, n-k)) * 0.12
		lambda[k] = math.Exp(-w * w / 2)
		total += lambda[k] / n
	}
	for k := range lambda {
		lambda[k] /= total
	}
	// filter is the circulant matrix with eigenvalues h, times rows.
	filter := func(x []float64, h func(k int) float64) []float64 {
		kernel, out := make([]float64, n), make([]float64, len(x))
		for j := range kernel {
			for k := range n {
				kernel[j] += h(k) * math.Cos(2*math.Pi*float64(j*k)/n) / n
			}
		}
		for i := range out {
			for j := range n {
				out[i] += kernel[(i%n-j+n)%n] * x[i/n*n+j]
			}
		}
		return out
	}
	white := func(stream, rows int) []float64 {
		x := make([]float64, rows*n)
		keyed.New(5, "field", stream, 0).Normal(x)
		return x
	}
	draw := func(stream, rows int) []float64 {
		return filter(white(stream, rows), func(k int) float64 { return math.Sqrt(lambda[k]) })
	}
	s := Settings{
		Network: network.Architecture{Kind: "fno", Shape: []int{n}, Width: 16, Depth: 2, Embedding: 16},
		Steps:   400, Batch: 64, LearningRate: 5e-3, Warmup: 0.02, EMA: 0.98, Seed: 1,
	}
	e := openGo(t)
	tr, err := New(e, draw(0, rows), nil, n, s)
	if err != nil {
		t.Fatal(err)
	}
	if err := tr.Run(context.Background(), nil); err != nil {
		t.Fatal(err)
	}
	tr.Best()
	denoise := e.NewFunction("denoise", s.dtype(), func(in []*engine.Node) []*engine.Node {
		return []*engine.Node{s.denoiser(tr.Network, nil).Denoise(in[0], in[1])}
	})
	for _, sigma := range []float64{0.5, 1} {
		const m = 1000
		z, noise := draw(1, m), white(2, m)
		for i := range z {
			z[i] += sigma * noise[i]
		}
		exact := func(k int) float64 { return lambda[k] / (lambda[k] + sigma*sigma) }
		want := filter(z, exact)
		out, err := denoise.Call(engine.Rows(z, n), engine.Scalar(sigma))
		if err != nil {
			t.Fatal(err)
		}
		var sum, square float64
		for i := range m {
			off := 0.0
			for j := range n {
				r := out[0].F64[i*n+j] - want[i*n+j]
				off += r * r
			}
			sum, square = sum+off, square+off*off
		}
		mean := sum / m
		bound := mean + 5*math.Sqrt((square/m-mean*mean)/m)
		risk := func(h func(k int) float64) (r float64) {
			for k := range n {
				r += (h(k) - exact(k)) * (h(k) - exact(k)) * (lambda[k] + sigma*sigma)
			}
			return r
		}
		trivial := risk(func(int) float64 { return 1 / (1 + sigma*sigma) })
		// the best c₀ + c₁ cos: weighted least squares in two unknowns
		var a, b, c, p, q float64
		cos := func(k int) float64 { return math.Cos(2 * math.Pi * float64(k) / n) }
		for k := range n {
			w := lambda[k] + sigma*sigma
			a, b, c = a+w, b+w*cos(k), c+w*cos(k)*cos(k)
			p, q = p+w*exact(k), q+w*exact(k)*cos(k)
		}
		c0, c1 := (p*c-q*b)/(a*c-b*b), (q*a-p*b)/(a*c-b*b)
		neighbours := risk(func(k int) float64 { return c0 + c1*cos(k) })
		t.Logf("σ = %g: excess risk %.4f (at most %.4f), of the best filter of three points %.4f, of the trivial denoiser %.4f", sigma, mean, bound, neighbours, trivial)
		if !(neighbours < trivial) || !(bound < neighbours) {
			t.Errorf("σ = %g: the network is no nearer to the exact denoiser", sigma)
		}
	}
}
