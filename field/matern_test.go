package field

import (
	"math"
	"testing"

	"abide/grid"
)

// ν = ½, 3/2 and 5/2 are elementary; ν and the recurrence K_{ν+1} = K_{ν−1} + 2ν/x K_ν
// hold between others; small and large arguments have their limits.
func TestMaternCovariance(t *testing.T) {
	for _, r := range []float64{1e-6, 0.01, 0.3, 1, 4, 30} {
		for nu, want := range map[float64]float64{
			0.5: math.Exp(-r / 0.7),
			1.5: (1 + math.Sqrt(3)*r/0.7) * math.Exp(-math.Sqrt(3)*r/0.7),
			2.5: (1 + math.Sqrt(5)*r/0.7 + 5*r*r/(3*0.49)) * math.Exp(-math.Sqrt(5)*r/0.7),
		} {
			m := Matern{nu, 0.7, 3}
			for _, got := range []float64{m.Covariance(r), m.bessel(m.Kappa() * r)} {
				if !(math.Abs(got-9*want) <= 1e-12*9*want) {
					t.Errorf("ν = %g, r = %g: %.15g, want %.15g", nu, r, got, 9*want)
				}
			}
		}
		for _, nu := range []float64{1, 1.3, 7} {
			k := func(nu float64) float64 { return math.Exp(logBesselK(math.Abs(nu), r)) }
			if a, b := k(nu+1), k(nu-1)+2*nu/r*k(nu); !(math.Abs(a-b) <= 1e-12*a) {
				t.Errorf("K_%g(%g) = %.15g, the recurrence says %.15g", nu+1, r, a, b)
			}
		}
	}
	// DLMF 10.25, e.g. from tables: K_0(1), K_1(1).
	for nu, want := range map[float64]float64{0: 0.42102443824070833, 1: 0.60190723019723457} {
		if got := math.Exp(logBesselK(nu, 1)); math.Abs(got-want) > 1e-15*4 {
			t.Errorf("K_%g(1) = %.17g, want %.17g", nu, got, want)
		}
	}
	if got := (Matern{1, 0.3, 2}).Covariance(0); got != 4 {
		t.Errorf("C(0) = %g", got)
	}
}

// The parameters go both ways; α = 2 in the plane is σ² = 1/(4π κ² τ²).
func TestMaternParameters(t *testing.T) {
	for _, d := range []int{1, 2, 3} {
		m := Matern{0.8, 0.2, 1.7}
		kappa, alpha, tau := m.Equation(d)
		back, err := MaternOf(d, kappa, alpha, tau)
		if err != nil || math.Abs(back.Nu-m.Nu)+math.Abs(back.Length-m.Length)+math.Abs(back.Sigma-m.Sigma) > 1e-13 {
			t.Errorf("%+v became %+v in %d dimensions (%v)", m, back, d, err)
		}
	}
	m, err := MaternOf(2, 5, 2, 0.3)
	if want := 1 / (4 * math.Pi * 25 * 0.09); err != nil || math.Abs(m.Sigma*m.Sigma-want) > 1e-13 {
		t.Errorf("σ² = %g, want %g (%v)", m.Sigma*m.Sigma, want, err)
	}
	if _, err := MaternOf(2, 5, 1, 0.3); err == nil {
		t.Error("α = d/2 has no variance and was taken")
	}
}

// The spectrum of the equation on a large periodic box, summed, is the covariance: its
// images, a period away, are below what is asked, the tail is bounded by its integral.
func TestMaternLawIsMatern(t *testing.T) {
	for d := 1; d <= 2; d++ {
		m := Matern{Nu: 2.5, Length: 0.1, Sigma: 1.5}
		side := grid.Axis{Cells: 1201, Length: 2, Boundary: grid.Periodic}
		f := spectralOf(t, m.Law(d), []grid.Axis{side, side}[:d])
		x, y := make([]float64, d), make([]float64, d)
		y[0] = 0.13
		k, alpha := math.Pi*600, f.law.Alpha // spectrum beyond k: in the plane over its discs
		tail := f.law.Sigma * f.law.Sigma * math.Pow(k, float64(d)-2*alpha) / (2*alpha - float64(d)) / []float64{math.Pi, 2 * math.Pi}[d-1]
		image := 4 * m.Covariance(1.8)
		for _, p := range [][2][]float64{{x, x}, {x, y}} {
			got, want := f.Covariance(p[0], p[1]), m.Between(p[0], p[1])
			if !(math.Abs(got-want) <= 2*(tail+image)) || tail+image > 1e-6 {
				t.Errorf("%d dimensions at %v: %.9g, want %.9g ± %.1g", d, p, got, want, tail+image)
			}
		}
	}
}

// The ends of float64 have values at once: σ² at no distance, 0 far away, none of none.
func TestMaternAtTheEndsOfFloat64(t *testing.T) {
	for _, nu := range []float64{0.3, 0.5, 5, 20.5, 100} {
		m := Matern{nu, 0.3, 2}
		for r, want := range map[float64]float64{0: 4, 5e-324: 4, 1e-310: 4, 1e6: 0, 1e200: 0, math.MaxFloat64: 0, math.Inf(1): 0} {
			if got := m.Covariance(r); !(math.Abs(got-want) <= 1e-9) {
				t.Errorf("ν = %g: C(%g) = %g, want %g", nu, r, got, want)
			}
		}
		if got := m.Covariance(math.NaN()); !math.IsNaN(got) {
			t.Errorf("ν = %g: C(NaN) = %g", nu, got)
		}
	}
}
