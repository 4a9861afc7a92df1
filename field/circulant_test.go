package field

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
)

// covarianceOf is L Lᵀ of the map of a field, from the images of unit vectors.
func covarianceOf(f Gaussian) [][]float64 {
	n := f.Size()
	c := make([][]float64, n)
	for i := range c {
		c[i] = make([]float64, n)
	}
	white, mean, u := make([]float64, f.White()), make([]float64, n), make([]float64, n)
	f.Map(mean, white)
	for k := range white {
		white[k] = 1
		f.Map(u, white)
		white[k] = 0
		for i := range u {
			u[i] -= mean[i]
		}
		for i := range u {
			for j := range u {
				c[i][j] += u[i] * u[j]
			}
		}
	}
	return c
}

// lags are the coordinates of points on a grid of steps, row-major.
func lags(shape []int, step []float64) [][]float64 {
	var x [][]float64
	size := 1
	for _, n := range shape {
		size *= n
	}
	for i := range size {
		p := make([]float64, len(shape))
		for a := len(shape) - 1; a >= 0; a-- {
			p[a] = float64(i%shape[a]) * step[a]
			i /= shape[a]
		}
		x = append(x, p)
	}
	return x
}

// The covariance is the one asked for, to rounding: one to three axes, isotropic and
// tilted, on tori of even and odd size.
func TestCirculantCovariance(t *testing.T) {
	tilted := func(h []float64) float64 { // not even along each axis
		a, b := h[0]+0.8*h[1], 2*h[1]-0.3*h[0]
		return 1.7 * math.Exp(-math.Sqrt(a*a+b*b)/0.05)
	}
	for _, c := range []struct {
		name       string
		covariance func([]float64) float64
		shape      []int
		step       []float64
		padding    float64
	}{
		{"exponential", Matern{0.5, 0.3, 2}.Stationary, []int{8}, []float64{0.125}, 1},
		{"Matérn", Matern{1.2, 0.2, 1}.Stationary, []int{13}, []float64{0.1}, 2},
		{"plane", Matern{1, 0.08, 1}.Stationary, []int{7, 5}, []float64{0.1, 0.07}, 2},
		{"plane by chance thin", Matern{1, 0.08, 1}.Stationary, []int{1, 5}, []float64{0.1, 0.07}, 2},
		{"tilted", tilted, []int{6, 8}, []float64{0.1, 0.05}, 1},
		{"tilted on an odd torus", tilted, []int{8, 5}, []float64{0.1, 0.05}, 1.1},
		{"space", Matern{0.5, 0.1, 1}.Stationary, []int{3, 4, 2}, []float64{0.1, 0.1, 0.2}, 1},
	} {
		f, err := NewCirculant(c.covariance, c.shape, c.step, c.padding, 0.5)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		x := lags(c.shape, c.step)
		for i, row := range covarianceOf(f) {
			for j, got := range row {
				h := make([]float64, len(x[i]))
				for a := range h {
					h[a] = x[i][a] - x[j][a]
				}
				if want := c.covariance(h); !(math.Abs(got-want) < 1e-12) {
					t.Fatalf("%s: covariance of %v and %v is %.15g, want %.15g", c.name, x[i], x[j], got, want)
				}
			}
		}
	}
}

// Draws are Map of their key's numbers: mean and square at a place within 4.9 standard
// errors, and draws of one index are equal whatever was drawn before.
func TestCirculantDraws(t *testing.T) {
	f, err := NewCirculant(Matern{0.5, 0.3, 2}.Stationary, []int{9, 6}, []float64{0.1, 0.1}, 2, -1)
	if err != nil {
		t.Fatal(err)
	}
	const n = 4000
	u, again := make([]float64, f.Size()), make([]float64, f.Size())
	mean, cross := 0.0, 0.0
	f.Sample(again, 2, 77)
	for k := range n {
		f.Sample(u, 2, k)
		mean += u[20] / n
		cross += (u[20] + 1) * (u[33] + 1) / n
		if k == 77 {
			for i := range u {
				if u[i] != again[i] {
					t.Fatalf("draw 77 is %g at %d, and was %g", u[i], i, again[i])
				}
			}
		}
	}
	if z := (mean + 1) / (2 / math.Sqrt(n)); math.Abs(z) > 4.9 {
		t.Errorf("the mean is %g, %.1f standard errors from −1", mean, z)
	}
	c := Matern{0.5, 0.3, 2}.Stationary([]float64{0.2, 0.1}) // places (3, 2) and (5, 3)
	if z := (cross - c) / math.Sqrt((16+c*c)/n); math.Abs(z) > 4.9 {
		t.Errorf("the covariance is %g, %.1f standard errors from %g", cross, z, c)
	}
}

// A smooth covariance that reaches across the box has no small embedding; the error
// names one that has, and it has.
func TestCirculantErrorSaysWhatWouldDo(t *testing.T) {
	smooth := Matern{2.5, 0.5, 1}.Stationary
	_, err := NewCirculant(smooth, []int{33}, []float64{1. / 32}, 1, 0)
	var e *EmbeddingError
	if !errors.As(err, &e) || !(e.Smallest < 0) || !(e.Enough > 1) {
		t.Fatalf("error %v, want one with an embedding that would do", err)
	}
	if want := fmt.Sprintf("padding %g would do", e.Enough); !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), fmt.Sprintf("%.3g", e.Smallest)) {
		t.Errorf("%q does not say %q and the eigenvalue", err, want)
	}
	if _, err := NewCirculant(smooth, []int{33}, []float64{1. / 32}, e.Enough, 0); err != nil {
		t.Errorf("padding %g: %v", e.Enough, err)
	}
	never := func(h []float64) float64 { return 1 - math.Abs(h[0]) } // of no field: it falls without end
	if _, err := NewCirculant(never, []int{33}, []float64{1}, 1, 0); !errors.As(err, &e) || e.Enough != 0 {
		t.Errorf("error %v, want one without an embedding", err)
	}
	for _, c := range []struct {
		n       []int
		step    []float64
		padding float64
		want    string
	}{{nil, nil, 1, "0 axes"}, {[]int{4}, []float64{0}, 1, "step of 0"}, {[]int{4}, []float64{1}, 0.5, "padding 0.5"}, {[]int{1 << 20, 1 << 20}, []float64{1, 1}, 1, "at most"}} {
		if _, err := NewCirculant(smooth, c.n, c.step, c.padding, 0); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want one with %q", err, c.want)
		}
	}
}
