package inverse

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"abide/diffusion"
	"abide/internal/engine"
	"abide/internal/keyed"
	"abide/operator"
	"abide/potential"
	"abide/prior"
	"abide/sampler"
)

// asks is a bridge that keeps what it is told.
type asks struct{ got *[]float64 }

func (s asks) Step(p sampler.Points, _ int, mean sampler.Mean, _ func([]float64)) (err error) {
	*s.got, err = mean(p.Z, 0.8, 0.6)
	return err
}

func hostModel(t *testing.T, row []float64, y, std float64) (*Model, *potential.Hosted, []float64) {
	t.Helper()
	p, err := prior.NewField(prior.Field{Shape: []int{len(row)}, Extent: []float64{1}, Kernel: "matern32", Length: 0.4, Variance: 1})
	if err != nil {
		t.Fatal(err)
	}
	e, err := engine.Open("go")
	if err != nil {
		t.Fatal(err)
	}
	op, err := operator.NewMatrix([][]float64{row})
	if err != nil {
		t.Fatal(err)
	}
	n, err := potential.NewNormal([]float64{std})
	if err != nil {
		t.Fatal(err)
	}
	h, err := potential.NewHosted("y", operator.OnHost(op), []float64{y}, n, false)
	if err != nil {
		t.Fatal(err)
	}
	cov, err := p.DenseCovariance()
	if err != nil {
		t.Fatal(err)
	}
	return NewModel(e, p, nil), h, cov
}

// One value of a Gaussian prior: the guided estimate is E[u | z, y], here from the joint
// covariance of u, z = a u + b n and y.
func TestHostGuidedIsExactForOneValue(t *testing.T) {
	const d, a, b, y, std = 6, 0.8, 0.6, 0.7, 0.3
	row := []float64{1, -0.5, 0.2, 0, 2, 1}
	m, h, c := hostModel(t, row, y, std)
	z, got := make([]float64, 2*d), []float64(nil)
	keyed.New(1, "z", 0, 0).Normal(z)
	split := m.Split()
	s := NewHostGuided(m, h, asks{&got}, 1)
	mean := func(z []float64, a, b float64) ([]float64, error) { return split.Mean(z, d, a, b) }
	if err := s.Step(sampler.Points{Z: z, Dim: d}, 0, mean, nil); err != nil {
		t.Fatal(err)
	}
	for i := range 2 {
		// Kalman updates by the d + 1 values one after another.
		x, p := make([]float64, d), append([]float64(nil), c...)
		see := func(h []float64, y, v float64) {
			ph, s, r := make([]float64, d), v, y
			for j := range d {
				for k := range d {
					ph[j] += p[j*d+k] * h[k]
				}
				r -= h[j] * x[j]
			}
			for j := range d {
				s += h[j] * ph[j]
			}
			for j := range d {
				x[j] += ph[j] * r / s
				for k := range d {
					p[j*d+k] -= ph[j] * ph[k] / s
				}
			}
		}
		for j := range d {
			unit := make([]float64, d)
			unit[j] = a
			see(unit, z[i*d+j], b*b)
		}
		see(row, y, std*std)
		for j, want := range x {
			if v := got[i*d+j]; math.Abs(v-want) > 1e-10 {
				t.Errorf("point %d, column %d: %.12g, want %.12g", i, j, v, want)
			}
		}
	}
}

// breaks is a solver that gives no number where the first column is above a bound.
type breaks struct{ operator.Host }

func (o breaks) At(ctx context.Context, y, x []float64) error {
	err := o.Host.At(ctx, y, x)
	if x[0] > 3 {
		y[0] = math.NaN()
	}
	return err
}

// A solver's number that is not finite names the sample, the level and the value.
func TestHostFailuresAreNamed(t *testing.T) {
	const d = 4
	m, h, _ := hostModel(t, []float64{1, 0, 0, 1}, 1, 0.5)
	h.Op = breaks{h.Op}
	h = h.Standardised([]float64{0, 0, 0, 0}, []float64{1, 1, 1, 1})
	mean := func(z []float64, a, b float64) ([]float64, error) { return append([]float64(nil), z...), nil }
	z := []float64{0, 0, 0, 0, 5, 0, 0, 0}
	g, err := diffusion.Levels([]float64{1, 0.5})
	if err != nil {
		t.Fatal(err)
	}
	newton, err := NewNewtonGibbs(m, h, g, 1, 1, true)
	if err != nil {
		t.Fatal(err)
	}
	var got []float64
	guided := NewHostGuided(m, h, asks{&got}, 1)
	for name, s := range map[string]sampler.Bridge{"newton-gibbs": newton, "host-guided": guided} {
		p := sampler.Points{Z: append([]float64(nil), z...), Memory: make([]float64, 2*(d+2)), Dim: d}
		err := s.Step(p, 0, mean, keyed.New(1, "n", 0, 0).Normal)
		var out *operator.OutputError
		if !errors.As(err, &out) || out.Index != 0 || !strings.Contains(err.Error(), name+": sample 1 of its chunk, σ = ") || !strings.Contains(err.Error(), `"y"`) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
