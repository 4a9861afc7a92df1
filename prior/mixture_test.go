package prior

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"abide/internal/engine"
	"abide/internal/keyed"
	"abide/internal/testkit"
)

// Log-responsibilities are quadratic forms of size up to 1e5 at the smallest
// noise levels, so both sides carry errors up to 1e5 ε ≈ 2e-11 there.
const mixtureTolerance = 1e-9

func eachLaw(t *testing.T, f func(t *testing.T, l law, d int)) {
	for _, c := range []struct {
		k, d     int
		diagonal bool
	}{{1, 1, true}, {1, 3, false}, {3, 2, true}, {4, 3, false}} {
		t.Run(fmt.Sprintf("%d components, %d dimensions, diagonal %v", c.k, c.d, c.diagonal), func(t *testing.T) {
			f(t, randomLaw(7, c.k, c.d, c.diagonal), c.d)
		})
	}
}

// noisy are n points spread as the law and the noise are.
func noisy(n, d int, sigma float64) []float64 {
	u := normals(n*d, 1)
	for i := range u {
		u[i] *= 3 + sigma
	}
	return u
}

func same(d int, v float64) []float64 {
	x := make([]float64, d)
	for i := range x {
		x[i] = v
	}
	return x
}

func TestMixtureIsThePosteriorMean(t *testing.T) {
	const n = 6
	eachLaw(t, func(t *testing.T, l law, d int) {
		for _, sigma := range levels {
			u := noisy(n, d, sigma)
			var want []float64
			for i := range n {
				m, _, _ := l.posterior(u[i*d:(i+1)*d], same(d, sigma*sigma))
				want = append(want, m...)
			}
			near(t, fmt.Sprintf("σ = %g", sigma), denoise(t, l.denoiser(), u, d, engine.Scalar(sigma)), want, mixtureTolerance)
			near(t, fmt.Sprintf("σ = %g for each row", sigma), denoise(t, l.denoiser(), u, d, level(n, sigma)), want, mixtureTolerance)
		}
		// Every row at a level of its own.
		u := noisy(len(levels), d, 1)
		var want []float64
		for i, sigma := range levels {
			m, _, _ := l.posterior(u[i*d:(i+1)*d], same(d, sigma*sigma))
			want = append(want, m...)
		}
		near(t, "mixed levels", denoise(t, l.denoiser(), u, d, engine.Rows(levels, 1)), want, mixtureTolerance)
	})
}

// Tweedie's identities: σ²∂D/∂u is the posterior covariance, and D = u + σ²∇log p_σ(u).
func TestMixtureObeysTweedie(t *testing.T) {
	const n = 4
	eachLaw(t, func(t *testing.T, l law, d int) {
		for _, sigma := range levels {
			u := noisy(n, d, sigma)
			s2 := sigma * sigma
			jac := jacobian(t, l.denoiser(), u, d, engine.Scalar(sigma))
			mean := denoise(t, l.denoiser(), u, d, engine.Scalar(sigma))
			for i := range n {
				row := u[i*d : (i+1)*d]
				_, cov, _ := l.posterior(row, same(d, s2))
				// Divided by σ², so that small levels are held to account; the
				// covariance of the oracle is a difference of squares of up to 1e2.
				scale := 1e2 * 0x1p-50 / s2
				for k, v := range jac[i*d*d : (i+1)*d*d] {
					if want := cov.At(k/d, k%d) / s2; !(math.Abs(v-want) <= (mixtureTolerance+scale)*math.Max(1, math.Abs(want))) {
						t.Fatalf("σ = %g: ∂D[%d]/∂u[%d] = %.12g, want %.12g", sigma, k/d, k%d, v, want)
					}
				}
				for j := range d {
					// Differences of log p with a step of 1e-3 standard deviations of the
					// smoothed law: error 1e-6 of its third derivative, and rounding.
					h := 1e-3 * math.Hypot(sigma, 0.3)
					at := func(dx float64) float64 {
						moved := append([]float64(nil), row...)
						moved[j] += dx
						_, _, p := l.posterior(moved, same(d, s2))
						return p
					}
					slope := (8*(at(h)-at(-h)) - (at(2*h) - at(-2*h))) / (12 * h)
					if want := row[j] + s2*slope; !(math.Abs(mean[i*d+j]-want) <= 1e-5*math.Max(1, math.Abs(want))) {
						t.Fatalf("σ = %g: D[%d] = %.12g, u + σ²∇log p = %.12g", sigma, j, mean[i*d+j], want)
					}
				}
			}
		}
	})
}

// A component without extent in a direction is allowed inside the package.
func TestMixtureOfSingularCovariance(t *testing.T) {
	c := mat.NewSymDense(2, []float64{1, 1, 1, 1})
	l := law{[]float64{1}, [][]float64{{0.5, -1}}, []*mat.SymDense{c}}
	u := []float64{0.3, 1.1, -2, 0.4}
	var want []float64
	for i := range 2 {
		m, _, _ := l.posterior(u[2*i:2*i+2], same(2, 0.25))
		want = append(want, m...)
	}
	near(t, "singular", denoise(t, l.denoiser(), u, 2, engine.Scalar(0.5)), want, mixtureTolerance)
}

// In the user's coordinates the prior is the mixture it was asked for, under
// noise that is isotropic in units of the columns' standard deviations.
func TestMixtureInUsersCoordinates(t *testing.T) {
	const n, d = 5, 3
	l := randomLaw(3, 3, d, false)
	// Units far apart: metres and millimetres.
	unit := []float64{1, 1e3, 1e-3}
	for k := range l.mean {
		for i := range d {
			l.mean[k][i] = unit[i] * (l.mean[k][i] + 2)
			for j := range i + 1 {
				l.cov[k].SetSym(i, j, unit[i]*unit[j]*l.cov[k].At(i, j))
			}
		}
	}
	p, err := NewMixture([]float64{3 * l.weight[0], 3 * l.weight[1], 3 * l.weight[2]}, l.mean, l.cov, []string{"a", "b", "c"})
	if err != nil {
		t.Fatal(err)
	}
	at := p.Coordinates
	for _, sigma := range levels {
		u := noisy(n, d, sigma)
		got := denoise(t, p.Denoiser, u, d, engine.Scalar(sigma))
		x := make([]float64, len(u))
		at.ToX(x, u)
		noise := make([]float64, d)
		for j := range d {
			noise[j] = sigma * sigma * at.Scale[j] * at.Scale[j]
		}
		want := make([]float64, len(u))
		for i := range n {
			m, _, _ := l.posterior(x[i*d:(i+1)*d], noise)
			copy(want[i*d:], m)
		}
		at.ToU(want, want)
		near(t, fmt.Sprintf("σ = %g", sigma), got, want, mixtureTolerance)
	}
	// Without noise to speak of, and with nothing but noise.
	_, cov, _ := l.posterior([]float64{0, 0, 0}, []float64{1e12, 1e18, 1e6})
	for i := range d {
		near(t, "scale", []float64{at.Scale[i] * at.Scale[i] / cov.At(i, i)}, []float64{1}, 1e-4)
		for j := range d {
			near(t, "covariance", []float64{p.Covariance[i*d+j]}, []float64{cov.At(i, j) / math.Sqrt(cov.At(i, i)*cov.At(j, j))}, 1e-4)
		}
		near(t, "variance in sampler coordinates", []float64{p.Covariance[i*d+i]}, []float64{1}, 1e-12)
	}
}

// Draws have the first two moments of the law.
func TestMixtureDraws(t *testing.T) {
	const n, d = 4000, 2
	l := randomLaw(5, 3, d, false)
	p, err := NewMixture(l.weight, l.mean, l.cov, nil)
	if err != nil {
		t.Fatal(err)
	}
	u := p.Draw(rand.New(keyed.New(2, "draws", 0, 0)), n)
	if len(u) != n*d {
		t.Fatalf("%d numbers, want %d", len(u), n*d)
	}
	p.Coordinates.ToU(u, u)
	for i := range d {
		values := make([]float64, n)
		for r := range n {
			values[r] = u[r*d+i]
		}
		testkit.MeanWithin(t, fmt.Sprintf("mean of u[%d]", i), values, 0, 0)
		for j := range i + 1 {
			for r := range n {
				values[r] = u[r*d+i] * u[r*d+j]
			}
			testkit.MeanWithin(t, fmt.Sprintf("mean of u[%d]u[%d]", i, j), values, p.Covariance[i*d+j], 0)
		}
	}
}

func TestMixtureErrors(t *testing.T) {
	one := mat.NewSymDense(1, []float64{1})
	two := mat.NewSymDense(2, []float64{1, 0, 0, 1})
	for name, c := range map[string]struct {
		weight []float64
		mean   [][]float64
		cov    []*mat.SymDense
		names  []string
		want   string
	}{
		"nothing":            {nil, nil, nil, nil, "at least one"},
		"means missing":      {[]float64{1, 1}, [][]float64{{0}}, []*mat.SymDense{one, one}, nil, "2 weights, 1 means"},
		"covariance missing": {[]float64{1}, [][]float64{{0}}, nil, nil, "0 covariances"},
		"weight zero":        {[]float64{0}, [][]float64{{0}}, []*mat.SymDense{one}, nil, "weight 0 is 0"},
		"weight NaN":         {[]float64{math.NaN()}, [][]float64{{0}}, []*mat.SymDense{one}, nil, "weight 0 is NaN"},
		"weight infinite":    {[]float64{1, math.Inf(1)}, [][]float64{{0}, {1}}, []*mat.SymDense{one, one}, nil, "weight 1 is +Inf"},
		"no dimensions":      {[]float64{1}, [][]float64{{}}, []*mat.SymDense{one}, nil, "mean 0 has 0"},
		"means differ":       {[]float64{1, 1}, [][]float64{{0}, {0, 1}}, []*mat.SymDense{one, one}, nil, "mean 1 has 2 numbers"},
		"wrong covariance":   {[]float64{1}, [][]float64{{0}}, []*mat.SymDense{two}, nil, "2×2 for 1"},
		"not definite":       {[]float64{1}, [][]float64{{0, 0}}, []*mat.SymDense{mat.NewSymDense(2, []float64{1, 2, 2, 1})}, nil, "not positive definite"},
		"not a number":       {[]float64{1}, [][]float64{{0}}, []*mat.SymDense{mat.NewSymDense(1, []float64{math.NaN()})}, nil, "prior:"},
		"mean not finite":    {[]float64{1}, [][]float64{{math.Inf(1)}}, []*mat.SymDense{one}, nil, "prior:"},
		"names":              {[]float64{1}, [][]float64{{0}}, []*mat.SymDense{one}, []string{"a", "b"}, "2 column names for 1"},
	} {
		p, err := NewMixture(c.weight, c.mean, c.cov, c.names)
		wantError(t, name, p, err, c.want)
	}
	p, err := NewGaussian([]float64{0, 0}, one, nil)
	wantError(t, "Gaussian", p, err, "1×1 for 2")
}
