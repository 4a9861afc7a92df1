package prior

import (
	"testing"

	"gonum.org/v1/gonum/mat"

	"abide/internal/engine"
)

// A product of Gaussians is the Gaussian with the block-diagonal covariance, and
// a product of mixtures the mixture of all pairs.
func TestProductIsTheJointLaw(t *testing.T) {
	a, b := randomLaw(1, 2, 2, false), randomLaw(2, 3, 1, false)
	pa, err := NewMixture(a.weight, a.mean, a.cov, []string{"a", "b"})
	if err != nil {
		t.Fatal(err)
	}
	pb, err := NewMixture(b.weight, b.mean, b.cov, nil)
	if err != nil {
		t.Fatal(err)
	}
	var joint law
	for i := range a.weight {
		for j := range b.weight {
			c := mat.NewSymDense(3, nil)
			for r := range 2 {
				for s := range 2 {
					c.SetSym(r, s, a.cov[i].At(r, s))
				}
			}
			c.SetSym(2, 2, b.cov[j].At(0, 0))
			joint.weight = append(joint.weight, a.weight[i]*b.weight[j])
			joint.mean = append(joint.mean, []float64{a.mean[i][0], a.mean[i][1], b.mean[j][0]})
			joint.cov = append(joint.cov, c)
		}
	}
	want, err := NewMixture(joint.weight, joint.mean, joint.cov, []string{"a", "b", "x[2]"})
	if err != nil {
		t.Fatal(err)
	}
	got, err := NewProduct([]*Prior{pa, pb})
	if err != nil {
		t.Fatal(err)
	}
	if got.Coordinates.Names[0] != "a" || got.Coordinates.Names[2] != "x[2]" {
		t.Errorf("columns %q", got.Coordinates.Names)
	}
	near(t, "mean", got.Coordinates.Shift, want.Coordinates.Shift, 1e-14)
	near(t, "scale", got.Coordinates.Scale, want.Coordinates.Scale, 1e-14)
	for _, sigma := range levels {
		u := noisy(4, 3, sigma)
		for _, s := range []engine.Array{engine.Scalar(sigma), level(4, sigma)} {
			near(t, "denoiser", denoise(t, got.Denoiser, u, 3, s), denoise(t, want.Denoiser, u, 3, s), mixtureTolerance)
			near(t, "Jacobian", jacobian(t, got.Denoiser, u, 3, s), jacobian(t, want.Denoiser, u, 3, s), mixtureTolerance/min(1, sigma*sigma))
		}
		near(t, "density", []float64{got.Law.LogDensity(u[:3], sigma)}, []float64{want.Law.LogDensity(u[:3], sigma)}, mixtureTolerance)
	}
	// The posterior, rows in an order of their own.
	h := mat.NewDense(3, 3, []float64{1, -0.5, 0, 0, 0, 2, 0.3, 1, 0})
	y, noise := []float64{0.3, -1, 0.7}, mat.NewSymDense(3, []float64{0.5, 0, 0.2, 0, 0.3, 0, 0.2, 0, 0.4})
	gp, err := got.Condition(h, y, noise)
	if err != nil {
		t.Fatal(err)
	}
	wp, err := want.Condition(h, y, noise)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "posterior mean", gp.Coordinates.Shift, wp.Coordinates.Shift, 1e-12)
	near(t, "posterior scale", gp.Coordinates.Scale, wp.Coordinates.Scale, 1e-12)
	near(t, "posterior denoiser", denoise(t, gp.Denoiser, noisy(4, 3, 1), 3, engine.Scalar(1)), denoise(t, wp.Denoiser, noisy(4, 3, 1), 3, engine.Scalar(1)), mixtureTolerance)
	noise.SetSym(0, 1, 0.1)
	_, err = got.Condition(h, y, noise)
	wantError(t, "tied noise", nil, err, "rows 0 and 1 ties")
	h.Set(1, 0, 1)
	_, err = got.Condition(h, y, noise)
	wantError(t, "tied row", nil, err, "row 1 measures parts 0 and 1")
	_, err = NewProduct(nil)
	wantError(t, "no parts", nil, err, "no parts")
	_, err = NewProduct([]*Prior{pa, pa})
	wantError(t, "names", nil, err, `part 1 has a column "a"`)
}

// A product resolves no more than its coarsest part.
func TestProductResolution(t *testing.T) {
	part := func(name string, resolution float64) *Prior {
		p, err := NewGaussian([]float64{0}, mat.NewSymDense(1, []float64{1}), []string{name})
		if err != nil {
			t.Fatal(err)
		}
		p.Resolution = resolution
		return p
	}
	for _, r := range [][2]float64{{0.02, 0}, {0, 0.02}, {0.02, 0.01}} {
		p, err := NewProduct([]*Prior{part("a", r[0]), part("b", r[1])})
		if err != nil {
			t.Fatal(err)
		}
		if p.Resolution != 0.02 {
			t.Errorf("parts of resolutions %v: %g", r, p.Resolution)
		}
	}
}
