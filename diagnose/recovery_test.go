package diagnose

import (
	"math"
	"testing"

	"abide/internal/keyed"
	"abide/internal/testkit"
)

// The integral of the definition, and the kernel form by a double sum: three ways to
// one number, for weighted points, ties, and truths inside, outside and on a point.
func TestCRPSByItsTwoDefinitions(t *testing.T) {
	x, w := []float64{0.5, -1, 2, 0.5, 3}, []float64{1, 2, 0, 0.5, 1.5}
	for _, y := range []float64{-2, -1, 0, 0.5, 1, 3, 7} {
		var first, second, sum float64
		for i := range x {
			sum += w[i]
			first += w[i] * math.Abs(x[i]-y)
			for j := range x {
				second += w[i] * w[j] * math.Abs(x[i]-x[j])
			}
		}
		if got, want := CRPS(x, w, y), first/sum-second/(2*sum*sum); math.Abs(got-want) > 1e-13 {
			t.Errorf("y = %g: %.15g, want %.15g", y, got, want)
		}
	}
	if got := CRPS([]float64{2}, nil, -1.5); got != 3.5 {
		t.Errorf("one point scores %g, want its distance 3.5", got)
	}
}

// The score of a Gaussian in closed form (Gneiting and Raftery 2007, section 4.2),
// by equally likely quantiles: the midpoint rule for a law, error O(1/n).
func TestCRPSOfAGaussian(t *testing.T) {
	const n, mean, std = 20000, 1.5, 2.0
	x := make([]float64, n)
	for i := range x {
		x[i] = mean + std*math.Sqrt2*math.Erfinv(2*(float64(i)+0.5)/n-1)
	}
	for _, y := range []float64{-3, 1.5, 2, 9} {
		z := (y - mean) / std
		pdf, cdf := math.Exp(-z*z/2)/math.Sqrt(2*math.Pi), 0.5*math.Erfc(-z/math.Sqrt2)
		want := std * (z*(2*cdf-1) + 2*pdf - 1/math.Sqrt(math.Pi))
		if got := CRPS(x, nil, y); math.Abs(got-want) > 5*std/n {
			t.Errorf("y = %g: %.6f, want %.6f", y, got, want)
		}
	}
}

// Under the null, truth and points from one law: coverage is the level. With type 7
// quantiles of n points the truth lies below the q-quantile with probability
// (q(n−1) + 1)/(n + 1), so the interval holds it with level·(n−1)/(n+1).
func TestCoverageUnderTheNull(t *testing.T) {
	const n, d, level = 101, 20000, 0.9 // quantiles are order statistics
	x, truth := make([]float64, n*d), make([]float64, d)
	keyed.New(3, "points", 0, 0).Normal(x)
	keyed.New(3, "truth", 0, 0).Normal(truth)
	p := level * (n - 1) / (n + 1)
	testkit.WithinSigma(t, "coverage", Coverage(x, nil, truth, level), p, math.Sqrt(p*(1-p)/d), 0)
}

func TestPSNR(t *testing.T) {
	// Errors of 1 in a range of 10: 20 dB; half of them zero: 3.01 dB more.
	if got := PSNR([]float64{1, 3}, []float64{2, 2}, 10); math.Abs(got-20) > 1e-12 {
		t.Errorf("%g dB, want 20", got)
	}
	if got := PSNR([]float64{1, 2}, []float64{2, 2}, 10); math.Abs(got-20-10*math.Log10(2)) > 1e-12 {
		t.Errorf("%g dB", got)
	}
	if got := PSNR([]float64{1}, []float64{1}, 10); !math.IsInf(got, 1) {
		t.Errorf("equal pictures have %g dB", got)
	}
}

// Laws of the similarity, window by window: an image is like itself; a window of one
// size that is shifted differs in its means alone, one that is scaled about its mean in
// its variances alone; and images of independent noise are hardly alike.
func TestSSIM(t *testing.T) {
	const h, w, span = 20, 15, 4.0
	x := make([]float64, h*w)
	keyed.New(8, "image", 0, 0).Normal(x)
	if got := SSIM(x, x, h, w, span); math.Abs(got-1) > 1e-12 {
		t.Errorf("an image is %g like itself", got)
	}
	small := x[:ssimWindow*ssimWindow]
	var m, v float64
	for _, a := range small {
		m += a / float64(len(small))
	}
	for _, a := range small {
		v += (a - m) * (a - m) / float64(len(small)-1)
	}
	shifted, scaled := make([]float64, len(small)), make([]float64, len(small))
	for i, a := range small {
		shifted[i], scaled[i] = a+0.7, m-2*(a-m)
	}
	c1, c2 := 0.01*span*0.01*span, 0.03*span*0.03*span
	if got, want := SSIM(small, shifted, ssimWindow, ssimWindow, span), (2*m*(m+0.7)+c1)/(m*m+(m+0.7)*(m+0.7)+c1); math.Abs(got-want) > 1e-12 {
		t.Errorf("shifted: %.12g, want %.12g", got, want)
	}
	if got, want := SSIM(small, scaled, ssimWindow, ssimWindow, span), (-4*v+c2)/(5*v+c2); math.Abs(got-want) > 1e-12 {
		t.Errorf("scaled by −2: %.12g, want %.12g", got, want)
	}
	other := make([]float64, h*w)
	keyed.New(9, "image", 0, 0).Normal(other)
	var parts float64 // windows one by one
	for r := range h - ssimWindow + 1 {
		for c := range w - ssimWindow + 1 {
			var a, b []float64
			for i := range ssimWindow {
				at := (r+i)*w + c
				a, b = append(a, x[at:at+ssimWindow]...), append(b, other[at:at+ssimWindow]...)
			}
			parts += SSIM(a, b, ssimWindow, ssimWindow, span) / float64((h-ssimWindow+1)*(w-ssimWindow+1))
		}
	}
	if got := SSIM(x, other, h, w, span); math.Abs(got-parts) > 1e-12 {
		t.Errorf("%.12g is not the mean %.12g over windows", got, parts)
	}
	if !math.IsNaN(SSIM(x[:36], x[:36], 6, 6, span)) {
		t.Error("an image smaller than a window has a similarity")
	}
}
