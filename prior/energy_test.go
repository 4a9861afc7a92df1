package prior

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"abide/expr"
	"abide/internal/engine"
	"abide/internal/keyed"
	"abide/internal/testkit"
)

func formula(t *testing.T, source string, d int) *expr.Expr {
	t.Helper()
	e, err := expr.Parse(source, nil, d)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// A quadratic energy is a Gaussian, correlated and far from 0: coordinates,
// denoiser and density are its closed forms at every noise level.
func TestQuadraticEnergyIsAGaussian(t *testing.T) {
	const rho = 0.6
	det := 1 - rho*rho
	cov := mat.NewSymDense(2, []float64{4, rho * 2 * 30, rho * 2 * 30, 900})
	want, err := NewGaussian([]float64{1, 100}, cov, nil)
	if err != nil {
		t.Fatal(err)
	}
	source := fmt.Sprintf("(((x[0]-1)/2)^2 - 2*%g*((x[0]-1)/2)*((x[1]-100)/30) + ((x[1]-100)/30)^2)/(2*%.17g)", rho, det)
	p, err := NewEnergy(formula(t, source, 2), []float64{-15, -140}, []float64{17, 340}, 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Log(p.Describe)
	near(t, "mean", p.Coordinates.Shift, want.Coordinates.Shift, 1e-9)
	near(t, "scale", p.Coordinates.Scale, want.Coordinates.Scale, 1e-9)
	near(t, "covariance", p.Covariance, want.Covariance, 1e-9)
	for _, sigma := range []float64{0.002, 0.1, 0.3, 0.5, 1, 3, 20} {
		u := noisy(5, 2, sigma)
		for i := range u {
			u[i] /= 3
		}
		// The grid's spacing is a quarter of a standard deviation: e^{−2π²} at σ = h.
		near(t, fmt.Sprintf("denoiser at σ = %g", sigma), denoise(t, p.Denoiser, u, 2, engine.Scalar(sigma)), denoise(t, want.Denoiser, u, 2, engine.Scalar(sigma)), 1e-6)
		for i := 0; i < len(u); i += 2 {
			near(t, "density", []float64{p.Law.LogDensity(u[i:i+2], sigma)}, []float64{want.Law.LogDensity(u[i:i+2], sigma)}, 1e-6)
		}
	}
	near(t, "density without noise", []float64{p.Law.LogDensity([]float64{0.3, -1}, 0)}, []float64{want.Law.LogDensity([]float64{0.3, -1}, 0)}, 1e-9)
}

// An energy with two wells against sums over 40,000 points on the host, an
// independent quadrature that resolves every noise level tried.
func TestEnergyDenoiserAgainstFineQuadrature(t *testing.T) {
	energy := func(x float64) float64 { return 0.25*x*x*x*x - x*x + 0.3*x }
	p, err := NewEnergy(formula(t, "0.25*x[0]^4 - x[0]^2 + 0.3*x[0]", 1), []float64{-6}, []float64{6}, 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Log(p.Describe)
	at := p.Coordinates
	for _, sigma := range []float64{0.005, 0.02, 0.04, 0.05, 0.07, 0.1, 0.5, 2, 30} {
		u := []float64{-1.9, -0.8, 0, 0.31, 1.1, 1.8}
		var want []float64
		for _, u := range u {
			var total, sum float64
			for i := range 40001 {
				x := -6 + 12*float64(i)/40000
				v := (x - at.Shift[0]) / at.Scale[0]
				w := math.Exp(-energy(x) - 0.5*(u-v)*(u-v)/(sigma*sigma))
				total += w
				sum += w * v
			}
			want = append(want, sum/total)
		}
		near(t, fmt.Sprintf("σ = %g", sigma), denoise(t, p.Denoiser, u, 1, engine.Scalar(sigma)), want, 1e-8)
	}
}

// Draws of the energy with two wells fall into 20 cells of equal probability (by
// quadrature) as a multinomial does.
func TestEnergyDrawsItsLaw(t *testing.T) {
	const n, cells, fine = 40000, 20, 400000
	p, err := NewEnergy(formula(t, "0.25*x[0]^4 - x[0]^2 + 0.3*x[0]", 1), []float64{-6}, []float64{6}, 65, nil)
	if err != nil {
		t.Fatal(err)
	}
	var cdf [fine + 1]float64
	for i := range fine {
		x := -6 + 12*(float64(i)+0.5)/fine
		cdf[i+1] = cdf[i] + math.Exp(-(0.25*x*x*x*x - x*x + 0.3*x))
	}
	var count [cells]float64
	for _, x := range p.Draw(rand.New(keyed.New(8, "energy", 0, 0)), n) {
		f := cdf[int((x+6)/12*fine)] / cdf[fine]
		count[min(int(f*cells), cells-1)]++
	}
	for i, c := range count {
		testkit.WithinSigma(t, fmt.Sprintf("cell %d", i), c/n, 1./cells, math.Sqrt(1./cells*(1-1./cells)/n), 0)
	}
}

func TestEnergyErrors(t *testing.T) {
	for name, c := range map[string]struct {
		source       string
		lower, upper []float64
		points       int
		want         string
	}{
		"three columns": {"x[0]", []float64{0, 0, 0}, []float64{1, 1, 1}, 0, "one or two columns"},
		"one bound":     {"x[0]", []float64{0, 0}, []float64{1}, 0, "2 lower and 1 upper"},
		"even":          {"x[0]^2", []float64{-9}, []float64{9}, 64, "64 points: must be odd"},
		"bounds":        {"x[0]^2", []float64{9}, []float64{-9}, 0, "the lower one below the upper"},
		"cut":           {"x[0]^2", []float64{-9}, []float64{0}, 0, "lies at the bounds: widen them; a hard edge is a constraint"},
		"coarse":        {"1e4*x[0]^2", []float64{-9}, []float64{9}, 33, "does not resolve"},
		"not a number":  {"log(x[0])", []float64{-9}, []float64{9}, 0, "NaN at"},
		"unbounded":     {"-exp(1000*x[0])", []float64{-9}, []float64{9}, 0, "-Inf at"},
		"kink":          {"5*abs(x[0])", []float64{-9}, []float64{9}, 65, "does not resolve"},
		"rough":         {"x[0]^2/2 + 0.3*sin(171*x[0])", []float64{-9}, []float64{9}, 0, "the denoiser is only known to"},
	} {
		p, err := NewEnergy(formula(t, c.source, len(c.lower)), c.lower, c.upper, c.points, nil)
		wantError(t, name, p, err, c.want)
	}
}
