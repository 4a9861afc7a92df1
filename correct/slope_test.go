package correct

import (
	"context"
	"math"
	"slices"
	"testing"

	"abide/internal/keyed"
	"abide/pde"
	"abide/physics"
)

// The slope of both losses is that of central differences, in coordinates with scales of
// their own, over two laws of which one is bounds, in reach of both branches of Huber's.
func TestSlopeIsTheDerivativeOfTheLoss(t *testing.T) {
	const d, n = 4, 3
	c := plain(d, 0)
	c.Shift, c.Scale = []float64{1, -2, 0, 3}, []float64{1, 2, 0.5, 4}
	energy, err := physics.NewEnergy([]float64{1, 2, 2, 1}, []float64{0.7}, nil, nil, physics.Label{Unit: 3})
	if err != nil {
		t.Fatal(err)
	}
	bounds, err := physics.NewBounds(d, slices.Repeat([]float64{-1}, d), slices.Repeat([]float64{1}, d), physics.Label{})
	if err != nil {
		t.Fatal(err)
	}
	r, err := NewResiduals(c, energy, bounds)
	if err != nil {
		t.Fatal(err)
	}
	value := func(u []float64, loss Loss) (sum float64) {
		x := make([]float64, d)
		c.ToX(x, u)
		for _, law := range []physics.Constraint{energy, bounds} {
			res := make([]float64, physics.Size(law))
			law.Residual(res, x)
			square, huber := 0.0, 0.0
			for i, v := range res {
				if law == physics.Constraint(bounds) {
					v = max(v, 0)
					res[i] = v
				}
				square += v * v
				if huber += v * v / 2; math.Abs(v) > 1 {
					huber += math.Abs(v) - 0.5 - v*v/2
				}
			}
			if loss == NormLoss {
				sum += math.Sqrt(square) / float64(len(res))
			} else {
				sum += huber / float64(len(res))
			}
		}
		return sum
	}
	u := make([]float64, n*d)
	keyed.New(4, "slope", 0, 0).Normal(u)
	for i := range u {
		u[i] *= 0.6
	}
	for _, loss := range []Loss{NormLoss, HuberLoss} {
		g := make([]float64, n*d)
		r.Slope(g, u, loss)
		for i := range u {
			const h = 1e-6
			at := func(by float64) float64 {
				w := slices.Clone(u[i/d*d : i/d*d+d])
				w[i%d] += by
				return value(w, loss)
			}
			if want := (at(h) - at(-h)) / (2 * h); !(math.Abs(g[i]-want) <= 1e-7*(1+math.Abs(want))) {
				t.Errorf("loss %d: derivative %d is %.9g, differences %.9g", loss, i, g[i], want)
			}
		}
	}
}

// A true solution is not pulled anywhere: the slope at it, by norms too, is a millionth of
// that at the same field with noise of 1 % (what is left is rounding within tolerances).
// The published stencil of Darcy's equation without 1/h is the control: there the true
// solution has a residual of about 1 everywhere, the whole source.
func TestTrueSolutionsHaveNoSlope(t *testing.T) {
	for _, kind := range []string{"poisson", "helmholtz", "darcy", "heat", "burgers-shock", "reaction-diffusion", "allen-cahn", "wave"} {
		k := slices.IndexFunc(pde.Table, func(k pde.Kind) bool { return k.Name == kind })
		if k < 0 {
			t.Fatalf("no family %q", kind)
		}
		f, err := pde.Table[k].Make(nil)
		if err != nil {
			t.Fatal(err)
		}
		s, err := f.Draw(context.Background(), 1, 0)
		if err != nil {
			t.Fatal(err)
		}
		law, err := physics.FromFamily(f, physics.Choice{})
		if err != nil {
			t.Fatal(err)
		}
		x := slices.Concat(s...)
		c := plain(len(x), 1)
		r, err := NewResiduals(c, law)
		if err != nil {
			t.Fatal(err)
		}
		noisy, g := make([]float64, len(x)), make([]float64, len(x))
		keyed.New(7, kind, 0, 0).Normal(noisy)
		for i, v := range x {
			noisy[i] = v + 0.01*noisy[i]
		}
		size := func(u []float64, loss Loss) (sum float64) {
			r.Slope(g, u, loss)
			for _, v := range g {
				sum += v * v
			}
			return math.Sqrt(sum)
		}
		for _, loss := range []Loss{NormLoss, HuberLoss} {
			at, beside := size(x, loss), size(noisy, loss)
			t.Logf("%s, loss %d: slope %.2g at the solution, %.2g beside it", kind, loss, at, beside)
			if !(at <= 1e-6*beside) {
				t.Errorf("%s, loss %d: slope %g at a true solution, %g beside it", kind, loss, at, beside)
			}
		}
	}
	law, u := elliptic(t, "darcy", pde.Values{"grid": 64, "contrast": "12/3"})
	res := make([]float64, physics.Size(law))
	law.Residual(res, u)
	const inner = 63 * 63
	own, without := 0.0, 0.0
	for _, v := range res[:inner] {
		own += v * v / inner
		v = (v+1)/(64*64) - 1 // n² Σ a_e (u − u_nb) − 1 without n²
		without += v * v / inner
	}
	t.Logf("darcy, true solution: rms residual %.1e, without 1/h %.6f", math.Sqrt(own), math.Sqrt(without))
	if !(math.Sqrt(own) <= 1e-8) || !(math.Abs(math.Sqrt(without)-1) <= 1e-3) {
		t.Errorf("rms residual of a true solution %g, without 1/h %g: want 0 and 1", math.Sqrt(own), math.Sqrt(without))
	}
}
