package field

import (
	"math"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"abide/fem"
	"abide/mesh"
)

// The approximation has the error it says, at points it was not made at, and its square
// in partial fractions is its square.
func TestRationalPower(t *testing.T) {
	for _, gamma := range []float64{0.01, 0.25, 0.5, 0.9, 0.99} {
		for _, ratio := range []float64{1, 30, 1e4} {
			const a = 37.0
			r, err := newRational(gamma, a, a*ratio, 1e-6)
			if err != nil {
				t.Fatal(err)
			}
			for n := range 2 {
				once, twice, constant, zero := r.square(n)
				for i := range 777 {
					x := a * math.Pow(ratio, float64(i)/776)
					if e := math.Abs(r.at(x)*math.Pow(x, gamma) - 1); !(e < 1.01*r.error+1e-12) || !(e < 1e-6) {
						t.Fatalf("γ = %g, ratio %g: error %.2g at %g, said to be %.2g", gamma, ratio, e, x, r.error)
					}
					s, size := 0.0, 0.0 // fractions cancel: rounding is that of their sizes, below 1e-7
					add := func(v float64) { s, size = s+v, size+math.Abs(v) }
					add(constant)
					add(zero[0] / x)
					add(zero[1] / (x * x))
					for j, shift := range r.shift {
						add(once[j] / (x + shift))
						add(twice[j] / ((x + shift) * (x + shift)))
					}
					if want := r.at(x) * r.at(x) * math.Pow(x, float64(-2*n)); !(math.Abs(s-want) < 1e-13*size) || size > 1e9*r.at(a)*r.at(a)*math.Pow(a, float64(-2*n)) {
						t.Fatalf("γ = %g, ratio %g, n = %d: the square at %g is %g, want %g", gamma, ratio, n, x, s, want)
					}
				}
			}
			t.Logf("γ = %g, ratio %g: %d terms, error %.1g", gamma, ratio, len(r.shift), r.error)
		}
	}
	if _, err := newRational(0.5, 1, 1e12, 1e-14); err == nil || !strings.Contains(err.Error(), "the best is within") {
		t.Errorf("error %v for an accuracy out of reach", err)
	}
}

// The covariance is the power of the dense operator, C = τ⁻² Φ μ^(−α) Φᵀ with K Φ = M Φ μ,
// to the error of the rational function; for whole α it is that of SPDE. Variances are
// those of L Lᵀ, and without Raw σ².
func TestFractionalSPDELaw(t *testing.T) {
	m := spdeMesh(t, 2, 6)
	for _, nu := range []float64{0.5, 0.73, 1.4, 2, 2.5} {
		o := SPDEOptions{Raw: true, Anisotropy: &fem.Mat{{1.5, 0.4}, {0.4, 0.8}}, Mean: 1}
		p := Matern{nu, 0.3, 1.5}
		f, err := NewFractionalSPDE(m, p, o)
		if err != nil {
			t.Fatal(err)
		}
		n := f.Size()
		c := mat.NewSymDense(n, nil)
		for i := range n {
			for q := f.k.Ptr[i]; q < f.k.Ptr[i+1]; q++ {
				j := int(f.k.Index[q])
				c.SetSym(i, j, f.k.Value[q]/(f.root[i]*f.root[j]))
			}
		}
		var eigen mat.EigenSym
		if !eigen.Factorize(c, true) {
			t.Fatal("no eigenvalues")
		}
		var v mat.Dense
		eigen.VectorsTo(&v)
		mu := eigen.Values(nil)
		if mu[0] < f.kappa*f.kappa*(1-1e-12) || mu[n-1] > f.largest() {
			t.Errorf("ν = %g: the spectrum is %g to %g, bounds %g and %g", nu, mu[0], mu[n-1], f.kappa*f.kappa, f.largest())
		}
		got := covarianceOf(f)
		for i := range n {
			for j := range n {
				want := 0.0
				for k, x := range mu {
					want += v.At(i, k) * v.At(j, k) * math.Pow(x, -nu-1)
				}
				want /= f.root[i] * f.root[j] * f.tau * f.tau
				if !(math.Abs(got[i][j]-want) < 3e-6*p.Sigma*p.Sigma*4) {
					t.Fatalf("ν = %g: covariance (%d, %d) is %.9g, want %.9g", nu, i, j, got[i][j], want)
				}
			}
			if s := f.Std()[i] * f.Std()[i]; !(math.Abs(s-got[i][i]) < 1e-8*s) {
				t.Fatalf("ν = %g: variance %d is %.12g, L Lᵀ has %.12g", nu, i, s, got[i][i])
			}
		}
		checkAdjoint(t, "fractional", f)
		e, w := make([]float64, n), make([]float64, n)
		e[3] = 1
		f.Covariance(w, e)
		for i := range w {
			if !(math.Abs(w[i]-got[i][3]) < 1e-10) {
				t.Fatalf("ν = %g: covariance (%d, 3) is %g, L Lᵀ has %g", nu, i, w[i], got[i][3])
			}
		}
		o.Raw = false
		if f, err = NewFractionalSPDE(m, p, o); err != nil {
			t.Fatal(err)
		}
		for i, row := range covarianceOf(f) {
			if !(math.Abs(row[i]-p.Sigma*p.Sigma) < 1e-8) {
				t.Fatalf("ν = %g: variance %d is %g, want σ² = %g", nu, i, row[i], p.Sigma*p.Sigma)
			}
		}
	}
	for nu, want := range map[float64]string{1: "take NewSPDE", 3.5: "order α = 4.5", -2: "ν = -2"} {
		if _, err := NewFractionalSPDE(m, Matern{nu, 0.3, 1}, SPDEOptions{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("ν = %g: error %v, want one with %q", nu, err, want)
		}
	}
}

// In the interior the exponential covariance of the plane, α = 3/2, is reached at distances
// of ℓ to 2ℓ with order 2, but for what the points differ by.
func TestFractionalSPDEInterior(t *testing.T) {
	p := Matern{0.5, 0.1, 1}
	var errors [2]float64
	for k, n := range []int{32, 64} {
		m, err := mesh.NewRectangle(mesh.Triangle, n, n, 1, 1)
		if err != nil {
			t.Fatal(err)
		}
		f, err := NewFractionalSPDE(m, p, SPDEOptions{Raw: true})
		if err != nil {
			t.Fatal(err)
		}
		e, w := make([]float64, f.Size()), make([]float64, f.Size())
		e[f.Size()/2] = 1
		f.Covariance(w, e)
		from := f.Space.Place(f.Size() / 2)
		for i, got := range w {
			if r := f.Space.Place(i).Sub(from).Norm(); r > p.Length && r < 2*p.Length {
				errors[k] = math.Max(errors[k], math.Abs(got-p.Covariance(r)))
			}
		}
	}
	t.Logf("%.2g, %.2g, order %.2f", errors[0], errors[1], math.Log2(errors[0]/errors[1]))
	if order := math.Log2(errors[0] / errors[1]); !(math.Abs(order-2) < 0.25) || !(errors[1] < 2e-3) {
		t.Errorf("error %.2g after %.2g, order %.2f; want less than 2e-3 and order 2", errors[1], errors[0], order)
	}
}
