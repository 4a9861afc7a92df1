package inverse

import (
	"math"
	"testing"

	"abide/correct"
	"abide/physics"
	"abide/sampler"
)

// The terminal step is a stationary point of the sum that it minimises, written out on its
// own: estimate, measurement and laws, one of them nonlinear. Without laws in the way
// (τ = ∞) it is the measurement's proximal point, with narrow ones the projection.
func TestProximalStepIsStationary(t *testing.T) {
	_, at, linear, _ := skewModel(t, 0)
	energy, err := physics.NewEnergy([]float64{1, 2, 1, 1}, []float64{4}, nil, nil, physics.Label{Unit: 0.5})
	if err != nil {
		t.Fatal(err)
	}
	laws, err := correct.NewResiduals(at, linear, energy)
	if err != nil {
		t.Fatal(err)
	}
	const rho, width, n = 0.7, 0.2, 6
	spectrum := maskSpectrum(t, skewDim, []int{1, 2}, []float64{0.4, -0.3}) // of standard deviation 0.2
	step := func(laws *correct.Residuals, s *Spectrum, width float64, newton int) []float64 {
		x := skewPoints(n)
		p := &proximal{ProFlow: ProFlow{Renoise: sampler.Renoise{}, Laws: laws, Width: width, Spectrum: s, DataVariance: 1, Newton: newton, Iterations: 50}, d: skewDim, rho: rho}
		p.Correct(x)
		return x
	}
	before := skewPoints(n)
	sum := func(i int, x []float64) float64 {
		r := make([]float64, laws.Size())
		laws.At(r, x)
		f := squared(r) / (2 * width * width)
		for j, v := range x {
			f += math.Pow(v-before[i*skewDim+j], 2) / (2 * rho * rho)
		}
		return f + math.Pow(0.4-x[1], 2)/(2*0.04) + math.Pow(-0.3-x[2], 2)/(2*0.04)
	}
	x := step(laws, spectrum, width, 60)
	for i := range n {
		p := x[i*skewDim : (i+1)*skewDim]
		for j := range p {
			const h = 1e-5
			q := append([]float64(nil), p...)
			q[j] += h
			up := sum(i, q)
			q[j] -= 2 * h
			if slope := (up - sum(i, q)) / (2 * h); !(math.Abs(slope) <= 1e-4) {
				t.Errorf("point %d: the sum has a slope of %g along %d where it should be least", i, slope, j)
			}
		}
	}
	for newton, last := 1, []float64(nil); newton <= 8; newton *= 2 { // no step goes up
		x := step(laws, spectrum, width, newton)
		for i := range n {
			f := sum(i, x[i*skewDim:(i+1)*skewDim])
			if len(last) > i && !(f <= last[i]*(1+1e-9)) {
				t.Errorf("point %d: %d steps end at %g, half of them at %g", i, newton, f, last[i])
			}
			if len(last) > i {
				last[i] = f
			} else {
				last = append(last, f)
			}
		}
	}
	near := step(laws, spectrum, 1e8, 1)
	prox := skewPoints(n)
	spectrum.Prox(prox, skewDim, rho)
	flat, err := correct.NewResiduals(at, linear)
	if err != nil {
		t.Fatal(err)
	}
	hard := step(flat, nil, 1e-7, 1)
	metric := make(physics.Metric, skewDim)
	for j, s := range at.Scale {
		metric[j] = 1 / (s * s)
	}
	projection, err := physics.NewStack(metric, linear)
	if err != nil {
		t.Fatal(err)
	}
	field, err := correct.NewField(at, projection)
	if err != nil {
		t.Fatal(err)
	}
	projected := skewPoints(n)
	field.Correct(projected)
	for i := range near {
		if !(math.Abs(near[i]-prox[i]) <= 1e-12) {
			t.Errorf("number %d is %.14g with laws of no weight, %.14g by the measurement alone", i, near[i], prox[i])
		}
		if !(math.Abs(hard[i]-projected[i]) <= 1e-10) {
			t.Errorf("number %d is %.14g with narrow laws, %.14g projected", i, hard[i], projected[i])
		}
	}
}
