package diagnose

import (
	"fmt"
	"math"
	"testing"

	"abide/internal/testkit"
)

// identity is the d×d unit matrix.
func identity(d int) []float64 {
	c := make([]float64, d*d)
	for i := range d {
		c[i*d+i] = 1
	}
	return c
}

// agrees compares with a closed form: within the t-band of the estimate's own
// standard error (15 degrees of freedom) and rounding of 1e-12.
func agrees(t testkit.TB, name string, got, se, want float64) {
	t.Helper()
	testkit.WithinStudent(t, name, got, want, se+1e-12, orthantShifts-1, 0)
}

// Closed forms at zero thresholds: ¼ + asin(ρ)/2π of two normals, and of three
// ⅛ + (asin ρ₁₂ + asin ρ₁₃ + asin ρ₂₃)/4π (W. F. Sheppard, 1899; A. Stuart and
// K. Ord, Kendall's Advanced Theory of Statistics I, section 15.10).
func TestOrthantsAtZero(t *testing.T) {
	for _, ρ := range []float64{-0.99, -0.5, 0, 0.3, 0.9, 0.999} {
		p, se := GaussianOrthant([]float64{0, 0}, []float64{1, ρ, ρ, 1}, identity(2), []float64{0, 0}, 2, 4000, 1)
		agrees(t, fmt.Sprintf("quadrant, ρ = %g", ρ), p, se, 0.25+math.Asin(ρ)/2/math.Pi)
	}
	for _, ρ := range [][3]float64{{0, 0, 0}, {0.5, 0.5, 0.5}, {-0.4, 0.2, 0.7}, {-0.49, -0.49, -0.49}} {
		cov := []float64{4, 2 * ρ[0], 6 * ρ[1], 2 * ρ[0], 1, 3 * ρ[2], 6 * ρ[1], 3 * ρ[2], 9}
		mean := []float64{5, -1, 2}
		p, se := GaussianOrthant(mean, cov, identity(3), mean, 3, 16_000, 2)
		agrees(t, fmt.Sprintf("octant, ρ = %v", ρ), p, se, 0.125+(math.Asin(ρ[0])+math.Asin(ρ[1])+math.Asin(ρ[2]))/4/math.Pi)
		// Quasi-Monte-Carlo must beat plain Monte Carlo by far, or it is none.
		if plain := math.Sqrt(p * (1 - p) / 16_000); se > plain/10 {
			t.Errorf("octant, ρ = %v: standard error %g, plain Monte Carlo has %g", ρ, se, plain)
		}
	}
}

// Independent rows in any orientation: the product of Φ, tails included. Rows of
// an orthogonal matrix (a product of rotations) are independent.
func TestOrthantOfIndependentRows(t *testing.T) {
	rng := newRand(9)
	for _, d := range []int{1, 2, 5, 10} {
		rotation := identity(d)
		for range 3 * d {
			i, j, α := rng.IntN(d), rng.IntN(d), rng.Float64()*7
			if i == j {
				continue
			}
			for k := range d {
				a, b := rotation[i*d+k], rotation[j*d+k]
				rotation[i*d+k], rotation[j*d+k] = math.Cos(α)*a-math.Sin(α)*b, math.Sin(α)*a+math.Cos(α)*b
			}
		}
		mean, b, want := normals(rng, d), make([]float64, d), 1.0
		for i := range b {
			shift := 2 * rng.NormFloat64()
			b[i] = dot(rotation[i*d:(i+1)*d], mean) + shift
			want *= phi(shift)
		}
		p, se := GaussianOrthant(mean, identity(d), rotation, b, d, 2000, 3)
		if math.Abs(p-want) > 1e-12*want || se > 1e-12*want { // no variable depends on another: rounding alone
			t.Errorf("d = %d: %v ± %v, want %v", d, p, se, want)
		}
	}
	p, _ := GaussianOrthant([]float64{0}, []float64{1}, []float64{-1}, []float64{-20}, 1, 1, 1)
	if want := phi(-20); math.Abs(p-want) > 1e-12*want {
		t.Errorf("P(Z ≥ 20) = %v, want %v", p, want)
	}
}

// Rows that depend on one another: two-sided, repeated, implied, contradictory,
// without variance, without bound.
func TestOrthantOfDependentRows(t *testing.T) {
	inf := math.Inf(1)
	band := phi(1) - phi(-0.5)
	for _, c := range []struct {
		name string
		a, b []float64
		want float64
	}{
		{"band", []float64{1, 0, -1, 0}, []float64{1, 0.5}, band},
		{"band in the upper tail", []float64{1, 0, -1, 0}, []float64{9, -8}, phi(-8) - phi(-9)},
		{"two bands", []float64{1, 0, -1, 0, 0, 2, 0, -2}, []float64{1, 0.5, 2, 1}, band * band},
		{"repeated", []float64{1, 0, 3, 0, 1, 0}, []float64{1, 3, 1}, phi(1)},
		{"implied", []float64{1, 0, 1, 0}, []float64{1, 2}, phi(1)},
		{"contradictory", []float64{1, 0, -1, 0}, []float64{-1, 0.5}, 0},
		{"zero row obeyed", []float64{0, 0, 1, 0}, []float64{0, 1}, phi(1)},
		{"zero row violated", []float64{0, 0, 1, 0}, []float64{-1e-9, 1}, 0},
		{"no bound", []float64{1, 0, 0, 1}, []float64{inf, 1}, phi(1)},
		{"no bounds", []float64{1, 0, 0, 1}, []float64{inf, inf}, 1},
		{"impossible bound", []float64{1, 0, 0, 1}, []float64{-inf, 1}, 0},
		{"no rows", nil, nil, 1},
	} {
		p, se := GaussianOrthant([]float64{0, 0}, identity(2), c.a, c.b, len(c.b), 160, 4)
		if math.Abs(p-c.want) > 1e-12*c.want || se > 1e-12*c.want {
			t.Errorf("%s: %v ± %v, want %v", c.name, p, se, c.want)
		}
	}
	// a covariance of rank one: x₁ = −x₀
	p, _ := GaussianOrthant([]float64{0, 0}, []float64{1, -1, -1, 1}, identity(2), []float64{1, 0.5}, 2, 16, 1)
	near(t, "singular covariance", p, band, 1e-12)
	// and x₀ + x₁ = 0 has no variance, so that a bound below 0 is impossible
	p, _ = GaussianOrthant([]float64{0, 0}, []float64{1, -1, -1, 1}, []float64{1, 1}, []float64{-0.1}, 1, 16, 1)
	near(t, "impossible in a singular law", p, 0, 0)
	if p, se := GaussianOrthant([]float64{math.NaN()}, []float64{1}, []float64{1}, []float64{0}, 1, 16, 1); !math.IsNaN(p) || !math.IsNaN(se) {
		t.Errorf("NaN gives %v ± %v", p, se)
	}
}

// The u-quantile of a normal cut to (lo, hi] splits its probability as u to 1 − u,
// measured in the tail that keeps its digits. Erfc and its inverse are good to a
// few ε, and the quantile's own rounding moves Φ by |q|²ε relatively.
func TestTruncatedNormal(t *testing.T) {
	inf := math.Inf(1)
	for _, c := range [][2]float64{{-inf, 0}, {-1, 2}, {-inf, -10}, {0.5, 1}, {8, 9}, {3, inf}, {-0.1, 0.1}, {-30, -29.9}} {
		lo, hi := c[0], c[1]
		for _, u := range []float64{0.001, 0.25, 0.5, 0.9, 0.999} {
			p, q := truncatedNormal(lo, hi, u)
			below, above := phi(q)-phi(lo), phi(hi)-phi(q)
			if lo > 0 {
				below, above = phi(-lo)-phi(-q), phi(-q)-phi(-hi)
			}
			bound := 100 * 0x1p-52 * (1 + q*q) * (phi(-math.Abs(q)) + p)
			near(t, fmt.Sprintf("below the %g-quantile of %v", u, c), below, u*p, bound)
			near(t, fmt.Sprintf("above the %g-quantile of %v", u, c), above, (1-u)*p, bound)
		}
	}
	for _, u := range []float64{0, 1} {
		if _, q := truncatedNormal(-inf, 3, u); math.IsInf(q, 0) || math.IsNaN(q) {
			t.Errorf("the %g-quantile is %v", u, q)
		}
	}
	if p, _ := truncatedNormal(1, 1, 0.5); p != 0 {
		t.Errorf("an empty interval has probability %v", p)
	}
}

// Equally correlated normals in a cube, against the one-factor integral
//
//	∫ φ(t) [Φ((h − √ρ t)/√(1−ρ)) − Φ((l − √ρ t)/√(1−ρ))]ᵈ dt
//
// (C. W. Dunnett and M. Sobel, Biometrika 42, 1955), by the trapezoidal rule,
// whose error falls exponentially for such integrands: steps of 0.01 resolve the
// narrowest scale √((1−ρ)/ρ) = 0.23 to rounding.
func TestOrthantOfCubes(t *testing.T) {
	inf := math.Inf(1)
	for _, c := range []struct {
		d       int
		ρ, l, h float64
	}{{3, 0.5, -inf, 0.3}, {4, 0.9, -0.3, 0.4}, {5, 0.5, 0.2, 1.5}, {4, 0.95, -1, 2}} {
		want := 0.0
		for i := -900; i <= 900; i++ {
			now, s := float64(i)/100, math.Sqrt(1-c.ρ)
			shift := math.Sqrt(c.ρ) * now
			want += math.Exp(-now*now/2) / math.Sqrt(2*math.Pi) / 100 * math.Pow(phi((c.h-shift)/s)-phi((c.l-shift)/s), float64(c.d))
		}
		cov := identity(c.d)
		for i := range cov {
			cov[i] = c.ρ + (1-c.ρ)*cov[i]
		}
		a, b := identity(c.d), make([]float64, 2*c.d)
		for i := range c.d {
			b[i], b[c.d+i] = c.h, -c.l
		}
		for _, v := range identity(c.d) {
			a = append(a, -v)
		}
		p, se := GaussianOrthant(make([]float64, c.d), cov, a, b, 2*c.d, 8000, 6)
		agrees(t, fmt.Sprintf("%+v", c), p, se, want)
		if plain := math.Sqrt(p * (1 - p) / 8000); se > plain/10 {
			t.Errorf("%+v: standard error %g, plain Monte Carlo has %g", c, se, plain)
		}
	}
}

// Polygons in the plane with more rows than dimensions, against ∫ φ(x) P(l(x) ≤ y
// ≤ u(x)) dx by the midpoint rule with steps h. The integrand is a marginal of a
// log-concave function, so it has one peak and varies by 2φ(0) at most: the rule
// errs by no more than h·φ(0).
func TestOrthantOfPolygons(t *testing.T) {
	rng := newRand(10)
	for trial := range 6 {
		m := 3 + rng.IntN(6)
		var a, b []float64
		for range m {
			α := rng.Float64() * 2 * math.Pi
			a, b = append(a, math.Cos(α), math.Sin(α)), append(b, rng.Float64()*2-0.2)
		}
		const steps, h = 100_000, 16. / 100_000
		want := 0.0
		for i := range steps {
			x := -8 + (float64(i)+0.5)*h
			lo, hi := math.Inf(-1), math.Inf(1)
			for k := range m {
				y := (b[k] - a[2*k]*x) / a[2*k+1]
				if a[2*k+1] > 0 {
					hi = min(hi, y)
				} else {
					lo = max(lo, y)
				}
			}
			if lo < hi {
				want += h * math.Exp(-x*x/2) / math.Sqrt(2*math.Pi) * (phi(hi) - phi(lo))
			}
		}
		p, se := GaussianOrthant([]float64{0, 0}, identity(2), a, b, m, 16_000, uint64(trial))
		ruleError := h / math.Sqrt(2*math.Pi)
		nearest := min(max(p, want-ruleError), want+ruleError) // to p, of the values the rule allows
		agrees(t, fmt.Sprintf("polygon %d of %d rows", trial, m), p, se, nearest)
	}
}

// Ten dimensions, three half-spaces: against plain Monte Carlo.
func TestOrthantAgainstMonteCarlo(t *testing.T) {
	const d, m, draws = 10, 3, 40_000
	rng := newRand(11)
	a, b := normals(rng, m*d), []float64{-1, 0, 2}
	mean := normals(rng, d)
	root := normals(rng, d*d)
	cov := make([]float64, d*d)
	for i := range d {
		for j := range d {
			cov[i*d+j] = dot(root[i*d:(i+1)*d], root[j*d:(j+1)*d])
		}
	}
	law := testkit.Mixture{Dim: d, Weight: []float64{1}, Mean: [][]float64{mean}, Factor: [][]float64{root}}
	inside := make([]float64, draws)
	x := law.Draw(rng, draws)
	for i := range inside {
		if testkit.InPolytope(x[i*d:(i+1)*d], a, b) {
			inside[i] = 1
		}
	}
	share, seShare := testkit.MeanSE(inside)
	p, se := GaussianOrthant(mean, cov, a, b, m, 4000, 5)
	testkit.WithinSigma(t, "P(A x ≤ b)", p, share, math.Hypot(se, seShare), 0)
	if !(se < seShare/20) {
		t.Errorf("standard error %g", se)
	}
}

// Laws: the order of rows and their scales do not matter, a further row never
// adds probability (up to the estimates' errors), p lies in [0, 1].
func TestOrthantLaws(t *testing.T) {
	const d = 3
	for seed := range uint64(60) {
		rng, m := newRand(seed), 1+int(seed%5)
		a, b := normals(rng, m*d), normals(rng, m)
		p, se := GaussianOrthant(make([]float64, d), identity(d), a, b, m, 1600, 1)
		if !(p >= 0 && p <= 1) {
			t.Fatalf("p = %v", p)
		}
		var turned, bounds []float64
		for i := m - 1; i >= 0; i-- {
			for _, v := range a[i*d : (i+1)*d] {
				turned = append(turned, 3*v)
			}
			bounds = append(bounds, 3*b[i])
		}
		q, _ := GaussianOrthant(make([]float64, d), identity(d), turned, bounds, m, 1600, 1)
		if math.Abs(p-q) > 1e-9 {
			t.Fatalf("rows turned round: %v and %v", p, q)
		}
		fewer, seFewer := GaussianOrthant(make([]float64, d), identity(d), a[:(m-1)*d], b[:m-1], m-1, 1600, 1)
		if p > fewer+15*(se+seFewer)+1e-12 { // 15: 2e-10 of Student's t with 15 degrees of freedom
			t.Fatalf("a row more: %v ± %v, without it %v ± %v", p, se, fewer, seFewer)
		}
	}
}

// The factor must reproduce the law: rows of unit variance with the
// correlations of A cov Aᵀ.
func TestOrthantFactor(t *testing.T) {
	rng := newRand(12)
	const d, m = 4, 9
	a, b, root := normals(rng, m*d), normals(rng, m), normals(rng, d*d)
	cov := make([]float64, d*d)
	for i := range d {
		for j := range d {
			cov[i*d+j] = dot(root[i*d:(i+1)*d], root[j*d:(j+1)*d])
		}
	}
	f, empty := newOrthant(make([]float64, d), cov, a, b, m)
	if empty || len(f.columns) != d {
		t.Fatalf("rank %d of %d, empty %v", len(f.columns), d, empty)
	}
	// Rows are told apart by their bounds, b over the row's standard deviation.
	covariance := func(i, j int) float64 {
		sum := 0.0
		for k := range d {
			sum += a[i*d+k] * dot(cov[k*d:(k+1)*d], a[j*d:(j+1)*d])
		}
		return sum
	}
	g := make([][]float64, m)
	for k, column := range f.columns {
		for _, r := range column {
			if len(r.g) != k+1 {
				t.Errorf("a row of %d variables in column %d", len(r.g), k)
			}
			for i := range m {
				if math.Abs(r.bound-b[i]/math.Sqrt(covariance(i, i))) < 1e-12 {
					g[i] = append(r.g, make([]float64, d-len(r.g))...)
				}
			}
		}
	}
	for i := range m {
		for j := range m {
			if g[i] == nil || g[j] == nil {
				t.Fatalf("rows %d and %d of %d: lost", i, j, m)
			}
			near(t, "correlation", dot(g[i], g[j]), covariance(i, j)/math.Sqrt(covariance(i, i)*covariance(j, j)), 1e-11)
		}
	}
}
